"""Resources of a contract: a collection and its items, found by their paths and schemas."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from mockserver.contract import flatten_schema, resolve_node
from mockserver.scaffold.sample import Document, sample_value

_ROLES = {"get": "get", "put": "replace", "patch": "update", "delete": "delete"}


class Resource(Struct, frozen=True):
    """Documents of one kind, and the operations on them by role.

    `key` is the property that the path parameter `parameter` names; `rows` the property of the
    list's response that has the items, empty where the response is the array itself.
    """

    kind: str
    key: str
    key_type: str
    parameter: str
    schema: Mapping[str, Any]
    sample: Mapping[str, Any]
    properties: tuple[str, ...] = ()
    rows: str = ""
    operations: Mapping[str, str] = field(default_factory=dict)
    """The roles `list`, `create`, `get`, `replace`, `update`, `delete` by operationId."""


def find_resources(document: Document) -> list[Resource]:
    """Every item path whose response is an object with the property that the path names."""
    return [
        resource
        for path in document["paths"]
        if (resource := _resource(document, path)) is not None
    ]


def response_media(document: Document, operation: Mapping[str, Any]) -> Any:
    """The JSON of an operation's response of success, as a media type; None without any."""
    for status, response in sorted(
        operation.get("responses", {}).items(), key=lambda it: str(it[0])
    ):
        if str(status).startswith("2"):
            content = resolve_node(document, response).get("content", {})
            return next((content[name] for name in content if "json" in name), None)
    return None


def response_schema(document: Document, operation: Mapping[str, Any]) -> Any:
    """The schema of an operation's JSON response of success; None without one."""
    return (response_media(document, operation) or {}).get("schema")


def _resource(document: Document, path: str) -> Resource | None:
    found = re.fullmatch(r"(/[^{}]*[^/{}])/\{([A-Za-z_]\w*)\}", path)
    if not found or keyword.iskeyword(found[2]):
        return None  # a parameter of a handler has to be a name in Python
    collection, parameter = found[1], found[2]
    item, items = document["paths"][path], document["paths"].get(collection, {})
    schema = response_schema(document, item.get("get", {}))
    flat = flatten_schema(document, schema)
    key = _key(parameter, flat)
    if schema is None or key is None:
        return None
    key_type = flatten_schema(document, flat["properties"][key]).get("type", "string")
    if key_type not in ("string", "integer"):
        return None
    operations = {
        item[method]["operationId"]: role
        for method, role in _ROLES.items()
        if method in item and _list_content_types(document, item[method]) <= {"application/json"}
    }
    rows = ""
    if "get" in items:
        where = _rows(document, response_schema(document, items["get"]), schema)
        if where is not None:
            rows, operations[items["get"]["operationId"]] = where, "list"
    create = items.get("post", {})
    if _list_content_types(document, create) == {"application/json"}:
        media = resolve_node(document, create["requestBody"])["content"]["application/json"]
        schemas = media.get("schema"), response_schema(document, create)
        if flat in [flatten_schema(document, it) for it in schemas]:
            operations[create["operationId"]] = "create"
    kind = re.sub(r"[^a-z0-9]+", "_", _singular(collection.rpartition("/")[2]).lower()).strip("_")
    if key not in flat.get("required", ()):
        schema = {"allOf": [schema], "required": [key]}
    sample = sample_value(document, schema)
    names = tuple(flat["properties"])
    return Resource(kind, key, key_type, parameter, schema, sample, names, rows, operations)


def _list_content_types(document: Document, operation: Mapping[str, Any]) -> set[str]:
    return set(resolve_node(document, operation.get("requestBody", {})).get("content", {}))


def _key(parameter: str, flat: Mapping[str, Any]) -> str | None:
    """The property that a path parameter names: `petId` and `pet_id` name `id` too."""
    names = flat.get("properties", {})
    words = [parameter, re.sub(r"^.*?(?=id$)", "", parameter, flags=re.IGNORECASE).lower(), "id"]
    return next((word for word in words if word in names), None)


def _rows(document: Document, schema: Any, item: Any) -> str | None:
    """Where a list's response has its items; None where it has none."""
    flat = flatten_schema(document, schema)
    if flat.get("type") == "array":
        return "" if _is_same(document, flat.get("items"), item) else None
    for name, child in flat.get("properties", {}).items():
        below = flatten_schema(document, child)
        if below.get("type") == "array" and _is_same(document, below.get("items"), item):
            return str(name)
    return None


def _is_same(document: Document, one: Any, other: Any) -> bool:
    return one is not None and flatten_schema(document, one) == flatten_schema(document, other)


def _singular(word: str) -> str:
    for ending, singular in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("s", "")):
        if word.endswith(ending) and not word.endswith("ss"):
            return word.removesuffix(ending) + singular
    return word
