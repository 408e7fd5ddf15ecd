"""The contexts of two deployments: one may be sent what the other may be sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from mockserver.check.context import CheckContext
from mockserver.check.validation.finding import Finding, Source
from mockserver.check.validation.results import Results
from mockserver.contract import Operation
from mockserver.invariant import Interaction


@dataclass(frozen=True, eq=False)
class ComparedInteraction:
    """One interaction in a phase, and its findings by code and source."""

    phase: str
    interaction: Interaction
    findings: dict[tuple[str, Source], Finding] = field(default_factory=dict)

    @property
    def status_class(self) -> int:
        """The first digit of the response's status."""
        return self.interaction.status // 100


@dataclass
class ComparisonResults(Results):
    """Results that keep the interactions of each phase by sequence, in their order.

    `stops` says of a phase why it ended early. `unpaired_findings` are those of a phase that belong
    to no interaction: a request without a response, a method that no operation has.
    """

    sequences: defaultdict[str, list[list[ComparedInteraction]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    stops: dict[str, str] = field(default_factory=dict)
    unpaired_findings: defaultdict[str, dict[tuple[str, ...], Finding]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    _by_exchange: dict[int, ComparedInteraction] = field(default_factory=dict)

    def record(self, interaction: Interaction, before: Sequence[Interaction]) -> None:
        """Add an interaction, with those before it in the same sequence."""
        compared = ComparedInteraction(self.phase, interaction)
        self._by_exchange[id(interaction.exchange)] = compared
        if not before:
            self.sequences[self.phase].append([])
        self.sequences[self.phase][-1].append(compared)
        super().record(interaction, before)

    def report_missing_response(self, sentence: str, operation: Operation | None = None) -> None:
        """Add the finding of an operation; without one, say why the phase ended early."""
        if operation is None:
            self.stops[self.phase] = sentence
        else:
            super().report_missing_response(sentence, operation)

    def add_finding(self, finding: Finding) -> None:
        """Add a finding, to its interaction too."""
        super().add_finding(finding)
        compared = self._by_exchange.get(id(finding.exchange))
        if compared is not None:
            compared.findings.setdefault((finding.code, finding.source), finding)
        else:
            self.unpaired_findings[self.phase].setdefault(finding.key, finding)


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
