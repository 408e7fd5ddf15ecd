"""Splits the JSON of a HAR into its entries, one after the other, without holding the file.

Only brackets and strings are looked at: an entry that is no JSON in itself does not spoil the
others, and of a file that was cut off all entries before the cut are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

_CHUNK = 2**20
_LARGEST_ENTRY = 256 * 2**20
_LARGEST_MEMBER = 2**16

# The quantifiers are possessive: a string whose end was not read yet is not searched for brackets.
# The group is then its quotation mark, and nothing at the end of what was read.
_BRACKET = re.compile(rb'[^"{}\[\]]*+(?:"[^"]*+"[^"{}\[\]]*+)*+([{}\[\]]|"|\Z)')
_STRING = re.compile(rb'"[^"]*+"')
_LITERAL = re.compile(rb'[^\s\0,:{}\[\]"]++')
_SPACE = re.compile(rb"(?:[\s\0]|\xef\xbb\xbf)*+")
_SEPARATORS = re.compile(rb"[\s\0,:]*+")


class NotHar(Exception):
    """The file has no entries of a HAR; the text says why."""


class _Stop(Exception):
    """Nothing after this can be read."""


@dataclass(frozen=True)
class RawEntry:
    """An entry as it stands in the file, from an offset on; empty where it is very large."""

    number: int
    offset: int
    content: bytes = field(repr=False)


class HarSplitter:
    """Reads the entries of a HAR in their order.

    `members` has the JSON of the log's other short members that were read so far; `fault` says why
    the file was not read to its end.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.members: dict[bytes, bytes] = {}
        self.fault = ""
        self._file = file
        self._buffer = b""
        self._marks = b""  # the buffer without escapes, in which each `"` is the border of a string
        self._position = 0
        self._base = 0  # the offset of the buffer in the file
        self._count = 0

    def split(self) -> Iterator[RawEntry]:
        """The entries. Raises NotHar."""
        has_log = has_entries = False
        try:
            if self._peek() != b"{":
                raise NotHar(self._describe_beginning())
            for key in self._iterate_members():
                if key != b"log" or self._peek() != b"{":
                    self._skip()
                    continue
                has_log = True
                for name in self._iterate_members():
                    if name == b"entries" and self._peek() == b"[":
                        has_entries = True
                        yield from self._iterate_entries()
                    elif (value := self._read(_LARGEST_MEMBER)) is None:
                        self._skip()
                    else:
                        self.members[name] = value
                break
        except _Stop as stop:
            self.fault = str(stop)
        if not has_entries:
            raise NotHar(self.fault or f"it has no '{'log.entries' if has_log else 'log'}'")

    def _describe_beginning(self) -> str:
        beginning = self._buffer[self._position : self._position + 20]
        text = beginning.decode("utf-8", "replace")
        return f"it begins with '{text}'" if text else "it is empty"

    def _iterate_members(self) -> Iterator[bytes]:
        """The names of an object's members; the position is then at the value."""
        self._position += 1
        while (first := self._peek(_SEPARATORS)) != b"}":
            if first != b'"':
                raise self._stop_here()
            name = self._read(_LARGEST_MEMBER)
            if name is None:
                self._skip()
            if self._peek(_SEPARATORS) in (b"}", b"]"):
                raise self._stop_here()
            yield name.strip(b'"') if name else b""
        self._position += 1

    def _iterate_entries(self) -> Iterator[RawEntry]:
        self._position += 1
        while (first := self._peek(_SEPARATORS)) != b"]":
            if first == b"}":
                raise self._stop_here()
            offset = self._base + self._position
            content = self._read(_LARGEST_ENTRY)
            if content is None:
                self._skip()
            yield RawEntry(self._count, offset, content or b"")
            self._count += 1
        self._position += 1

    def _peek(self, passed: re.Pattern[bytes] = _SPACE) -> bytes:
        """Pass over what a pattern matches; the byte after it, nothing in an empty file."""
        while True:
            self._pass_over(passed)
            if self._position < len(self._marks):
                return self._marks[self._position : self._position + 1]
            if not self._fill():
                if passed is _SEPARATORS:
                    raise self._stop_at_end()
                return b""

    def _pass_over(self, pattern: re.Pattern[bytes]) -> None:
        if match := pattern.match(self._marks, self._position):
            self._position = match.end()

    def _read(self, limit: int) -> bytes | None:
        """Read the value at the position; None where it is longer than the limit."""
        first = self._marks[self._position : self._position + 1]
        length = depth = 0
        while True:
            if first in (b"{", b"["):
                for match in _BRACKET.finditer(self._marks, self._position + length):
                    bracket = match[1]
                    if bracket in (b"{", b"["):
                        depth += 1
                    elif bracket in (b'"', b""):
                        break
                    else:
                        depth -= 1
                        if depth == 0:
                            return self._take(match.end())
                    length = match.end() - self._position
            elif first == b'"':
                if found := _STRING.match(self._marks, self._position):
                    return self._take(found.end())
            elif (found := _LITERAL.match(self._marks, self._position)) and (
                found.end() < len(self._marks)
            ):
                return self._take(found.end())
            if len(self._marks) - self._position > limit:
                return None
            if not self._fill():
                raise self._stop_at_end()

    def _take(self, end: int) -> bytes:
        content = self._buffer[self._position : end]
        self._position = end
        return content

    def _skip(self) -> None:
        """Pass over the value at the position, however long it is."""
        first = self._peek()
        is_in_string, is_literal, depth = first == b'"', first not in (b'"', b"{", b"["), 0
        self._position += is_in_string
        while True:
            if is_literal:
                self._pass_over(_LITERAL)
                if self._position < len(self._marks):
                    return
            elif is_in_string:
                end = self._marks.find(b'"', self._position)
                is_in_string = end < 0
                self._position = len(self._marks) if is_in_string else end + 1
                if not is_in_string and depth == 0:
                    return
            elif match := _BRACKET.match(self._marks, self._position):
                self._position = match.end()
                is_in_string = match[1] == b'"'
                depth += (match[1] in (b"{", b"[")) - (match[1] in (b"}", b"]"))
                if depth == 0 and match[1] in (b"}", b"]"):
                    return
            if self._position == len(self._marks) and not self._fill():
                raise self._stop_at_end()

    def _fill(self) -> bool:
        """Read on, more the longer the value is; False at the end of the file."""
        more = self._file.read(max(_CHUNK, len(self._buffer) - self._position))
        while more.endswith(b"\\") and (following := self._file.read(1)):
            more += following
        self._base += self._position
        self._buffer = self._buffer[self._position :] + more
        # Both replacements keep every offset.
        marks = more.replace(rb"\\", b"__").replace(rb"\"", b"__")
        self._marks = self._marks[self._position :] + marks
        self._position = 0
        return bool(more)

    def _stop_here(self) -> _Stop:
        return _Stop(f"it is no JSON from byte {self._base + self._position} on")

    def _stop_at_end(self) -> _Stop:
        return _Stop(f"it ends within log.entries[{self._count}]: it was cut off")
