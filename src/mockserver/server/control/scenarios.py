"""Scenarios: listed, read, loaded."""

from __future__ import annotations

from typing import Any

from mockserver.errors import BadRequest
from mockserver.scenarios import Scenario, add, load_data, load_text
from mockserver.server.control.context import Controls

_NAME = "body"
"""What a scenario in a request is called where something is wrong with it."""


def list_scenarios(controls: Controls) -> dict[str, Any]:
    """Those that have names here."""
    entries = controls.known.library.entries()
    return {
        "scenarios": [{"name": entry.name, "description": entry.description} for entry in entries]
    }


def get_scenario(controls: Controls, scenario: str) -> dict[str, Any]:
    """One of them in full."""
    entry = controls.known.library.entry(scenario)
    return {"name": entry.name, "description": entry.description, "source": entry.source}


def load_scenario(
    controls: Controls, body: bytes | dict[str, Any], mode: str, seed: int | None = None
) -> dict[str, Any]:
    """A scenario into the sandbox: in the place of its world, or added to it."""
    scenario = _scenario(controls, body, is_whole=mode == "replace")
    if mode == "add":
        if seed is not None:
            raise BadRequest("What is added is generated with the world's own seed; leave it out")
        add(scenario, controls.apis, controls.sandbox.world)
    else:
        controls.sandbox.load(controls.blueprint(scenario, seed=seed))
    return controls.shown(controls.sandbox.record)


def _scenario(controls: Controls, body: bytes | dict[str, Any], *, is_whole: bool) -> Scenario:
    apis, library = controls.apis, controls.known.library
    if isinstance(body, bytes):
        return load_text(_text(body), apis, library, _NAME, is_whole=is_whole)
    scenario = body["scenario"]
    if isinstance(scenario, str):
        return controls.named(scenario, is_whole=is_whole)
    return load_data(scenario, apis, library, _NAME, is_whole=is_whole)


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"The body is not UTF-8: {error}") from error
