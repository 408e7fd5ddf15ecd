"""The JSON Schema of a scenario, made from what the APIs offer: for validation, and for editors."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import cache, lru_cache
from typing import Any

from mockserver.api import Api, get_events
from mockserver.contract import Schema, Schemas, in_draft_4
from mockserver.errors import ScenarioFault
from mockserver.event import ScenarioFunction
from mockserver.fault import MAX_RULES, RULE_SCHEMA
from mockserver.files import CONTRACTS
from mockserver.json_pointer import split_pointer, step
from mockserver.kind import Kind, closed_object
from mockserver.sandbox import VALIDATIONS
from mockserver.scenarios.scenario import ScenarioSource
from mockserver.yaml_source import read_yaml

_TEXT = {"type": "string", "minLength": 1}
_SEED = {
    "type": "integer",
    "description": "The seed of the generators: the same seed makes the same documents.",
    "minimum": 0,
    "maximum": 2**63 - 1,
}
# A text or an object; each keyword applies to one of the two.
_CLOCK = {
    "type": ["string", "object"],
    "description": "The clock of the world: `real`, frozen, or shifted and with a rate.",
    "pattern": "^real$",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        "freeze": {**_TEXT, "description": "The moment at which the clock is frozen."},
        "shift": {
            "type": ["string", "number"],
            "description": "How far the clock is from the machine's clock, such as `-3h`.",
            "minLength": 1,
        },
        "rate": {
            "type": "number",
            "description": "How many seconds pass in a real second.",
            "minimum": 0.000001,
            "maximum": 1_000_000,
        },
    },
}
_TOKENS = closed_object(
    {
        "valid": {
            "type": "array",
            "description": "The credentials that are accepted.",
            "items": _TEXT,
        },
        "required": {
            "type": "boolean",
            "description": "Whether a request without a credential is refused.",
        },
    }
)
_EVENT_FIELDS: dict[str, dict[str, Any]] = {
    "at": {
        **_TEXT,
        "description": "The moment at which it is triggered; without it, that of the world.",
    },
    "with": {"type": "object", "description": "The options of the event."},
}


def validate_shape(
    source: ScenarioSource, apis: Mapping[str, Api]
) -> tuple[dict[str, Any], list[ScenarioFault]]:
    """The valid part of a scenario's file, and the faults of the rest."""
    schema, compiled = _compile(tuple(apis.items()))
    data = deepcopy(source.source.data)
    faults: list[ScenarioFault] = []
    for violation in list(compiled.find_violations(data)):
        for pointer, reason in violation.explain(schema):
            faults.append(source.locate(pointer).make_fault(reason))
            if pointer and violation.code != "required":
                _remove(data, pointer)
    return data if isinstance(data, dict) else {}, faults


@lru_cache(maxsize=8)
def _compile(apis: tuple[tuple[str, Api], ...]) -> tuple[dict[str, Any], Schema]:
    schema = build_scenario_schema(dict(apis))
    return schema, Schemas({}).compile_inline(schema)


def _remove(data: Any, pointer: str) -> None:
    """Remove a value; in a list None replaces it, so that the indices of the others stay."""
    *above, last = split_pointer(pointer)
    try:
        for token in above:
            data = step(data, token)
    except (LookupError, TypeError, ValueError):
        return  # a value above it has been removed already
    if isinstance(data, dict):
        data.pop(last, None)
    elif isinstance(data, list):
        data[int(last)] = None


def build_scenario_schema(apis: Mapping[str, Api]) -> dict[str, Any]:
    """The schema of a scenario, without the schemas of documents and of the options of events."""
    sections = {name: _build_section(api) for name, api in apis.items()}
    tokens = dict.fromkeys(apis, _TOKENS)
    return closed_object(
        {
            "name": {
                **_TEXT,
                "maxLength": 255,
                "description": "The name of the scenario: that of its file, without `.yaml`.",
            },
            "description": {**_TEXT, "description": "What this world is for, in one sentence."},
            "extends": {
                **_TEXT,
                "description": "The base scenario; its documents and events come first.",
            },
            "seed": _SEED,
            "clock": _CLOCK,
            "tokens": {
                **closed_object(tokens),
                "description": "The credentials of each API; without it, all are accepted.",
            },
            "apis": {
                **closed_object(sections),
                "description": "The documents of each API, written or generated.",
            },
            "validation": {
                "type": "string",
                "enum": list(VALIDATIONS),
                "description": "What happens to a request that breaks the contract.",
            },
            "faults": {
                "type": "array",
                "description": "The rules of faults: delays, errors, cut connections.",
                "maxItems": MAX_RULES,
                "items": RULE_SCHEMA,
            },
            "events": {
                "type": "array",
                "description": "The events that are triggered in the world, in this order.",
                "items": closed_object({"trigger": _TEXT, **_EVENT_FIELDS}, required=["trigger"]),
            },
        },
        required=["name", "description"],
    )


