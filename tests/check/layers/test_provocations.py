"""Every documented status is made to happen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockserver import apis
from mockserver.check.layers.provocations import run_provocations
from mockserver.check.recipes import read_recipes
from mockserver.check.trial import Trial

Make = Callable[..., Trial]


@pytest.mark.parametrize("name", apis.names())
def test_the_mock_answers_every_recipe_as_it_says(trial: Make, mock_url: str, name: str) -> None:
    made = trial(mock_url, name)
    run_provocations(made)
    assert made.ledger.findings == {}
    recipes = read_recipes(name).recipes
    cooked = [recipe for recipe in recipes if not recipe.cannot]
    assert len(cooked) == made.ledger.requests > 0
    for recipe in cooked:
        assert made.ledger.statuses(recipe.operation)[recipe.status] > 0


def test_another_status_and_another_body_are_found(
    trial: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    body = '{"success":false,"message":"لا","data":null,"statusCode":404}'.encode()
    known = {known.name: "1" for known in read_recipes("calwe").known}
    made = trial(rogue(saying(404, body)), "calwe", known={"calwe": known})
    run_provocations(made)
    found = {one.rule: one for one in made.ledger.findings.values() if one.code == "provocation"}
    assert found["recipe:list"].sentence == (
        "'list' should be answered 200, but it answers 404, and not 200"
    )
    missing = next(
        recipe
        for recipe in read_recipes("calwe").recipes
        if recipe.operation == "listSessionLogs" and recipe.status == 404 and recipe.expect
    )
    sentence = found[f"recipe:{missing.name}"].sentence
    assert "but its body is {" in sentence
    assert "'message': 'لا'" in sentence


def test_what_cannot_be_cooked_is_said(
    trial: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    made = trial(rogue(saying(404, b"{}")), "calwe")
    run_provocations(made)
    assert "provocation 'list': no known open_session" in made.ledger.unchecked
    known = {"calwe": {known.name: "1" for known in read_recipes("calwe").known}}
    made = trial(rogue(saying(404, b"{}")), "calwe", known=known)
    run_provocations(made)
    assert made.ledger.unchecked
    assert {one.split(": ")[1] for one in made.ledger.unchecked} >= {"it writes"}
    assert {exchange.request.method for _, _, exchange in made.ledger.traffic} == {"GET"}
