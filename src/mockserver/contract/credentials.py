"""Credentials: read from a request, held against an operation's security, and sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from mockserver.contract.document import Contract
from mockserver.contract.exchange import Request
from mockserver.contract.operation import Operation


def read_credentials(contract: Contract, operation: Operation, request: Request) -> dict[str, str]:
    """The credential of a request for each security scheme that the operation names."""
    found = {}
    for name in operation.schemes:
        value = _read(contract.security_schemes[name], request)
        if value is not None:
            found[name] = value
    return found


def is_authenticated(
    operation: Operation,
    credentials: Mapping[str, str],
    accepts: Callable[[str], bool],
    *,
    required: bool = False,
) -> bool:
    """Whether credentials satisfy the security of an operation.

    A credential that is sent must be accepted, even where none is needed: a client with a wrong key
    wants to know. With `required`, the alternative that needs none does not count.
    """
    if not operation.security:
        return True
    if not all(accepts(value) for value in credentials.values()):
        return False
    return any(
        alternative <= credentials.keys() and (alternative or not required)
        for alternative in operation.security
    )


def write_credential(scheme: Mapping[str, Any], credential: str) -> tuple[str, str, str]:
    """Where a security scheme takes a credential, under which name, and how it is written."""
    if scheme["type"] == "apiKey":
        return scheme["in"], scheme["name"], credential
    return "header", "Authorization", f"{scheme.get('scheme', 'bearer').capitalize()} {credential}"


def place_credential(
    contract: Contract, operation: Operation, credential: str
) -> tuple[dict[str, str], dict[str, str]]:
    """The headers and the fields of the query that carry a credential to an operation.

    Of several alternatives, they satisfy the first that needs one.
    """
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    for scheme in sorted(next(filter(None, operation.security), ())):
        location, name, text = write_credential(contract.security_schemes[scheme], credential)
        if location == "query":
            query[name] = text
        elif location == "cookie":
            headers["Cookie"] = f"{name}={text}"
        else:
            headers[name] = text
    return headers, query


def _read(scheme: Mapping[str, Any], request: Request) -> str | None:
    if scheme["type"] != "apiKey":
        word, _, credential = (request.headers.get("authorization") or "").partition(" ")
        is_wanted = word.lower() == scheme.get("scheme", "bearer").lower()
        return credential.strip() if is_wanted else None
    name = scheme["name"]
    match scheme["in"]:
        case "header":
            value = request.headers.get(name)
            return None if value is None else value.strip()
        case "query":
            return dict(parse_qsl(request.query, keep_blank_values=True)).get(name)
        case _:
            return request.cookies.get(name)
