"""A YAML or JSON text that is too long to be held in memory, with lists that are read by item."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, BinaryIO

import ijson
import ijson.backends.python as ijson_python
from msgspec import Struct

from mockserver.errors import YamlError
from mockserver.value_builder import (
    END,
    KEY,
    LIST,
    MAPPING,
    VALUE,
    Builder,
    Event,
    Row,
    RowReader,
)
from mockserver.yaml_source import (
    Source,
    join_surrogates,
    read_stream_events,
)

_CHUNK = 64 * 1024
_JSON_CHUNK = 4 * 1024
"""Small, because nothing else runs while a chunk is parsed."""
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""Neither YAML nor JSON may have them, and ijson's parser in C takes some for white space."""
_LONG_NUMBER = re.compile(rb"[0-9]{19}")
_MAX_REASON = 100
_OVERLAP = 18
"""So long is what is looked for across the border of two chunks."""
_JSON_KINDS = {"start_map": MAPPING, "start_array": LIST, "end_map": END, "end_array": END}


class StreamedText:
    """A text in a file. `rows` says which of its lists are read item by item, by their pointers.

    With `is_json` it is JSON; otherwise YAML, or JSON of which a YAML parser does not take all. It
    is read from the file each time.
    """

    def __init__(self, file: BinaryIO, rows: str, *, is_json: bool) -> None:
        self._file = file
        self._rows = re.compile(rows)
        self.is_json = is_json

    @cached_property
    def digest(self) -> str:
        """A digest of the text. Raises YamlError unless it is a text in UTF-8."""
        return self._scan.digest

    @cached_property
    def source(self) -> Source:
        """The value of the text, its rows left out. Raises YamlError."""
        try:
            return self.read_rows(lambda _: None)
        except YamlError:
            if self.is_json:
                raise
            self.is_json = True
            try:
                return self.read_rows(lambda _: None)
            except YamlError:
                self.is_json = False
            raise

    def read_rows(self, take: Callable[[Row], None]) -> Source:
        """Call a function with each row; the value of the text without them. Raises YamlError."""
        rows = RowReader(self._rows, take, keeps_lines=not self.is_json)
        return Source(Builder(self._read_events(), rows=rows).build(), self._find_lines)

    def contains(self, pattern: re.Pattern[bytes]) -> bool:
        """Whether the bytes of the text may have a short pattern."""
        file, before = self._rewind(), b""
        while chunk := file.read(_CHUNK):
            if pattern.search(before + chunk):
                return True
            before = chunk[-_OVERLAP:]
        return False

    def _find_lines(self) -> dict[str, int]:
        if self.is_json:
            return {}
        rows = RowReader(self._rows, lambda _: None, keeps_lines=False)
        builder = Builder(self._read_events(), keeps_lines=True, rows=rows)
        builder.build()
        return builder.lines

    @cached_property
    def _scan(self) -> _Scan:
        return _scan(self._rewind())

    def _rewind(self) -> BinaryIO:
        self._file.seek(0)
        return self._file

    def _read_events(self) -> Iterator[Event]:
        scan = self._scan
        if scan.fault:
            raise scan.fault
        if self.is_json:
            parser = ijson_python if scan.escapes_surrogates or scan.has_long_numbers else ijson
            return _read_json_events(self._rewind(), parser)
        return read_stream_events(self._rewind(), escapes_surrogates=scan.escapes_surrogates)


class _Scan(Struct, frozen=True):
    """What is known of a text without parsing it; `fault` is why it need not be parsed."""

    digest: str
    escapes_surrogates: bool
    has_long_numbers: bool
    fault: YamlError | None


def _scan(file: BinaryIO) -> _Scan:
    digest = hashlib.blake2b(digest_size=8)
    decoder = codecs.getincrementaldecoder("utf-8")()
    escapes_surrogates = has_long_numbers = False
    before, line, fault = b"", 1, None
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            line += error.object.count(b"\n", 0, error.start)
            reason = f"it is not UTF-8: there is the byte 0x{error.object[error.start]:02x}"
            raise YamlError(line, reason) from None
        if not fault and (control := _CONTROL.search(chunk)):
            at = line + chunk.count(b"\n", 0, control.start())
            fault = YamlError(at, f"it has the control character 0x{control[0][0]:02x}")
        line += chunk.count(b"\n")
        together = before + chunk
        escapes_surrogates = escapes_surrogates or bool(_SURROGATE_ESCAPE.search(together))
        has_long_numbers = has_long_numbers or bool(_LONG_NUMBER.search(together))
        before = together[-_OVERLAP:]
    if decoder.getstate()[0]:
        raise YamlError(line, "it is not UTF-8: it ends in the middle of a character")
    return _Scan(digest.hexdigest(), escapes_surrogates, has_long_numbers, fault)


def _read_json_events(file: BinaryIO, parser: Any) -> Iterator[Event]:
    """The events of a JSON text, all in line 1. Raises YamlError.

    ijson's parser in C would replace half of a surrogate pair by a question mark, and does not take
    whole numbers beyond 64 bits; with `Decimal` for numbers it ends the process at 5,000 digits.
    """
    try:
        for kind, value in parser.basic_parse(file, buf_size=_JSON_CHUNK, use_float=True):
            if kind in _JSON_KINDS:
                yield _JSON_KINDS[kind], None, 1
            else:
                text = join_surrogates(value, 1) if isinstance(value, str) else value
                yield KEY if kind == "map_key" else VALUE, text, 1
    except (ijson.JSONError, ValueError) as error:
        raise YamlError(1, _explain(str(error).partition("\n")[0])) from None


def _explain(reason: str) -> str:
    if "overflow" in reason:
        return "a number is too large"
    return f"it is not JSON: {reason[:_MAX_REASON]}"
