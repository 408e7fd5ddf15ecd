"""Events: listed, and triggered."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import Parameter
from typing import Any

from mockserver.clock import parse_present, written
from mockserver.errors import Refused, UnknownNameError, nearest
from mockserver.event import Action
from mockserver.json_pointer import escape
from mockserver.server.control.context import Controls
from mockserver.server.control.refusals import refusal


def list_events(controls: Controls) -> dict[str, Any]:
    """All of them, by name."""
    events = [(api.name, api.event(name)) for api in controls.apis.values() for name in api.events]
    return {"events": [_shown(api, event) for api, event in events]}


def trigger_event(
    controls: Controls, event: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    """One of them, in the sandbox, at a moment or at the world's own."""
    body = body or {}
    api, action = _event(controls, event)
    options = body.get("with", {})
    faults = list(action.faults(options))
    if faults:
        raise _unfitting(event, faults)
    world = controls.sandbox.world(api)
    acting = world.at(parse_present(body["at"])) if "at" in body else world
    action(acting, **options)
    return {"event": event, "at": written(acting.now)}


def _event(controls: Controls, name: str) -> tuple[str, Action]:
    api, _, verb = name.partition(".")
    if api not in controls.apis or verb not in controls.apis[api].events:
        known = [f"{item.name}.{verb}" for item in controls.apis.values() for verb in item.events]
        raise UnknownNameError(f"There is no event '{name}'; {nearest(name, known)}")
    return api, controls.apis[api].event(verb)


def _unfitting(event: str, faults: Sequence[tuple[str, str]]) -> Refused:
    """What is wrong with each option, all of it together."""
    reasons = "; ".join(f"{name}: {reason}" for name, reason in faults)
    errors = [
        {"field": f"/request/body/with/{escape(name)}", "reason": reason} for name, reason in faults
    ]
    return refusal(422, f"'{event}' cannot be triggered like this: {reasons}", errors=errors)


def _shown(api: str, event: Action) -> dict[str, Any]:
    return {
        "name": event.name,
        "api": api,
        "description": event.description,
        "options": [_option(event, name) for name in event.options],
    }


def _option(event: Action, name: str) -> dict[str, Any]:
    parameter = event.options[name]
    is_required = parameter.default is Parameter.empty
    shown: dict[str, Any] = {"name": name, **event.schemas[name], "required": is_required}
    return shown if is_required else {**shown, "default": parameter.default}
