"""The schema that editors read says what the loader says, and stands in the repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from mockserver import apis
from mockserver.files import SCENARIOS
from mockserver.scenarios import build_editor_schema
from mockserver.yaml_source import read_yaml

NAMED = {"name": "a", "description": "b"}


@pytest.fixture(scope="module")
def validator() -> jsonschema_rs.Draft4Validator:
    return jsonschema_rs.Draft4Validator(build_editor_schema(apis.load()))


def test_the_file_is_what_the_code_says() -> None:
    written = json.loads((SCENARIOS / "schema.json").read_text(encoding="utf-8"))
    assert written == build_editor_schema(apis.load()), "run: mockserver fixtures schema"


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
