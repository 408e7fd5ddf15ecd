"""The client profile of a contract: a document from which generators make readable clients.

A contract has the rules by which exchanges are validated. Generators make types out of a document,
and what is a rule to a validator is often a type with an unreadable name to them: an `enum` of one
Arabic sentence, a part of `allOf` that only bounds a number. And a client should accept more than a
validator: a deployment may respond with a property, or a sentence, that the contract does not know.
So the profile has the types of the contract, and for what a client receives no rules (ADR 037).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from mockserver.contract.document import Contract
from mockserver.contract.flatten import flatten_schema, resolve_node
from mockserver.errors import YamlError
from mockserver.json_pointer import walk
from mockserver.yaml_source import read_yaml

_RULES = frozenset(
    {"pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum"}
    | {"exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems"}
    | {"minProperties", "maxProperties"}
)
"""Keywords that say which values are valid, and nothing of the type."""

_FORMATS = frozenset(
    {"int32", "int64", "float", "double", "byte", "binary", "date", "date-time", "password"}
    | {"email", "hostname", "ipv4", "ipv6", "uri", "uuid"}
)
"""The formats that generators know; they warn of others."""

_COMPOSITIONS = frozenset({"oneOf", "anyOf", "allOf"})
_MAPS = frozenset(
    {"paths", "responses", "content", "headers", "examples", "links", "callbacks", "encoding"}
    | {"schemas", "parameters", "requestBodies", "securitySchemes", "variables", "scopes"}
)
"""Keywords whose values are maps from names, which may begin with `x-` too."""

_PLAIN = frozenset({"string", "integer", "number", "boolean"})
_MAX_LISTS = 4
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_SCHEMAS = "#/components/schemas/"
_SERVERS = re.compile(r"^servers:\n( *)- .*\n(?:(?:[ #-].*)?\n)*", re.MULTILINE)
"""The list of servers in block YAML: all lines until the next key of the document."""

_SENTENCE = (
    "This is the client profile of the contract, for generators of clients: it has the types of "
    "the contract, without the rules by which exchanges are validated and without their evidence."
)


def make_client_profile(document: Mapping[str, Any]) -> dict[str, Any]:
    """The client profile of an OpenAPI 3.0 document."""
    profile: dict[str, Any] = _Profile(document).simplify(document)
    info = profile["info"]
    introduction = str(info.get("description", "")).split("\n\n")[0].strip()
    info["description"] = f"{introduction}\n\n{_SENTENCE}".strip()
    schemas = profile.get("components", {}).get("schemas", {})
    for reference in {*_list_references(document)} - {*_list_references(profile)}:
        # What only a rule had referred to, such as the form of a date.
        schemas.pop(reference.removeprefix(_SCHEMAS), None)
    return profile


def prepend_server(document: Mapping[str, Any], url: str) -> dict[str, Any]:
    """The document with a first server: generators and Swagger UI send requests to that one."""
    first = {"url": url, "description": "This mock server."}
    servers = {"servers": [first, *document.get("servers", ())]}
    head = {key: document[key] for key in ("openapi", "info") if key in document}
    return {**head, **servers, **{key: it for key, it in document.items() if key not in servers}}


def write_contract(contract: Contract, url: str) -> str:
    """The text of a contract with a first server, and with its comments where it is block YAML."""
    expected = prepend_server(contract.document, url)
    written = _SERVERS.search(contract.source)
    if not written or _read_servers(written[0]) != contract.document.get("servers"):
        return _write_yaml(expected)  # the list has no lines of its own, as in JSON
    first, indent = expected["servers"][0], written[1]
    lines = ["servers:", f"- url: {_quote(first['url'])}", f"  description: {first['description']}"]
    block = f"\n{indent}".join(lines) + "\n"
    start = written.start()
    return contract.source[:start] + block + contract.source[start + len("servers:\n") :]


def _read_servers(text: str) -> Any:
    try:
        return read_yaml(text).data.get("servers")
    except YamlError:
        return None


def write_client_profile(contract: Contract, url: str) -> str:
    """The client profile of a contract in YAML, with a first server."""
    return _write_yaml(prepend_server(make_client_profile(contract.document), url))


def _write_yaml(document: Mapping[str, Any]) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as such, and no aliases."""

    def ignore_aliases(self, _: Any) -> bool:
        return True

    def represent_str(self, text: str) -> yaml.ScalarNode:
        style = "|" if "\n" in text else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _Dumper.represent_str)


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class _Profile:
    """Simplifies a document; knows which schemas a client receives."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        operations = [
            node
            for item in document.get("paths", {}).values()
            for node in resolve_node(document, item).values()
            if isinstance(node, dict) and "responses" in node
        ]
        self._received = self._close(node["responses"] for node in operations)

    def _close(self, nodes: Iterable[Any]) -> frozenset[str]:
        """The schemas that are reached from nodes by references."""
        found = set[str]()
        left = [reference for node in nodes for reference in _list_references(node)]
        while left:
            reference = left.pop()
            if reference not in found:
                found.add(reference)
                left += _list_references(resolve_node(self._document, {"$ref": reference}))
        return frozenset(found)

    def simplify(self, node: Any, key: str = "", *, is_received: bool = False) -> Any:
        """A node below the keyword `key`, without extensions and with simple schemas."""
        if isinstance(node, list):
            return [self.simplify(item, is_received=is_received) for item in node]
        if key == "schema":
            return self._simplify_schema(node, is_received=is_received)
        if not isinstance(node, Mapping) or "$ref" in node:
            return node
        if key == "schemas":
            return {
                name: self._simplify_schema(
                    schema, is_received=f"{_SCHEMAS}{name}" in self._received
                )
                for name, schema in node.items()
            }
        return {
            name: value
            if key not in _MAPS and name in ("example", "value")
            else self.simplify(
                value, "" if key in _MAPS else name, is_received=is_received or key == "responses"
            )
            for name, value in node.items()
            if key in _MAPS or not str(name).startswith("x-")
        }

    def _simplify_schema(self, node: Any, *, is_received: bool) -> Any:
        if not isinstance(node, Mapping):
            return node
        if "$ref" in node:
            if not self._is_plain(node):
                return node
            node = resolve_node(self._document, node)
        schema = {key: it for key, it in self._merge(node).items() if not key.startswith("x-")}
        _simplify_enum(schema)
        if _is_always_null(schema):
            schema = {"description": schema.get("description", "Always null.")}
        if schema.get("maxItems") == 0:
            schema["items"] = {}
        schema.pop("not", None)
        if schema.get("format", "date") not in _FORMATS:
            del schema["format"]
        if is_received:
            schema = {key: value for key, value in schema.items() if key not in _RULES}
            if schema.get("additionalProperties") is False:
                del schema["additionalProperties"]
        for key, value in schema.items():
            if key == "properties":
                schema[key] = {
                    name: self._simplify_schema(child, is_received=is_received)
                    for name, child in value.items()
                }
            elif key in ("items", "additionalProperties"):
                schema[key] = self._simplify_schema(value, is_received=is_received)
            elif key in _COMPOSITIONS:
                schema[key] = [self._simplify_schema(it, is_received=is_received) for it in value]
        return schema

    def _is_plain(self, node: Any, depth: int = 0) -> bool:
        """Whether a schema needs no name: a text or a number, unless it has names, or a list.

        Some generators make a class of everything that has a name, and a value of it is wrapped.
        """
        schema = resolve_node(self._document, node)
        if not isinstance(schema, Mapping) or depth > _MAX_LISTS:
            return False
        if schema.get("type") == "array":
            return self._is_plain(schema.get("items"), depth + 1)
        return schema.get("type") in _PLAIN and not _is_set_of_names(schema.get("enum", ()))

    def _merge(self, node: Mapping[str, Any]) -> dict[str, Any]:
        """The schema with what those parts of `allOf` say that only narrow its own type."""
        own = {key: value for key, value in node.items() if key != "allOf"}
        if "type" not in own:
            return dict(node)
        narrowed, parts = dict[str, Any](), []
        for part in node.get("allOf", ()):
            flat = flatten_schema(self._document, part)
            if "properties" in flat or _COMPOSITIONS & flat.keys():
                parts.append(part)
            else:
                narrowed |= {
                    key: it for key, it in flat.items() if key not in ("required", "enum", "items")
                }
        return {**narrowed, **own, **({"allOf": parts} if parts else {})}


def _is_set_of_names(values: Iterable[Any]) -> bool:
    """Whether the values of an `enum` are names, or several numbers, rather than sentences."""
    present = [value for value in values if value is not None]
    if all(isinstance(value, str) and _WORD.fullmatch(value) for value in present):
        return bool(present)
    return len(present) > 1 and all(type(value) is int for value in present)


def _simplify_enum(schema: dict[str, Any]) -> None:
    """Leave out an `enum` that is no set of names; its first value is an example then."""
    values = [value for value in schema.pop("enum", ()) if value is not None]
    if _is_set_of_names(values):
        schema["enum"] = values
    elif values:
        schema.setdefault("example", values[0])


def _is_always_null(schema: Mapping[str, Any]) -> bool:
    """Whether a schema takes null alone: OpenAPI 3.0 has no type for it."""
    excluded = schema.get("not")
    is_excluded = isinstance(excluded, Mapping) and excluded == {"type": schema.get("type")}
    return schema.get("nullable") is True and is_excluded


def _list_references(node: Any) -> list[str]:
    """The references below a node, with repetitions."""
    values = (value for value in walk(node) if isinstance(value, Mapping))
    return [value["$ref"] for value in values if isinstance(value.get("$ref"), str)]
