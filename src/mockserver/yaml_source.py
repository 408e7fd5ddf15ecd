"""YAML and JSON as JSON means it, with the line of every value.

Read are mappings, lists, and of the plain words those that YAML 1.2's core schema shares with JSON:
`null`, `true` and `false` in the core schema's spellings (`~`, nothing at all, `True`, `TRUE` ...),
decimal integers, and finite decimal numbers. Everything else is text: `on`, `12:30`, a date,
`0x1f`, `.inf`. A key is always text. `<<: *anchor` merges the anchor's mapping.

Refused are a tag wherever it stands, a key that stands twice or is no scalar, a number or a text
that JSON could not carry, more than one document, and what is nested or unfolds into too much.

JSON is YAML 1.2, but not what libyaml takes: JSON allows control characters such as DEL in a text,
and writes a character beyond 16 bits as two escapes. Both are read. JSON is parsed by `json`,
because that takes a thirtieth of the time; its lines are found when one is needed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Any, BinaryIO

import yaml
from msgspec import Struct

from mockserver.errors import YamlError
from mockserver.value_builder import (
    END,
    KEY,
    LIST,
    MAPPING,
    MAX_DEPTH,
    MAX_VALUES,
    MERGE,
    TOO_DEEP,
    VALUE,
    Builder,
    Event,
    check_size,
)

_MAX_DIGITS = 1_000


@dataclass(frozen=True)
class Source:
    """The value of a text, and the line of each value below it, by JSON Pointer."""

    data: Any
    find_lines: Callable[[], dict[str, int]] = dict

    @cached_property
    def lines(self) -> dict[str, int]:
        """The line of every value."""
        return self.find_lines()

    def line(self, pointer: str) -> int:
        """The line of a value, or of the nearest one above it that was written down."""
        while pointer and pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer, 1)


def decode(content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or UTF-32. Raises YamlError."""
    encoding = json.detect_encoding(content).removesuffix("-sig")
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        raise YamlError(
            line, f"the byte 0x{byte:02x} is no {encoding.upper()}; save the file as UTF-8"
        ) from None


def read_yaml(text: str) -> Source:
    """The value of a YAML or JSON text. Raises YamlError."""
    try:
        return Source(_read_json(text), lambda: _find_json_lines(text))
    except (ValueError, YamlError):  # no JSON, or such as must be refused: with its line
        return Source(Builder(read_events(text)).build(), lambda: _find_yaml_lines(text))


def _read_json(text: str) -> Any:
    """The value of a JSON text. Raises ValueError for what is no JSON, or no JSON of this kind."""
    if not text.lstrip().startswith(("{", "[")):
        raise ValueError
    try:
        data = json.loads(
            text,
            object_pairs_hook=_collect,
            parse_int=lambda text: read_integer(text, 1),
            parse_float=lambda text: read_number(text, 1),
            parse_constant=lambda text: read_number(text, 1),
        )
    except RecursionError:
        raise ValueError from None
    if text.count(",") + text.count(":") > MAX_VALUES or is_too_deep(data):
        raise ValueError
    if _SURROGATE.search(text):  # Raises UnicodeEncodeError for half of a pair
        json.dumps(data, ensure_ascii=False).encode()
    return data


_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")


def _collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    collected = dict(pairs)
    if len(collected) < len(pairs):
        raise ValueError
    return collected


def _find_json_lines(text: str) -> dict[str, int]:
    # In JSON such a character stands in a text, where an escape says the same.
    escaped = _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    try:
        return _find_yaml_lines(escaped)
    except YamlError:  # a key of more than 1024 characters, for example
        return {}


_UNPRINTABLE = re.compile("[\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")


def is_too_deep(data: Any) -> bool:
    """Whether a value from elsewhere is nested deeper than one that is read here may be."""
    level = [data]
    for _ in range(MAX_DEPTH + 2):
        collections = [item for item in level if isinstance(item, dict | list)]
        level = [
            child
            for item in collections
            for child in (item.values() if isinstance(item, dict) else item)
        ]
    return bool(collections)


def _find_yaml_lines(text: str) -> dict[str, int]:
    builder = Builder(read_events(text), keeps_lines=True)
    builder.build()
    return builder.lines


def read_events(text: str) -> Iterator[Event]:
    """The events of a YAML text, in which aliases are replaced. Raises YamlError."""
    try:
        yield from read_stream_events(text, escapes_surrogates=bool(_SURROGATE.search(text)))
    except UnicodeEncodeError as error:
        raise YamlError(text.count("\n", 0, error.start) + 1, _HALF_A_PAIR) from None


def read_stream_events(
    stream: str | BinaryIO, *, escapes_surrogates: bool = False
) -> Iterator[Event]:
    """The events of a YAML text in a file, likewise. Raises YamlError.

    PyYAML's own scanner takes the escapes of surrogates that libyaml refuses, in ten times the
    time.
    """
    loader = yaml.SafeLoader if escapes_surrogates else _LOADER
    try:
        yield from _mark_keys(_replace_aliases(_translate(yaml.parse(stream, Loader=loader))))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise YamlError(line, str(error.problem or error)) from None
    except yaml.YAMLError as error:
        raise YamlError(1, str(error).partition("\n")[0]) from None


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HALF_A_PAIR = "half of a surrogate pair is no character"
_SCALAR, _ALIAS = "scalar", "alias"
_KINDS = {
    yaml.ScalarEvent: _SCALAR,
    yaml.AliasEvent: _ALIAS,
    yaml.MappingStartEvent: MAPPING,
    yaml.SequenceStartEvent: LIST,
    yaml.MappingEndEvent: END,
    yaml.SequenceEndEvent: END,
}


