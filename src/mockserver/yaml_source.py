"""YAML as JSON means it, with the line of every value.

The schema is YAML 1.2's core schema: `on` is a word, `12:30` is a text, a date is the text that was
written. Nothing is ever constructed but dicts, lists, strings, numbers, booleans and null; a key
that stands twice, a tag, or a text that unfolds into too much is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

import yaml

from mockserver.json_pointer import escape

__all__ = ["Source", "YamlError", "read"]

MAX_VALUES = 1_000_000
MAX_DEPTH = 100
_MAX_DIGITS = 1_000


class YamlError(Exception):
    """A text is not YAML, or not YAML of this kind; `line` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        self.line = line
        self.reason = reason
        super().__init__(f"line {line}: {reason}")


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
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise YamlError(line, str(error.problem or error)) from None
    except yaml.YAMLError as error:
        raise YamlError(1, str(error).partition("\n")[0]) from None
    except RecursionError:
        raise YamlError(1, "it is nested too deeply") from None
    reader = _Reader()
    return Source(None if root is None else reader.value(root, "", 0), reader.lines)


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
        if depth > MAX_DEPTH:
            raise YamlError(line, f"it is nested more than {MAX_DEPTH} deep")
        if len(self.lines) > MAX_VALUES:
            raise YamlError(line, f"it unfolds into more than {MAX_VALUES} values")
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
    tag = node.tag.removeprefix("tag:yaml.org,2002:")
    text: str = node.value
    match tag:
        case "str":
            return text
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int" if len(text) <= _MAX_DIGITS:
            return int(text)
        case "int":
            raise YamlError(line, f"a number of {len(text)} digits is too large")
        case "float" if isfinite(number := float(text)):
            return number
        case "float":
            raise YamlError(line, f"the number {text} is too large")
    raise YamlError(line, f"the tag '{node.tag}' is not allowed")
