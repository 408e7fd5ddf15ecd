"""Validates one exchange by the contract."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import orjson

from mockserver.api import Api
from mockserver.contract import Exchange, Operation
from mockserver.invariant import Interaction


def observe(
    api: Api,
    exchange: Exchange,
    match: tuple[Operation, Mapping[str, str]],
    *,
    moment: int,
    is_admitted: bool = True,
) -> Interaction:
    """Validate an exchange by the operation that matches it, with the values in its path."""
    operation, path_values = match
    response_body: Any = None
    with suppress(orjson.JSONDecodeError):
        response_body = orjson.loads(exchange.response.body)
    validated = api.validator.validate_request(operation, exchange.request, path_values)
    return Interaction(
        operation=operation,
        exchange=exchange,
        arguments=validated.arguments,
        request_violations=validated.violations,
        response_violations=api.validator.validate_response(operation, exchange.response),
        response_body=response_body,
        moment=moment,
        is_admitted=is_admitted,
    )
