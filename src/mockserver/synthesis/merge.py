"""A schema as one set of rules: references followed, and the parts of `allOf` combined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.contract import resolve_node

Schema = Mapping[str, Any]
Merged = dict[str, Any]

PATTERNS = "x-patterns"
"""The key of all patterns, of which a schema of its own has one."""

ALTERNATIVES = "x-alternatives"
"""The key of all lists of alternatives, each with its word, `oneOf` or `anyOf`."""

_GREATEST = ("minLength", "minItems", "minProperties")
_LEAST = ("maxLength", "maxItems", "maxProperties")


def merge_schema(document: Mapping[str, Any], schema: Any) -> Merged:
    """What a value must be; of two parts that say something, it must be what both say."""
    node = resolve_node(document, schema)
    if not isinstance(node, Mapping):
        return {}
    merged: Merged = {}
    for part in node.get("allOf", ()):
        _combine(merged, merge_schema(document, part))
    own = {key: value for key, value in node.items() if key not in ("allOf", "oneOf", "anyOf")}
    if "pattern" in own:
        own.setdefault(PATTERNS, [own["pattern"]])
    lists = [(word, node[word]) for word in ("oneOf", "anyOf") if node.get(word)]
    if lists:
        own[ALTERNATIVES] = [*own.get(ALTERNATIVES, ()), *lists]
    # `nullable` beside no type says nothing (OpenAPI 3.0.3).
    own["nullable"] = (
        bool(own.get("nullable"))
        if "type" in own
        else own.get("nullable", True) is True and all(_takes_null(document, it) for _, it in lists)
    )
    if "const" in own:
        own["enum"] = [own["const"]]
    _combine(merged, own)
    return merged


def _takes_null(document: Mapping[str, Any], alternatives: Any) -> bool:
    return any(merge_schema(document, it).get("nullable", True) for it in alternatives)


def combine_schemas(document: Mapping[str, Any], *schemas: Any) -> Merged:
    """One set of rules of several schemas, the words of the last one first."""
    return merge_schema(document, {"allOf": list(schemas)})


def _combine(merged: Merged, part: Merged) -> None:
    """Add the rules of a part."""
    for key, value in part.items():
        if key not in merged:
            merged[key] = value
        elif key == "properties":
            merged[key] = dict(merged[key])
            for name, schema in value.items():
                known = merged[key].get(name)
                merged[key][name] = schema if known is None else {"allOf": [known, schema]}
        elif key in ("required", PATTERNS, ALTERNATIVES):
            merged[key] = [*merged[key], *value]
        elif key == "enum":
            merged[key] = [item for item in merged[key] if _is_among(item, value)]
        elif key == "nullable":
            merged[key] = merged[key] and value
        elif key == "uniqueItems":
            merged[key] = merged[key] or value
        elif key == "type":
            merged[key] = "integer" if {merged[key], value} == {"integer", "number"} else value
        elif key in ("items", "not"):
            word = "allOf" if key == "items" else "anyOf"
            merged[key] = {word: [merged[key], value]}
        elif key == "additionalProperties":
            merged[key] = _combine_others(merged[key], value)
        elif key in _GREATEST:
            merged[key] = max(merged[key], value)
        elif key in _LEAST:
            merged[key] = min(merged[key], value)
        elif key not in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
            merged[key] = value
    _combine_bounds(merged, part)


def _combine_bounds(merged: Merged, part: Merged) -> None:
    """Keep the narrower bounds, each with its own word on whether it is excluded."""
    for bound, exclusive, sign in (
        ("minimum", "exclusiveMinimum", 1),
        ("maximum", "exclusiveMaximum", -1),
    ):
        if bound in part:
            rank = (sign * part[bound], bool(part.get(exclusive)))
            if rank >= (sign * merged[bound], bool(merged.get(exclusive))):
                merged[bound] = part[bound]
                merged[exclusive] = bool(part.get(exclusive))


def _combine_others(one: Any, other: Any) -> Any:
    if one is False or other is False:
        return False
    schemas = [it for it in (one, other) if isinstance(it, Mapping)]
    return {"allOf": schemas} if schemas else True


def _is_among(value: Any, values: Any) -> bool:
    """Whether a value is one of some: `true` is not 1."""
    return any(value == it and type(value) is type(it) for it in values)
