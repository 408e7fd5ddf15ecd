"""Each experiment is run against a mock on a socket, and so is each recipe."""

from __future__ import annotations

import pytest

from mockserver.apis.avaamo import api
from mockserver.check.layers.provocations import run_provocations
from mockserver.check.recipes import read_recipes
from mockserver.check.trial import Trial
from mockserver.law import Experiment

RECIPES = read_recipes("avaamo")
OPERATIONS = sorted(operation.id for operation in api.contract.operations)
OF_RECIPES = {"nothing-is-told-without-a-token"}
"""The law about credentials: an experiment always has a good one."""


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


def test_no_experiment_writes_or_needs_to_know_anything() -> None:
    assert RECIPES.known == ()
    assert {(experiment.writes, experiment.needs) for experiment in api.experiments} == {
        (False, ())
    }


def test_the_recipes_do_what_they_say(lawful: Trial) -> None:
    run_provocations(lawful)

    assert found(lawful) == []
    assert lawful.ledger.unchecked == []
    assert all(lawful.ledger.court.met[name] for name in OF_RECIPES)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_documented_status_has_its_recipe(operation: str) -> None:
    statuses = {str(one.status) for one in RECIPES.recipes if one.operation == operation}
    assert statuses == set(api.contract.operation(operation).responses)
