"""Writes a request to an operation as OpenAPI says: each parameter in its place and style."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from mockserver.contract import Headers, Operation, Parameter, Request

__all__ = ["ABSENT", "Absent", "Outgoing", "written"]


class Absent:
    """What a body is that is not sent."""


ABSENT = Absent()
_DELIMITERS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request as it is validated, and the path and query as they are sent: percent-encoded."""

    request: Request
    target: str


def written(
    operation: Operation,
    arguments: Mapping[str, Any],
    body: Any = ABSENT,
    headers: Mapping[str, str] | None = None,
) -> Outgoing:
    """The request that carries these arguments; its path is below the contract's base.

    A body is sent as JSON, bytes as they are. An argument that is no parameter of the operation is
    sent in the query: a deployment must bear that too.
    """
    specs = {spec.name: spec for spec in operation.parameters}
    unknown = [(name, value) for name, value in arguments.items() if name not in specs]
    given = [(specs[name], value) for name, value in arguments.items() if name in specs]
    query = [*_query(given), *((name, _text(value)) for name, value in unknown)]
    fields = [(spec.name, _list(value, ",")) for spec, value in given if spec.location == "header"]
    fields += (headers or {}).items()
    content = b""
    if not isinstance(body, Absent):
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        if "content-type" not in {name.lower() for name, _ in fields}:
            fields.append(("Content-Type", next(iter(operation.body), "application/json")))
    encoded = urlencode(query, quote_via=quote)
    request = Request(
        method=operation.method,
        path=_path(operation, given, lambda value: value),
        query=encoded,
        headers=Headers(fields),
        body=content,
    )
    path = _path(operation, given, partial(quote, safe=""))
    return Outgoing(request, f"{path}?{encoded}" if encoded else path)


def _path(
    operation: Operation, given: list[tuple[Parameter, Any]], encode: Callable[[str], str]
) -> str:
    path = operation.path
    for spec, value in given:
        if spec.location == "path":
            path = path.replace("{" + spec.name + "}", encode(_list(value, ",")))
    return path


def _query(given: list[tuple[Parameter, Any]]) -> Iterator[tuple[str, str]]:
    for spec, value in given:
        if spec.location != "query":
            continue
        if isinstance(value, list | tuple) and spec.explode:
            yield from ((spec.name, _text(item)) for item in value)
        else:
            yield spec.name, _list(value, _DELIMITERS.get(spec.style, ","))


def _list(value: Any, delimiter: str) -> str:
    if isinstance(value, list | tuple):
        return delimiter.join(_text(item) for item in value)
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
