"""Sends the same requests to two deployments, and reports how their responses differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from mockserver.api import Api
from mockserver.check.comparison.context import (
    ComparedInteraction,
    ComparisonContext,
    connect,
    make_contexts,
)
from mockserver.check.comparison.difference import (
    A,
    B,
    Difference,
    compare_interactions,
    find_common,
    report_finding,
    report_missing_response,
)
from mockserver.check.comparison.pairing import pair_interactions
from mockserver.check.http.connection import NoResponse, TimeLimitReached
from mockserver.check.runner import PHASE_RUNS, NotTheApi, Plan
from mockserver.check.target.target import Target

PHASES = ("examples", "cases", "workflows", "boundaries")
"""The phases whose requests are the same for every deployment, except ids and times."""

_NOT_FOUND = 404


@dataclass
class Comparison:
    """The result of comparing one API of two deployments.

    `pairs` counts the requests that were sent to both, `common` the findings that both have, which
    are no difference. `unpaired` says what was sent to one of them only or could not be compared,
    `skipped` what was sent to neither, `inconclusive` why the comparison proves nothing.
    """

    api: str
    base: str = ""
    pairs: int = 0
    found: dict[tuple[str, ...], Difference] = field(default_factory=dict)
    common: int = 0
    unpaired: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    inconclusive: list[str] = field(default_factory=list)

    @property
    def differences(self) -> list[Difference]:
        """Every distinct difference, in the order in which they were seen."""
        return list(self.found.values())

    @property
    def is_equal(self) -> bool:
        """Whether both responded alike, as far as they could be compared."""
        return not self.found and not self.inconclusive

    def add(self, difference: Difference) -> None:
        """Add a difference; one that was seen before is counted."""
        known = self.found.setdefault(difference.key, difference)
        if known is not difference:
            known.count += difference.count
            known.phases += [phase for phase in difference.phases if phase not in known.phases]


def compare(
    a: Target,
    b: Target,
    apis: Iterable[Api],
    plan: Plan,
    progress: Callable[[str, str], None] = lambda *_: None,
) -> Iterator[Comparison]:
    """Compare two targets, one API after the other.

    `progress` is called with each API and phase before it is run. Raises NotTheApi when one of them
    does not respond, or never as the API would.
    """
    with connect(a) as one, connect(b) as other:
        for api in apis:
            contexts = make_contexts(one, other, api, seed=plan.seed, is_quick=plan.is_quick)
            _run(contexts, plan, progress)
            yield _compare_results(contexts, plan)


def _run(
    contexts: tuple[ComparisonContext, ComparisonContext],
    plan: Plan,
    progress: Callable[[str, str], None],
) -> None:
    # Phase by phase, so that both get the same requests at about the same time.
    for phase in PHASE_RUNS:
        if phase in plan.phases:
            progress(contexts[0].api.name, phase)
            for context in contexts:
                _run_phase(context, phase)
    for context in contexts:
        if context.results.requests and not context.results.conforming:
            raise NotTheApi(
                f"'{context.target.url}' does not serve the API '{context.api.name}': no response "
                "was as its contract says; is the URL right?"
            )


def _run_phase(context: ComparisonContext, phase: str) -> None:
    context.results.phase = phase
    try:
        PHASE_RUNS[phase](context)
    except NoResponse as error:
        if not context.results.requests:
            raise NotTheApi(str(error)) from error
        context.results.stops[phase] = str(error)
    except TimeLimitReached as error:
        context.results.skip(str(error))


def _compare_results(
    contexts: tuple[ComparisonContext, ComparisonContext], plan: Plan
) -> Comparison:
    a, b = (context.results for context in contexts)
    comparison = Comparison(contexts[0].api.name, contexts[0].api.contract.base)
    common: set[tuple[str, ...]] = set()
    for phase in (phase for phase in PHASE_RUNS if phase in plan.phases):
        alone: Counter[tuple[str, str]] = Counter()
        for one, other in pair_interactions(a.sequences[phase], b.sequences[phase]):
            if one is None or other is None:
                alone[_describe_single(one, other)] += 1
            elif _lacks_example(contexts, one, other):
                side = "A" if one.interaction.status == _NOT_FOUND else "B"
                operation = other.interaction.operation.id
                comparison.unpaired.append(
                    f"{phase}: {side} does not have what an example of {operation} names"
                )
            else:
                comparison.pairs += 1
                common.update(finding.key for finding in find_common(one, other))
                for difference in compare_interactions(a.api.name, one, other, plan.severity):
                    comparison.add(difference)
        for side, own, opposite in ((A, a, b), (B, b, a)):
            for key, finding in own.unpaired_findings[phase].items():
                if key not in opposite.unpaired_findings[phase]:
                    comparison.add(report_finding(a.api.name, side, phase, finding, plan.severity))
        for (name, operation), count in sorted(alone.items()):
            requests = "request" if count == 1 else "requests"
            comparison.unpaired.append(f"{phase}: {count} {requests} of {operation} to {name} only")
        _add_stops(comparison, phase, a.stops.get(phase), b.stops.get(phase))
    comparison.common = len(common)
    comparison.skipped += dict.fromkeys([*a.skipped, *b.skipped])
    for context, name in zip(contexts, (A, B), strict=True):
        admitted = context.results.admitted
        if admitted[False] and not admitted[True]:
            comparison.inconclusive.append(
                f"{name.upper()} refused the credential throughout, with 401"
            )
    if not comparison.pairs:
        comparison.inconclusive.append("no request could be sent to both and compared")
    return comparison


def _describe_single(
    one: ComparedInteraction | None, other: ComparedInteraction | None
) -> tuple[str, str]:
    """The deployment that a request was sent to, and the operation of the request."""
    sent = one or other
    assert sent is not None  # noqa: S101 - one of a pair is there
    return (B if one is None else A).upper(), sent.interaction.operation.id


def _lacks_example(
    contexts: tuple[ComparisonContext, ComparisonContext], *pair: ComparedInteraction
) -> bool:
    """Whether one of them, which is no mock, does not have what an example of the contract names."""
    return pair[0].status_class != pair[1].status_class and any(
        context.mock is None
        and compared.phase == "examples"
        and compared.interaction.status == _NOT_FOUND
        for context, compared in zip(contexts, pair, strict=True)
    )


def _add_stops(comparison: Comparison, phase: str, a: str | None, b: str | None) -> None:
    if a is not None and b is not None:
        comparison.unpaired.append(f"{phase}: neither responds; A: {a}; B: {b}")
    elif a is not None:
        comparison.add(report_missing_response(comparison.api, A, phase, a))
    elif b is not None:
        comparison.add(report_missing_response(comparison.api, B, phase, b))
