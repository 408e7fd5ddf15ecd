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
from mockserver.traits.generators import read_pagination_of_generators

__all__ = ["load_traits"]


def load_traits(contract: Contract) -> ApiTraits:
    """The traits that a contract declares. Raises ContractError, with the place of what is wrong."""
    return ApiTraits(
        contract,
        {operation.id: _read_traits(contract, operation) for operation in contract.operations},
    )


def _read_traits(contract: Contract, operation: Operation) -> Traits:
    node = contract.resolve(operation.pointer)
    found: dict[str, Any] = {}
    for kind, attribute in ATTRIBUTES.items():
        if kind.key in node:
            owner = operation.pointer
        elif kind in OF_ALL and kind.key in contract.document:
            owner = "#"
        elif kind is Pagination and (data := read_pagination_of_generators(node)):
            _validate(data, kind.key, operation.pointer)
            found[attribute] = _build(contract, operation, kind, data, operation.pointer)
            continue
        else:
            continue
        pointer = f"{owner}/{kind.key}"
        data = contract.resolve(pointer)
        _validate(data, kind.key, pointer)
        found[attribute] = _build(contract, operation, kind, data, pointer)
    tries = node.get("x-tries", [])
    _validate(tries, "x-tries", f"{operation.pointer}/x-tries")
    return Traits(operation, tries=tuple(tries), **found)


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
        name = f"{key}_" if key == "in" else key
        if name == "rules":
            values[name] = {
                rule: Rule(it["x-evidence"], it.get("x-evidence-note", ""))
                for rule, it in value.items()
            }
        elif kind is Filters and name == "by":
            values[name] = tuple(Filter(**it) for it in value)
        elif name in known:
            values[name] = tuple(value) if isinstance(value, list) else value
            _refuse_missing(contract, operation, known[name].metadata, values, key, pointer)
    trait = kind(**values)
    if isinstance(trait, Filters):
        for item in trait.by:
            _refuse_parameter(operation, item.parameter, f"{pointer}/by")
    return trait


def _refuse_missing(
    contract: Contract,
    operation: Operation,
    metadata: Mapping[str, Any],
    values: Mapping[str, Any],
    key: str,
    pointer: str,
) -> None:
    """Raise ContractError for a name or pointer in a trait that leads to nothing."""
    if "leads" not in metadata:
        return
    value = values[f"{key}_" if key == "in" else key]
    named = value.values() if isinstance(value, Mapping) else value
    for name in (named,) if isinstance(named, str) else named:
        place = f"{pointer}/{key}"
        if metadata["leads"] == "parameter":
            _refuse_parameter(operation, name, place)
        elif metadata["leads"] == "operation":
            ids = [other.id for other in contract.operations]
            if name not in ids:
                raise ContractError(
                    f"the trait at {place}: no operation '{name}'; {suggest_nearest(name, ids)}"
                )
        elif metadata["leads"] == "response":
            _refuse_pointer(contract, operation, name, place)
        elif metadata["leads"] == "row":
            rows = values.get("rows") or _rows_of(contract, operation)
            _refuse_pointer(contract, operation, f"{rows}/*{name.removeprefix('-')}", place)


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


def _refuse_pointer(contract: Contract, operation: Operation, pointer: str, place: str) -> None:
    response = operation.response(operation.success)
    media = next((it for it in response.content.values() if it.pointer), None) if response else None
    if media is None or not _leads(contract, media.pointer, split_pointer(pointer)):
        reason = f"the response of {operation.id} has nothing at '{pointer}'"
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
