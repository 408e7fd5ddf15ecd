"""The schema that editors read says what the reader says, and stands in the repository."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from mockserver import apis
from mockserver.check.target.schema import editor_schema, targets_schema
from mockserver.files import CONTRACTS
from mockserver.yaml_source import read_yaml

EXAMPLE = Path(__file__).resolve().parents[3] / "targets.example.yaml"
ONE = {"url": "https://x.example"}


@pytest.fixture(scope="module")
def validator() -> jsonschema_rs.Draft4Validator:
    return jsonschema_rs.Draft4Validator(editor_schema(apis.load()))


def test_the_file_is_what_the_code_says() -> None:
    written = json.loads((CONTRACTS / "targets.schema.json").read_text(encoding="utf-8"))
    expected = editor_schema(apis.load())
    assert written == expected, "run: mockserver check --targets-schema"


def test_the_example_fits_and_names_its_schema(validator: jsonschema_rs.Draft4Validator) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=openapi/targets.schema.json\n")
    assert [error.message for error in validator.iter_errors(read_yaml(text).data)] == []


def _keys(schema: Any) -> Iterator[str]:
    """The words that the format itself has; the names of APIs and of ids are theirs."""
    (target,) = schema["properties"]["targets"]["patternProperties"].values()
    yield from target["properties"]
    yield from target["properties"]["tls"]["properties"]


def test_every_key_occurs_in_the_example() -> None:
    targets = read_yaml(EXAMPLE.read_text(encoding="utf-8")).data["targets"].values()
    used = {key for target in targets for key in target}
    used |= {key for target in targets for key in target.get("tls", {})}
    keys = set(_keys(targets_schema(apis.load())))
    assert {"url", "allow_writes", "ca"} <= keys
    assert keys - used == set()


def test_every_key_is_described() -> None:
    (target,) = targets_schema(apis.load())["properties"]["targets"]["patternProperties"].values()
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
def test_what_is_wrong_is_seen(
    more: dict[str, Any], validator: jsonschema_rs.Draft4Validator
) -> None:
    assert validator.is_valid({"targets": {"a": ONE}})
    assert not validator.is_valid({"targets": {"a": {**ONE, **more}}})
