"""The schema of targets files, for editors too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from mockserver.check.target.loader import build_schema
from mockserver.files import CONTRACTS
from mockserver.yaml_source import read_yaml

EXAMPLE = Path(__file__).resolve().parents[3] / "targets.example.yaml"
TARGET = {"url": "https://x.example"}


@pytest.fixture(scope="module")
def validator() -> jsonschema_rs.Draft4Validator:
    return jsonschema_rs.Draft4Validator(build_schema())


@pytest.mark.usefixtures("only_vendors")
def test_the_file_has_the_apis_and_ids_that_there_are() -> None:
    written = json.loads((CONTRACTS / "targets.schema.json").read_text(encoding="utf-8"))
    assert written == build_schema(), "run: mockserver check --targets-schema"


def test_the_example_conforms_and_names_its_schema(
    validator: jsonschema_rs.Draft4Validator,
) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=openapi/targets.schema.json\n")
    assert [error.message for error in validator.iter_errors(read_yaml(text).data)] == []


def _keys(schema: Any) -> Iterator[str]:
    """The keys that the format itself has, without the names of APIs and ids."""
    (target,) = schema["properties"]["targets"]["patternProperties"].values()
    yield from target["properties"]
    yield from target["properties"]["tls"]["properties"]


def test_every_key_occurs_in_the_example() -> None:
    targets = read_yaml(EXAMPLE.read_text(encoding="utf-8")).data["targets"].values()
    used = {key for target in targets for key in target}
    used |= {key for target in targets for key in target.get("tls", {})}
    keys = set(_keys(build_schema()))
    assert {"url", "allow_writes", "ca"} <= keys
    assert keys - used == set()


def test_every_key_is_described() -> None:
    (target,) = build_schema()["properties"]["targets"]["patternProperties"].values()
    for name, schema in target["properties"].items():
        assert schema["description"].endswith("."), name


@pytest.mark.parametrize(
    "more",
    [
        {"url": "staging.example"},
        {"url": "https://me@x.example"},
        {"apis": ["nobody"]},
        {"apis": []},
        {"credentials": {"calwe": "a value"}},
        {"ids": {"calwe": {"nothing": 1}}},
        {"ids": {"calwe": {"open_session": None}}},
        {"timeout": -1},
        {"tls": {"key": "k"}},
        {"headers": {"A": {"env": "A", "more": 1}}},
        {"headers": {"A": "a\nb"}},
        {"evidence": "extrapolated"},
        {"allow_writes": "yes"},
    ],
)
def test_a_wrong_target_violates_the_schema(
    more: dict[str, Any], validator: jsonschema_rs.Draft4Validator
) -> None:
    assert validator.is_valid({"targets": {"a": TARGET}})
    assert not validator.is_valid({"targets": {"a": {**TARGET, **more}}})