def _build_section(api: Api) -> dict[str, Any]:
    documents = {kind.name: {"type": "array", "items": {"type": "object"}} for kind in api.kinds}
    generators = {name: _build_calls(api.get_generator(name)) for name in api.generators}
    return closed_object(
        {
            "documents": {
                **closed_object(documents),
                "description": "Documents by kind, each with its whole body.",
            },
            "generate": {
                **closed_object(generators),
                "description": "Generators, which make documents from the seed.",
            },
        }
    )


def _build_calls(function: ScenarioFunction) -> dict[str, Any]:
    """One call or a list of them; each keyword applies to one of the two."""
    options = build_options_schema(function)
    return {
        **options,
        "type": ["object", "array"],
        "description": function.description,
        "items": options,
        "minItems": 1,
    }


def build_options_schema(function: ScenarioFunction) -> dict[str, Any]:
    """The schema of the options of a generator or an event."""
    required = [name for name, option in function.options.items() if option.default is option.empty]
    return closed_object(function.schemas, required)


_DIALECT = "http://json-schema.org/draft-04/schema#"
_REF = "#/components/schemas/"


def build_editor_schema(apis: Mapping[str, Api]) -> dict[str, Any]:
    """A schema for editors, with those of all documents and events."""
    schema = build_scenario_schema(apis)
    sections = schema["properties"]["apis"]["properties"]
    for name, api in apis.items():
        documents = sections[name]["properties"]["documents"]["properties"]
        for kind in api.kinds:
            documents[kind.name] = {"type": "array", "items": _build_document(api, kind)}
    schema["properties"]["faults"]["items"] = _describe_rule()
    schema["properties"]["events"]["items"] = {
        "anyOf": [_build_event(event) for event in get_events(apis.values()).values()]
    }
    return {
        "$schema": _DIALECT,
        "title": "A scenario of Mockserver",
        **schema,
        "definitions": {name: _build_definitions(api) for name, api in apis.items()},
    }


def build_kind_schema(api: Api, kind: Kind) -> dict[str, Any]:
    """The schema of a kind's documents as users write them."""
    return {
        "$schema": _DIALECT,
        **_build_document(api, kind),
        "definitions": {api.name: _build_definitions(api)},
    }


def _build_document(api: Api, kind: Kind) -> dict[str, Any]:
    return _take_moments(_adapt(in_draft_4(kind.schema), api.name), api)


def _build_event(event: ScenarioFunction) -> dict[str, Any]:
    trigger = {"enum": [event.name], "description": event.description}
    needs_options = any(option.default is option.empty for option in event.options.values())
    options = {**_EVENT_FIELDS["with"], **build_options_schema(event)}
    properties = {"trigger": trigger, **_EVENT_FIELDS, "with": options}
    return closed_object(properties, ["trigger", "with"] if needs_options else ["trigger"])


@cache
def _describe_rule() -> dict[str, Any]:
    """The schema of a rule of faults, with the descriptions that the control API has of it."""
    schemas = read_yaml((CONTRACTS / "control.yaml").read_text("utf-8")).data["components"][
        "schemas"
    ]

    def describe(schema: Mapping[str, Any], name: str) -> dict[str, Any]:
        described = schemas[name]
        properties = {
            field: {**inner, "description": described["properties"][field]["description"]}
            for field, inner in schema["properties"].items()
        }
        description = " ".join(described["description"].split())
        return {**schema, "description": description, "properties": properties}

    properties = {
        "name": {**RULE_SCHEMA["properties"]["name"], "description": "The name of the rule."},
        "match": describe(RULE_SCHEMA["properties"]["match"], "FaultMatch"),
        "effect": describe(RULE_SCHEMA["properties"]["effect"], "FaultEffect"),
    }
    return {**RULE_SCHEMA, "properties": properties}


def _build_definitions(api: Api) -> dict[str, Any]:
    schemas = api.contract.document.get("components", {}).get("schemas", {})
    adapted = {name: _adapt(in_draft_4(schema), api.name) for name, schema in schemas.items()}
    return {name: _take_moments(schema, api) for name, schema in adapted.items()}


def _take_moments(schema: dict[str, Any], api: Api) -> dict[str, Any]:
    """The schema, in which every moment of a document may be written as `-1d`."""
    names = {name for kind in api.kinds for name in kind.moments}
    properties = {
        name: {"anyOf": [inner, {"type": "string", "minLength": 1}]} if name in names else inner
        for name, inner in schema.get("properties", {}).items()
    }
    return {**schema, "properties": properties} if properties else schema


def _adapt(node: Any, api: str) -> Any:
    """A schema of a contract with the references of this schema, without extensions."""
    if isinstance(node, list):
        return [_adapt(item, api) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _adapt(value, api) for key, value in node.items() if not key.startswith("x-")}
    if isinstance(kept.get("$ref"), str):
        kept["$ref"] = kept["$ref"].replace(_REF, f"#/definitions/{api}/")
    kept.pop("nullable", None)
    kept.pop("example", None)
    return kept
