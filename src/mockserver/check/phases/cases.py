"""Cases: every documented status of every operation is made to happen once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.check.cases import StatusCase, read_cases
from mockserver.check.context import CheckContext
from mockserver.check.http.request import ABSENT
from mockserver.check.validation.finding import Finding
from mockserver.invariant import Interaction

__all__ = ["run_cases"]

_CREDENTIALS = {"good": "", "none": None, "invalid": "invalid"}


def run_cases(context: CheckContext) -> None:
    """Cook each case that the target allows; the others are said to be skipped."""
    for case in read_cases(context.api.name).cases:
        missing = context.missing(case.wanted)
        name = f"case '{case.name}'"
        if case.cannot:
            context.results.leave_out(f"{name}: {case.cannot}")
        elif missing:
            context.results.leave_out(f"{name}: no id for {', '.join(missing)}")
        elif not _is_allowed(context, case):
            context.results.leave_out(f"{name}: it writes")
        else:
            _cook(context, case)


def _is_allowed(context: CheckContext, case: StatusCase) -> bool:
    if context.may_write:
        return True
    is_safe = context.allows(context.api.contract.operation(case.operation))
    return is_safe and not case.writes and "method" not in case.request


def _cook(context: CheckContext, case: StatusCase) -> None:
    request = case.fill(context.ids)
    headers = dict(request.get("headers", {}))
    if "content_type" in request:
        headers["Content-Type"] = request["content_type"]
    with context.sequence(case.world) as ask:
        seen = ask.send(
            case.operation,
            request.get("parameters", {}),
            body=_body(request),
            credential=_CREDENTIALS[request.get("credential", "good")],
            headers=headers,
            method=request.get("method"),
            suffix=request.get("append", ""),
        )
    for reason in _reasons(case, seen):
        context.results.find(_finding(context, case, seen, reason))


def _body(request: Mapping[str, Any]) -> Any:
    if "body_bytes" in request:
        return b" " * request["body_bytes"]
    if "raw_body" in request:
        return request["raw_body"].encode()
    return request.get("body", ABSENT)


def _reasons(case: StatusCase, seen: Interaction) -> list[str]:
    """What is not as the case expects."""
    if seen.status != case.status:
        return [f"it answers {seen.status}, and not {case.status}"]
    expect = case.expect
    reasons = []
    if "body" in expect and seen.answer != expect["body"]:
        reasons.append(f"its body is {seen.answer!r}, and not {expect['body']!r}")
    if "contains" in expect and not _contains(seen.answer, expect["contains"]):
        reasons.append(f"its body is {seen.answer!r}, which has not {expect['contains']!r}")
    return reasons


def _contains(value: Any, part: Any) -> bool:
    """Whether a value has what a part of it says, objects within objects alike."""
    if not isinstance(part, Mapping):
        return bool(value == part)
    return isinstance(value, Mapping) and all(
        name in value and _contains(value[name], wanted) for name, wanted in part.items()
    )


def _finding(context: CheckContext, case: StatusCase, seen: Interaction, reason: str) -> Finding:
    operation = context.api.contract.operation(case.operation)
    return Finding(
        api=context.api.name,
        operation=operation.id,
        code="case",
        rule=f"case:{case.name}",
        evidence=case.evidence or operation.evidence_of(case.status),
        sentence=f"'{case.name}' should be answered {case.status}, but {reason}",
        status=seen.status,
        exchange=seen.exchange,
    )
