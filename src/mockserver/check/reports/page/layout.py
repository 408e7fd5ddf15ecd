"""Text and JSON of responses laid out for a page: direction, escapes, marks, lengths."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from mockserver.check.target.redaction import Mask

PLAIN, RTL, HIDDEN = "", "rtl", "hidden"

_RIGHT = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"
# Right-to-left words and what stands between them; a quote or a bracket ends them.
_WORDS = f"{_RIGHT}+(?:[ \\d.,:;/%!?\u2013-]*{_RIGHT}+)*"
# Control characters, bidirectional overrides and lone surrogates.
_UNSEEN = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
_PARTS = re.compile(f"({_WORDS})|({_UNSEEN})")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")


@dataclass(frozen=True, slots=True)
class Run:
    """A part of a text: `PLAIN`, `RTL`, or `HIDDEN`, whose text is its escape."""

    kind: str
    text: str


def split_runs(text: str, *, is_code: bool = False) -> Iterator[Run]:
    """Split a text into parts of one direction.

    Prose without a Latin word is one part, since all of it runs from right to left. Code runs from
    left to right, whatever is in it.
    """
    right = RTL if is_code or _LATIN.search(text) else PLAIN
    end = 0
    for found in _PARTS.finditer(text):
        if found.start() > end:
            yield Run(PLAIN, text[end : found.start()])
        words, unseen = found.groups()
        yield Run(right, words) if words else Run(HIDDEN, f"\\u{ord(unseen):04x}")
        end = found.end()
    if end < len(text):
        yield Run(PLAIN, text[end:])


def shorten(text: str, most: int) -> str:
    """Shorten a text to so many characters, and add how long it was."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"


Place = tuple[str | int, ...]
"""The path to a value inside another one: names and indices."""

_ITEMS, _MEMBERS, _DEPTH, _LINES, _LONGEST = 2, 40, 12, 120, 500


class LiteralFloat(float):
    """A number that keeps its literal."""

    literal = ""

    @classmethod
    def parse(cls, literal: str) -> LiteralFloat:
        """Parse a literal."""
        number = cls(literal)
        number.literal = literal
        return number


def read_json(text: str) -> Any:
    """Parse JSON, its numbers with their literals. Raises ValueError and RecursionError."""

    def refuse(word: str) -> Any:
        raise ValueError(f"{word} is not JSON")

    return json.loads(text, parse_float=LiteralFloat.parse, parse_constant=refuse)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line: a `sign`, `key`, `string`, `number`, `word`, or a `note` of the report."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line and its depth. `mark` is `wrong`, `missing` or empty."""

    depth: int
    pieces: tuple[Piece, ...]
    mark: str = ""


@dataclass(frozen=True)
class JsonLayout:
    """Lays out a JSON value: which places are marked, what is missing where, what is redacted."""

    mask: Mask
    wrong: Sequence[Place] = ()
    missing: Mapping[Place, Sequence[str]] = field(default_factory=dict)

    def make_lines(self, value: Any) -> list[Line]:
        """The lines of a value, up to a limit."""
        lines = list(islice(self._layout_value((), value, ()), _LINES + 1))
        if len(lines) > _LINES:
            lines[_LINES:] = [Line(0, (Piece("note", "… and more"),))]
        return lines

    def _layout_value(self, place: Place, value: Any, head: tuple[Piece, ...]) -> Iterator[Line]:
        """The lines of a value; `head` comes before it in its first line."""
        mark = "wrong" if place in self.wrong else ""
        depth = len(place)
        if not isinstance(value, dict | list) or not (value or place in self.missing):
            yield Line(depth, (*head, self._format_scalar(value)), mark)
        elif depth >= _DEPTH and not self._contains_mark(place):
            yield Line(depth, (*head, Piece("note", "{ … }")), mark)
        else:
            signs = "{}" if isinstance(value, dict) else "[]"
            yield Line(depth, (*head, Piece("sign", signs[0])), mark)
            for line in self._layout_items(place, value):
                yield replace(line, mark=line.mark or mark)
            yield Line(depth, (Piece("sign", signs[1]),), mark)

    def _layout_items(self, place: Place, value: Any) -> Iterator[Line]:
        is_object = isinstance(value, dict)
        items = list(value.items() if is_object else enumerate(value))
        shown = [n for n, (key, _) in enumerate(items) if self._is_shown((*place, key), n)]
        after = -1
        for n in shown:
            yield from self._layout_gap(place, n - after - 1)
            after, (key, item) = n, items[n]
            head = (self._format_text("key", str(key)), Piece("sign", ": ")) if is_object else ()
            lines = list(self._layout_value((*place, key), item, head))
            comma = (Piece("sign", ","),) if n < len(items) - 1 else ()
            lines[-1] = replace(lines[-1], pieces=lines[-1].pieces + comma)
            yield from lines
        yield from self._layout_gap(place, len(items) - after - 1)
        for name in self.missing.get(place, ()):
            pieces = (self._format_text("key", name), Piece("note", "is missing"))
            yield Line(len(place) + 1, pieces, "missing")

    def _layout_gap(self, place: Place, number: int) -> Iterator[Line]:
        if number:
            yield Line(len(place) + 1, (Piece("note", f"… {number:,} more"),))

    def _is_shown(self, place: Place, n: int) -> bool:
        if isinstance(place[-1], str):
            return n < _MEMBERS or self._contains_mark(place)
        # Of a list with a marked item, that item is enough.
        few = 0 if self._contains_mark(place[:-1]) else _ITEMS
        return n < few or self._contains_mark(place) or self._is_inside(place)

    def _contains_mark(self, place: Place) -> bool:
        """Whether a marked value is at a place or below it."""
        return any(one[: len(place)] == place for one in (*self.wrong, *self.missing))

    def _is_inside(self, place: Place) -> bool:
        """Whether a place is in a marked list, near its beginning."""
        above = any(place[: len(one)] == one for one in self.wrong)
        return above and isinstance(place[-1], int) and place[-1] < _ITEMS

    def _format_scalar(self, value: Any) -> Piece:
        if isinstance(value, str):
            return self._format_text("string", value)
        if isinstance(value, dict | list):
            return Piece("sign", "{}" if isinstance(value, dict) else "[]")
        if value is None or isinstance(value, bool):
            return Piece("word", json.dumps(value))
        literal = value.literal if isinstance(value, LiteralFloat) else str(value)
        return Piece("number", shorten(self.mask.text(literal), _LONGEST))

    def _format_text(self, kind: str, text: str) -> Piece:
        """Escape a text as JSON must, and no more: Arabic stays readable."""
        masked = shorten(self.mask.text(text), _LONGEST)
        return Piece(kind, json.dumps(masked, ensure_ascii=False)[1:-1])
