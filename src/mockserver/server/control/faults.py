"""Operations on the rules of faults in a sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from mockserver.api import list_operations
from mockserver.errors import QuotaError, TakenNameError, look_up
from mockserver.fault import (
    MAX_RULES,
    FaultRule,
    RuleState,
    find_rule_faults,
    format_rules,
    format_states,
    read_rules,
    read_states,
)
from mockserver.server.control import views
from mockserver.server.control.context import ControlContext
from mockserver.server.responses import make_problem


def list_faults(context: ControlContext) -> dict[str, Any]:
    return {"faults": [_format(context, rule) for rule in _get_rules(context).values()]}


def create_fault(context: ControlContext, body: dict[str, Any]) -> dict[str, Any]:
    rules = _get_rules(context)
    free = (name for n in count(1) if (name := f"fault-{n}") not in rules)
    name = body.get("name") or next(free)
    if name in rules:
        raise TakenNameError(f"There is a fault '{name}' already; replace or delete it")
    return _put(context, rules, name, body)


def get_fault(context: ControlContext, fault: str) -> dict[str, Any]:
    return _format(context, look_up(_get_rules(context), fault, "There is no fault"))


def put_fault(context: ControlContext, fault: str, body: dict[str, Any]) -> dict[str, Any]:
    return _put(context, _get_rules(context), fault, body)


def delete_fault(context: ControlContext, fault: str) -> None:
    rules = _get_rules(context)
    look_up(rules, fault, "There is no fault")
    del rules[fault]
    _store(context, rules, fault)


def delete_faults(context: ControlContext) -> None:
    _store(context, {}, *_get_rules(context))


def _get_rules(context: ControlContext) -> dict[str, FaultRule]:
    return {rule.name: rule for rule in read_rules(context.sandbox.record.faults)}


def _put(
    context: ControlContext, rules: dict[str, FaultRule], name: str, body: Mapping[str, Any]
) -> dict[str, Any]:
    data = {**body, "name": name}
    faults = list(find_rule_faults(data, list_operations(context.apis.values())))
    if faults:
        errors = [
            {"field": f"/request/body{pointer}", "reason": reason} for pointer, reason in faults
        ]
        reasons = "; ".join(f"{pointer[1:].replace('/', '.')}: {it}" for pointer, it in faults)
        raise make_problem(422, f"The fault '{name}' cannot be like this: {reasons}", errors=errors)
    if name not in rules and len(rules) >= MAX_RULES:
        raise QuotaError(
            f"The sandbox has {MAX_RULES} faults, which is as many as it may have; delete some"
        )
    rules[name] = FaultRule.read(data, context.sandbox.record.clock.now())
    _store(context, rules, name)
    return _format(context, rules[name])


def _store(context: ControlContext, rules: Mapping[str, FaultRule], *changed: str) -> None:
    """Store the rules. What changed begins anew."""
    states = read_states(context.sandbox.record.fault_states)
    kept = {name: state for name, state in states.items() if name not in changed}
    text = format_states(kept) if kept else ""
    context.sandbox.set_faults(format_rules(rules.values()), text, *changed)


def _format(context: ControlContext, rule: FaultRule) -> dict[str, Any]:
    record = context.sandbox.record
    state = read_states(record.fault_states).get(rule.name, RuleState())
    return views.format_fault(rule, state, record.began)
