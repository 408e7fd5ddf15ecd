"""A JSON value in lines, with some of its places marked, and what is like others left out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from mockserver.check.reports.page.text import cut
from mockserver.check.target.redaction import Mask

__all__ = ["Layout", "Line", "Piece", "Place", "Written", "read_json"]

Place = tuple[str | int, ...]
"""Where a value stands in another one: names and indices."""

_ITEMS, _MEMBERS, _DEPTH, _LINES, _LONGEST = 2, 40, 12, 120, 500


class Written(float):
    """A number that remembers how it was written."""

    literal = ""

    @classmethod
    def of(cls, literal: str) -> Written:
        """The number that a literal is."""
        number = cls(literal)
        number.literal = literal
        return number


def read_json(text: str) -> Any:
    """A JSON text's value, its numbers with their spelling. Raises ValueError, RecursionError."""

    def refuse(word: str) -> Any:
        raise ValueError(f"{word} is no JSON")

    return json.loads(text, parse_float=Written.of, parse_constant=refuse)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line: a `sign`, `key`, `string`, `number`, `word`, or a `note` of ours."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line, so many steps from the margin. `mark` is `wrong`, `missing` or nothing."""

    depth: int
    pieces: tuple[Piece, ...]
    mark: str = ""


@dataclass(frozen=True)
class Layout:
    """How a value is laid out: what is marked, what is missing where, and what is kept secret."""

    mask: Mask
    wrong: Sequence[Place] = ()
    missing: Mapping[Place, Sequence[str]] = field(default_factory=dict)

    def lines(self, value: Any) -> list[Line]:
        """The value's lines, of which there are not too many."""
        found = list(islice(self._value((), value, ()), _LINES + 1))
        if len(found) > _LINES:
            found[_LINES:] = [Line(0, (Piece("note", "… and more"),))]
        return found

    def _value(self, place: Place, value: Any, head: tuple[Piece, ...]) -> Iterator[Line]:
        """The lines of a value behind what stands before it in its first line."""
        mark = "wrong" if place in self.wrong else ""
        depth = len(place)
        if not isinstance(value, dict | list) or not (value or place in self.missing):
            yield Line(depth, (*head, self._scalar(value)), mark)
        elif depth >= _DEPTH and not self._leads(place):
            yield Line(depth, (*head, Piece("note", "{ … }")), mark)
        else:
            signs = "{}" if isinstance(value, dict) else "[]"
            yield Line(depth, (*head, Piece("sign", signs[0])), mark)
            for line in self._inside(place, value):
                yield replace(line, mark=line.mark or mark)
            yield Line(depth, (Piece("sign", signs[1]),), mark)

    def _inside(self, place: Place, value: Any) -> Iterator[Line]:
        is_object = isinstance(value, dict)
        items = list(value.items() if is_object else enumerate(value))
        shown = [n for n, (key, _) in enumerate(items) if self._is_shown((*place, key), n)]
        after = -1
        for n in shown:
            yield from self._gap(place, n - after - 1)
            after, (key, item) = n, items[n]
            head = (self._text("key", str(key)), Piece("sign", ": ")) if is_object else ()
            lines = list(self._value((*place, key), item, head))
            comma = (Piece("sign", ","),) if n < len(items) - 1 else ()
            lines[-1] = replace(lines[-1], pieces=lines[-1].pieces + comma)
            yield from lines
        yield from self._gap(place, len(items) - after - 1)
        for name in self.missing.get(place, ()):
            pieces = (self._text("key", name), Piece("note", "is missing"))
            yield Line(len(place) + 1, pieces, "missing")

    def _gap(self, place: Place, number: int) -> Iterator[Line]:
        if number:
            yield Line(len(place) + 1, (Piece("note", f"… {number:,} more"),))

    def _is_shown(self, place: Place, n: int) -> bool:
        if isinstance(place[-1], str):
            return n < _MEMBERS or self._leads(place)
        # Of a list in which something is marked, that is enough.
        few = 0 if self._leads(place[:-1]) else _ITEMS
        return n < few or self._leads(place) or self._is_inside(place)

    def _leads(self, place: Place) -> bool:
        """Whether something marked stands at a place or below it."""
        return any(one[: len(place)] == place for one in (*self.wrong, *self.missing))

    def _is_inside(self, place: Place) -> bool:
        """Whether a place stands in something marked, near its beginning."""
        above = any(place[: len(one)] == one for one in self.wrong)
        return above and isinstance(place[-1], int) and place[-1] < _ITEMS

    def _scalar(self, value: Any) -> Piece:
        if isinstance(value, str):
            return self._text("string", value)
        if isinstance(value, dict | list):
            return Piece("sign", "{}" if isinstance(value, dict) else "[]")
        if value is None or isinstance(value, bool):
            return Piece("word", json.dumps(value))
        literal = value.literal if isinstance(value, Written) else str(value)
        return Piece("number", cut(self.mask.text(literal), _LONGEST))

    def _text(self, kind: str, text: str) -> Piece:
        """A text as JSON escapes it, and no more: what is Arabic stays so."""
        masked = cut(self.mask.text(text), _LONGEST)
        return Piece(kind, json.dumps(masked, ensure_ascii=False)[1:-1])
