"""Each workflow is run against a mock on a socket, in many worlds; and so is each case."""

from __future__ import annotations

from contextlib import closing
from itertools import count
from typing import Any

import pytest

from mockserver.apis.autozod import api
from mockserver.check.cases import read_cases
from mockserver.check.context import CheckContext
from mockserver.check.http.caller import HttpCaller
from mockserver.check.http.connection import Connection
from mockserver.check.http.mock import find_mock
from mockserver.check.target.target import Target
from mockserver.check.validation.results import Results
from mockserver.client import Client
from mockserver.clock import from_datetime
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.invariant import Interaction, Workflow
from mockserver.kit import load_kit
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

RECIPES = read_cases("autozod")
REQUEST, OK = Request("GET", "/", "", Headers()), Response(200)
WORLDS = [
    ("documented", "1000", "68a6d35049a09719b70539b4"),
    ("autozod-daylight-saving-berlin", "1200", "66c5a1f0b3d2e4a5c6f71200"),
    ("autozod-daylight-saving-cairo", "1210", "66c5a1f0b3d2e4a5c6f71210"),
    ("autozod-far-from-utc", "1600", "66c5a1f0b3d2e4a5c6f71600"),
    ("autozod-far-from-utc", "1601", "66c5a1f0b3d2e4a5c6f71601"),
    ("autozod-midnight", "1100", "66c5a1f0b3d2e4a5c6f71100"),
    ("autozod-never-on-duty", "1400", "66c5a1f0b3d2e4a5c6f71400"),
    ("autozod-on-duty-now", "1300", "66c5a1f0b3d2e4a5c6f71300"),
    ("autozod-two-hundred-duties", "1500", "66c5a1f0b3d2e4a5c6f71500"),
    ("default", "1000", "000000000000000000000000"),
]


def found(context: CheckContext) -> list[str]:
    return [finding.sentence for finding in context.results.findings.values()]


@pytest.mark.parametrize(("world", "team", "agent"), WORLDS)
def test_no_world_breaks_a_invariant(
    lawful: CheckContext, world: str, team: str, agent: str
) -> None:
    own = {f"{which}team": team for which in ("", "busy_", "night_")}
    own |= {f"{which}agent": agent for which in ("", "busy_", "night_")}
    for workflow in load_kit(api).workflows:
        with lawful.sequence(world) as ask:
            workflow.run(ask, {**lawful.ids, **own})
        assert ask.before

    assert found(lawful) == []


def test_the_busy_agent_is_busy(lawful: CheckContext) -> None:
    """Its id comes of the default world's seed, and would go with it."""
    week = next(one for one in load_kit(api).workflows if one.name == "a-week-day-by-day")
    with lawful.sequence() as ask:
        week.run(ask, lawful.ids)

    active = [
        seen.response_body["data"]["summary"]["total_active_duration_seconds"]
        for seen in ask.before
    ]
    assert sum(seconds > 0 for seconds in active[:7]) >= 2


def test_the_clocks_change_on_a_day_that_stands_out(lawful: CheckContext) -> None:
    workflow = next(one for one in load_kit(api).workflows if one.name == "days-that-stand-out")
    with lawful.sequence(workflow.world) as ask:
        workflow.run(ask, lawful.ids)

    alone = [one for one in ask.before if one.arguments["start_date"] == one.arguments["end_date"]]
    summaries = [seen.response_body["data"]["summary"] for seen in alone]
    lengths = {
        summary["total_active_duration_seconds"] + summary["total_inactive_duration_seconds"]
        for summary in summaries
    }
    assert {82_800, 90_000} <= lengths


def test_a_day_that_was_not_asked_for_does_not_stand_out(lawful: CheckContext) -> None:
    workflow = next(one for one in load_kit(api).workflows if one.name == "days-that-stand-out")
    numbers = {
        "total_active_duration_seconds": 0,
        "total_inactive_duration_seconds": 0,
        "total_session_count": 0,
    }
    # The day after it is not in the calendar.
    odd = {"data": {"daily_breakdown": [{"date": "31-12-9999", **numbers}, None]}}

    class Odd:
        now = 1_755_786_600_000_000
        asked = 0

        def __call__(self, operation: str, /, **_: Any) -> Interaction:
            self.asked += 1
            return Interaction(
                api.contract.operation(operation), Exchange(REQUEST, OK), response_body=odd
            )

    ask = Odd()
    workflow.run(ask, lawful.ids)
    assert ask.asked == 1


def test_where_days_are_null_no_invariant_is_broken() -> None:
    with run_in_thread(Settings(port=0, documented_only=True)) as url:
        target = Target(name="mock", url=url)
        mock = find_mock(target)
        assert mock
        with closing(mock), closing(Connection(target)) as connection:
            context = CheckContext(target, api, connection, Results(api), RECIPES.mock_ids, mock)
            for workflow in load_kit(api).workflows:
                with context.sequence(workflow.world) as ask:
                    workflow.run(ask, context.ids)

    assert found(context) == []
    # Of the days nothing can be said; what they are asked one by one still adds up.
    assert {name for name, count in context.results.met.items() if not count} == {
        "a-day-is-the-same-in-every-range",
        "days-are-those-of-the-range",
        "days-add-up-to-the-summary",
        "sessions-fit-those-of-the-days",
        "a-day-has-no-more-than-its-hours",
        "no-day-begins-before-the-last-is-over",
    }


class Living:
    """Asks while time passes and the agent comes and goes, as in a real deployment."""

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
        event = ("go_off_duty", "go_on_duty")[number % 2]
        self._inside.trigger(f"autozod.{event}", agent="a6d31a2c88dc8bf4598254ae")
        return self._ask(operation, **arguments)

    def _pass(self, seconds: int) -> None:
        shown = from_datetime(self._inside.clock.advance(seconds).now)
        self._ask.clock = lambda: shown


@pytest.mark.parametrize("workflow", load_kit(api).workflows, ids=lambda workflow: workflow.name)
def test_life_may_go_on_between_the_requests(lawful: CheckContext, workflow: Workflow) -> None:
    busy = {"night_team": lawful.ids["busy_team"], "night_agent": lawful.ids["busy_agent"]}
    with lawful.sequence() as ask, Client(lawful.target.url) as client:
        workflow.run(Living(ask, client), {**lawful.ids, **busy})

    assert found(lawful) == []


def test_what_the_contract_fixes_is_expected_literally() -> None:
    bodies = {one.status: one.expect["body"] for one in RECIPES.cases if "body" in one.expect}
    assert bodies == {
        400: {"success": False, "message": "Bad request."},
        401: {"success": False, "message": "Unauthenticated."},
    }
