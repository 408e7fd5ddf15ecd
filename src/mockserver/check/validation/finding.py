"""A finding: one distinct fault of a deployment, however often and wherever it was seen."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal

from mockserver.contract import BINDING, Exchange, Request, weaker

PHASES = ("examples", "cases", "generated", "workflows", "boundaries")
"""The phases of a run, in the order in which they are run."""

_INDEX = re.compile(r"/[0-9]+(?=/|$)")


@dataclass(frozen=True, slots=True)
class Severity:
    """How strict a run is.

    A violation fails where its evidence is `evidence` or stronger, and is a warning otherwise; an
    undocumented property or header is one too, unless `is_strict`, since vendors add fields.
    """

    evidence: str = BINDING
    is_strict: bool = False

    def is_binding(self, evidence: str) -> bool:
        """Whether what has this evidence fails where it is violated."""
        return weaker(evidence, self.evidence) == self.evidence

    def is_failure(self, finding: Finding) -> bool:
        """Whether a finding is a failure; else it is a warning."""
        if not self.is_binding(finding.evidence):
            return False
        return self.is_strict or finding.code != "additionalProperties"


@dataclass(frozen=True, slots=True)
class Source:
    """What a finding violates: the contract at a JSON Pointer, an invariant or a case by name."""

    kind: Literal["contract", "invariant", "case"]
    name: str

    def __str__(self) -> str:
        return self.name if self.kind == "contract" else f"{self.kind}:{self.name}"


@dataclass
class Finding:
    """What is wrong, in one sentence, with the exchange that shows it.

    `code` is the violated keyword or the kind of fault. `location` is the exact place in the
    exchange, as a JSON Pointer, where the fault was first seen, and `value` what is there. `phases`
    are those that saw it, `count` is how often. `note` is what else a reader should know of it.
    A `request` without a response has no exchange.
    """

    api: str
    operation: str
    code: str
    source: Source
    evidence: str
    sentence: str
    location: str = ""
    status: int | None = None
    value: Any = None
    exchange: Exchange | None = None
    request: Request | None = None
    phases: list[str] = field(default_factory=list)
    count: int = 1
    note: str = ""

    def __post_init__(self) -> None:
        if self.exchange is not None:
            self.request = self.exchange.request

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two findings the same fault."""
        status = "" if self.status is None else str(self.status)
        # With `*` for each index: the same fault of each item is one finding.
        place = _INDEX.sub("/*", self.location)
        return (self.api, self.operation, self.code, str(self.source), place, status)

    @property
    def fingerprint(self) -> str:
        """The key in one line, as a baseline names it."""
        return " ".join(part or "-" for part in self.key)
