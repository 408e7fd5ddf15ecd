"""The control API as a descriptor, like a vendor's: its handlers, and how it refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import wraps
from inspect import signature
from typing import Any

from mockserver.api import Api, Handler
from mockserver.contract import Violation
from mockserver.errors import HttpError, MockserverError, Refusal
from mockserver.event import collect_functions
from mockserver.server.control import (
    clock,
    events,
    mutations,
    sandboxes,
    scenarios,
    server,
    snapshots,
    state,
)
from mockserver.server.control.refusals import SHOWN, make_refusal
from mockserver.server.problems import PROBLEM_TYPE, make_problem

__all__ = ["make_control_api"]

_LARGEST = 10**308
_ROOMS = (server, sandboxes, scenarios, snapshots, clock, state, events, mutations)


def _refusing(handler: Handler) -> Handler:
    """The handler, with what it raises on purpose put into problem details."""

    @wraps(handler)
    def run(*args: Any, **options: Any) -> Any:
        try:
            return handler(*args, **options)
        except (Refusal, HttpError):
            raise
        except MockserverError as error:
            raise make_refusal(error) from error

    run.__signature__ = signature(handler)  # type: ignore[attr-defined]
    return run


def _refuse(error: HttpError) -> Refusal:
    headers = {"Content-Type": PROBLEM_TYPE, **error.headers}
    return Refusal(error.status, make_problem(error.status, error.sentence), headers)


def _invalid(_: Any, __: Mapping[str, Any], violations: Sequence[Violation]) -> Refusal:
    errors = [
        {
            "field": violation.location,
            "reason": violation.message,
            "value": _readable(violation.value),
            "contract": violation.rule,
        }
        for violation in violations[:SHOWN]
    ]
    detail = "; ".join(f"{error['field']}: {error['reason']}" for error in errors)
    if len(violations) > SHOWN:
        detail = f"{detail}; and {len(violations) - SHOWN} more"
    body = make_problem(400, f"The request is not what the contract says: {detail}", errors=errors)
    return Refusal(400, body, {"Content-Type": PROBLEM_TYPE})


def _readable(value: Any) -> Any:
    """A value, or its text where it is a number that readers of JSON take for infinity."""
    is_huge = isinstance(value, int) and abs(value) > _LARGEST
    return str(value) if is_huge else value


def make_control_api() -> Api:
    """The control API. Raises ApiError for an operation without a handler."""
    handlers = {
        name: _refusing(handler)
        for room in _ROOMS
        for name, handler in collect_functions(room).items()
    }
    made = Api(name="control", handlers=handlers, refuse=_refuse, refuse_invalid=_invalid, kinds=())
    for operation in made.contract.operations:
        made.get_handler(operation)
    return made
