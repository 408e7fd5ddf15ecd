"""Reads the traits of a contract, and refuses what they say of places that are not there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any

from mockserver.contract import Contract, Operation, Schema, Schemas
from mockserver.errors import ContractError, suggest_nearest
from mockserver.files import CONTRACTS
from mockserver.json_pointer import escape, split_pointer
from mockserver.traits.declarations import (
    ATTRIBUTES,
    OF_ALL,
    ApiTraits,
    Filter,
    Filters,
    Pagination,
    Rule,
    Trait,
    Traits,
)


def load_traits(contract: Contract) -> ApiTraits:
    """The traits that a contract declares. Raises ContractError with the place of what is wrong."""
    return ApiTraits(
        contract,
        {operation.id: _read_traits(contract, operation) for operation in contract.operations},
    )


def _read_traits(contract: Contract, operation: Operation) -> Traits:
    node = contract.resolve(operation.pointer)
    traits: dict[str, Any] = {}
    for kind, attribute in ATTRIBUTES.items():
        data: Mapping[str, Any] | None = None
        pointer = f"{operation.pointer}/{kind.key}"
        if kind.key in node:
            data = contract.resolve(pointer)
        elif kind in OF_ALL and kind.key in contract.document:
            pointer = f"#/{kind.key}"
            data = contract.resolve(pointer)
        elif kind is Pagination:
            pointer = operation.pointer
            data = read_pagination_of_generators(node)
        if data is not None:
            _validate(data, kind.key, pointer)
            traits[attribute] = _build(contract, operation, kind, data, pointer)
    tries = node.get("x-tries", [])
    _validate(tries, "x-tries", f"{operation.pointer}/x-tries")
    return Traits(operation, tries=tuple(tries), **traits)


@cache
def _schema() -> tuple[Mapping[str, Any], Schemas]:
    whole = json.loads((CONTRACTS / "traits.schema.json").read_text("utf-8"))
    return whole, Schemas(whole)


@cache
def _compiled(key: str) -> Schema:
    return _schema()[1].compile(f"#/properties/{key}")


def _validate(data: Any, key: str, pointer: str) -> None:
    for violation in _compiled(key).find_violations(data):
        if violation.unexpected:
            known = list(_schema()[0]["properties"][key]["properties"])
            name = violation.unexpected[0]
            reason = f"'{name}' is not known here; {suggest_nearest(name, known)}"
        else:
            reason = violation.message
        raise ContractError(f"the trait at {pointer}{violation.location}: {reason}")


def _build(
    contract: Contract, operation: Operation, kind: type[Trait], data: Any, pointer: str
) -> Trait:
    known = {item.name: item for item in fields(kind)}
    values: dict[str, Any] = {
        "pointer": pointer,
        "evidence": data.get("x-evidence", operation.evidence),
        "note": data.get("x-evidence-note", ""),
    }
    for key, value in data.items():
        name, place = f"{key}_" if key == "in" else key, f"{pointer}/{key}"
        if name == "rules":
            values[name] = {
                rule: Rule(founded["x-evidence"], founded.get("x-evidence-note", ""))
                for rule, founded in value.items()
            }
        elif kind is Filters and name == "by":
            values[name] = tuple(Filter(**item) for item in value)
            for item in values[name]:
                _refuse_parameter(operation, item.parameter, place)
        elif name in known:
            values[name] = tuple(value) if isinstance(value, list) else value
            if leads := known[name].metadata.get("leads"):
                named = value.values() if isinstance(value, dict) else value
                for to in [value] if isinstance(value, str) else named:
                    rows = values.get("rows") or _rows_of(contract, operation)
                    _refuse_missing(contract, operation, leads, to, rows, place)
    return kind(**values)


def _refuse_missing(
    contract: Contract, operation: Operation, leads: str, name: str, rows: str, place: str
) -> None:
    """Raise ContractError for a name or pointer in a trait that leads to nothing."""
    if leads == "parameter":
        _refuse_parameter(operation, name, place)
    elif leads == "operation":
        ids = [other.id for other in contract.operations]
        if name not in ids:
            reason = f"no operation '{name}'; {suggest_nearest(name, ids)}"
            raise ContractError(f"the trait at {place}: {reason}")
    else:
        pointer = f"{rows}/*{name.removeprefix('-')}" if leads == "row" else name
        response = operation.response(operation.success)
        content = response.content.values() if response else ()
        schema = next((media.pointer for media in content if media.pointer), "")
        if not schema or not _leads(contract, schema, split_pointer(pointer)):
            reason = f"the response of {operation.id} has nothing at '{pointer}'"
            raise ContractError(f"the trait at {place}: {reason}")


def _rows_of(contract: Contract, operation: Operation) -> str:
    node = contract.resolve(operation.pointer)
    for key in ("x-pagination", "x-order", "x-identity"):
        if key in node:
            return str(contract.resolve(f"{operation.pointer}/{key}").get("rows", ""))
    return ""


def _refuse_parameter(operation: Operation, name: str, place: str) -> None:
    names = [parameter.name for parameter in operation.parameters]
    if name not in names:
        reason = f"{operation.id} has no parameter '{name}'; {suggest_nearest(name, names)}"
        raise ContractError(f"the trait at {place}: {reason}")


def _leads(contract: Contract, schema: str, path: list[str]) -> bool:
    """Whether a path leads somewhere in what a schema describes; `*` is any item of an array."""
    node, schema = contract.locate(schema)
    for word in ("allOf", "oneOf", "anyOf"):
        parts = range(len(node.get(word, ())))
        if any(_leads(contract, f"{schema}/{word}/{n}", path) for n in parts):
            return True
    if not path:
        return True
    step, *rest = path
    if step == "*":
        return "items" in node and _leads(contract, f"{schema}/items", rest)
    if step in node.get("properties", ()):
        return _leads(contract, f"{schema}/properties/{escape(step)}", rest)
    return (
        "properties" not in node and "allOf" not in node and node.get("type", "object") == "object"
    )


# The pagination extensions of SDK generators

_SPEAKEASY_OUTPUTS = {"results": "rows", "numPages": "last", "nextCursor": "next_cursor"}


def read_pagination_of_generators(operation: Mapping[str, Any]) -> dict[str, Any] | None:
    """The `x-pagination` that an operation declares in a generator's words; None without one.

    `x-speakeasy-pagination` names inputs by their type and points with JSONPath;
    `x-fern-pagination` points with `$request.` and `$response.`. Neither says where totals are.
    """
    speakeasy, fern = operation.get("x-speakeasy-pagination"), operation.get("x-fern-pagination")
    inputs: dict[str, str] = {}
    outputs: dict[str, str] = {}
    if isinstance(speakeasy, Mapping):
        for item in speakeasy.get("inputs", ()):
            if item["in"] == "parameters":
                inputs[item["type"]] = item["name"]
        for key, path in speakeasy.get("outputs", {}).items():
            if key in _SPEAKEASY_OUTPUTS:
                outputs[_SPEAKEASY_OUTPUTS[key]] = _to_pointer(path)
    elif isinstance(fern, Mapping):
        # Without a step the "offset" of this extension counts pages.
        offset = "offset" if "step" in fern else "page"
        for key, name in (("cursor", "cursor"), ("offset", offset), ("step", "limit")):
            if key in fern:
                inputs[name] = fern[key].rpartition(".")[2]
        for key, name in (("results", "rows"), ("next_cursor", "next_cursor")):
            if key in fern:
                outputs[name] = _to_pointer(fern[key])
    style = next((name for name in ("cursor", "offset", "page") if name in inputs), None)
    if style is None or "rows" not in outputs:
        return None  # pages that are found by URL alone, or in another place than parameters
    per_page = {"per_page": inputs["limit"]} if "limit" in inputs else {}
    named_style = "page-number" if style == "page" else style
    return {"style": named_style, style: inputs[style], **outputs, **per_page}


def _to_pointer(path: str) -> str:
    """A JSON Pointer from `$.a.b`, `$response.a.b` or `$response`."""
    return "".join(f"/{name}" for name in path.split(".")[1:])
