"""Each experiment is run against a mock on a socket, in many worlds; and so is each recipe."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from mockserver.apis.ekran import api
from mockserver.check.asking import Asking
from mockserver.check.layers.provocations import run_provocations
from mockserver.check.recipes import read_recipes
from mockserver.check.trial import Trial
from mockserver.client import Client
from mockserver.clock import moment
from mockserver.law import Experiment, Seen

RECIPES = read_recipes("ekran")
WORLDS = [
    "default",
    "documented",
    "ekran-crosses-bounds",
    "ekran-empty",
    "ekran-running",
    "ekran-touches-bounds",
    "ekran-without-activity",
]


def found(trial: Trial) -> list[str]:
    return [finding.sentence for finding in trial.ledger.findings.values()]


@pytest.mark.parametrize("experiment", api.experiments, ids=lambda experiment: experiment.name)
def test_an_experiment_finds_no_breach_and_few_requests_do(
    lawful: Trial, experiment: Experiment
) -> None:
    with lawful.thread(experiment.world) as ask:
        experiment.run(ask, {})

    assert found(lawful) == []
    assert 1 < len(ask.before) <= 20


def test_every_law_met_something_in_the_experiments(lawful: Trial) -> None:
    met = lawful.ledger.court.met
    for experiment in api.experiments if not any(met.values()) else ():
        with lawful.thread(experiment.world) as ask:
            experiment.run(ask, {})

    assert {name for name, count in met.items() if not count} == set()


@pytest.mark.parametrize("world", WORLDS)
def test_no_world_breaks_a_law(lawful: Trial, world: str) -> None:
    for experiment in api.experiments:
        with lawful.thread(world) as ask:
            experiment.run(ask, {})
        assert ask.before

    assert found(lawful) == []


class Living:
    """Asks while time passes and users come, act and go, as in a real deployment."""

    def __init__(self, ask: Asking, client: Client) -> None:
        self._ask = ask
        self._numbers = count()
        self._inside = client.within(ask.headers["X-Mock-Sandbox"])
        self._inside.clock.freeze()
        self._pass(0)

    @property
    def now(self) -> int:
        return self._ask.now

    def __call__(self, operation: str, /, **arguments: Any) -> Seen:
        number = next(self._numbers)
        self._pass((0, 40, 1200, 9000)[number % 4])
        # Those that run at first are 1296 to 1300; each login has the next id.
        self._inside.pull("ekran.log_in", user=number)
        self._inside.pull("ekran.act", session=1300 + number)
        self._pass(number % 3 * 700)
        self._inside.pull("ekran.log_out", session=1296 + number)
        return self._ask(operation, **arguments)

    def _pass(self, seconds: int) -> None:
        shown = moment(self._inside.clock.advance(seconds).now)
        self._ask.clock = lambda: shown


@pytest.mark.parametrize("experiment", api.experiments, ids=lambda experiment: experiment.name)
def test_life_may_go_on_between_the_requests(lawful: Trial, experiment: Experiment) -> None:
    with lawful.thread() as ask, Client(lawful.target.url) as client:
        experiment.run(Living(ask, client), {})

    assert found(lawful) == []


@pytest.mark.parametrize("answer", [None, {}, 1, "x", [None, 1, {}], [{"sessionId": 1}]])
def test_an_experiment_bears_every_answer(answer: Any) -> None:
    """It asks on, so that what is wrong is found by whoever judges the answers."""

    class Ask:
        now = 1_755_786_600_000_000

        def __call__(self, _: str, /, **__: Any) -> Any:
            return type("Seen", (), {"answer": answer})

    for experiment in api.experiments:
        experiment.run(Ask(), {})


def test_no_experiment_needs_an_id_or_writes() -> None:
    assert not any(experiment.needs or experiment.writes for experiment in api.experiments)


def test_every_known_id_is_described_and_used() -> None:
    used = {name for recipe in RECIPES.recipes for name in recipe.wanted}
    assert used == {known.name for known in RECIPES.known}


def test_the_recipes_do_what_they_say(lawful: Trial) -> None:
    run_provocations(lawful)

    assert found(lawful) == []
    assert lawful.ledger.unchecked == []


def test_every_documented_status_has_its_recipe() -> None:
    statuses = {str(one.status) for one in RECIPES.recipes}
    assert statuses == set(api.contract.operation("listSessions").responses)


def test_what_the_contract_fixes_is_expected_literally() -> None:
    bodies = [one.expect["body"] for one in RECIPES.recipes if "body" in one.expect]
    assert bodies == [[], {"message": "Invalid ApiKey"}, {"message": "Invalid ApiKey"}]
