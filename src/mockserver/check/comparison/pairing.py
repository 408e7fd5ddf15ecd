"""Keeps the interactions of two deployments, and pairs those with the same request.

Ids and times are each deployment's own, and a request may be made from a response, so that the same
requests have the same signature, and not the same bytes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec

from mockserver.check.validation.finding import Finding, Source
from mockserver.check.validation.results import Results
from mockserver.invariant import Interaction


class ComparedInteraction(msgspec.Struct, frozen=True, eq=False):
    """One interaction in a phase, and its findings by code and source."""

    phase: str
    interaction: Interaction
    findings: dict[tuple[str, Source], Finding] = msgspec.field(default_factory=dict)

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
        sequences = self.sequences[self.phase]
        # Generated requests, none of which has others before it, are one sequence.
        if not sequences or not (before or self.phase == "generated"):
            sequences.append([])
        sequences[-1].append(compared)
        super().record(interaction, before)

    def end_phase(self, reason: str) -> None:
        """Say why the phase ended early."""
        super().end_phase(reason)
        self.stops[self.phase] = reason

    def add_finding(self, finding: Finding) -> None:
        """Add a finding, to its interaction too."""
        super().add_finding(finding)
        compared = self._by_exchange.get(id(finding.exchange))
        if compared is not None:
            compared.findings.setdefault((finding.code, finding.source), finding)
        else:
            self.unpaired_findings[self.phase].setdefault(finding.key, finding)


_Item = TypeVar("_Item")
_Sequence = Sequence[ComparedInteraction]


def pair_interactions(
    a: Sequence[_Sequence], b: Sequence[_Sequence]
) -> Iterator[tuple[ComparedInteraction | None, ComparedInteraction | None]]:
    """Pair the interactions of a phase; None where a request was sent to one of them only.

    Sequences are paired by their position. Where one deployment has more of them, since the other
    stopped or is no mock, they are aligned by the signatures of their requests.
    """
    keys = (_sign_sequence, lambda sequence: _sign_sequence(sequence[:1]))
    aligned = _align(a, b, keys)
    for of_a, of_b in zip(a, b, strict=True) if len(a) == len(b) else aligned:
        of_a, of_b = of_a or (), of_b or ()
        if _sign_sequence(of_a) == _sign_sequence(of_b):
            yield from zip(of_a, of_b, strict=True)
        else:
            yield from _align(of_a, of_b, (_sign_literally, _sign))


def _align(
    a: Sequence[_Item], b: Sequence[_Item], keys: Sequence[Callable[[_Item], Hashable]]
) -> Iterator[tuple[_Item | None, _Item | None]]:
    """Pair what is equal by the first key, and in between what is equal by the next."""
    if not keys:
        yield from ((item, None) for item in a)
        yield from ((None, item) for item in b)
        return
    key, *looser = keys
    matcher = SequenceMatcher(None, list(map(key, a)), list(map(key, b)), autojunk=False)
    for tag, a_begin, a_end, b_begin, b_end in matcher.get_opcodes():
        of_a, of_b = a[a_begin:a_end], b[b_begin:b_end]
        if tag == "equal":
            yield from zip(of_a, of_b, strict=True)
        else:
            yield from _align(of_a, of_b, looser)


def _sign_sequence(sequence: _Sequence) -> tuple[Hashable, ...]:
    return tuple(map(_sign, sequence))


def _sign_literally(compared: ComparedInteraction) -> Hashable:
    """A request with its values."""
    request = compared.interaction.exchange.request
    return (*_sign(compared), request.path, request.query, request.body)


def _sign(compared: ComparedInteraction) -> tuple[Hashable, ...]:
    """The operation, the names of the parameters, and whether the request should be accepted."""
    interaction, request = compared.interaction, compared.interaction.exchange.request
    names = sorted(name for name, _ in parse_qsl(request.query, keep_blank_values=True))
    return (
        interaction.operation.id,
        request.method,
        tuple(names),
        bool(request.body),
        interaction.is_valid,
        interaction.is_admitted,
    )
