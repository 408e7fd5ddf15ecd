"""Operations on scenarios and events."""

from __future__ import annotations

from functools import partial
from typing import Any

from mockserver.api import get_events
from mockserver.clock import ClockSetting, format_moment, machine_now
from mockserver.errors import HttpError, YamlError, look_up
from mockserver.json_pointer import escape
from mockserver.moment import resolve_clock_moment
from mockserver.scenarios import Scenario, add_to_world, build_editor_schema, load_stream
from mockserver.server.control import views
from mockserver.server.control.context import ControlContext
from mockserver.server.responses import make_problem
from mockserver.streamed_text import StreamedText

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
    context: ControlContext,
    body: StreamedText,
    mode: str,
    seed: int | None = None,
    freeze_at: str | None = None,
    *,
    dry_run: bool = False,
) -> dict[str, Any]:
    scenario = _read_scenario(context, body)
    if dry_run and mode == "add":
        raise HttpError(400, "What is added cannot be tried first; leave 'dry_run' out")
    if mode == "add":
        if seed is not None:
            raise HttpError(
                400, "What is added is generated with the world's own seed; leave it out"
            )
        if freeze_at is not None:
            raise HttpError(400, "What is added comes to the world's own clock; freeze that first")
        context.session.extend(partial(add_to_world, scenario, context.apis))
    else:
        clock = None
        if freeze_at is not None:
            clock = ClockSetting(freeze=resolve_clock_moment(freeze_at, machine_now()))
        template = context.build_template(scenario, seed=seed, clock=clock)
        context.session.prepare(template)
        if not dry_run:
            context.sandbox.load_template(template)
    return context.format_sandbox(context.sandbox.record)


def _read_scenario(context: ControlContext, body: StreamedText) -> Scenario:
    apis, library = context.apis, context.server.library
    if not body.is_json:
        try:
            _ = body.digest
        except YamlError as error:
            raise HttpError(400, f"The body {error.reason.removeprefix('it ')}") from error
        return load_stream(body, apis, library, _FILE)
    scenario = body.source.data["scenario"]
    if isinstance(scenario, str):
        return context.load_scenario(scenario)
    return load_stream(body, apis, library, _FILE, "/scenario")


def get_scenario_schema(context: ControlContext) -> dict[str, Any]:
    return build_editor_schema(context.apis)


def list_events(context: ControlContext) -> dict[str, Any]:
    events = get_events(context.apis.values())
    return {"events": [views.format_event(event) for event in events.values()]}


def trigger_event(
    context: ControlContext, event: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    body = body or {}
    function = look_up(get_events(context.apis.values()), event, "There is no event")
    options = body.get("with", {})
    faults = list(function.find_faults(options))
    if faults:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in faults)
        errors = [
            {"field": f"/request/body/with/{escape(name)}", "reason": reason}
            for name, reason in faults
        ]
        detail = f"'{event}' cannot be triggered like this: {reasons}"
        raise make_problem(422, detail, errors=errors)
    world = context.sandbox.open_world(event.partition(".")[0])
    world = world.freeze_at(resolve_clock_moment(body.get("at", "now"), world.now))
    function(world, **options)
    return {"event": event, "at": format_moment(world.now)}
