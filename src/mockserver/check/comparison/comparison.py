"""Sends the same requests to two deployments, and says how their answers differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from mockserver.api import Api
from mockserver.check.comparison.difference import (
    A,
    B,
    Difference,
    differences,
    loose,
    shared,
    unanswered,
)
from mockserver.check.comparison.interactions import Note, Notebook
from mockserver.check.comparison.pairing import paired
from mockserver.check.comparison.side import Side, connected, sides
from mockserver.check.http.connection import NoAnswer, TimeOver
from mockserver.check.runner import PHASE_RUNS, NotTheApi, Plan
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Severity

__all__ = ["PHASES", "Comparison", "compare"]

PHASES = ("examples", "cases", "invariants", "boundaries")
"""The phases whose requests are the same for every deployment, but for ids and times."""

_NOT_FOUND = 404


@dataclass
class Comparison:
    """What came of comparing one API of two deployments.

    `pairs` counts the requests that were sent to both, and `shared` the breaches of the contract
    that both have, which are no difference. `unpaired` says what was sent to one of them only or
    could not be compared, `unsent` what was sent to neither; `inconclusive` say why nothing is proved.
    """

    api: str
    base: str = ""
    pairs: int = 0
    found: dict[tuple[str, ...], Difference] = field(default_factory=dict)
    shared: int = 0
    unpaired: list[str] = field(default_factory=list)
    unsent: list[str] = field(default_factory=list)
    inconclusive: list[str] = field(default_factory=list)

    @property
    def differences(self) -> list[Difference]:
        """Every distinct difference, in the order in which they were seen."""
        return list(self.found.values())

    @property
    def is_alike(self) -> bool:
        """Whether both answered alike, as far as they could be compared."""
        return not self.found and not self.inconclusive

    def add(self, difference: Difference) -> None:
        """Take down a difference, as the same one where it was seen before."""
        known = self.found.setdefault(difference.key, difference)
        if known is difference:
            return
        known.count += difference.count
        known.phases += [phase for phase in difference.phases if phase not in known.phases]


def compare(
    a: Target,
    b: Target,
    apis: Iterable[Api],
    plan: Plan,
    progress: Callable[[str, str], None] = lambda *_: None,
) -> Iterator[Comparison]:
    """The comparisons of two targets, one API after the other.

    `progress` is told of each API and phase before it is run. Raises NotTheApi when one of them
    does not answer, or never as the API would.
    """
    with connected(a) as one, connected(b) as other:
        for api in apis:
            both = sides(one, other, api, seed=plan.seed, is_quick=plan.is_quick)
            _run(both, plan, progress)
            yield _compared(both, plan)


def _run(both: tuple[Side, Side], plan: Plan, progress: Callable[[str, str], None]) -> None:
    # Phase by phase, so that the same is asked of both at about the same time.
    for phase in PHASE_RUNS:
        if phase in plan.phases:
            progress(both[0].api.name, phase)
            for side in both:
                _run_phase(side, phase)
    for side in both:
        if side.results.requests and not side.results.conforming:
            raise NotTheApi(
                f"'{side.target.url}' does not speak the API '{side.api.name}': no answer was as "
                "its contract says; is the URL right?"
            )


def _run_phase(side: Side, phase: str) -> None:
    side.results.phase = phase
    try:
        PHASE_RUNS[phase](side)
    except NoAnswer as error:
        if not side.results.requests:
            raise NotTheApi(str(error)) from error
        side.results.stops[phase] = str(error)
    except TimeOver as error:
        side.results.leave_out(str(error))


def _compared(both: tuple[Side, Side], plan: Plan) -> Comparison:
    a, b = (side.results for side in both)
    comparison = Comparison(both[0].api.name, both[0].api.contract.base)
    breaches: set[tuple[str, ...]] = set()
    for phase in (phase for phase in PHASE_RUNS if phase in plan.phases):
        alone: Counter[tuple[str, str]] = Counter()
        for one, other in paired(a.threads[phase], b.threads[phase]):
            if one is None or other is None:
                alone[_whose(one, other)] += 1
            elif _is_unknown(both, one, other):
                comparison.unpaired.append(_unknown(one, other))
            else:
                comparison.pairs += 1
                breaches.update(finding.key for finding in shared(one, other))
                for difference in differences(comparison.api, one, other, plan.severity):
                    comparison.add(difference)
        for difference in _loose(comparison.api, phase, (a, b), plan.severity):
            comparison.add(difference)
        comparison.unpaired += _only_to_one(phase, alone)
        _stops(comparison, phase, a.stops.get(phase), b.stops.get(phase))
    comparison.shared = len(breaches)
    comparison.unsent += dict.fromkeys([*a.skipped, *b.skipped])
    comparison.inconclusive += _inconclusive(both, comparison)
    return comparison


def _loose(
    api: str, phase: str, both: tuple[Notebook, Notebook], severity: Severity
) -> Iterator[Difference]:
    """What only one of them breaks in requests that have no pair, such as one without an answer."""
    for side, own, other in zip((A, B), both, both[::-1], strict=True):
        for key, finding in own.loose[phase].items():
            if key not in other.loose[phase]:
                yield loose(api, side, phase, finding, severity)


def _whose(one: Note | None, other: Note | None) -> tuple[str, str]:
    """To whom a request was sent that the other was not sent, and of which operation it is."""
    note = one or other
    assert note is not None  # noqa: S101 - one of a pair is there
    return (B if one is None else A).upper(), note.seen.operation.id


def _only_to_one(phase: str, alone: Counter[tuple[str, str]]) -> Iterator[str]:
    for (side, operation), count in sorted(alone.items()):
        requests = "request" if count == 1 else "requests"
        yield f"{phase}: {count} {requests} of {operation} to {side} only"


def _is_unknown(both: tuple[Side, Side], *notes: Note) -> bool:
    """Whether one of them, which is no mock, has not what an example of the contract names."""
    return notes[0].status_class != notes[1].status_class and any(
        side.mock is None and note.phase == "examples" and note.seen.status == _NOT_FOUND
        for side, note in zip(both, notes, strict=True)
    )


def _unknown(one: Note, other: Note) -> str:
    side = "A" if one.seen.status == _NOT_FOUND else "B"
    return f"{one.phase}: {side} does not have what an example of {other.seen.operation.id} names"


def _stops(comparison: Comparison, phase: str, a: str | None, b: str | None) -> None:
    if a is not None and b is not None:
        comparison.unpaired.append(f"{phase}: neither answers; A: {a}; B: {b}")
    elif a is not None:
        comparison.add(unanswered(comparison.api, A, phase, a))
    elif b is not None:
        comparison.add(unanswered(comparison.api, B, phase, b))


def _inconclusive(both: tuple[Side, Side], comparison: Comparison) -> Iterator[str]:
    for side, name in zip(both, (A, B), strict=True):
        admitted = side.results.admitted
        if admitted[False] and not admitted[True]:
            yield f"{name.upper()} refused the credential throughout, with 401"
    if not comparison.pairs:
        yield "no request could be sent to both and compared"
