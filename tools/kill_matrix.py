"""Runs the contract kit against every defect of the mock, and writes which layers see it.

    python tools/kill_matrix.py [--only NAME]... [--processes N] [--quick] [FILE]

Each defect is turned on in a server of its own, and the whole suite runs over the API that has it,
as `mockserver check` does by default. FILE is docs/kill-matrix.md unless named. Ends with 1 when a
defect survives, or when the clean mock has a finding.
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
from mockserver.check.finding import LAYERS
from mockserver.check.runner import Plan, check
from mockserver.check.target import Target
from mockserver.check.verdict import Verdict
from mockserver.server.run import running
from mockserver.settings import Settings

PAGE = Path(__file__).parent.parent / "docs" / "kill-matrix.md"
FAILURE, DIFFERENCE, DOUBT = "●", "○", "◆"
CLEAN = ""


@dataclass(frozen=True)
class Row:
    """What became of one defect: the mark of each layer that saw it, and whether a run doubts."""

    api: str
    defect: str
    marks: dict[str, str] = field(default_factory=dict)
    has_doubts: bool = False
    sentence: str = ""

    @property
    def outcome(self) -> str:
        """`killed` where a run is red, `assumed` where it would be with `--evidence assumed`."""
        if self.has_doubts or FAILURE in self.marks.values():
            return "killed"
        return "assumed" if self.marks else "survives"


def run(place: tuple[str, str], *, is_quick: bool = False) -> Row:
    """Check an API of a mock that has one defect; of a clean one where its name is empty."""
    name, defect = place
    api = apis.load()[name]
    settings = Settings(port=0, only=(name,), defect=(f"{name}.{defect}",) if defect else ())
    with running(settings) as url:
        (verdict,) = check(Target("the mock", url), [api], Plan(is_quick=is_quick))
    return read(name, defect, verdict)


def read(api: str, defect: str, verdict: Verdict) -> Row:
    """A row from a verdict."""
    marks: dict[str, str] = {}
    for mark, findings in ((DIFFERENCE, verdict.differences), (FAILURE, verdict.failures)):
        marks |= {layer: mark for finding in findings for layer in finding.layers}
    findings = [*verdict.failures, *verdict.differences]
    sentence = findings[0].sentence if findings else "; ".join(verdict.doubts)
    return Row(api, defect, marks, bool(verdict.doubts), sentence)


def places(only: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Each API clean, and with each of its defects; or those that are named."""
    wanted = set(only)
    every = [
        (api.name, defect)
        for api in apis.load().values()
        for defect in (CLEAN, *(one.name for one in api.defects))
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
    defects = [row for row in found if row.defect]
    sentences = {
        (api.name, one.name): one.sentence for api in apis.load().values() for one in api.defects
    }
    lines = [*_head(found, defects), "", *_counts(defects)]
    for api in dict.fromkeys(row.api for row in defects):
        of_api = [row for row in defects if row.api == api]
        lines += ["", f"## {api}", "", f"| defect | what is wrong | {' | '.join(LAYERS)} | |"]
        lines.append("| --- " * (len(LAYERS) + 3) + "|")
        for row in of_api:
            marks = " | ".join(row.marks.get(layer, "") for layer in LAYERS)
            end = f"{DOUBT} {row.outcome}" if row.has_doubts else row.outcome
            lines.append(f"| `{row.defect}` | {sentences[api, row.defect]} | {marks} | {end} |")
    return "\n".join(lines) + "\n"


def _head(found: Sequence[Row], defects: Sequence[Row]) -> Iterator[str]:
    killed = Counter(row.outcome for row in defects)
    clean = [row for row in found if not row.defect]
    dirty = [row.api for row in clean if row.outcome != "survives"]
    yield "# The kill matrix"
    yield ""
    yield (
        "Written by `make kill-matrix`: the whole suite of the [contract kit](check.md), run "
        "against the mock with one [defect](defects.md) at a time."
    )
    yield ""
    yield (
        f"**{len(defects)} defects: {killed['killed']} turn a run red, {killed['assumed']} more "
        f"with `--evidence assumed`, {killed['survives']} survive.** The clean mock has "
        + (f"findings in {', '.join(dirty)}." if dirty else "no finding in any API.")
    )
    yield ""
    yield (
        f"{FAILURE} the layer has a failure · {DIFFERENCE} it has a difference alone, in what is "
        "only assumed, since no vendor's document says it, and fails no run unless `--evidence "
        f"assumed` · {DOUBT} the verdict doubts that the run proves anything, and so is red."
    )
    survivors = [f"`{row.api}.{row.defect}`" for row in defects if row.outcome == "survives"]
    if survivors:
        yield ""
        yield f"Survivors: {', '.join(survivors)}."


def _counts(defects: Sequence[Row]) -> Iterator[str]:
    yield f"| API | defects | {' | '.join(LAYERS)} | killed | assumed | survive |"
    yield "| --- " * (len(LAYERS) + 5) + "|"
    names = list(dict.fromkeys(row.api for row in defects))
    for name, some in [
        *((name, [row for row in defects if row.api == name]) for name in names),
        ("all", list(defects)),
    ]:
        by_layer = " | ".join(str(sum(layer in row.marks for row in some)) for layer in LAYERS)
        outcomes = Counter(row.outcome for row in some)
        ends = f"{outcomes['killed']} | {outcomes['assumed']} | {outcomes['survives']}"
        yield f"| {name} | {len(some)} | {by_layer} | {ends} |"


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
        marks = " ".join(row.marks.get(layer, "·") for layer in LAYERS)
        print(
            f"{row.outcome:8}  {marks}  {row.api}.{row.defect or '(clean)'}: {row.sentence[:150]}"
        )
        sys.stdout.flush()
    given.file.write_text(page(found), encoding="utf-8")
    print(f"{given.file.name} is written.")
    is_clean = all((row.outcome == "survives") == (not row.defect) for row in found)
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
