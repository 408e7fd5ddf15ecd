"""Events: listed, and triggered."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import Parameter
from typing import Any

from mockserver.clock import format_moment, parse_clock_moment
from mockserver.errors import Refusal, UnknownNameError, suggest_nearest
from mockserver.event import ScenarioFunction
from mockserver.json_pointer import escape
from mockserver.server.control.context import ControlContext
from mockserver.server.control.refusals import make_problem_refusal


def list_events(context: ControlContext) -> dict[str, Any]:
    """All of them, by name."""
    events = [
        (api.name, api.get_event(name)) for api in context.apis.values() for name in api.events
    ]
    return {"events": [_shown(api, event) for api, event in events]}


def trigger_event(
    context: ControlContext, event: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    """One of them, in the sandbox, at a moment or at the world's own."""
    body = body or {}
    api, action = _event(context, event)
    options = body.get("with", {})
    faults = list(action.find_faults(options))
    if faults:
        raise _unfitting(event, faults)
    world = context.sandbox.open_world(api)
    acting = world.freeze_at(parse_clock_moment(body["at"])) if "at" in body else world
    action(acting, **options)
    return {"event": event, "at": format_moment(acting.now)}


def _event(context: ControlContext, name: str) -> tuple[str, ScenarioFunction]:
    api, _, verb = name.partition(".")
    if api not in context.apis or verb not in context.apis[api].events:
        known = [f"{item.name}.{verb}" for item in context.apis.values() for verb in item.events]
        raise UnknownNameError(f"There is no event '{name}'; {suggest_nearest(name, known)}")
    return api, context.apis[api].get_event(verb)


def _unfitting(event: str, faults: Sequence[tuple[str, str]]) -> Refusal:
    """What is wrong with each option, all of it together."""
    reasons = "; ".join(f"{name}: {reason}" for name, reason in faults)
    errors = [
        {"field": f"/request/body/with/{escape(name)}", "reason": reason} for name, reason in faults
    ]
    return make_problem_refusal(
        422, f"'{event}' cannot be triggered like this: {reasons}", errors=errors
    )


def _shown(api: str, event: ScenarioFunction) -> dict[str, Any]:
    return {
        "name": event.name,
        "api": api,
        "description": event.description,
        "options": [_option(event, name) for name in event.options],
    }


def _option(event: ScenarioFunction, name: str) -> dict[str, Any]:
    parameter = event.options[name]
    is_required = parameter.default is Parameter.empty
    shown: dict[str, Any] = {"name": name, **event.schemas[name], "required": is_required}
    return shown if is_required else {**shown, "default": parameter.default}
