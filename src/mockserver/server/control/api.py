"""The control API as an `Api`, like a vendor's: its handlers and its refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict
from functools import wraps
from inspect import isasyncgenfunction
from typing import Any

from mockserver.api import Api, Handler
from mockserver.contract import Violation
from mockserver.errors import (
    ApiError,
    DocumentError,
    EventError,
    HttpError,
    MockserverError,
    QuotaError,
    Refusal,
    SandboxNameError,
    ScenarioError,
    SettingError,
    TakenNameError,
    UnknownNameError,
)
from mockserver.event import collect_functions
from mockserver.scenarios import ClockFault
from mockserver.server.control import (
    checks,
    documents,
    examples,
    faults,
    journal,
    recording,
    sandboxes,
    scenarios,
    server,
    upstreams,
)
from mockserver.server.responses import make_problem, make_problem_of_error

_MODULES = (
    server,
    sandboxes,
    journal,
    recording,
    scenarios,
    documents,
    examples,
    faults,
    upstreams,
    checks,
)
_STATUSES: dict[type[MockserverError], int] = {
    SandboxNameError: 400,
    UnknownNameError: 404,
    TakenNameError: 409,
    ScenarioError: 422,
    EventError: 422,
    DocumentError: 422,
    SettingError: 422,
    QuotaError: 429,
}
_MAX_ERRORS = 100
"""How many errors a response lists; a scenario can have one in every line."""
_MAX_INTEGER = 10**308
"""Some JSON parsers read larger numbers as infinity."""


def make_control_api() -> Api:
    """The control API. Raises ApiError for an operation without a handler."""
    handlers = {
        name: wrap(handler)
        for module in _MODULES
        for name, handler in collect_functions(module).items()
        for wrap in (_refuse_stream_errors if isasyncgenfunction(handler) else _refuse_errors,)
    }
    api = Api(
        name="control",
        handlers=handlers,
        refuse=make_problem_of_error,
        refuse_invalid=_refuse_invalid,
        kinds=(),
    )
    for operation in api.unhandled:
        raise ApiError(f"The control API has no handler for '{operation.id}'.")
    return api


def _refuse_errors(handler: Handler) -> Handler:
    """The handler, whose expected errors become refusals."""

    @wraps(handler)
    def run(*args: Any, **options: Any) -> Any:
        try:
            return handler(*args, **options)
        except (Refusal, HttpError):
            raise
        except MockserverError as error:
            raise make_refusal(error) from error

    return run


def _refuse_stream_errors(handler: Handler) -> Handler:
    """Likewise for a handler of a stream; before its first part, an error is a response."""

    @wraps(handler)
    async def run(*args: Any, **options: Any) -> AsyncIterator[bytes]:
        try:
            async with aclosing(handler(*args, **options)) as parts:
                async for part in parts:
                    yield part
        except (Refusal, HttpError):
            raise
        except MockserverError as error:
            raise make_refusal(error) from error

    return run


def make_refusal(error: MockserverError) -> Refusal:
    """The refusal of an error of the request; other errors are raised again."""
    status = next((_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES), None)
    if status is None:
        raise error
    if isinstance(error, ClockFault):
        errors = [{"field": f"/request/body/clock/{error.field}", "reason": str(error)}]
        return make_problem(status, str(error), errors=errors)
    if isinstance(error, DocumentError) and error.faults:
        errors = [
            {"field": f"/request/body{pointer}", "reason": reason}
            for pointer, reason in error.faults[:_MAX_ERRORS]
        ]
        return make_problem(status, str(error), errors=errors)
    if not isinstance(error, ScenarioError):
        return make_problem(status, str(error))
    number = "One thing is" if len(error.faults) == 1 else f"{len(error.faults)} things are"
    first = "" if len(error.faults) == 1 else "the first is "
    listed = [asdict(fault) for fault in error.faults[:_MAX_ERRORS]]
    detail = f"{number} wrong, and nothing was changed: {first}{error.faults[0]}"
    return make_problem(status, detail, errors=listed)


def _refuse_invalid(_: Any, __: Mapping[str, Any], violations: Sequence[Violation]) -> Refusal:
    errors = [
        {
            "field": violation.location,
            "reason": violation.message,
            "value": str(violation.value) if _is_huge(violation.value) else violation.value,
            "contract": violation.rule,
        }
        for violation in violations[:_MAX_ERRORS]
    ]
    detail = "; ".join(f"{error['field']}: {error['reason']}" for error in errors)
    if len(violations) > _MAX_ERRORS:
        detail = f"{detail}; and {len(violations) - _MAX_ERRORS} more"
    return make_problem(400, f"The request is not what the contract says: {detail}", errors=errors)


def _is_huge(value: Any) -> bool:
    return isinstance(value, int) and abs(value) > _MAX_INTEGER
