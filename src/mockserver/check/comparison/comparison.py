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
from mockserver.check.comparison.notebook import Note, Notebook
from mockserver.check.comparison.pairing import paired
from mockserver.check.comparison.side import Side, connected, sides
from mockserver.check.connection import NoAnswer, TimeOver
from mockserver.check.finding import Severity
from mockserver.check.runner import LAYER_RUNS, NotTheApi, Plan
from mockserver.check.target import Target

__all__ = ["LAYERS", "Comparison", "compare"]

LAYERS = ("examples", "provocations", "laws", "probes")
"""The layers whose requests are the same for every deployment, but for ids and times."""

_NOT_FOUND = 404


@dataclass
class Comparison:
    """What came of comparing one API of two deployments.

    `pairs` counts the requests that were sent to both, and `shared` the breaches of the contract
    that both have, which are no difference. `unpaired` says what was sent to one of them only or
    could not be compared, `unsent` what was sent to neither; `doubts` say why nothing is proved.
    """

    api: str
    base: str = ""
    pairs: int = 0
    found: dict[tuple[str, ...], Difference] = field(default_factory=dict)
    shared: int = 0
    unpaired: list[str] = field(default_factory=list)
    unsent: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    @property
    def differences(self) -> list[Difference]:
        """Every distinct difference, in the order in which they were seen."""
        return list(self.found.values())

    @property
    def is_alike(self) -> bool:
        """Whether both answered alike, as far as they could be compared."""
        return not self.found and not self.doubts

    def add(self, difference: Difference) -> None:
        """Take down a difference, as the same one where it was seen before."""
        known = self.found.setdefault(difference.key, difference)
        if known is difference:
            return
        known.count += difference.count
        known.layers += [layer for layer in difference.layers if layer not in known.layers]


def compare(
    a: Target,
    b: Target,
    apis: Iterable[Api],
    plan: Plan,
    progress: Callable[[str, str], None] = lambda *_: None,
) -> Iterator[Comparison]:
    """The comparisons of two targets, one API after the other.

    `progress` is told of each API and layer before it is run. Raises NotTheApi when one of them
    does not answer, or never as the API would.
    """
    with connected(a) as one, connected(b) as other:
        for api in apis:
            both = sides(one, other, api, seed=plan.seed, is_quick=plan.is_quick)
            _run(both, plan, progress)
            yield _compared(both, plan)


def _run(both: tuple[Side, Side], plan: Plan, progress: Callable[[str, str], None]) -> None:
    # Layer by layer, so that the same is asked of both at about the same time.
    for layer in LAYER_RUNS:
        if layer in plan.layers:
            progress(both[0].api.name, layer)
            for side in both:
                _run_layer(side, layer)
    for side in both:
        if side.ledger.requests and not side.ledger.conforming:
            raise NotTheApi(
                f"'{side.target.url}' does not speak the API '{side.api.name}': no answer was as "
                "its contract says; is the URL right?"
            )


def _run_layer(side: Side, layer: str) -> None:
    side.ledger.layer = layer
    try:
        LAYER_RUNS[layer](side)
    except NoAnswer as error:
        if not side.ledger.requests:
            raise NotTheApi(str(error)) from error
        side.ledger.stops[layer] = str(error)
    except TimeOver as error:
        side.ledger.leave_out(str(error))


def _compared(both: tuple[Side, Side], plan: Plan) -> Comparison:
    a, b = (side.ledger for side in both)
    comparison = Comparison(both[0].api.name, both[0].api.contract.base)
    breaches: set[tuple[str, ...]] = set()
    for layer in (layer for layer in LAYER_RUNS if layer in plan.layers):
        alone: Counter[tuple[str, str]] = Counter()
        for one, other in paired(a.threads[layer], b.threads[layer]):
            if one is None or other is None:
                alone[_whose(one, other)] += 1
            elif _is_unknown(both, one, other):
                comparison.unpaired.append(_unknown(one, other))
            else:
                comparison.pairs += 1
                breaches.update(finding.key for finding in shared(one, other))
                for difference in differences(comparison.api, one, other, plan.severity):
                    comparison.add(difference)
        for difference in _loose(comparison.api, layer, (a, b), plan.severity):
            comparison.add(difference)
        comparison.unpaired += _only_to_one(layer, alone)
        _stops(comparison, layer, a.stops.get(layer), b.stops.get(layer))
    comparison.shared = len(breaches)
    comparison.unsent += dict.fromkeys([*a.unchecked, *b.unchecked])
    comparison.doubts += _doubts(both, comparison)
    return comparison


def _loose(
    api: str, layer: str, both: tuple[Notebook, Notebook], severity: Severity
) -> Iterator[Difference]:
    """What only one of them breaks in requests that have no pair, such as one without an answer."""
    for side, own, other in zip((A, B), both, both[::-1], strict=True):
        for key, finding in own.loose[layer].items():
            if key not in other.loose[layer]:
                yield loose(api, side, layer, finding, severity)


def _whose(one: Note | None, other: Note | None) -> tuple[str, str]:
    """To whom a request was sent that the other was not sent, and of which operation it is."""
    note = one or other
    assert note is not None  # noqa: S101 - one of a pair is there
    return (B if one is None else A).upper(), note.seen.operation.id


def _only_to_one(layer: str, alone: Counter[tuple[str, str]]) -> Iterator[str]:
    for (side, operation), count in sorted(alone.items()):
        requests = "request" if count == 1 else "requests"
        yield f"{layer}: {count} {requests} of {operation} to {side} only"


def _is_unknown(both: tuple[Side, Side], *notes: Note) -> bool:
    """Whether one of them, which is no mock, has not what an example of the contract names."""
    return notes[0].status_class != notes[1].status_class and any(
        side.mock is None and note.layer == "examples" and note.seen.status == _NOT_FOUND
        for side, note in zip(both, notes, strict=True)
    )


def _unknown(one: Note, other: Note) -> str:
    side = "A" if one.seen.status == _NOT_FOUND else "B"
    return f"{one.layer}: {side} does not have what an example of {other.seen.operation.id} names"


def _stops(comparison: Comparison, layer: str, a: str | None, b: str | None) -> None:
    if a is not None and b is not None:
        comparison.unpaired.append(f"{layer}: neither answers; A: {a}; B: {b}")
    elif a is not None:
        comparison.add(unanswered(comparison.api, A, layer, a))
    elif b is not None:
        comparison.add(unanswered(comparison.api, B, layer, b))


def _doubts(both: tuple[Side, Side], comparison: Comparison) -> Iterator[str]:
    for side, name in zip(both, (A, B), strict=True):
        admitted = side.ledger.admitted
        if admitted[False] and not admitted[True]:
            yield f"{name.upper()} refused the credential throughout, with 401"
    if not comparison.pairs:
        yield "no request could be sent to both and compared"
