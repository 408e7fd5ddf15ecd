"""How a scenario is written: the schema that is made from what the vendors offer."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver import apis
from mockserver.contract import Schemas
from mockserver.scenarios.format import build_scenario_schema

NAMED = {"name": "a", "description": "b"}


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
