"""Provocations: every documented status of every operation is made to happen once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.check.finding import Finding
from mockserver.check.recipes import Recipe, read_recipes
from mockserver.check.request import ABSENT
from mockserver.check.trial import Trial
from mockserver.law import Seen

__all__ = ["run_provocations"]

_CREDENTIALS = {"good": "", "none": None, "invalid": "invalid"}


def run_provocations(trial: Trial) -> None:
    """Cook each recipe that the target allows; the others are said to be unchecked."""
    for recipe in read_recipes(trial.api.name).recipes:
        missing = trial.missing(recipe.wanted)
        name = f"provocation '{recipe.name}'"
        if recipe.cannot:
            trial.ledger.leave_out(f"{name}: {recipe.cannot}")
        elif missing:
            trial.ledger.leave_out(f"{name}: no known {', '.join(missing)}")
        elif not _is_allowed(trial, recipe):
            trial.ledger.leave_out(f"{name}: it writes")
        else:
            _cook(trial, recipe)


def _is_allowed(trial: Trial, recipe: Recipe) -> bool:
    if trial.may_write:
        return True
    is_safe = trial.allows(trial.api.contract.operation(recipe.operation))
    return is_safe and not recipe.writes and "method" not in recipe.request


def _cook(trial: Trial, recipe: Recipe) -> None:
    request = recipe.filled(trial.known)
    headers = dict(request.get("headers", {}))
    if "content_type" in request:
        headers["Content-Type"] = request["content_type"]
    with trial.thread(recipe.world) as ask:
        seen = ask.send(
            recipe.operation,
            request.get("parameters", {}),
            body=_body(request),
            credential=_CREDENTIALS[request.get("credential", "good")],
            headers=headers,
            method=request.get("method"),
            suffix=request.get("append", ""),
        )
    for reason in _reasons(recipe, seen):
        trial.ledger.find(_finding(trial, recipe, seen, reason))


def _body(request: Mapping[str, Any]) -> Any:
    if "body_bytes" in request:
        return b" " * request["body_bytes"]
    if "raw_body" in request:
        return request["raw_body"].encode()
    return request.get("body", ABSENT)


def _reasons(recipe: Recipe, seen: Seen) -> list[str]:
    """What is not as the recipe expects."""
    if seen.status != recipe.status:
        return [f"it answers {seen.status}, and not {recipe.status}"]
    expect = recipe.expect
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


def _finding(trial: Trial, recipe: Recipe, seen: Seen, reason: str) -> Finding:
    operation = trial.api.contract.operation(recipe.operation)
    return Finding(
        api=trial.api.name,
        operation=operation.id,
        code="provocation",
        rule=f"recipe:{recipe.name}",
        evidence=recipe.evidence or operation.evidence_of(recipe.status),
        sentence=f"'{recipe.name}' should be answered {recipe.status}, but {reason}",
        status=seen.status,
        exchange=seen.exchange,
    )
