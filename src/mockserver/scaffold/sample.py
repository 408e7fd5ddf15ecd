"""A value that conforms to a schema: its example, else the smallest that fits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from re import _constants, _parser
from typing import Any

from mockserver.contract import Schemas
from mockserver.errors import ContractError
from mockserver.scaffold.schema import Document, flatten_schema

_FORMATS = {
    "byte": "bW9jaw==",
    "date": "2025-08-21",
    "date-time": "2025-08-21T14:30:00Z",
    "duration": "PT1H",
    "email": "user@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "14:30:00Z",
    "uri": "https://example.com/",
    "uri-reference": "/",
    "url": "https://example.com/",
    "uuid": "3f2a9c1e-7b54-4d0e-9a61-5c8e2f7d1b03",
}
_DEEPEST = 6
"""Below so many schemas only required properties are filled in: a schema may contain itself."""


def sample_value(document: Document, schema: Mapping[str, Any], depth: int = 0) -> Any:
    """A value of a schema, the same each time."""
    flat = flatten_schema(document, schema)
    for word in ("example", "default"):
        if word in flat and _conforms(document, flat, flat[word]):
            return flat[word]
    if flat.get("enum"):
        return flat["enum"][0]
    for word in ("oneOf", "anyOf"):
        if flat.get(word):
            rest = {key: value for key, value in flat.items() if key != word}
            return sample_value(document, {"allOf": [rest, flat[word][0]]}, depth + 1)
    kind = flat.get("type") or ("object" if "properties" in flat else "string")
    if kind == "object":
        return _sample_object(document, flat, depth)
    if kind == "array":
        count = max(flat.get("minItems", 0), 0 if depth >= _DEEPEST else 1)
        count = min(count, flat.get("maxItems", count))
        return [sample_value(document, flat.get("items", {}), depth + 1)] * count
    if kind in ("integer", "number"):
        return _sample_number(flat, kind)
    return True if kind == "boolean" else _sample_text(flat)


def _conforms(document: Document, schema: Mapping[str, Any], value: Any) -> bool:
    """Whether an example is one: real documents have some that break their own schemas."""
    try:
        return Schemas(document).compile_inline(schema).accepts(value)
    except ContractError:
        return False


def _sample_object(document: Document, flat: Mapping[str, Any], depth: int) -> dict[str, Any]:
    required = flat.get("required", ())
    value = {
        name: sample_value(document, child, depth + 1)
        for name, child in flat.get("properties", {}).items()
        if name in required or depth < _DEEPEST
    }
    for name in required:
        value.setdefault(name, "text")
    return value


def _sample_number(flat: Mapping[str, Any], kind: str) -> float:
    step = flat.get("multipleOf", 1)
    least = flat.get("minimum", min(1, flat.get("maximum", 1)))
    if flat.get("exclusiveMinimum") is True or least % step:
        least = (least // step + 1) * step
    return int(least) if kind == "integer" or least == int(least) else least


def _sample_text(flat: Mapping[str, Any]) -> str:
    if "pattern" in flat:
        return _sample_pattern(flat["pattern"])
    text = _FORMATS.get(flat.get("format", ""), "text")
    return text.ljust(flat.get("minLength", 0), "x")[: flat.get("maxLength", 10_000)]


def _sample_pattern(pattern: str) -> str:
    """The first text that a regular expression matches; only the common parts are understood."""
    try:
        return "".join(_sample_token(token) for token in _parser.parse(pattern))
    except re.error:
        return "text"


def _sample_token(token: tuple[Any, Any]) -> str:
    name: Any = token[0]
    value: Any = token[1]
    if name is _constants.LITERAL:
        return chr(int(value))
    if name is _constants.IN:
        return _sample_class(value)
    if name is _constants.ANY or name is _constants.NOT_LITERAL:
        return "x"
    if name in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
        least, most, inner = value
        count = max(least, 1 if most else 0)
        return "".join(_sample_token(item) for item in inner) * int(count)
    if name is _constants.SUBPATTERN:
        return "".join(_sample_token(item) for item in value[-1])
    if name is _constants.BRANCH:
        return "".join(_sample_token(item) for item in value[1][0])
    return ""  # an anchor


def _sample_class(items: list[tuple[Any, Any]]) -> str:
    if items[0][0] is _constants.NEGATE:
        return next(
            letter for letter in "x0_- ~" if not re.match(_class_pattern(items[1:]), letter)
        )
    name: Any = items[0][0]
    value: Any = items[0][1]
    if name is _constants.RANGE:
        return chr(value[0])
    if name is _constants.CATEGORY:
        letters: dict[Any, str] = {_constants.CATEGORY_DIGIT: "1", _constants.CATEGORY_SPACE: " "}
        return str(letters.get(value, "x"))
    return chr(value)


def _class_pattern(items: list[tuple[Any, Any]]) -> str:
    parts = []
    for name, value in items:
        if name is _constants.RANGE:
            parts.append(f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}")
        elif name is _constants.LITERAL:
            parts.append(re.escape(chr(value)))
        else:
            parts.append(r"\w")
    return f"[{''.join(parts)}]"
