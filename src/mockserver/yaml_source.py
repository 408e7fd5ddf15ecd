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
from typing import Any

import yaml

from mockserver.errors import YamlError
from mockserver.json_pointer import escape

MAX_VALUES = 1_000_000
MAX_DEPTH = 100
_MAX_DIGITS = 1_000
TOO_DEEP = f"it is nested more than {MAX_DEPTH} deep"


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
        reader = _read_yaml(text)
        return Source(reader.data, lambda: reader.lines)


def _read_json(text: str) -> Any:
    """The value of a JSON text. Raises ValueError for what is no JSON, or no JSON of this kind."""
    if not text.lstrip().startswith(("{", "[")):
        raise ValueError
    try:
        data = json.loads(
            text,
            object_pairs_hook=_collect,
            parse_int=lambda text: _integer(text, 1),
            parse_float=lambda text: _number(text, 1),
            parse_constant=lambda text: _number(text, 1),
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
        return _read_yaml(escaped).lines
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


def _read_yaml(text: str) -> _Reader:
    try:
        return _Reader(_compose(text, _Loader))
    except YamlError as error:
        if "Unicode character escape" not in error.reason:
            raise
        # PyYAML's own scanner takes the escapes of surrogates that libyaml refuses, in ten times
        # the time.
        return _Reader(_compose(text, _PurePythonLoader))


def _compose(text: str, loader: Any) -> yaml.Node | None:
    try:
        _check(yaml.parse(text, Loader=loader))
        return yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise YamlError(line, str(error.problem or error)) from None
    except yaml.YAMLError as error:
        raise YamlError(1, str(error).partition("\n")[0]) from None
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise YamlError(line, _HALF_A_PAIR) from None


_HALF_A_PAIR = "half of a surrogate pair is no character"


def _check(events: Iterable[yaml.Event]) -> None:
    """Refuse a tag, and what is too deep or too much.

    Before anything is composed: the composer calls itself for each level, in C, so that a text of
    enough brackets would end the process.
    """
    depth = values = 0
    for event in events:
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if not isinstance(event, yaml.NodeEvent):
            continue
        values += 1
        _check_size(line, depth, values)
        if tag := getattr(event, "tag", None):  # an alias has no such attribute
            raise YamlError(line, f"the tag '{tag}' is not allowed")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1


def _check_size(line: int, depth: int, values: int) -> None:
    if depth > MAX_DEPTH:
        raise YamlError(line, TOO_DEEP)
    if values > MAX_VALUES:
        raise YamlError(line, f"it unfolds into more than {MAX_VALUES} values")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """PyYAML's safe loader, in C where there is one, with the scalars of YAML 1.2's core schema."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own way


class _PurePythonLoader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own way


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    for _class in (_Loader, _PurePythonLoader):
        _class.add_implicit_resolver(
            f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first
        )


class _Reader:
    """The value of a YAML text, and the lines of all values."""

    def __init__(self, root: yaml.Node | None) -> None:
        self.lines: dict[str, int] = {}
        self._visited = 0
        self.data = None if root is None else self._value(root, "", 0)

    def _value(self, node: yaml.Node, pointer: str, depth: int) -> Any:
        line = node.start_mark.line + 1
        self.lines[pointer] = line
        self._visit(line, depth)
        if isinstance(node, yaml.MappingNode):
            return dict(self._items(node, pointer, depth))
        if isinstance(node, yaml.SequenceNode):
            return [
                self._value(item, f"{pointer}/{n}", depth + 1) for n, item in enumerate(node.value)
            ]
        return _scalar(node, line)

    def _visit(self, line: int, depth: int) -> None:
        """Check the size once more, because aliases unfold only here."""
        self._visited += 1
        _check_size(line, depth, self._visited)

    def _items(self, node: yaml.MappingNode, pointer: str, depth: int) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise YamlError(line, "a key must be a plain word")
            name = _join_surrogates(key.value, line)
            if name in seen:
                raise YamlError(line, f"the key '{name}' stands twice")
            seen.add(name)
            if name == "<<" and not key.style and (merged := _merged(value)):
                own = {key.value for key, _ in node.value}
                for mapping in merged:
                    self._visit(line, depth)
                    for inherited, item in self._items(mapping, pointer, depth + 1):
                        if inherited not in own:
                            own.add(inherited)
                            yield inherited, item
                continue
            below = f"{pointer}/{escape(name)}"
            yield name, self._value(value, below, depth + 1)
            self.lines[below] = line


def _merged(value: yaml.Node) -> list[yaml.MappingNode]:
    """The mappings that a merge key names, the first of which wins; none where it is no merge."""
    nodes = value.value if isinstance(value, yaml.SequenceNode) else [value]
    mappings = [node for node in nodes if isinstance(node, yaml.MappingNode)]
    return mappings if len(mappings) == len(nodes) else []


def _scalar(node: yaml.Node, line: int) -> Any:
    text: str = node.value
    match node.tag.removeprefix("tag:yaml.org,2002:"):
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int":
            return _integer(text, line)
        case "float":
            return _number(text, line)
    return _join_surrogates(text, line)


def _join_surrogates(text: str, line: int) -> str:
    """A text whose surrogates, each from an escape of its own, are one character a pair."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        raise YamlError(line, _HALF_A_PAIR) from None


def _integer(text: str, line: int) -> int:
    if len(text) > _MAX_DIGITS:
        raise YamlError(line, f"a number of {len(text)} digits is too large")
    return int(text)


def _number(text: str, line: int) -> float:
    number = float(text)
    if not isfinite(number):
        raise YamlError(line, f"the number {text} is too large")
    return number
