"""How a scenario is written, as a JSON Schema made from what the vendors offer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.api import Api
from mockserver.event import ScenarioFunction
from mockserver.kind import closed_object

__all__ = ["build_options_schema", "build_scenario_schema"]

_TEXT = {"type": "string", "minLength": 1}
_SEED = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
# A text or an object, and each keyword speaks of one of the two.
_CLOCK = {
    "type": ["string", "object"],
    "pattern": "^real$",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        "freeze": _TEXT,
        "shift": {"type": ["string", "number"], "minLength": 1},
        "rate": {"type": "number", "minimum": 0.000001, "maximum": 1_000_000},
    },
}
_TOKENS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "valid": {"type": "array", "items": _TEXT},
        "required": {"type": "boolean"},
    },
}


def build_scenario_schema(apis: Mapping[str, Api]) -> dict[str, Any]:
    """The schema of a scenario's shape; of a document's body, its kind's own schema speaks."""
    sections = {name: _section(api) for name, api in apis.items()}
    tokens = dict.fromkeys(apis, _TOKENS)
    return closed_object(
        {
            "name": {**_TEXT, "maxLength": 255},
            "description": _TEXT,
            "extends": _TEXT,
            "seed": _SEED,
            "clock": _CLOCK,
            "tokens": closed_object(tokens),
            "apis": closed_object(sections),
            "events": {"type": "array", "items": _event()},
        },
        required=["name", "description"],
    )


def _section(api: Api) -> dict[str, Any]:
    documents = {kind.name: {"type": "array", "items": {"type": "object"}} for kind in api.kinds}
    generators = {name: build_options_schema(api.get_generator(name)) for name in api.generators}
    return closed_object(
        {"documents": closed_object(documents), "generate": closed_object(generators)}
    )


def build_options_schema(action: ScenarioFunction) -> dict[str, Any]:
    """The options of a generator or an event."""
    required = [name for name, option in action.options.items() if option.default is option.empty]
    return closed_object(action.schemas, required)


def _event() -> dict[str, Any]:
    return closed_object(
        {"trigger": _TEXT, "at": _TEXT, "with": {"type": "object"}}, required=["trigger"]
    )
