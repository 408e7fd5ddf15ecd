"""Sends the same requests to two deployments, and reports how their responses differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from mockserver.api import Api
from mockserver.check.comparison.difference import (
    A,
    B,
    Difference,
    compare_interactions,
    report_finding,
    report_missing_response,
)
from mockserver.check.comparison.pairing import (
    ComparedInteraction,
    ComparisonResults,
    pair_interactions,
)
from mockserver.check.context import CheckContext
from mockserver.check.runner import PHASE_RUNS, Plan, connect, require_the_api, run_phase
from mockserver.check.target.selection import unite
from mockserver.check.target.target import Target
from mockserver.redaction import FoundSecrets

PHASES = ("examples", "cases", "workflows", "boundaries")
"""The phases whose requests are the same for every deployment, except ids and times."""

_NOT_FOUND = 404


@dataclass
class Comparison:
    """The result of comparing one API of two deployments.

    `pairs` counts the requests that were sent to both, `common` the findings that both have, which
    are no difference. `unpaired` says what was sent to one of them only or could not be compared,
    `skipped` what was sent to neither, `inconclusive` why the comparison proves nothing, and
    `excluded` the operations that were left alone. `secrets` are those in the exchanges of both.
    """

    api: str
    base: str = ""
    pairs: int = 0
    found: dict[tuple[str, ...], Difference] = field(default_factory=dict)
    common: int = 0
    unpaired: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    inconclusive: list[str] = field(default_factory=list)
    secrets: FoundSecrets | None = field(default=None, repr=False)
    excluded: list[str] = field(default_factory=list)

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
    does not respond, or never as the API would. After a KeyboardInterrupt, yields the comparison of
    what there was, and raises it.
    """
    with connect(a, plan) as make_a, connect(b, plan) as make_b:
        for api in apis:
            left_out = unite(a.excluded, b.excluded).get(api.name, frozenset())
            of_a, of_b = (ComparisonResults(api, excluded=left_out) for _ in (a, b))
            contexts = make_contexts(make_a(api), make_b(api), (of_a, of_b))
            # Phase by phase, so that both get the same requests at about the same time.
            try:
                for phase, run in PHASE_RUNS.items():
                    if phase in plan.phases:
                        progress(api.name, phase)
                        for context in contexts:
                            context.results.phase = phase
                            run_phase(context, run)
            except KeyboardInterrupt:
                comparison = _compare_results(contexts, of_a, of_b, plan)
                comparison.inconclusive = [f"it was interrupted in the phase '{phase}'"]
                yield comparison
                raise
            for context in contexts:
                require_the_api(context)
            yield _compare_results(contexts, of_a, of_b, plan)


def make_contexts(
    a: CheckContext, b: CheckContext, results: Iterable[ComparisonResults]
) -> list[CheckContext]:
    """Both contexts of an API: an id is used where both have one of that name, each its own."""
    return [
        replace(
            own,
            results=of_own,
            ids={name: own.ids[name] for name in own.ids if name in a.ids and name in b.ids},
            may_write=a.may_write and b.may_write,
        )
        for own, of_own in zip((a, b), results, strict=True)
    ]


def _compare_results(
    contexts: Sequence[CheckContext], a: ComparisonResults, b: ComparisonResults, plan: Plan
) -> Comparison:
    a.secrets.values |= b.secrets.values
    comparison = Comparison(
        a.api.name, a.api.contract.base, secrets=a.secrets, excluded=sorted(a.excluded)
    )
    common: set[tuple[str, ...]] = set()
    for phase in (phase for phase in PHASE_RUNS if phase in plan.phases):
        alone: Counter[tuple[str, str]] = Counter()
        for of_a, of_b in pair_interactions(a.sequences[phase], b.sequences[phase]):
            if of_a is None or of_b is None:
                alone.update(
                    (side, sent.interaction.operation.id)
                    for side, sent in (("A", of_a), ("B", of_b))
                    if sent is not None
                )
            elif _lacks_example(contexts, of_a, of_b):
                side = "A" if of_a.interaction.status == _NOT_FOUND else "B"
                operation = of_b.interaction.operation.id
                comparison.unpaired.append(
                    f"{phase}: {side} does not have what an example of {operation} names"
                )
            else:
                comparison.pairs += 1
                shared = of_a.findings.keys() & of_b.findings.keys()
                common.update(of_a.findings[key].key for key in shared)
                for difference in compare_interactions(of_a, of_b, plan.severity):
                    comparison.add(difference)
        for side, own, other in ((A, a, b), (B, b, a)):
            for key, finding in own.unpaired_findings[phase].items():
                if key not in other.unpaired_findings[phase]:
                    comparison.add(report_finding(side, phase, finding, plan.severity))
            if phase in own.stops and phase not in other.stops:
                comparison.add(report_missing_response(side, phase, own.stops[phase]))
        for (side, operation), count in sorted(alone.items()):
            requests = "request" if count == 1 else "requests"
            comparison.unpaired.append(f"{phase}: {count} {requests} of {operation} to {side} only")
        if phase in a.stops and phase in b.stops:
            comparison.unpaired.append(
                f"{phase}: neither responds; A: {a.stops[phase]}; B: {b.stops[phase]}"
            )
    comparison.common = len(common)
    comparison.skipped += dict.fromkeys([*a.skipped, *a.truncated, *b.skipped, *b.truncated])
    comparison.inconclusive += [
        f"{side} refused the credential throughout, with 401"
        for side, own in (("A", a), ("B", b))
        if own.admitted[False] and not own.admitted[True]
    ]
    if not comparison.pairs:
        comparison.inconclusive.append("no request could be sent to both and compared")
    return comparison


def _lacks_example(contexts: Sequence[CheckContext], *pair: ComparedInteraction) -> bool:
    """Whether one of them, which is no mock, lacks what an example of the contract names."""
    return pair[0].status_class != pair[1].status_class and any(
        context.mock is None
        and compared.phase == "examples"
        and compared.interaction.status == _NOT_FOUND
        for context, compared in zip(contexts, pair, strict=True)
    )
