"""Runs the contract kit against every mutation of the mock, and writes which phases see it.

    python tools/mutation_score.py [--only NAME]... [--processes N] [--quick] [FILE]

Each mutation is turned on in a server of its own, and the whole suite runs over the API that has it,
as `mockserver check` does by default. FILE is docs/mutation-score.md unless named. Ends with 1 when a
mutation survives, or when the clean mock has a finding.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from mockserver import apis
from mockserver.check.runner import Plan, check
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import PHASES
from mockserver.check.validation.verdict import Verdict
from mockserver.kit import load_kit
from mockserver.server.run import running
from mockserver.settings import Settings

PAGE = Path(__file__).parent.parent / "docs" / "mutation-score.md"
FAILURE, DIFFERENCE, DOUBT = "●", "○", "◆"
CLEAN = ""


@dataclass(frozen=True)
class Row:
    """What became of one mutation: the mark of each phase that saw it, and whether a run inconclusive."""

    api: str
    mutation: str
    marks: dict[str, str] = field(default_factory=dict)
    has_inconclusive: bool = False
    sentence: str = ""

    @property
    def outcome(self) -> str:
        """`killed` where a run is red, `assumed` where it would be with `--evidence assumed`."""
        if self.has_inconclusive or FAILURE in self.marks.values():
            return "killed"
        return "assumed" if self.marks else "survives"


def run(place: tuple[str, str], *, is_quick: bool = False) -> Row:
    """Check an API of a mock that has one mutation; of a clean one where its name is empty."""
    name, mutation = place
    api = apis.load()[name]
    settings = Settings(port=0, only=(name,), mutate=(f"{name}.{mutation}",) if mutation else ())
    with running(settings) as url:
        (verdict,) = check(Target("the mock", url), [api], Plan(is_quick=is_quick))
    return read(name, mutation, verdict)


def read(api: str, mutation: str, verdict: Verdict) -> Row:
    """A row from a verdict."""
    marks: dict[str, str] = {}
    for mark, findings in ((DIFFERENCE, verdict.differences), (FAILURE, verdict.failures)):
        marks |= {phase: mark for finding in findings for phase in finding.phases}
    findings = [*verdict.failures, *verdict.differences]
    sentence = findings[0].sentence if findings else "; ".join(verdict.inconclusive)
    return Row(api, mutation, marks, bool(verdict.inconclusive), sentence)


def places(only: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Each API clean, and with each of its mutations; or those that are named."""
    wanted = set(only)
    every = [
        (api.name, mutation)
        for api in apis.load().values()
        for mutation in (CLEAN, *(one.name for one in load_kit(api).mutations))
    ]
    return [place for place in every if not wanted or ".".join(place).rstrip(".") in wanted]


def rows(
    wanted: Sequence[tuple[str, str]], processes: int, *, is_quick: bool = False
) -> Iterator[Row]:
    """The row of each place, in their order, as they come."""
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        yield from pool.map(partial(run, is_quick=is_quick), wanted)


def page(found: Sequence[Row]) -> str:
    """The matrix as a page of the documentation."""
    mutations = [row for row in found if row.mutation]
    sentences = {
        (api.name, one.name): one.sentence
        for api in apis.load().values()
        for one in load_kit(api).mutations
    }
    lines = [*_head(found, mutations), "", *_counts(mutations)]
    for api in dict.fromkeys(row.api for row in mutations):
        of_api = [row for row in mutations if row.api == api]
        lines += ["", f"## {api}", "", f"| mutation | what is wrong | {' | '.join(PHASES)} | |"]
        lines.append("| --- " * (len(PHASES) + 3) + "|")
        for row in of_api:
            marks = " | ".join(row.marks.get(phase, "") for phase in PHASES)
            end = f"{DOUBT} {row.outcome}" if row.has_inconclusive else row.outcome
            lines.append(f"| `{row.mutation}` | {sentences[api, row.mutation]} | {marks} | {end} |")
    return "\n".join(lines) + "\n"


def _head(found: Sequence[Row], mutations: Sequence[Row]) -> Iterator[str]:
    killed = Counter(row.outcome for row in mutations)
    clean = [row for row in found if not row.mutation]
    dirty = [row.api for row in clean if row.outcome != "survives"]
    yield "# The mutation score"
    yield ""
    yield (
        "Written by `make mutation-score`: the whole suite of the [contract kit](check.md), run "
        "against the mock with one [mutation](mutations.md) at a time."
    )
    yield ""
    yield (
        f"**{len(mutations)} mutations: {killed['killed']} turn a run red, {killed['assumed']} more "
        f"with `--evidence assumed`, {killed['survives']} survive.** The clean mock has "
        + (f"findings in {', '.join(dirty)}." if dirty else "no finding in any API.")
    )
    yield ""
    yield (
        f"{FAILURE} the phase has a failure · {DIFFERENCE} it has a difference alone, in what is "
        "only assumed, since no vendor's document says it, and fails no run unless `--evidence "
        f"assumed` · {DOUBT} the verdict inconclusive that the run proves anything, and so is red."
    )
    survivors = [f"`{row.api}.{row.mutation}`" for row in mutations if row.outcome == "survives"]
    if survivors:
        yield ""
        yield f"Survivors: {', '.join(survivors)}."


def _counts(mutations: Sequence[Row]) -> Iterator[str]:
    yield f"| API | mutations | {' | '.join(PHASES)} | killed | assumed | survive |"
    yield "| --- " * (len(PHASES) + 5) + "|"
    names = list(dict.fromkeys(row.api for row in mutations))
    for name, some in [
        *((name, [row for row in mutations if row.api == name]) for name in names),
        ("all", list(mutations)),
    ]:
        by_phase = " | ".join(str(sum(phase in row.marks for row in some)) for phase in PHASES)
        outcomes = Counter(row.outcome for row in some)
        ends = f"{outcomes['killed']} | {outcomes['assumed']} | {outcomes['survives']}"
        yield f"| {name} | {len(some)} | {by_phase} | {ends} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, say how it goes, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", nargs="?", type=Path, default=PAGE)
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--processes", type=int, default=2, metavar="N")
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args(arguments)
    found: list[Row] = []
    for row in rows(places(given.only), given.processes, is_quick=given.quick):
        found.append(row)
        marks = " ".join(row.marks.get(phase, "·") for phase in PHASES)
        print(
            f"{row.outcome:8}  {marks}  {row.api}.{row.mutation or '(clean)'}: {row.sentence[:150]}"
        )
        sys.stdout.flush()
    given.file.write_text(page(found), encoding="utf-8")
    print(f"{given.file.name} is written.")
    is_clean = all((row.outcome == "survives") == (not row.mutation) for row in found)
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
