"""Operations on scenarios and events."""

from __future__ import annotations

from typing import Any

from mockserver.clock import format_moment, parse_clock_moment
from mockserver.errors import HttpError, UnknownNameError, suggest_nearest
from mockserver.event import ScenarioFunction
from mockserver.json_pointer import escape
from mockserver.scenarios import Scenario, add_to_world, load_data, load_text
from mockserver.server.control import views
from mockserver.server.control.context import ControlContext
from mockserver.server.responses import make_problem_refusal

_FILE = "body"
"""The name of a scenario in a request, where faults name their file."""


def list_scenarios(context: ControlContext) -> dict[str, Any]:
    entries = context.server.library.list_entries()
    return {
        "scenarios": [{"name": entry.name, "description": entry.description} for entry in entries]
    }


def get_scenario(context: ControlContext, scenario: str) -> dict[str, Any]:
    entry = context.server.library.get_entry(scenario)
    return {"name": entry.name, "description": entry.description, "source": entry.source}


def load_scenario(
    context: ControlContext, body: bytes | dict[str, Any], mode: str, seed: int | None = None
) -> dict[str, Any]:
    scenario = _read_scenario(context, body)
    if mode == "add":
        if seed is not None:
            raise HttpError(
                400, "What is added is generated with the world's own seed; leave it out"
            )
        add_to_world(scenario, context.apis, context.sandbox.open_world)
    else:
        context.sandbox.load_template(context.build_template(scenario, seed=seed))
    return context.format_sandbox(context.sandbox.record)


def _read_scenario(context: ControlContext, body: bytes | dict[str, Any]) -> Scenario:
    apis, library = context.apis, context.server.library
    if isinstance(body, bytes):
        return load_text(_decode(body), apis, library, _FILE)
    scenario = body["scenario"]
    if isinstance(scenario, str):
        return context.load_scenario(scenario)
    return load_data(scenario, apis, library, _FILE)


def _decode(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise HttpError(400, f"The body is not UTF-8: {error}") from error


def list_events(context: ControlContext) -> dict[str, Any]:
    return {
        "events": [
            views.format_event(api.name, api.get_event(name))
            for api in context.apis.values()
            for name in api.events
        ]
    }


def trigger_event(
    context: ControlContext, event: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    body = body or {}
    api, function = _get_event(context, event)
    options = body.get("with", {})
    faults = list(function.find_faults(options))
    if faults:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in faults)
        errors = [
            {"field": f"/request/body/with/{escape(name)}", "reason": reason}
            for name, reason in faults
        ]
        detail = f"'{event}' cannot be triggered like this: {reasons}"
        raise make_problem_refusal(422, detail, errors=errors)
    world = context.sandbox.open_world(api)
    if "at" in body:
        world = world.freeze_at(parse_clock_moment(body["at"]))
    function(world, **options)
    return {"event": event, "at": format_moment(world.now)}


def _get_event(context: ControlContext, name: str) -> tuple[str, ScenarioFunction]:
    api, _, event = name.partition(".")
    if api not in context.apis or event not in context.apis[api].events:
        known = [f"{item.name}.{event}" for item in context.apis.values() for event in item.events]
        raise UnknownNameError(f"There is no event '{name}'; {suggest_nearest(name, known)}")
    return api, context.apis[api].get_event(event)
