"""Builds a value out of the events of a parser, within limits.

The items of chosen lists, the rows, are not kept: each is passed on as soon as it is there, so that
a text of any size can be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from mockserver.errors import YamlError
from mockserver.json_pointer import escape

MAX_VALUES = 1_000_000
"""The maximum number of values in a text without its rows, or in one row."""
MAX_DEPTH = 100
TOO_DEEP = f"it is nested more than {MAX_DEPTH} deep"

MAPPING, LIST, END, KEY, MERGE, VALUE = "mapping", "list", "end", "key", "merge", "value"
Event = tuple[str, Any, int]
"""What comes next in a text, the key or the value of a scalar, and the line from 1."""


class Row(Struct, frozen=True):
    """An item of a list that is read item by item. `lines` is by the pointer below the item."""

    list: str
    index: int
    value: Any
    lines: Mapping[str, int]


class RowReader(Struct, frozen=True):
    """Which lists are read item by item, by their pointers, and what is called with each item."""

    lists: re.Pattern[str]
    take: Callable[[Row], None]
    keeps_lines: bool


class Builder(Struct):
    """Builds one value; `lines` has the line of each value in it by JSON Pointer, if it is kept."""

    events: Iterator[Event]
    keeps_lines: bool = False
    rows: RowReader | None = None
    lines: dict[str, int] = field(default_factory=dict)
    _values: int = 0

    def build(self) -> Any:
        """The value; None for a text without one. Raises YamlError."""
        first = next(self.events, None)
        value = None if first is None else self._build(first, "", 0)
        for _ in self.events:  # the parser may find a fault behind the value
            pass
        return value

    def _build(self, event: Event, pointer: str, depth: int) -> Any:
        kind, value, line = event
        self._values += 1
        check_size(line, depth, self._values)
        if self.keeps_lines:
            self.lines[pointer] = line
        if kind is VALUE:
            return value
        return (self._build_mapping if kind is MAPPING else self._build_list)(pointer, depth)

    def _build_mapping(self, pointer: str, depth: int) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        merged: _Merged | None = None
        for kind, name, line in self.events:
            if kind is END:
                break
            if name in mapping:
                raise YamlError(line, f"the key '{name}' stands twice")
            below = f"{pointer}/{escape(name)}"
            if kind is MERGE:
                merged = self._build_merged(depth)
                mapping[name] = merged.value
            else:
                mapping[name] = self._build(next(self.events), below, depth + 1)
            if self.keeps_lines:
                self.lines[below] = line
        return self._merge(mapping, merged, pointer) if merged else mapping

    def _build_merged(self, depth: int) -> _Merged:
        outer, self.lines = self.lines, {}
        value = self._build(next(self.events), "", depth + 1)
        lines, self.lines = self.lines, outer
        return _Merged(value, lines)

    def _merge(self, mapping: dict[str, Any], merged: _Merged, pointer: str) -> dict[str, Any]:
        """The mapping with what its merge key brings, in the place of that."""
        if not merged.mappings:  # the key is one like others
            self.lines |= {f"{pointer}/<<{place}": line for place, line in merged.lines.items()}
            return mapping
        self.lines.pop(f"{pointer}/<<", None)
        result: dict[str, Any] = {}
        places: set[str] = set()
        for name, value in mapping.items():
            if name != "<<":
                result[name] = value
                continue
            for place, inherited, item in merged.list_items():
                if inherited not in mapping and inherited not in result:
                    result[inherited] = item
                    places.add(place)
        self.lines |= {pointer + place: line for place, line in merged.cut_lines(places)}
        return result

    def _build_list(self, pointer: str, depth: int) -> list[Any]:
        items: list[Any] = []
        rows = self.rows if self.rows and self.rows.lists.fullmatch(pointer) else None
        for n, event in enumerate(self.events):
            if event[0] is END:
                break
            if rows:
                rows.take(self._build_row(event, pointer, n, depth + 1))
            else:
                items.append(self._build(event, f"{pointer}/{n}", depth + 1))
        return items

    def _build_row(self, event: Event, pointer: str, n: int, depth: int) -> Row:
        outer = self.lines, self.keeps_lines, self._values, self.rows
        self.lines, self.keeps_lines, self._values = (
            {},
            bool(self.rows and self.rows.keeps_lines),
            0,
        )
        self.rows = None
        value = self._build(event, "", depth)
        row = Row(pointer, n, value, self.lines)
        self.lines, self.keeps_lines, self._values, self.rows = outer
        return row


class _Merged(Struct, frozen=True):
    """The value of a merge key: a mapping, a list of them, or no such thing. With its lines."""

    value: Any
    lines: Mapping[str, int]

    @property
    def mappings(self) -> list[tuple[str, dict[str, Any]]]:
        """The mappings with their places; none unless the value is nothing else."""
        parts = self.value if isinstance(self.value, list) else [self.value]
        if not all(isinstance(part, dict) for part in parts):
            return []
        is_list = isinstance(self.value, list)
        return [(f"/{n}" if is_list else "", part) for n, part in enumerate(parts)]

    def list_items(self) -> Iterator[tuple[str, str, Any]]:
        """The place, the key and the value of all that the mappings have."""
        for place, mapping in self.mappings:
            for name, value in mapping.items():
                yield f"{place}/{escape(name)}", name, value

    def cut_lines(self, places: Collection[str]) -> Iterator[tuple[str, int]]:
        """The lines of what is at some of these places, or in it, by pointers below the mapping."""
        tokens = 3 if isinstance(self.value, list) else 2
        for place, line in self.lines.items():
            *above, name = place.split("/", tokens)[:tokens]
            if "/".join([*above, name]) in places:
                yield place[len("/".join(above)) :], line


def check_size(line: int, depth: int, values: int) -> None:
    """Raise YamlError for what is too deep, or too much."""
    if depth > MAX_DEPTH:
        raise YamlError(line, TOO_DEEP)
    if values > MAX_VALUES:
        raise YamlError(line, f"it unfolds into more than {MAX_VALUES} values")


def is_nested_deeper(value: Any, levels: int) -> bool:
    """Whether JSON has lists and objects inside each other on more levels than these."""
    containers = [value] if isinstance(value, Mapping | list) else []
    for _ in range(levels):
        containers = [
            child
            for container in containers
            for child in (container.values() if isinstance(container, Mapping) else container)
            if isinstance(child, Mapping | list)
        ]
    return bool(containers)
