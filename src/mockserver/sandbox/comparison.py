"""Compares two worlds: their documents, and their settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from msgspec import Struct, field

from mockserver.clock import Clock, format_moment
from mockserver.json_pointer import ABSENT, escape
from mockserver.store import NO_PARTITION, Difference, Transaction, WorldRecord


class FieldChange(Struct, frozen=True):
    """A changed field, as a JSON Pointer, and its values; ABSENT where it does not exist."""

    field: str
    before: Any
    after: Any


class DocumentChange(Struct, frozen=True):
    """A document that was added, removed or changed.

    `body` is that of an added or removed document, `fields` are the changes of a changed one.
    """

    api: str
    kind: str
    key: str
    change: str
    body: dict[str, Any] | None = None
    fields: tuple[FieldChange, ...] = ()


class Comparison(Struct):
    """All changes are counted; `documents` has as many of them as the limit allows."""

    world: list[FieldChange] = field(default_factory=list)
    documents: list[DocumentChange] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: {"added": 0, "removed": 0, "changed": 0})

    @property
    def is_equal(self) -> bool:
        return not self.world and not any(self.counts.values())


def compare(
    transaction: Transaction, before: WorldRecord, after: WorldRecord, limit: int
) -> Comparison:
    """Compare two worlds, and list at most so many documents."""
    settings = _list_settings(before), _list_settings(after)
    comparison = Comparison(world=list(_compare_values(*settings, "")))
    partitions = [transaction.worlds.get_partitions(world.id) for world in (before, after)]
    for api in sorted({*partitions[0], *partitions[1]}):
        of_api = (of_world.get(api, NO_PARTITION) for of_world in partitions)
        for difference in transaction.partitions.find_differences(*of_api):
            change = _describe(api, difference)
            if change:
                comparison.counts[change.change] += 1
                if len(comparison.documents) < limit:
                    comparison.documents.append(change)
    return comparison


def _list_settings(record: WorldRecord) -> dict[str, Any]:
    return {
        "scenario": record.scenario,
        "seed": record.seed,
        "clock": _describe_clock(record.clock),
        "tokens": record.tokens,
        "mutations": list(record.mutations),
        "validation": record.validation,
        "upstreams": orjson.loads(record.upstreams or "{}"),
        "faults": [_describe_fault(rule) for rule in orjson.loads(record.faults or "[]")],
    }


def _describe_fault(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule of a fault, without the moment since which it holds."""
    return {name: value for name, value in rule.items() if name != "began"}


def _describe_clock(clock: Clock) -> dict[str, Any]:
    """The settings of a clock, without the time that passes by itself."""
    settings: dict[str, Any] = {"mode": clock.mode, "rate": float(clock.rate)}
    if clock.is_frozen:
        settings["now"] = format_moment(clock.virtual)
    elif clock.mode == "shifted":
        settings["offset"] = (clock.virtual - clock.real) / 1_000_000
    return settings


def _describe(api: str, difference: Difference) -> DocumentChange | None:
    kind, key = difference.kind, difference.key
    if difference.before is None:
        return DocumentChange(api, kind, key, "added", difference.after)
    if difference.after is None:
        return DocumentChange(api, kind, key, "removed", difference.before)
    # Bodies that differ as texts may still be equal, in the order of their names for instance.
    fields = tuple(_compare_values(difference.before, difference.after, ""))
    return DocumentChange(api, kind, key, "changed", fields=fields) if fields else None


def _compare_values(before: Any, after: Any, pointer: str) -> Iterator[FieldChange]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys((*before, *after)):
            below = f"{pointer}/{escape(name)}"
            yield from _compare_values(before.get(name, ABSENT), after.get(name, ABSENT), below)
    elif isinstance(before, list) and isinstance(after, list):
        for n in range(max(len(before), len(after))):
            old, new = (values[n] if n < len(values) else ABSENT for values in (before, after))
            yield from _compare_values(old, new, f"{pointer}/{n}")
    elif type(before) is not type(after) or before != after:
        yield FieldChange(pointer, before, after)
