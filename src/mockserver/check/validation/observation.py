"""Reads an exchange by its contract: what was asked, what was answered, what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from mockserver.api import Api
from mockserver.contract import Exchange, Operation, Request, Response, Unmatched, Violation
from mockserver.invariant import Interaction

__all__ = ["Observation", "observe"]


@dataclass(frozen=True)
class Observation:
    """An exchange as it was seen, and every breach of the contract in its two halves."""

    seen: Interaction
    asked: tuple[Violation, ...]
    answered: tuple[Violation, ...]


def observe(
    api: Api,
    request: Request,
    response: Response,
    *,
    moment: int,
    is_admitted: bool = True,
    found: tuple[Operation, Mapping[str, str]] | None = None,
) -> Observation | None:
    """The exchange as the contract reads it; None for a path that it does not have.

    `found` is the operation and the values in the path, where the caller knows them.
    """
    if found is None:
        match = api.contract.match(request.method, request.path)
        if isinstance(match, Unmatched):
            return None
        found = match
    operation, path_values = found
    reading = api.validator.validate_request(operation, request, path_values)
    seen = Interaction(
        operation=operation,
        exchange=Exchange(request, response),
        arguments=reading.arguments,
        is_valid=not reading.violations,
        answer=_json(response),
        moment=moment,
        is_admitted=is_admitted,
    )
    answered = api.validator.validate_response(operation, response)
    return Observation(seen, tuple(reading.violations), tuple(answered))


def _json(response: Response) -> Any:
    try:
        return orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return None
