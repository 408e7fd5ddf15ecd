"""Each workflow is run against a mock on a socket, in many worlds; and so is each case."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from mockserver.apis.ekran import api
from mockserver.check.cases import read_cases
from mockserver.check.context import CheckContext
from mockserver.check.http.caller import HttpCaller
from mockserver.client import Client
from mockserver.clock import from_datetime
from mockserver.invariant import Interaction, Workflow
from mockserver.kit import load_kit

RECIPES = read_cases("ekran")
WORLDS = [
    "default",
    "documented",
    "ekran-crosses-bounds",
    "ekran-empty",
    "ekran-running",
    "ekran-touches-bounds",
    "ekran-without-activity",
]


def found(context: CheckContext) -> list[str]:
    return [finding.sentence for finding in context.results.findings.values()]


@pytest.mark.parametrize("world", WORLDS)
def test_no_world_breaks_a_invariant(lawful: CheckContext, world: str) -> None:
    for workflow in load_kit(api).workflows:
        with lawful.sequence(world) as ask:
            workflow.run(ask, {})
        assert ask.before

    assert found(lawful) == []


class Living:
    """Asks while time passes and users come, act and go, as in a real deployment."""

    def __init__(self, ask: HttpCaller, client: Client) -> None:
        self._ask = ask
        self._numbers = count()
        self._inside = client.with_sandbox(ask.headers["X-Mock-Sandbox"])
        self._inside.clock.freeze()
        self._pass(0)

    @property
    def now(self) -> int:
        return self._ask.now

    def __call__(self, operation: str, /, **arguments: Any) -> Interaction:
        number = next(self._numbers)
        self._pass((0, 40, 1200, 9000)[number % 4])
        # Those that run at first are 1296 to 1300; each login has the next id.
        self._inside.trigger("ekran.log_in", user=number)
        self._inside.trigger("ekran.act", session=1300 + number)
        self._pass(number % 3 * 700)
        self._inside.trigger("ekran.log_out", session=1296 + number)
        return self._ask(operation, **arguments)

    def _pass(self, seconds: int) -> None:
        shown = from_datetime(self._inside.clock.advance(seconds).now)
        self._ask.clock = lambda: shown


@pytest.mark.parametrize("workflow", load_kit(api).workflows, ids=lambda workflow: workflow.name)
def test_life_may_go_on_between_the_requests(lawful: CheckContext, workflow: Workflow) -> None:
    with lawful.sequence() as ask, Client(lawful.target.url) as client:
        workflow.run(Living(ask, client), {})

    assert found(lawful) == []


def test_what_the_contract_fixes_is_expected_literally() -> None:
    bodies = [one.expect["body"] for one in RECIPES.cases if "body" in one.expect]
    assert bodies == [[], {"message": "Invalid ApiKey"}]