def _translate(parsed: Iterable[Any]) -> Iterator[tuple[Event, str | None]]:
    """The events of one document, each with its anchor. A scalar is a text, and whether plain."""
    documents = 0
    for event in parsed:
        kind = _KINDS.get(type(event))
        line = event.start_mark.line + 1 if event.start_mark else 1
        if kind is None:
            documents += isinstance(event, yaml.DocumentStartEvent)
            if documents > 1:
                raise YamlError(line, "another document begins here; a file has one")
            continue
        if tag := getattr(event, "tag", None):  # an alias has no such attribute
            raise YamlError(line, f"the tag '{tag}' is not allowed")
        is_scalar = isinstance(event, yaml.ScalarEvent)
        value = (event.value, event.implicit[0]) if is_scalar else None
        yield (kind, value, line), getattr(event, "anchor", None)


def _replace_aliases(events: Iterable[tuple[Event, str | None]]) -> Iterator[Event]:
    """The events, with those of its anchor in the place of each alias."""
    anchored: dict[str, list[Event]] = {}
    recordings: list[_Recording] = []
    replaced = 0
    for (kind, value, line), anchor in events:
        new = [(kind, value, line)]
        if kind is _ALIAS:
            new = _find_anchored(anchored, recordings, anchor or "", line)
            replaced += len(new)
            check_size(line, 0, replaced)
        elif anchor is not None:
            if anchor in anchored:
                raise YamlError(line, f"the anchor '{anchor}' stands twice")
            anchored[anchor] = []
            recordings.append(_Recording(anchored[anchor]))
        for recording in recordings:
            recording.add(new)
        recordings = [recording for recording in recordings if recording.depth]
        yield from new


class _Recording(Struct):
    """The events of a value that has an anchor; `depth` is 0 when it is complete."""

    events: list[Event]
    depth: int = 0

    def add(self, new: list[Event]) -> None:
        self.events += new
        starts = sum(kind in (MAPPING, LIST) for kind, _, _ in new)
        self.depth += starts - sum(kind is END for kind, _, _ in new)


def _find_anchored(
    anchored: dict[str, list[Event]], recordings: list[_Recording], anchor: str, line: int
) -> list[Event]:
    if anchor not in anchored:
        raise YamlError(line, f"there is no anchor '{anchor}' before this alias")
    if any(recording.events is anchored[anchor] for recording in recordings):
        raise YamlError(line, TOO_DEEP)  # it is inside of what it stands for
    return anchored[anchor]


def _mark_keys(events: Iterable[Event]) -> Iterator[Event]:
    """The events with keys, and with the values of scalars."""
    expects_key: list[bool | None] = []  # of each collection that is open; None for a list
    for kind, value, line in events:
        if kind is END:
            expects_key.pop()
            yield END, None, line
            continue
        is_key = bool(expects_key) and expects_key[-1]
        if expects_key and expects_key[-1] is not None:
            expects_key[-1] = not is_key
        if is_key:
            yield _make_key(kind, value, line)
        elif kind is _SCALAR:
            yield VALUE, _read_scalar(value[0], line, is_plain=value[1]), line
        else:
            expects_key.append(True if kind is MAPPING else None)
            yield kind, None, line


def _make_key(kind: str, value: tuple[str, bool], line: int) -> Event:
    if kind is not _SCALAR:
        raise YamlError(line, "a key must be a plain word")
    text, is_plain = value
    name = join_surrogates(text, line)
    return (MERGE if name == "<<" and is_plain else KEY), name, line


_PLAIN = re.compile(
    r"(?P<null>~|null|Null|NULL|)"
    r"|(?P<false>false|False|FALSE)"
    r"|(?P<true>true|True|TRUE)"
    r"|(?P<integer>[-+]?[0-9]+)"
    r"|(?P<number>[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)"
)
_WORDS = {"null": None, "false": False, "true": True}


def _read_scalar(text: str, line: int, *, is_plain: bool) -> Any:
    """The value of a scalar, by YAML 1.2's core schema."""
    found = _PLAIN.fullmatch(text) if is_plain else None
    if found is None:
        return join_surrogates(text, line)
    kind = found.lastgroup or ""
    if kind in _WORDS:
        return _WORDS[kind]
    return read_integer(text, line) if kind == "integer" else read_number(text, line)


def join_surrogates(text: str, line: int) -> str:
    """A text whose surrogates, each from an escape of its own, are one character a pair.

    Raises YamlError for half of a pair.
    """
    if text.isascii() or not _SURROGATE.search(text):
        return text
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        raise YamlError(line, _HALF_A_PAIR) from None


def read_integer(text: str, line: int) -> int:
    """A whole number. Raises YamlError for one that is too long."""
    if len(text) > _MAX_DIGITS:
        raise YamlError(line, f"a number of {len(text)} digits is too large")
    return int(text)


def read_number(text: str, line: int) -> float:
    """A number. Raises YamlError for one that is too large."""
    number = float(text)
    if not isfinite(number):
        raise YamlError(line, f"the number {text} is too large")
    return number
