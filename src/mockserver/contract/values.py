"""Texts of parameters and forms, read as the values that a schema describes.

A text that cannot be read as its schema's type stays the text it is, so that the schema refuses it
and the client sees what it sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from mockserver.contract.node import Node

Fields = Sequence[tuple[str, str]]
"""The fields of a query or a form, decoded, in their order."""

DELIMITERS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}

LEVELS_IN_BRACKETS = 4

_ANY_TYPE = ("string", "integer", "number", "boolean")
"""The types that are tried where a schema names none: as text first."""

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_MAX_DIGITS = 400


@dataclass(frozen=True, slots=True)
class Shape:
    """What of a schema decides how a text is read.

    `types` are those of all its alternatives, `string` last, because it takes any text. A schema
    may contain itself, so that only some levels below are known. `schema` has the keywords of those
    levels, references followed and the parts of `allOf` merged.
    """

    types: tuple[str, ...] = ()
    items: Shape | None = None
    properties: Mapping[str, Shape] = field(default_factory=dict)
    others: Shape | None = None
    is_binary: bool = False
    schema: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


_NO_SHAPE = Shape()
_STRUCTURE = {"allOf", "items", "properties", "additionalProperties"}


def read_shape(schema: Node, levels: int = 1) -> Shape:
    """The shape of a schema, with so many levels below it. Raises ContractError."""
    # A written type holds for all alternatives.
    kind = schema.text("type", "")
    parts = [read_shape(part, levels) for part in schema.items("allOf", "schema")]
    alternatives = [
        read_shape(part, levels)
        for keyword in ("anyOf", "oneOf")
        for part in schema.items(keyword, "schema")
    ]
    types = [kind] if kind else [it for part in parts for it in part.types]
    types = types or [it for part in alternatives for it in part.types]
    every = [*parts, *alternatives]
    own = {key: value for key, value in schema.value.items() if key not in _STRUCTURE}
    items, properties, others = None, dict[str, Shape](), None
    if levels:
        if "items" in schema.value:
            items = read_shape(schema.child("items", "schema"), levels - 1)
            own["items"] = items.schema
        properties = {
            name: read_shape(child, levels - 1)
            for name, child in schema.children("properties", "schema").items()
        }
        if not isinstance(schema.value.get("additionalProperties", True), bool):
            others = read_shape(schema.child("additionalProperties", "schema"), levels - 1)
            own["additionalProperties"] = others.schema
    if properties:
        own["properties"] = {name: shape.schema for name, shape in properties.items()}
    merged: dict[str, Any] = {}
    for flat in (*(part.schema for part in parts), own):
        names = {**merged.get("properties", {}), **flat.get("properties", {})}
        merged |= {**flat, "properties": names} if names else flat
    inherited = {name: shape for part in every for name, shape in part.properties.items()}
    return Shape(
        types=tuple(sorted(dict.fromkeys(types), key=lambda kind: kind == "string")),
        items=items or next((part.items for part in every if part.items), None),
        properties=inherited | properties,
        others=others or next((part.others for part in every if part.others), None),
        is_binary=schema.value.get("format") == "binary" or any(part.is_binary for part in every),
        schema=merged,
    )


def read_form(document: Mapping[str, Any], pointer: str) -> Shape:
    """The shape of the schema of a form."""
    return read_shape(Node.at(document, pointer, "schema"), LEVELS_IN_BRACKETS)


def read_value(text: str, shape: Shape) -> Any:
    """A text as the first of its types that it can be read as, or itself."""
    for kind in shape.types:
        value = _read_primitive(text, kind)
        if kind == "string" or not isinstance(value, str):
            return value
    return text


def read_text(
    text: str, shape: Shape, split: Callable[[str], list[str]], *, explode: bool
) -> list[Any]:
    """The values that one text can mean, the likeliest first."""
    values = [
        _read_as(kind, text, shape, split, explode=explode) for kind in shape.types or _ANY_TYPE
    ]
    return values if len(values) == 1 else _without_repetition(values)


def read_fields(fields: Fields, name: str, shape: Shape, style: str, *, explode: bool) -> list[Any]:
    """The values that fields can mean for a parameter or a property; none when it is not there."""
    if style == "deepObject" and (tree := _grow_tree(fields, name)):
        return [_read_tree(tree, shape)]
    texts = [text for field_name, text in fields if field_name == name]
    if not texts and "object" not in shape.types:
        return []
    values: list[Any] = []
    for kind in shape.types or _ANY_TYPE:
        if kind == "object" and (explode or style == "deepObject"):
            own = [(key, text) for key, text in fields if key in shape.properties]
            values += [_read_object(own, shape)] if own and style != "deepObject" else []
        elif not texts:
            continue
        elif kind == "array" and explode:
            values.append(_read_array(texts, shape))
        else:
            # Of a repeated name, the last one counts.
            split = split_at(DELIMITERS.get(style, ","))
            values.append(_read_as(kind, texts[-1], shape, split, explode=False))
    return values if len(values) < 2 else _without_repetition(values)


def split_at(separator: str) -> Callable[[str], list[str]]:
    """A function that splits a text at a separator."""
    return lambda text: text.split(separator)


def _read_as(
    kind: str, text: str, shape: Shape, split: Callable[[str], list[str]], *, explode: bool
) -> Any:
    if kind == "array":
        return _read_array(split(text), shape)
    if kind != "object":
        return _read_primitive(text, kind)
    parts = split(text)
    if explode:  # R=100,G=200
        pairs = [(name, value) for name, _, value in (part.partition("=") for part in parts)]
        return _read_object(pairs, shape) if all("=" in part for part in parts) else text
    # R,100,G,200
    is_paired = len(parts) % 2 == 0
    return (
        _read_object(list(zip(parts[::2], parts[1::2], strict=is_paired)), shape)
        if is_paired
        else text
    )


def _without_repetition(values: list[Any]) -> list[Any]:
    """Values without those that stand there twice: `1` is not `true`."""
    return list({(type(value), repr(value)): value for value in values}.values())


def _read_array(texts: list[str], shape: Shape) -> list[Any]:
    return [read_value(text, shape.items or _NO_SHAPE) for text in texts]


def _read_object(pairs: Fields, shape: Shape) -> dict[str, Any]:
    return {name: read_value(text, _property(shape, name)) for name, text in pairs}


def _property(shape: Shape, name: str) -> Shape:
    return shape.properties.get(name) or shape.others or _NO_SHAPE


# Names in brackets: `p[a]=1`, and what clients make of it without OpenAPI's blessing, `p[a][b]=1`
# and `p[]=1`.

_Tree = dict[str, "_Tree | list[str]"]
_BRACKETS = re.compile(r"(\[[^\[\]]*\])+")
_MOST_LEVELS = 32
"""So many names in brackets are read one inside the other."""


def has_brackets(fields: Fields, name: str) -> bool:
    """Whether a field names a part of the parameter or property in brackets."""
    return any(_path(field_name, name) for field_name, _ in fields)


def _path(field_name: str, name: str) -> list[str]:
    """The names in brackets after a name; none where it is another field."""
    if not field_name.startswith(f"{name}["):
        return []
    brackets = field_name[len(name) :]
    # Like the package `qs` of Node.js: what is nested deeper is one name.
    return brackets[1:-1].split("][", _MOST_LEVELS - 1) if _BRACKETS.fullmatch(brackets) else []


def _grow_tree(fields: Fields, name: str) -> _Tree:
    tree: _Tree = {}
    for field_name, text in fields:
        *above, last = _path(field_name, name) or [""]
        if field_name == name or not (above or last or field_name == f"{name}[]"):
            continue
        branch = tree
        for key in above:
            below = branch.get(key)
            if not isinstance(below, dict):
                below = branch[key] = {}
            branch = below
        texts = branch.setdefault(last, [])
        if isinstance(texts, list):
            texts.append(text)
    return tree


def _read_tree(tree: _Tree | list[str], shape: Shape) -> Any:
    if isinstance(tree, list):
        return _read_array(tree, shape) if "array" in shape.types else read_value(tree[-1], shape)
    is_list = all(key == "" or key.isdecimal() for key in tree)
    if is_list and ("array" in shape.types or "" in tree):
        items = shape.items or _NO_SHAPE
        return [
            value
            for branch in tree.values()
            for value in (
                [read_value(text, items) for text in branch]
                if isinstance(branch, list)
                else [_read_tree(branch, items)]
            )
        ]
    return {name: _read_tree(branch, _property(shape, name)) for name, branch in tree.items()}


def _read_primitive(text: str, kind: str) -> Any:
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind not in ("integer", "number") or len(text) > _MAX_DIGITS:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if kind == "number" and _NUMBER.fullmatch(text) and isfinite(number := float(text)):
        return number
    return text
