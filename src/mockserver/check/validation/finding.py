"""A finding: one distinct fault of a deployment, however often and wherever it was seen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from msgspec import Struct

from mockserver.contract import BINDING, Exchange, Request, weaker

PHASES = ("examples", "cases", "generated", "workflows", "boundaries")
"""The phases of a run, in the order in which they are run."""

_INDEX = re.compile(r"/[0-9]+(?=/|$)")


class Severity(Struct, frozen=True):
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


class Source(Struct, frozen=True):
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
    are those that saw it, `count` is how many requests. `note` is what else a reader should know.
    A `request` without a response has no exchange. `before` are the exchanges without which the
    last one would show nothing, the oldest first.

    `cause` is its key with `*` for what its cause does not depend on. A finding that was seen at
    several places has each of them in `parts`; `also` is what else is wrong there.
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
    before: tuple[Exchange, ...] = ()
    cause: tuple[str, ...] = ()
    parts: tuple[Finding, ...] = ()
    also: list[str] = field(default_factory=list)
    seen: set[int] = field(default_factory=set, repr=False)

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
    def message(self) -> str:
        """The sentence without the place at its beginning, which differs from item to item."""
        return self.sentence.removeprefix(f"{self.location}: ")

    @property
    def sequence(self) -> tuple[Exchange, ...]:
        """The exchanges that show it, in their order; mostly it is one."""
        return (*self.before, self.exchange) if self.exchange else ()

    @property
    def places(self) -> tuple[Finding, ...]:
        """Where it was seen: a finding for each operation, status and rule."""
        return self.parts or (self,)

    @property
    def fingerprint(self) -> str:
        """The key in one line, as a baseline names it; of several places, their cause."""
        return _join(self.cause if self.parts else self.key)

    @property
    def names(self) -> tuple[str, ...]:
        """Every line by which a baseline can name it: its cause, and each of its places."""
        lines = [_join(part.cause) for part in self.places if part.cause]
        return tuple(dict.fromkeys((*lines, *(_join(part.key) for part in self.places))))


def _join(key: tuple[str, ...]) -> str:
    return " ".join(part or "-" for part in key)


def merge_findings(leader: Finding, parts: Sequence[Finding]) -> Finding:
    """One finding of several that have one cause, with the words and the exchange of the leader."""
    if len(parts) == 1:
        return leader
    own = (leader, *(part for part in parts if part is not leader))
    # The message of the same rule differs in its values only.
    said = ([part.message] * (part.source != leader.source) + part.also for part in own)
    also = [text for texts in said for text in texts if text != leader.message]
    seen = set().union(*(part.seen for part in parts))
    return replace(
        leader,
        parts=own,
        also=list(dict.fromkeys(also)),
        seen=seen,
        count=len(seen) or sum(part.count for part in parts),
        phases=list(dict.fromkeys(phase for part in own for phase in part.phases)),
    )
