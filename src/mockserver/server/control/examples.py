"""The operation on requests to try: of each operation one, with a credential that is accepted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from mockserver.api import Api
from mockserver.contract import (
    ABSENT,
    Contract,
    Operation,
    Parameter,
    list_shown_examples,
    place_credential,
    serialize_request,
)
from mockserver.errors import look_up
from mockserver.server.control.context import PREFIX, ControlContext

_ANY_CREDENTIAL = "token"
"""A world whose scenario lists none accepts any."""


def list_example_requests(context: ControlContext, api: str | None = None) -> dict[str, Any]:
    apis = context.server.served
    if api is not None:
        apis = {api: look_up(apis, api, "There is no API")}
    return {"apis": [_describe_api(context, it) for it in apis.values()]}


def _describe_api(context: ControlContext, api: Api) -> dict[str, Any]:
    valid = context.sandbox.open_world(api.name).tokens.valid
    credential = _ANY_CREDENTIAL if valid is None else next(iter(valid), None)
    made = [_make_request(api.contract, it, credential) for it in api.contract.operations]
    return {
        "api": api.name,
        "title": api.contract.title,
        "base": api.contract.base,
        "docs": f"{PREFIX}/docs/{api.name}",
        "requests": [request for request in made if request],
    }


def _make_request(
    contract: Contract, operation: Operation, credential: str | None
) -> dict[str, Any] | None:
    """A request by the examples of the contract; None where it lacks one that is required."""
    arguments = {
        spec.name: next(_list_values(contract, spec), ABSENT)
        for spec in operation.parameters
        if spec.required or spec.location == "path"
    }
    body = next(iter(operation.body_examples), ABSENT)
    if ABSENT in arguments.values() or (operation.is_body_required and body is ABSENT):
        return None
    headers, query = (
        ({}, {}) if credential is None else place_credential(contract, operation, credential)
    )
    outgoing = serialize_request(operation, arguments, body, {**operation.headers, **headers})
    target, sent = contract.base + outgoing.target, outgoing.request
    if query:
        separator = "&" if "?" in target else "?"
        target += separator + urlencode(query, quote_via=quote)
    return {
        "operation": operation.id,
        "method": operation.method,
        "target": target,
        "headers": [list(field) for field in sent.headers.fields],
        "body": sent.body.decode("utf-8", "replace"),
        "credential": {"headers": headers, "query": query},
    }


def _list_values(contract: Contract, spec: Parameter) -> Iterator[Any]:
    """Values of a parameter, as far as the contract shows any."""
    node: Mapping[str, Any] = contract.resolve(spec.pointer)
    yield from list_shown_examples(node)
    yield from (owner["example"] for owner in (node, spec.schema) if "example" in owner)
    yield from (spec.schema[key] for key in ("default", "minimum") if key in spec.schema)
    yield from spec.schema.get("enum", [])
