"""The JSON Schema of scenarios that editors read: every kind, generator and event in one file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.api import Api
from mockserver.contract import in_draft_4
from mockserver.event import ScenarioFunction
from mockserver.kind import closed_object
from mockserver.scenarios.format import build_options_schema, build_scenario_schema

__all__ = ["build_editor_schema"]

_REF = "#/components/schemas/"


def build_editor_schema(apis: Mapping[str, Api]) -> dict[str, Any]:
    """The shape of a scenario, and of each document and event in it, complete in itself."""
    schema = build_scenario_schema(apis)
    sections = schema["properties"]["apis"]["properties"]
    for name, api in apis.items():
        sections[name]["properties"]["documents"] = closed_object(
            {
                kind.name: {"type": "array", "items": _own(in_draft_4(kind.schema), name)}
                for kind in api.kinds
            }
        )
    events = [api.get_event(name) for api in apis.values() for name in api.events]
    schema["properties"]["events"]["items"] = {"anyOf": [_event(event) for event in events]}
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "title": "A scenario of Mockserver",
        **schema,
        "definitions": {name: _definitions(api) for name, api in apis.items()},
    }


def _event(event: ScenarioFunction) -> dict[str, Any]:
    trigger = {"enum": [event.name], "description": event.description}
    needs_options = any(option.default is option.empty for option in event.options.values())
    properties = {"trigger": trigger, "at": {"type": "string"}, "with": build_options_schema(event)}
    return closed_object(properties, ["trigger", "with"] if needs_options else ["trigger"])


def _definitions(api: Api) -> dict[str, Any]:
    schemas = api.contract.document.get("components", {}).get("schemas", {})
    return {name: _own(in_draft_4(schema), api.name) for name, schema in schemas.items()}


def _own(node: Any, api: str) -> Any:
    """A schema of a contract as this file has it: references moved, our own marks left out."""
    if isinstance(node, list):
        return [_own(item, api) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _own(value, api) for key, value in node.items() if not key.startswith("x-")}
    if isinstance(kept.get("$ref"), str):
        kept["$ref"] = kept["$ref"].replace(_REF, f"#/definitions/{api}/")
    kept.pop("nullable", None)
    kept.pop("example", None)
    return kept
