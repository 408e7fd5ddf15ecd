"""What the house refuses, as problem details: a status, a sentence, and all that is wrong."""

from __future__ import annotations

from typing import Any

from mockserver.errors import (
    DocumentError,
    EventError,
    MockserverError,
    QuotaError,
    Refusal,
    SandboxNameError,
    ScenarioError,
    SettingError,
    TakenNameError,
    UnknownNameError,
)
from mockserver.scenarios import ClockFault
from mockserver.server.problems import PROBLEM_TYPE, make_problem

__all__ = ["SHOWN", "make_refusal"]

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
SHOWN = 100
"""How many faults are shown; a scenario can have one in every line."""


def make_refusal(error: MockserverError) -> Refusal:
    """The refusal that an error is; one that is no fault of the request's is raised as it is."""
    status = next((_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES), None)
    if status is None:
        raise error
    if isinstance(error, ScenarioError):
        return _scenario(status, error)
    more: dict[str, Any] = {}
    if isinstance(error, ClockFault):
        more["errors"] = [{"field": f"/request/body/clock/{error.field}", "reason": str(error)}]
    return make_problem_refusal(status, str(error), **more)


def _scenario(status: int, error: ScenarioError) -> Refusal:
    faults = error.faults
    number = "One thing is" if len(faults) == 1 else f"{len(faults)} things are"
    first = "" if len(faults) == 1 else "the first is "
    errors = [
        {"file": fault.file, "line": fault.line, "field": fault.field, "reason": fault.reason}
        for fault in faults[:SHOWN]
    ]
    detail = f"{number} wrong, and nothing was changed: {first}{faults[0]}"
    return make_problem_refusal(status, detail, errors=errors)


def make_problem_refusal(status: int, detail: str, **more: Any) -> Refusal:
    """A refusal in problem details, with what more there is to say."""
    return Refusal(status, make_problem(status, detail, **more), {"Content-Type": PROBLEM_TYPE})
