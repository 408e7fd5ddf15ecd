"""Scenarios: listed, read, loaded."""

from __future__ import annotations

from typing import Any

from mockserver.errors import BadRequest
from mockserver.scenarios import Scenario, add_to_world, load_data, load_text
from mockserver.server.control.context import ControlContext

_NAME = "body"
"""What a scenario in a request is called where something is wrong with it."""


def list_scenarios(context: ControlContext) -> dict[str, Any]:
    """Those that have names here."""
    entries = context.server.library.list_entries()
    return {
        "scenarios": [{"name": entry.name, "description": entry.description} for entry in entries]
    }


def get_scenario(context: ControlContext, scenario: str) -> dict[str, Any]:
    """One of them in full."""
    entry = context.server.library.get_entry(scenario)
    return {"name": entry.name, "description": entry.description, "source": entry.source}


def load_scenario(
    context: ControlContext, body: bytes | dict[str, Any], mode: str, seed: int | None = None
) -> dict[str, Any]:
    """A scenario into the sandbox: in the place of its world, or added to it."""
    scenario = _scenario(context, body, is_whole=mode == "replace")
    if mode == "add":
        if seed is not None:
            raise BadRequest("What is added is generated with the world's own seed; leave it out")
        add_to_world(scenario, context.apis, context.sandbox.open_world)
    else:
        context.sandbox.load_template(context.build_template(scenario, seed=seed))
    return context.format_sandbox(context.sandbox.record)


def _scenario(context: ControlContext, body: bytes | dict[str, Any], *, is_whole: bool) -> Scenario:
    apis, library = context.apis, context.server.library
    if isinstance(body, bytes):
        return load_text(_text(body), apis, library, _NAME, is_whole=is_whole)
    scenario = body["scenario"]
    if isinstance(scenario, str):
        return context.load_scenario(scenario, is_whole=is_whole)
    return load_data(scenario, apis, library, _NAME, is_whole=is_whole)


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"The body is not UTF-8: {error}") from error
