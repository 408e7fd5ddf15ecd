"""Levers: listed, and pulled."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import Parameter
from typing import Any

from mockserver.action import Action
from mockserver.clock import parse_present, written
from mockserver.errors import Refused, UnknownNameError, nearest
from mockserver.json_pointer import escape
from mockserver.server.control.controls import Controls
from mockserver.server.control.refusals import refusal


def list_levers(controls: Controls) -> dict[str, Any]:
    """All of them, by name."""
    levers = [(api.name, api.lever(name)) for api in controls.apis.values() for name in api.levers]
    return {"levers": [_shown(api, lever) for api, lever in levers]}


def pull_lever(
    controls: Controls, lever: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    """One of them, in the sandbox, at a moment or at the world's own."""
    body = body or {}
    api, action = _lever(controls, lever)
    options = body.get("with", {})
    faults = list(action.faults(options))
    if faults:
        raise _unfitting(lever, faults)
    world = controls.sandbox.world(api)
    acting = world.at(parse_present(body["at"])) if "at" in body else world
    action(acting, **options)
    return {"lever": lever, "at": written(acting.now)}


def _lever(controls: Controls, name: str) -> tuple[str, Action]:
    api, _, verb = name.partition(".")
    if api not in controls.apis or verb not in controls.apis[api].levers:
        known = [f"{item.name}.{verb}" for item in controls.apis.values() for verb in item.levers]
        raise UnknownNameError(f"There is no lever '{name}'; {nearest(name, known)}")
    return api, controls.apis[api].lever(verb)


def _unfitting(lever: str, faults: Sequence[tuple[str, str]]) -> Refused:
    """What is wrong with each option, all of it together."""
    reasons = "; ".join(f"{name}: {reason}" for name, reason in faults)
    errors = [
        {"field": f"/request/body/with/{escape(name)}", "reason": reason} for name, reason in faults
    ]
    return refusal(422, f"'{lever}' cannot be pulled like this: {reasons}", errors=errors)


def _shown(api: str, lever: Action) -> dict[str, Any]:
    return {
        "name": lever.name,
        "api": api,
        "description": lever.description,
        "options": [_option(lever, name) for name in lever.options],
    }


def _option(lever: Action, name: str) -> dict[str, Any]:
    parameter = lever.options[name]
    is_required = parameter.default is Parameter.empty
    shown: dict[str, Any] = {"name": name, **lever.schemas[name], "required": is_required}
    return shown if is_required else {**shown, "default": parameter.default}
