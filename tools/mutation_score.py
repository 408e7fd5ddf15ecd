"""Runs the contract kit against every mutation of the mock, and writes which phases see it.

    python tools/mutation_score.py [--only PATTERN]... [--sample N] [--processes N]
                                   [--all-phases] [FILE]

A mutation is killed by the first finding: the phases run one after the other, the cheapest first,
in the process of the mock, without sockets except for generated requests. For a mutation without a
finding, the whole kit runs once more, as `mockserver check` does by default. PATTERN is a name of
a mutation in which `*` stands for any text. FILE is docs/mutation-score.md by default. The exit
status is 1 when a mutation survives that `tests/apis/<api>/survivors.yaml` does not explain, or
when the mock without mutations has a finding.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from zlib import crc32

from in_process import run_in_process

from mockserver import apis
from mockserver.api import Api
from mockserver.check.runner import Plan, ProgressEvent, Stage, check
from mockserver.check.validation.verdict import Verdict
from mockserver.contract import EVIDENCE, Request, Response
from mockserver.kit import load_kit
from mockserver.mutation import Discarded, Flow, Mutation
from mockserver.server.mutations import Mutations
from mockserver.settings import Settings
from mockserver.yaml_source import read_yaml

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "mutation-score.md"
PHASES = ("examples", "cases", "workflows", "boundaries", "generated")
"""The phases of the kit, the cheapest first."""
WHOLE = "whole run"
KILLED, SURVIVED, UNREACHED = "killed", "survived", "not reached"


@dataclass(frozen=True)
class Row:
    """The outcome of a mutation, with the phases, evidence and sentence of its first finding."""

    name: str
    operator: str
    outcome: str
    phases: tuple[str, ...] = ()
    evidence: str = ""
    sentence: str = ""

    @property
    def api(self) -> str:
        """The API of the mutation."""
        return self.name.partition(".")[0]


class CountingMutations(Mutations):
    """The mutations of a mock, at most one of which is on, and a count of what it changes."""

    def __init__(self, served: Iterable[Api]) -> None:
        super().__init__(served)
        self.changes = 0

    def turn_on(self, name: str) -> None:
        """Turn one mutation on and all others off; an empty name turns all off."""
        self.everywhere = (name,) if name and self.get(name) else ()
        self.changes = 0

    def find(
        self,
        api: Api,
        operations: Iterable[str],
        of_world: Iterable[str],  # noqa: ARG002 - no world has mutations of its own here
    ) -> list[Mutation]:
        """The mutation that is on, if it is one of these operations; what it changes is counted."""
        if not self.everywhere:
            return []
        owner, mutation = self.get(*self.everywhere)
        if owner is not api or not {*operations} & {*mutation.operations}:
            return []
        return [replace(mutation, flow=self._count(mutation.flow))]

    def _count(self, flow: Callable[[Request], Flow]) -> Callable[[Request], Flow]:
        def count(request: Request) -> Flow:
            steps = flow(request)
            step, sent = next(steps), 0
            while True:
                sent += 1
                is_other = isinstance(step, Discarded) or _request(step) != _request(request)
                self.changes += is_other or sent > 1
                response = yield step
                try:
                    step = steps.send(response)
                except StopIteration as end:
                    last: Response = end.value
                    self.changes += _response(last) != _response(response)
                    return last

        return count


def _request(request: Request) -> tuple[Any, ...]:
    fields = sorted(request.headers.fields)
    return request.method, request.path, request.query, fields, request.body


def _response(response: Response) -> tuple[Any, ...]:
    return response.status, sorted(response.headers.fields), response.body


class Killed(KeyboardInterrupt):
    """Interrupts a run at the first finding, so that it returns the verdict so far."""


class MutationRunner:
    """A mock in this process, and the kit that runs against it."""

    def __init__(self) -> None:
        served = apis.load()
        self._mutations = CountingMutations(served.values())
        self._apis = served
        self._server = run_in_process(Settings(port=0), self._mutations)
        self._target = self._server.__enter__()
        self._clean: dict[str, set[str]] = {}

    def close(self) -> None:
        """End the server."""
        self._server.__exit__(None, None, None)

    def run(self, name: str, *, is_whole: bool = False) -> Row:
        """Run the kit against a mutation, or against the mock of an API without mutations."""
        api, _, rest = name.partition(".")
        operator = self._mutations.get(name)[1].operator if rest else ""
        self._mutations.turn_on(name if rest else "")
        row = Row(name, operator, SURVIVED)
        for phase in () if is_whole else PHASES:
            row = self._phase(row, api, phase)
            if row.outcome == KILLED:
                return row
        row = self._everything(row, api)
        if row.outcome == SURVIVED and not self._mutations.changes and rest:
            return replace(row, outcome=UNREACHED)
        return row

    def _phase(self, row: Row, api: str, phase: str) -> Row:
        def stop(event: ProgressEvent, stage: Stage) -> None:
            if stage.findings and event != ProgressEvent.ENDS:
                raise Killed

        plan = Plan(phases=frozenset([phase]), is_quick=True)
        return self._run_check(row, api, plan, stop)[0]

    def _everything(self, row: Row, api: str) -> Row:
        row, reasons = self._run_check(row, api, Plan(), lambda *_: None)
        if row.outcome == KILLED or not reasons or not row.operator:
            return row
        # A reason that the mock without mutations has too is not due to the mutation.
        changes = self._mutations.changes
        new = sorted(reasons - self._reasons_without(row.name))
        self._mutations.changes = changes
        return _kill(row, (WHOLE,), EVIDENCE[0], new[0]) if new else row

    def _reasons_without(self, name: str) -> set[str]:
        """Why a run against the mock without mutations is inconclusive, if it is."""
        api = name.partition(".")[0]
        if api not in self._clean:
            self._mutations.turn_on("")
            self._clean[api] = {*self._check(api, Plan(), lambda *_: None).inconclusive}
            self._mutations.turn_on(name)
        return self._clean[api]

    def _run_check(
        self, row: Row, api: str, plan: Plan, progress: Callable[..., None]
    ) -> tuple[Row, set[str]]:
        """The row after a run, and why the run is inconclusive, if it is."""
        verdict = self._check(api, plan, progress)
        if not verdict.is_validated:  # no response at all is of the API
            phases = tuple(phase for phase in PHASES if phase in plan.phases)
            return _kill(row, phases, EVIDENCE[0], verdict.inconclusive[0]), set()
        return read_verdict(row, verdict), {*verdict.inconclusive}

    def _check(self, api: str, plan: Plan, progress: Callable[..., None]) -> Verdict:
        verdicts = check(self._target, [self._apis[api]], plan, progress)
        with closing(verdicts):  # type: ignore[type-var]
            return next(verdicts)


def read_verdict(row: Row, verdict: Verdict) -> Row:
    """The row of a mutation after a run: killed if the run has a finding."""
    findings = [*verdict.failures, *verdict.warnings]
    if not findings:
        return row
    seen = {phase for finding in findings for phase in finding.phases}
    phases = tuple(phase for phase in PHASES if phase in seen)
    first = min(findings, key=lambda finding: EVIDENCE.index(finding.evidence))
    return _kill(row, phases, first.evidence, first.sentence)


def _kill(row: Row, phases: tuple[str, ...], evidence: str, sentence: str) -> Row:
    return replace(row, outcome=KILLED, phases=phases, evidence=evidence, sentence=sentence)


def find_names(only: Sequence[str] = (), sample: int = 1) -> list[str]:
    """The APIs and mutations that match a pattern, or a sample of them."""
    names: list[str] = []
    for api in apis.load().values():
        names += [
            api.name,
            *(f"{api.name}.{mutation.name}" for mutation in load_kit(api).mutations),
        ]
    wanted = [name for name in names if not only or any(fnmatchcase(name, it) for it in only)]
    return [name for name in wanted if crc32(name.encode()) % sample == 0]


@cache
def _runner() -> MutationRunner:
    return MutationRunner()


def run_one(name: str) -> Row:
    """The row of a mutation at its first finding."""
    return _runner().run(name)


def run_whole(name: str) -> Row:
    """The row of a mutation with every phase that has a finding."""
    return _runner().run(name, is_whole=True)


def run_all(names: Sequence[str], processes: int, *, is_whole: bool = False) -> Iterator[Row]:
    """The rows of some mutations, in their order, as they come."""
    run = run_whole if is_whole else run_one
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        yield from pool.map(run, names, chunksize=4)


@cache
def read_reasons() -> dict[str, str]:
    """The reasons why mutations may survive, by patterns of their names."""
    return {
        f"{file.parent.name}.{pattern}": reason
        for file in sorted(ROOT.glob("tests/apis/*/survivors.yaml"))
        for pattern, reason in read_yaml(file.read_text("utf-8")).data.items()
    }


def explain(name: str) -> str:
    """The reason of the first pattern that a mutation matches; empty without one."""
    return next((why for it, why in read_reasons().items() if fnmatchcase(name, it)), "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the kit against the mutations, print a line for each, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", nargs="?", type=Path, default=PAGE)
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN")
    parser.add_argument("--sample", type=int, default=1, metavar="N")
    parser.add_argument("--processes", type=int, default=2, metavar="N")
    parser.add_argument("--all-phases", action="store_true")
    given = parser.parse_args(arguments)
    rows: list[Row] = []
    names = find_names(given.only, given.sample)
    for row in run_all(names, given.processes, is_whole=given.all_phases):
        rows.append(row)
        print(f"{row.outcome:11} {','.join(row.phases) or '-':12} {row.name}: {row.sentence[:150]}")
        sys.stdout.flush()
    given.file.write_text(format_page(rows), encoding="utf-8")
    print(f"{given.file.name} is written.")
    return 0 if passed(rows) else 1


def passed(rows: Iterable[Row]) -> bool:
    """Whether the mock without mutations has no finding, and each survivor is explained."""
    return all(
        (row.outcome == KILLED or bool(explain(row.name)))
        if row.operator
        else row.outcome != KILLED
        for row in rows
    )


def format_page(rows: Sequence[Row]) -> str:
    """The page of the documentation."""
    clean = [row for row in rows if not row.operator]
    found = [row for row in rows if row.operator]
    lines = (
        *_summary(clean, found),
        *_table("API", found, lambda row: row.api),
        *_table("operator", found, lambda row: row.operator),
        *_list("Survivors", found, SURVIVED),
        *_list("Not reached", found, UNREACHED),
    )
    return "\n".join(lines) + "\n"


def _summary(clean: Sequence[Row], found: Sequence[Row]) -> Iterator[str]:
    outcomes = Counter(row.outcome for row in found)
    reached = len(found) - outcomes[UNREACHED]
    documented = sum(row.evidence not in ("", EVIDENCE[-1]) for row in found)
    dirty = [row.name for row in clean if row.outcome == KILLED]
    yield "# The mutation score"
    yield ""
    yield (
        "Written by `make mutation-score`: the [contract kit](check.md) runs against the mock with "
        "one [mutation](mutations.md) at a time."
    )
    yield ""
    yield (
        f"**{len(found)} mutations: {outcomes[KILLED]} of {reached} that change anything are "
        f"killed, {outcomes[SURVIVED]} survive, {outcomes[UNREACHED]} are not reached.** "
        + (
            f"The clean mock has findings in {', '.join(dirty)}."
            if dirty
            else CLEAN
            if clean
            else ""
        )
    )
    yield ""
    yield (
        "The phases run in this order, and the first finding ends the run, so that a column says "
        f"where a mutation is seen first. {documented} were killed by something that a vendor's "
        "document says; what is only assumed fails a run with `--evidence assumed`. A mutation is "
        "*not reached* when no request of the kit, and so nothing that the mock serves, was "
        "changed by it."
    )


CLEAN = "The clean mock has no finding in any API."


def _table(title: str, found: Sequence[Row], key: Callable[[Row], str]) -> Iterator[str]:
    columns = [*PHASES, WHOLE]
    yield ""
    yield f"## By {title}"
    yield ""
    yield f"| {title} | mutations | {' | '.join(columns)} | killed | survive | not reached |"
    yield "| --- " * (len(columns) + 5) + "|"
    groups = {name: list(some) for name, some in groupby(sorted(found, key=key), key)}
    for name, some in [*groups.items(), ("all", list(found))]:
        first = Counter(row.phases[0] for row in some if row.outcome == KILLED)
        outcomes = Counter(row.outcome for row in some)
        cells = [
            len(some),
            *(first[column] or "" for column in columns),
            outcomes[KILLED],
            outcomes[SURVIVED] or "",
            outcomes[UNREACHED] or "",
        ]
        yield f"| {name} | {' | '.join(map(str, cells))} |"


def _list(title: str, found: Sequence[Row], outcome: str) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield ""
    some = [row for row in found if row.outcome == outcome]
    for row in some:
        yield f"- `{row.name}`: {explain(row.name) or 'not explained'}"
    if not some:
        yield "None."


if __name__ == "__main__":
    sys.exit(main())
