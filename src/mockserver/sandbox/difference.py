"""What differs between two worlds: documents, and what is set besides them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.clock import Clock, format_moment
from mockserver.json_pointer import ABSENT, escape
from mockserver.store import NO_PARTITION, Difference, Transaction, WorldRecord

__all__ = ["Comparison", "DocumentChange", "FieldChange", "compare"]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field, as a JSON Pointer, and what it was and is."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """A document that was added, removed or changed.

    `body` is that of one which was added or removed, `fields` what changed of another.
    """

    api: str
    kind: str
    key: str
    change: str
    body: dict[str, Any] | None = None
    fields: tuple[FieldChange, ...] = ()


@dataclass
class Comparison:
    """What differs: everything is counted, and as many documents shown as were asked for."""

    world: list[FieldChange] = field(default_factory=list)
    documents: list[DocumentChange] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: {"added": 0, "removed": 0, "changed": 0})

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return not self.world and not any(self.counts.values())


def compare(
    transaction: Transaction, before: WorldRecord, after: WorldRecord, limit: int
) -> Comparison:
    """What one world has that another has not, up to so many documents."""
    found = Comparison(world=list(_changes(_settings(before), _settings(after), "")))
    held = transaction.worlds.get_partitions(before.id), transaction.worlds.get_partitions(after.id)
    for api in sorted(held[0].keys() | held[1].keys()):
        places = (one.get(api, NO_PARTITION) for one in held)
        for difference in transaction.partitions.find_differences(*places):
            change = _change(api, difference)
            if change:
                found.counts[change.change] += 1
                if len(found.documents) < limit:
                    found.documents.append(change)
    return found


def _settings(record: WorldRecord) -> dict[str, Any]:
    return {
        "scenario": record.scenario,
        "seed": record.seed,
        "clock": _clock(record.clock),
        "tokens": record.tokens,
        "mutations": list(record.mutations),
    }


def _clock(clock: Clock) -> dict[str, Any]:
    """What is set of a clock, and not what time makes of it."""
    set_: dict[str, Any] = {"mode": clock.mode, "rate": float(clock.rate)}
    if clock.is_frozen:
        set_["now"] = format_moment(clock.virtual)
    elif clock.mode == "shifted":
        set_["offset"] = (clock.virtual - clock.real) / 1_000_000
    return set_


def _change(api: str, difference: Difference) -> DocumentChange | None:
    kind, key = difference.kind, difference.key
    if difference.before is None:
        return DocumentChange(api, kind, key, "added", difference.after)
    if difference.after is None:
        return DocumentChange(api, kind, key, "removed", difference.before)
    fields = tuple(_changes(difference.before, difference.after, ""))
    return DocumentChange(api, kind, key, "changed", fields=fields) if fields else None


def _changes(before: Any, after: Any, pointer: str) -> Iterator[FieldChange]:
    """Each field that differs, as deep as both sides go together."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys((*before, *after)):
            below = f"{pointer}/{escape(name)}"
            yield from _changes(before.get(name, ABSENT), after.get(name, ABSENT), below)
    elif isinstance(before, list) and isinstance(after, list):
        for n in range(max(len(before), len(after))):
            old, new = (side[n] if n < len(side) else ABSENT for side in (before, after))
            yield from _changes(old, new, f"{pointer}/{n}")
    elif type(before) is not type(after) or before != after:
        yield FieldChange(pointer, before, after)
