"""Each experiment is run against a mock on a socket, and so is each recipe."""

from __future__ import annotations

import pytest

from mockserver.apis.calwe import api
from mockserver.check.layers.provocations import run_provocations
from mockserver.check.recipes import read_recipes
from mockserver.check.trial import Trial
from mockserver.law import Experiment

RECIPES = read_recipes("calwe")
OPERATIONS = sorted(operation.id for operation in api.contract.operations)
OF_RECIPES = {"refused-credentials-are-told-so", "nothing-is-done-without-a-credential"}
"""The laws about credentials: an experiment always has a good one."""


def found(trial: Trial) -> list[str]:
    return [finding.sentence for finding in trial.ledger.findings.values()]


@pytest.mark.parametrize("experiment", api.experiments, ids=lambda experiment: experiment.name)
def test_an_experiment_finds_no_breach_with_few_requests(
    lawful: Trial, experiment: Experiment
) -> None:
    with lawful.thread(experiment.world) as ask:
        experiment.run(ask, {name: lawful.known[name] for name in experiment.needs})

    assert found(lawful) == []
    assert 0 < len(ask.before) <= 20


def test_every_law_met_something_in_the_experiments(lawful: Trial) -> None:
    met = lawful.ledger.court.met
    for experiment in api.experiments:
        with lawful.thread(experiment.world) as ask:
            experiment.run(ask, lawful.known)

    assert {name for name, count in met.items() if not count} <= OF_RECIPES


def test_an_experiment_that_writes_says_so() -> None:
    assert {experiment.name for experiment in api.experiments if experiment.writes} == {
        "coming-and-going",
        "entries-that-are-refused",
        "ending-a-session",
        "cancelling-a-session",
        "entries-after-the-end",
        "an-entry-in-an-unknown-session",
        "entries-from-both-sides",
    }


def test_every_known_id_is_described_and_used() -> None:
    used = {name for experiment in api.experiments for name in experiment.needs}
    used |= {name for recipe in RECIPES.recipes for name in recipe.wanted}
    assert used == {known.name for known in RECIPES.known}


def test_the_recipes_do_what_they_say(lawful: Trial) -> None:
    run_provocations(lawful)

    assert found(lawful) == []
    assert lawful.ledger.unchecked == []
    assert all(lawful.ledger.court.met[name] for name in OF_RECIPES)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_documented_status_has_its_recipe(operation: str) -> None:
    statuses = {str(one.status) for one in RECIPES.recipes if one.operation == operation}
    assert statuses == set(api.contract.operation(operation).responses)


def test_what_the_page_shows_is_expected_literally() -> None:
    bodies = {one.name: one.expect["body"] for one in RECIPES.recipes if "body" in one.expect}
    not_found = {
        "success": False,
        "message": "لم يتم العثور على الجلسة",
        "data": None,
        "statusCode": 404,
    }
    ended = {
        "success": False,
        "message": "لايمكنك تسجيل سجل العمليات بعد انتهاء الجلسة",
        "data": None,
        "statusCode": 422,
    }
    invalid = {
        "success": False,
        "message": "بيانات غير صالحة",
        "data": {"action_type": ["نوع الإجراء غير صالح"]},
        "statusCode": 422,
    }

    assert bodies["list-of-an-unknown-session"] == not_found
    assert bodies["create-in-an-unknown-session"] == not_found
    assert bodies["create-in-an-ended-session"] == ended
    assert bodies["create-with-an-invalid-type"] == invalid
