"""Validates the request of a call: strictly, with a warning, or not at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from mockserver.contract import ValidatedRequest, Violation
from mockserver.errors import HttpError
from mockserver.sandbox import World
from mockserver.server.middleware.journal import get_notes
from mockserver.server.preference import get_preference
from mockserver.server.services import Call

_MAX_HEADER = 2_000
_MAX_MESSAGE = 200


def apply_validation(call: Call, validated: ValidatedRequest) -> None:
    """Set the arguments of a call. Raises HttpError or Refusal if the request is refused."""
    call.arguments = validated.arguments
    violations = validated.violations
    mode = get_mode(call)
    call.violations[:] = [] if mode == "off" else [*violations, *validated.warnings]
    get_notes(call.scope).violations = [*violations, *validated.warnings]
    if not violations:
        return
    if mode != "strict":
        call.is_lenient = True
        call.arguments = _complete(call, validated)
        return
    has_type = any(violation.code == "content-type" for violation in violations)
    if call.api.refuse_invalid is None:
        raise HttpError(415 if has_type else 422, "; ".join(map(str, violations)))
    # A vendor may refuse for another reason first, such as an unknown session.
    refusal = call.api.refuse_invalid(call.context, validated.arguments, violations)
    if has_type:
        raise HttpError(415)
    raise refusal


def get_mode(call: Call) -> str:
    """How a request is validated: what the client prefers, otherwise the setting of the world."""
    if not isinstance(call.context, World):
        return "strict"
    return get_preference(call.scope).validation or call.context.validation


def _complete(call: Call, validated: ValidatedRequest) -> dict[str, Any]:
    """The arguments of a request that breaks the contract, as far as there are any.

    A parameter that does not conform counts as not sent, except in a path; a body is what it is.
    """
    arguments = dict(validated.arguments)
    for parameter in call.operation.parameters:
        if parameter.name not in arguments:
            if parameter.location == "path":
                arguments[parameter.name] = call.path_values[parameter.name]
            elif "default" in parameter.schema:
                arguments[parameter.name] = deepcopy(parameter.schema["default"])
    if "body" not in arguments and call.request.body:
        try:
            arguments["body"] = json.loads(call.request.body)
        except (ValueError, RecursionError):
            arguments["body"] = None
    return arguments


def format_violations(violations: Sequence[Violation]) -> str:
    """Violations as JSON for a header: in ASCII, and cut at a limit."""
    told: list[str] = []
    size = 2
    for violation in violations:
        message = violation.message
        if len(message) > _MAX_MESSAGE:
            message = f"{message[:_MAX_MESSAGE]}…"
        text = json.dumps(
            {
                "location": violation.location[:_MAX_MESSAGE],
                "severity": violation.severity,
                "code": violation.code,
                "message": message,
            },
            separators=(",", ":"),
        )
        size += len(text) + 1
        if size > _MAX_HEADER and told:
            told.append(json.dumps({"more": len(violations) - len(told)}, separators=(",", ":")))
            break
        told.append(text)
    return f"[{','.join(told)}]"
