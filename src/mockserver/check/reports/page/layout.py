"""Text and JSON of responses laid out for a page: direction, escapes, marks, lengths."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby, islice
from typing import Any

from msgspec import Struct

from mockserver.redaction import Mask

_RIGHT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
# Control characters, bidirectional overrides and lone surrogates.
_UNSEEN = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff"
# Right-to-left words and what stands between them; a quote or a bracket ends them.
_WORDS = f"[{_RIGHT}]+(?:[ \\d.,:;/%!?\u2013-]*[{_RIGHT}]+)*"
_PARTS = re.compile(f"({_WORDS})|([{_UNSEEN}])|[^{_RIGHT}{_UNSEEN}]+")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")


class Piece(Struct, frozen=True):
    """A part of a text, or of a line.

    In a text it is an `rtl` or `hidden` one, or of no kind; the text of a hidden one is its escape.
    In a line it is a `sign`, `key`, `string`, `number`, `word`, `text`, or a `note` of the report.
    """

    kind: str
    text: str


def split_runs(text: str, *, is_code: bool = False) -> Iterator[Piece]:
    """Split a text into parts of one direction.

    Prose without a Latin word is one part, since all of it runs from right to left. Code runs from
    left to right, whatever is in it.
    """
    right = "rtl" if is_code or _LATIN.search(text) else ""
    for part in _PARTS.finditer(text):
        words, unseen = part.groups()
        if unseen:
            yield Piece("hidden", f"\\u{ord(unseen):04x}")
        else:
            yield Piece(right if words else "", part[0])


def shorten(text: str, most: int) -> str:
    """Shorten a text to so many characters, and add how long it was."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"


Place = tuple[str | int, ...]
"""The path to a value inside another one: names and indices."""

_ITEMS, _MEMBERS, _DEPTH, _LINES, _LONGEST = 2, 40, 12, 120, 500


class Literal(str):
    """A number as it was written."""


def read_json(text: str) -> Any:
    """Parse JSON, its numbers with their literals. Raises ValueError and RecursionError."""

    def refuse(word: str) -> Any:
        raise ValueError(f"{word} is not JSON")

    return json.loads(text, parse_float=Literal, parse_constant=refuse)


class Line(Struct, frozen=True):
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
        lines = list(islice(self._layout_value((), value), _LINES + 1))
        if len(lines) > _LINES:
            lines[_LINES:] = [Line(0, (Piece("note", "… and more"),))]
        return lines

    @cached_property
    def _above(self) -> set[Place]:
        """The places that have a marked one below them."""
        places = (*self.wrong, *self.missing)
        return {place[:length] for place in places for length in range(len(place))}

    def _contains_mark(self, place: Place) -> bool:
        return place in self._above or place in self.wrong or place in self.missing

    def _layout_value(
        self,
        place: Place,
        value: Any,
        mark: str = "",
        before: tuple[Piece, ...] = (),
        after: tuple[Piece, ...] = (),
    ) -> Iterator[Line]:
        """The lines of a value; `before` comes in its first line, `after` in its last."""
        mark = "wrong" if place in self.wrong else mark
        depth = len(place)
        if not isinstance(value, dict | list) or not (value or place in self.missing):
            yield Line(depth, (*before, self._format_scalar(value), *after), mark)
        elif depth >= _DEPTH and not self._contains_mark(place):
            yield Line(depth, (*before, Piece("note", "{ … }"), *after), mark)
        else:
            signs = "{}" if isinstance(value, dict) else "[]"
            yield Line(depth, (*before, Piece("sign", signs[0])), mark)
            yield from self._layout_items(place, value, mark)
            yield Line(depth, (Piece("sign", signs[1]), *after), mark)

    def _layout_items(self, place: Place, value: Any, mark: str) -> Iterator[Line]:
        depth, is_object = len(place) + 1, isinstance(value, dict)
        items = list(value.items() if is_object else enumerate(value))
        # Of a list with a marked item, that item is enough.
        first = _MEMBERS if is_object else 0 if place in self._above else _ITEMS
        is_shown = [
            n < first or self._contains_mark((*place, key)) for n, (key, _) in enumerate(items)
        ]
        for shown, group in groupby(range(len(items)), is_shown.__getitem__):
            if not shown:
                yield Line(depth, (Piece("note", f"… {len(list(group)):,} more"),), mark)
                continue
            for n in group:
                key, item = items[n]
                before = (self._format_text("key", key), Piece("sign", ": ")) if is_object else ()
                after = (Piece("sign", ","),) if n < len(items) - 1 else ()
                yield from self._layout_value((*place, key), item, mark, before, after)
        for name in self.missing.get(place, ()):
            pieces = (self._format_text("key", name), Piece("note", "is missing"))
            yield Line(depth, pieces, "missing")

    def _format_scalar(self, value: Any) -> Piece:
        if isinstance(value, dict | list):
            return Piece("sign", "{}" if isinstance(value, dict) else "[]")
        if value is None or isinstance(value, bool):
            return Piece("word", json.dumps(value))
        if isinstance(value, str) and not isinstance(value, Literal):
            return self._format_text("string", value)
        return Piece("number", shorten(self.mask.text(str(value)), _LONGEST))

    def _format_text(self, kind: str, text: str) -> Piece:
        """Escape a text as JSON must, and no more: Arabic stays readable."""
        masked = shorten(self.mask.text(text), _LONGEST)
        return Piece(kind, json.dumps(masked, ensure_ascii=False)[1:-1])
