"""A value that conforms to a schema: its example, else the smallest that fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.contract import Schemas, flatten_schema, resolve_node
from mockserver.errors import ContractError
from mockserver.synthesis import make_matching_text

Document = Mapping[str, Any]
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


def sample_media(document: Document, media: Mapping[str, Any]) -> Any:
    """A value of a media type or a parameter: its first example that conforms, or a sample."""
    schema = media.get("schema", {})
    examples = [media["example"]] if "example" in media else []
    named = [resolve_node(document, it) for it in media.get("examples", {}).values()]
    examples += [it["value"] for it in named if "value" in it]
    for example in examples:
        if _conforms(document, schema, example):
            return example
    return sample_value(document, schema)


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
    try:
        return make_matching_text(pattern)
    except ValueError:
        return "text"
