"""How a scenario is written: the schema that is made from what the vendors offer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from mockserver import apis
from mockserver.contract import Schemas
from mockserver.errors import ScenarioFault
from mockserver.files import SCENARIOS
from mockserver.scenarios import build_editor_schema
from mockserver.scenarios.scenario import ScenarioSource
from mockserver.scenarios.schema import build_scenario_schema, validate_shape
from mockserver.yaml_source import read_yaml

pytestmark = pytest.mark.usefixtures("only_vendors")


def _accepts(scenario: Any) -> bool:
    schema = build_scenario_schema(apis.load())
    return Schemas({}).compile_inline(schema).accepts(scenario)


def test_a_scenario_needs_a_name_and_a_description() -> None:
    assert _accepts(NAMED)
    assert not _accepts({"name": "a"})
    assert not _accepts({"description": "b"})
    assert not _accepts({"name": "", "description": "b"})
    assert not _accepts({"name": 1, "description": "b"})
    assert _accepts({"name": "a" * 255, "description": "b"})
    assert not _accepts({"name": "a" * 256, "description": "b"})


@pytest.mark.parametrize("scenario", [None, [], "a", 1, {}])
def test_anything_but_an_object_is_no_scenario(scenario: Any) -> None:
    assert not _accepts(scenario)


@pytest.mark.parametrize(
    "more",
    [
        {"seed": 0},
        {"seed": 2**63 - 1},
        {"clock": "real"},
        {"clock": {"freeze": "2025-08-21T14:30:00Z"}},
        {"tokens": {"calwe": {"valid": ["a"], "required": True}, "ekran": {}}},
        {"tokens": {"calwe": {"valid": []}}},
        {"apis": {"calwe": {}}},
        {"apis": {"calwe": {"documents": {"session": [{}]}, "generate": {}}}},
        {"apis": {"calwe": {"generate": {"sessions": {"count": 5}}}}},
        {"events": [{"trigger": "calwe.enter", "at": "2025-08-21", "with": {"session": "1"}}]},
        {"extends": "documented"},
    ],
)
def test_what_a_scenario_may_say(more: dict[str, Any]) -> None:
    assert _accepts({**NAMED, **more})


@pytest.mark.parametrize(
    "more",
    [
        {"seed": -1},
        {"seed": 2**63},
        {"seed": "1"},
        {"seed": 1.5},
        {"seed": True},
        {"clock": "frozen"},
        {"clock": {}},
        {"clock": {"rate": 0}},
        {"clock": {"rate": 1_000_001}},
        {"clock": {"rate": "2"}},
        {"clock": {"shift": ""}},
        {"clock": {"shift": None}},
        {"clock": {"freeze": 5}},
        {"clock": None},
        {"tokens": {"nobody": {}}},
        {"tokens": {"calwe": {"valid": [""]}}},
        {"tokens": {"calwe": {"valid": "a"}}},
        {"tokens": {"calwe": {"required": "yes"}}},
        {"apis": {"nobody": {}}},
        {"apis": {"calwe": {"documents": {"sessions": []}}}},
        {"apis": {"calwe": {"documents": {"session": {}}}}},
        {"apis": {"calwe": {"documents": {"session": ["1"]}}}},
        {"apis": {"calwe": {"generate": {"session": {"count": 5}}}}},
        {"apis": {"calwe": {"generate": {"sessions": {}}}}},
        {"apis": {"calwe": {"generate": {"sessions": {"count": "5"}}}}},
        {"apis": {"calwe": {"generate": {"sessions": {"count": 5, "world": 1}}}}},
        {"events": {}},
        {"events": [{}]},
        {"events": [{"trigger": "calwe.enter", "when": "now"}]},
        {"events": [{"trigger": "calwe.enter", "with": ["1"]}]},
        {"extends": ""},
        {"extends": ["documented"]},
        {"more": 1},
    ],
)
def test_what_a_scenario_may_not_say(more: dict[str, Any]) -> None:
    assert not _accepts({**NAMED, **more})


def test_the_schema_offers_every_kind_and_every_generator() -> None:
    sections = build_scenario_schema(apis.load())["properties"]["apis"]["properties"]
    offered = {
        name: (
            sorted(section["properties"]["documents"]["properties"]),
            sorted(section["properties"]["generate"]["properties"]),
        )
        for name, section in sections.items()
    }
    assert offered == {
        "autozod": (["agent", "duty", "team"], ["agents", "duties"]),
        "avaamo": (["agent", "change", "resource"], ["changes"]),
        "calwe": (["entry", "session"], ["log", "sessions"]),
        "ekran": (["activity", "session"], ["sessions"]),
    }


NAMED = {"name": "a", "description": "b"}


@pytest.fixture(scope="module")
def validator() -> jsonschema_rs.Draft4Validator:
    return jsonschema_rs.Draft4Validator(build_editor_schema(apis.load()))


def test_the_file_is_what_the_code_says() -> None:
    written = json.loads((SCENARIOS / "schema.json").read_text(encoding="utf-8"))
    assert written == build_editor_schema(apis.load()), "run: mockserver fixtures schema"


def test_fields_generators_events_and_faults_have_a_description_for_editors() -> None:
    schema = build_editor_schema(apis.load())
    fields = schema["properties"]
    rule = fields["faults"]["items"]["properties"]
    calwe = fields["apis"]["properties"]["calwe"]["properties"]
    for properties in (
        *(
            fields,
            fields["clock"]["properties"],
            fields["tokens"]["properties"]["calwe"]["properties"],
        ),
        *(calwe, calwe["generate"]["properties"]),
        *(it["properties"] for it in fields["events"]["items"]["anyOf"]),
        *(rule, rule["match"]["properties"], rule["effect"]["properties"]),
    ):
        assert properties
        for name, field in properties.items():
            assert field["description"].endswith((".", "`")), name


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_scenario_of_the_package_fits(
    path: Path, validator: jsonschema_rs.Draft4Validator
) -> None:
    data = read_yaml(path.read_text(encoding="utf-8")).data
    assert [error.message for error in validator.iter_errors(data)] == []


@pytest.mark.parametrize(
    "more",
    [
        {"sed": 1},
        {"apis": {"calwe": {"documents": {"session": [{"id": "1", "status": "GONE"}]}}}},
        {"apis": {"avaamo": {"documents": {"change": [{"id": 1}]}}}},
        {"apis": {"autozod": {"generate": {"agents": {"count": 0}}}}},
        {"apis": {"nobody": {}}},
        {"events": [{"trigger": "calwe.entr", "with": {"session": "1"}}]},
        {"events": [{"trigger": "calwe.enter", "with": {"sesion": "1"}}]},
        {"events": [{"trigger": "calwe.enter"}]},
        {"clock": "stopped"},
    ],
)
def test_what_is_wrong_is_seen(
    more: dict[str, Any], validator: jsonschema_rs.Draft4Validator
) -> None:
    assert validator.is_valid(NAMED)
    assert not validator.is_valid({**NAMED, **more})


def test_it_refers_to_nothing_outside_itself() -> None:
    text = (SCENARIOS / "schema.json").read_text(encoding="utf-8")
    references = {part.partition('"')[0] for part in text.split('"$ref": "')[1:]}
    assert references
    assert all(reference.startswith("#/definitions/") for reference in references)
    assert "x-evidence" not in text


NAMED_YAML = "name: a\ndescription: b\n"


def validate(text: str) -> tuple[dict[str, Any], list[ScenarioFault]]:
    return validate_shape(ScenarioSource("a.yaml", read_yaml(text)), apis.load())


def test_what_is_right_is_left_as_it_is() -> None:
    data, faults = validate(NAMED_YAML + "seed: 3\nclock: real\n")
    assert data == {"name": "a", "description": "b", "seed": 3, "clock": "real"}
    assert faults == []


def test_each_unknown_word_is_said_and_left_out() -> None:
    text = NAMED_YAML + "sed: 3\ntokns: {}\nseed: 4\n"
    data, faults = validate(text)
    assert data == {"name": "a", "description": "b", "seed": 4}
    assert [str(fault) for fault in faults] == [
        "a.yaml:3: sed: 'sed' is not known here; did you mean 'seed'?",
        "a.yaml:4: tokns: 'tokns' is not known here; did you mean 'tokens'?",
    ]


def test_a_wrong_item_of_a_list_leaves_the_others_where_they_are() -> None:
    text = NAMED_YAML + "events:\n  - 5\n  - {trigger: calwe.enter, with: {session: '1'}}\n"
    data, faults = validate(text)
    assert data["events"] == [None, {"trigger": "calwe.enter", "with": {"session": "1"}}]
    assert [(fault.line, fault.field) for fault in faults] == [(4, "events.0")]


def test_what_lacks_something_keeps_what_it_has() -> None:
    data, faults = validate("name: a\n")
    assert data == {"name": "a"}
    assert [str(fault) for fault in faults] == ['a.yaml:1: "description" is a required property']


@pytest.mark.parametrize("text", ["", "[]", "5", "a"])
def test_of_no_object_nothing_is_left(text: str) -> None:
    data, faults = validate(text)
    assert data == {}
    assert len(faults) == 1
