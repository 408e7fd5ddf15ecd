"""Recipes stand next to the contract, and name what a deployment must have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver import apis
from mockserver.check.recipes import Recipe, read_recipes
from mockserver.errors import ContractError
from mockserver.files import CONTRACTS

APIS = apis.load()
SCHEMA = (CONTRACTS / "provocations" / "schema.json").read_text("utf-8")
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes the recipes of an API 'x', and gives the folder."""

    def write(text: str) -> Path:
        (tmp_path / "schema.json").write_text(SCHEMA)
        (tmp_path / "x.yaml").write_text(text)
        return tmp_path

    return write


@pytest.mark.parametrize("name", APIS)
def test_every_documented_status_of_every_operation_has_a_recipe_or_a_reason(name: str) -> None:
    recipes = read_recipes(name).recipes
    there = {(recipe.operation, str(recipe.status)) for recipe in recipes}
    documented = {
        (operation.id, status)
        for operation in APIS[name].contract.operations
        for status in operation.responses
    }
    assert documented
    assert documented <= there


@pytest.mark.parametrize("name", APIS)
def test_what_a_recipe_needs_is_described_and_a_mock_has_it(name: str) -> None:
    found = read_recipes(name)
    described = {known.name for known in found.known}
    assert all(known.description for known in found.known)
    for recipe in found.recipes:
        assert set(recipe.wanted) <= described, recipe.name
        assert set(recipe.wanted) <= set(found.of_mock), recipe.name
    assert len({recipe.name for recipe in found.recipes}) == len(found.recipes)


def test_an_api_without_a_file_has_none(tmp_path: Path) -> None:
    assert read_recipes("nobody", tmp_path).recipes == ()


def test_known_ids_are_filled_in_wherever_they_stand() -> None:
    recipe = Recipe(
        "a",
        "list",
        200,
        needs=("more",),
        request={"parameters": {"id": "{one}", "n": 5}, "body": ["x{two}y", "{Not} {one}"]},
    )
    assert recipe.wanted == ["more", "one", "two"]
    assert recipe.filled({"one": "1", "two": "2"}) == {
        "parameters": {"id": "1", "n": 5},
        "body": ["x2y", "{Not} 1"],
    }


def test_a_file_is_read_with_its_defaults(write: Write) -> None:
    folder = write(
        "known: {a: {description: An id., mock: '1'}}\n"
        "provocations:\n"
        "  - {name: one, operation: list, status: 200, request: {parameters: {id: '{a}'}}}\n"
        "  - {name: two, operation: list, status: 500, cannot: nobody can}\n"
    )
    found = read_recipes("x", folder)
    assert found.of_mock == {"a": "1"}
    one, two = found.recipes
    assert (one.world, one.writes, one.wanted, one.cannot) == ("default", False, ["a"], "")
    assert two.cannot == "nobody can"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a: [", "line 2: "),
        ("known: {}\n", '"provocations" is a required property'),
        (
            "known: {}\nprovocations: [{name: a, operation: b, status: 99, request: {}}]\n",
            "/provocations/0",
        ),
        (
            "known: {}\nprovocations: [{name: a, operation: b, status: 200, reqest: {}}]\n",
            "/provocations/0",
        ),
    ],
)
def test_a_file_that_is_wrong_is_refused(write: Write, text: str, part: str) -> None:
    with pytest.raises(ContractError) as raised:
        read_recipes("x", write(text))
    assert str(raised.value).startswith("The recipes 'x.yaml' cannot be used: ")
    assert part in str(raised.value)
