"""Validates one exchange by the contract."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import orjson

from mockserver.api import Api
from mockserver.contract import Exchange, Operation, Request, Response, Unmatched
from mockserver.invariant import Interaction


def observe(
    api: Api,
    request: Request,
    response: Response,
    *,
    moment: int,
    is_admitted: bool = True,
    intended: tuple[Operation, Mapping[str, str]] | None = None,
) -> Interaction | None:
    """Validate an exchange by the contract; None for a path that it does not have.

    `intended` is the operation and the values in the path, where the caller knows them.
    """
    if intended is None:
        match = api.contract.match(request.method, request.path)
        if isinstance(match, Unmatched):
            return None
        intended = match
    operation, path_values = intended
    response_body: Any = None
    with suppress(orjson.JSONDecodeError):
        response_body = orjson.loads(response.body)
    validated = api.validator.validate_request(operation, request, path_values)
    return Interaction(
        operation=operation,
        exchange=Exchange(request, response),
        arguments=validated.arguments,
        request_violations=validated.violations,
        response_violations=api.validator.validate_response(operation, response),
        response_body=response_body,
        moment=moment,
        is_admitted=is_admitted,
    )
