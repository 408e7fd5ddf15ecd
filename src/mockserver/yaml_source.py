"""YAML as JSON means it, with the line of every value.

Read are mappings, lists, and of the words that stand without quotes those which YAML 1.2's core
schema shares with JSON: `null`, `true` and `false` in the core schema's spellings (`~`, nothing at
all, `True`, `TRUE` …), decimal integers, and finite decimal numbers. Everything else is the text
that was written: `on`, `12:30`, a date, `0x1f`, `.inf`, `<<`. A key is always a text.

Refused are a tag wherever it stands, a key that stands twice or is no word, a number or a text that
JSON could not carry, more than one document, and what is nested or unfolds into too much.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

import yaml

from mockserver.errors import YamlError
from mockserver.json_pointer import escape

__all__ = ["TOO_DEEP", "Source", "YamlError", "is_too_deep", "read"]

MAX_VALUES = 1_000_000
MAX_DEPTH = 100
_MAX_DIGITS = 1_000
TOO_DEEP = f"it is nested more than {MAX_DEPTH} deep"


@dataclass(frozen=True, slots=True)
class Source:
    """What a text says, and in which line each value stands, by JSON Pointer."""

    data: Any
    lines: dict[str, int]

    def line(self, pointer: str) -> int:
        """The line of a value, or of the nearest thing above it that was written down."""
        while pointer and pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer, 1)


def read(text: str) -> Source:
    """What a YAML text says. Raises YamlError."""
    root = _compose(text)
    reader = _Reader()
    return Source(None if root is None else reader.value(root, "", 0), reader.lines)


def is_too_deep(data: Any) -> bool:
    """Whether a value from elsewhere is nested deeper than one that is read here may be."""
    level, depth = _collections([data]), 0
    while level and depth <= MAX_DEPTH:
        level = [
            child
            for item in level
            for child in _collections(item.values() if isinstance(item, dict) else item)
        ]
        depth += 1
    return bool(level)


def _collections(items: Iterable[Any]) -> list[Any]:
    return [item for item in items if isinstance(item, dict | list)]


def _compose(text: str) -> yaml.Node | None:
    try:
        _check(yaml.parse(text, Loader=_Loader))
        return yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise YamlError(line, str(error.problem or error)) from None
    except yaml.YAMLError as error:
        raise YamlError(1, str(error).partition("\n")[0]) from None
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise YamlError(line, "half of a surrogate pair is no character") from None


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
        if tag := getattr(event, "tag", None):  # an alias has none to ask for
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


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first
    )


class _Reader:
    def __init__(self) -> None:
        self.lines: dict[str, int] = {}

    def value(self, node: yaml.Node, pointer: str, depth: int) -> Any:
        line = node.start_mark.line + 1
        self.lines[pointer] = line
        _check_size(line, depth, len(self.lines))  # once more, because aliases unfold here
        if isinstance(node, yaml.MappingNode):
            return dict(self.items(node, pointer, depth))
        if isinstance(node, yaml.SequenceNode):
            return [
                self.value(item, f"{pointer}/{n}", depth + 1) for n, item in enumerate(node.value)
            ]
        return _scalar(node, line)

    def items(self, node: yaml.MappingNode, pointer: str, depth: int) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise YamlError(line, "a key must be a plain word")
            if key.value in seen:
                raise YamlError(line, f"the key '{key.value}' stands twice")
            seen.add(key.value)
            below = f"{pointer}/{escape(key.value)}"
            yield key.value, self.value(value, below, depth + 1)
            self.lines[below] = line


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
    return text


def _integer(text: str, line: int) -> int:
    if len(text) > _MAX_DIGITS:
        raise YamlError(line, f"a number of {len(text)} digits is too large")
    return int(text)


def _number(text: str, line: int) -> float:
    number = float(text)
    if not isfinite(number):
        raise YamlError(line, f"the number {text} is too large")
    return number
