"""A finding: one distinct fault of a deployment, however often and wherever it was seen."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from mockserver.contract import EVIDENCE, Exchange, Operation, Violation, weaker
from mockserver.invariant import Invariant

__all__ = ["FAILURE", "PHASES", "WARNING", "Finding", "Severity", "breach", "invariant_breach"]

PHASES = ("examples", "cases", "generated", "invariants", "boundaries")
"""The phases of a run, in the order in which they are run."""

FAILURE = "failure"
WARNING = "warning"
_EXTRA = frozenset({"additionalProperties"})
_INDEX = re.compile(r"/[0-9]+(?=/|$)")


@dataclass(frozen=True, slots=True)
class Severity:
    """How strictly a run is meant.

    A breach of what is assumed is a warning, unless `is_assumed_binding`; an undocumented property
    or header is one too, unless `is_strict`, since vendors add fields.
    """

    is_assumed_binding: bool = False
    is_strict: bool = False

    def of(self, evidence: str, code: str) -> str:
        """Whether a breach is a failure or a warning."""
        if evidence == EVIDENCE[-1] and not self.is_assumed_binding:
            return WARNING
        return WARNING if code in _EXTRA and not self.is_strict else FAILURE


@dataclass
class Finding:
    """What is wrong, in one sentence, with the exchange that shows it.

    `rule` is a pointer into the contract, or the invariant's name after `invariant:`; `code` the keyword or the
    kind of fault; `place` where it stands in the exchange, its indices left out; `example` the
    exact place and value. `phases` are those that saw it, `count` is how often. `note` is what else
    a reader should know of it.
    """

    api: str
    operation: str
    code: str
    rule: str
    evidence: str
    sentence: str
    place: str = ""
    status: int | None = None
    value: Any = None
    exchange: Exchange | None = None
    phases: list[str] = field(default_factory=list)
    count: int = 1
    note: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two findings the same fault."""
        status = "" if self.status is None else str(self.status)
        return (self.api, self.operation, self.code, self.rule, self.place, status)

    @property
    def fingerprint(self) -> str:
        """The key in one line, as a baseline names it."""
        return " ".join(part or "-" for part in self.key)


def breach(
    api: str, operation: str, violation: Violation, exchange: Exchange, sentence: str = ""
) -> Finding:
    """The finding that a breach of the contract is."""
    return Finding(
        api=api,
        operation=operation,
        code=violation.code,
        rule=violation.rule,
        evidence=violation.evidence,
        sentence=sentence or f"{violation.location}: {violation.message}",
        place=_INDEX.sub("/*", violation.location),
        status=exchange.response.status,
        value=violation.value,
        exchange=exchange,
    )


def invariant_breach(
    api: str, operation: Operation, invariant: Invariant, sentence: str, exchange: Exchange
) -> Finding:
    """The finding that a breach of an invariant is: no better founded than the operation itself."""
    return Finding(
        api=api,
        operation=operation.id,
        code="invariant",
        rule=f"invariant:{invariant.name}",
        evidence=weaker(operation.evidence, invariant.evidence),
        sentence=f"{invariant.sentence} But {sentence}",
        exchange=exchange,
    )
