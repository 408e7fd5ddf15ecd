"""Reads the traits of a contract, and refuses what they say of places that are not there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from msgspec import convert, structs

from mockserver.contract import Contract, Operation, Schemas
from mockserver.errors import ContractError, suggest_nearest
from mockserver.files import CONTRACTS
from mockserver.json_pointer import escape, split_pointer
from mockserver.traits.declarations import ApiTraits, Traits


def load_traits(contract: Contract) -> ApiTraits:
    """The traits that a contract declares. Raises ContractError with the place of what is wrong."""
    return ApiTraits(
        contract,
        {operation.id: _read_traits(contract, operation) for operation in contract.operations},
    )


def _read_traits(contract: Contract, operation: Operation) -> Traits:
    node = contract.resolve(operation.pointer)
    owners = ((operation.pointer, node), ("#", contract.document))
    loaded: dict[str, Any] = {}
    names: list[tuple[str, str, str]] = []
    for field in structs.fields(Traits)[1:]:
        key = field.encode_name
        pointer = next((f"{place}/{key}" for place, owner in owners if key in owner), "")
        data = contract.resolve(pointer) if pointer else None
        if key == "x-pagination" and not pointer:
            pointer, data = operation.pointer, read_pagination_of_generators(node)
        if data is not None:
            _validate(data, key, pointer)
            names += _list_names(_schema()[0]["properties"][key], data, pointer)
            if isinstance(data, dict):
                data = {"pointer": pointer, "x-evidence": operation.evidence, **data}
            loaded[field.name] = convert(data, field.type)
    traits = Traits(operation=operation, **loaded)
    for leads_to, name, place in names:
        if fault := _find_fault(contract, traits, leads_to, name):
            raise ContractError(f"the trait at {place}: {fault}")
    return traits


@cache
def _schema() -> tuple[Mapping[str, Any], Schemas]:
    whole = json.loads((CONTRACTS / "traits.schema.json").read_text("utf-8"))
    return whole, Schemas(whole)


def _validate(data: Any, key: str, pointer: str) -> None:
    whole, schemas = _schema()
    for violation in schemas.compile(f"#/properties/{key}").find_violations(data):
        for _, reason in violation.explain(whole):
            raise ContractError(f"the trait at {pointer}{violation.location}: {reason}")


def _list_names(schema: Mapping[str, Any], data: Any, place: str) -> Iterator[tuple[str, str, str]]:
    """Each name and pointer in a trait: what it leads to, itself, and its place."""
    if "x-leads-to" in schema:
        yield schema["x-leads-to"], data, place
    children = data.items() if isinstance(data, dict) else ()
    for key, value in enumerate(data) if isinstance(data, list) else children:
        below = schema.get("items") or schema.get("properties", {}).get(key, {})
        yield from _list_names(below, value, f"{place}/{key}")


def _find_fault(contract: Contract, traits: Traits, leads_to: str, name: str) -> str | None:
    """Why a name or pointer in a trait leads to nothing; None where it leads to something."""
    operation = traits.operation
    if leads_to in ("parameter", "operation"):
        known = [parameter.name for parameter in operation.parameters]
        missing = f"{operation.id} has no parameter"
        if leads_to == "operation":
            known, missing = [other.id for other in contract.operations], "no operation"
        return None if name in known else f"{missing} '{name}'; {suggest_nearest(name, known)}"
    pointer = f"{traits.row}{name.removeprefix('-')}" if leads_to == "row" else name
    refusals = traits.refusals if leads_to == "refusal" else None
    response = operation.response(refusals.status if refusals else operation.success)
    content = response.content.values() if response else ()
    schema = next((media.pointer for media in content if media.pointer), "")
    if schema and _leads(contract, schema, split_pointer(pointer)):
        return None
    return f"the response of {operation.id} has nothing at '{pointer}'"


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
