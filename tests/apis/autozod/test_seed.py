"""What exists at first: three teams in their time zones, agents, and months of duty."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from mockserver.apis.autozod import seed
from mockserver.clock import parse_moment, to_datetime
from mockserver.factory import Factory
from mockserver.sandbox import World
from mockserver.store import Document


def _of(kind: str, documents: list[Document]) -> list[Document]:
    return [item for item in documents if item.kind == kind]


def _local(moment: int, zone: str) -> datetime:
    return to_datetime(moment).astimezone(ZoneInfo(zone))


def test_there_are_three_teams_not_all_in_utc(world: World) -> None:
    teams = _of("team", list(seed.agents(world, count=3, first_team=7)))
    assert [(team.key, team.body["timezone"]) for team in teams] == [
        ("7", "Asia/Riyadh"),
        ("8", "Africa/Cairo"),
        ("9", "UTC"),
    ]


def test_there_are_as_many_agents_as_asked_spread_over_the_teams(world: World) -> None:
    agents = _of("agent", list(seed.agents(world, count=25)))
    assert Counter(agent.body["team_id"] for agent in agents) == {1001: 9, 1002: 8, 1003: 8}
    assert len({agent.key for agent in agents}) == 25
    assert all(
        len(agent.key) == 24 and set(agent.key) <= set("0123456789abcdef") for agent in agents
    )


def test_names_are_arabic(world: World) -> None:
    for agent in _of("agent", list(seed.agents(world, count=9))):
        assert any("\u0600" <= letter <= "\u06ff" for letter in agent.body["name"])


def test_only_the_first_agent_is_on_duty_now(world: World) -> None:
    documents = list(seed.agents(world, count=9))
    running = [duty for duty in _of("duty", documents) if duty.body["end"] is None]
    assert [duty.owner for duty in running] == [_of("agent", documents)[0].key]
    assert running[0].at == parse_moment("2025-08-21T12:30:00Z")


@pytest.mark.parametrize(
    "now",
    [
        "2025-08-21T14:30:00Z",
        "2025-08-20T21:00:00Z",  # midnight in Cairo
        "2025-08-20T21:00:01Z",
        "2025-08-20T20:59:59Z",
        "2025-04-25T10:00:00Z",  # midnight was left out in Cairo
    ],
)
def test_the_second_agents_last_duty_crossed_midnight(world: World, now: str) -> None:
    documents = list(seed.agents(world.freeze_at(parse_moment(now)), count=3))
    second = _of("agent", documents)[1].key
    last = [duty for duty in _of("duty", documents) if duty.owner == second][-1]
    begin, end = (_local(moment, "Africa/Cairo") for moment in (last.at, last.until))
    assert begin.date() < end.date()
    assert (end.hour, end.minute, end.second) != (0, 0, 0)
    assert last.until <= parse_moment(now)


def test_nobody_is_on_duty_twice_at_once_or_in_the_future(world: World) -> None:
    documents = list(seed.agents(world, count=25, days=60))
    now, earliest = parse_moment("2025-08-21T14:30:00Z"), parse_moment("2025-06-21T00:00:00Z")
    for agent in _of("agent", documents):
        duties = [duty for duty in _of("duty", documents) if duty.owner == agent.key]
        assert all(earliest <= duty.at < (duty.until or now) <= now for duty in duties)
        assert all(one.until <= other.at for one, other in pairwise(duties))


def test_duty_reaches_back_as_many_days_as_asked(world: World) -> None:
    documents = list(seed.agents(world, count=25, days=60))
    duties = _of("duty", documents)
    assert min(duty.at for duty in duties) < parse_moment("2025-06-24T00:00:00Z")
    assert len(duties) > 1500


def test_the_same_seed_gives_the_same_and_another_gives_others(world: World) -> None:
    first = list(seed.agents(world, count=5, days=10))
    assert list(seed.agents(world, count=5, days=10)) == first
    other = list(seed.agents(replace(world, factory=Factory(7)), count=5, days=10))
    assert _of("agent", other) != _of("agent", first)
    assert [duty.at for duty in _of("duty", other)] != [duty.at for duty in _of("duty", first)]


def test_more_agents_change_none_of_the_first(world: World) -> None:
    few = list(seed.agents(world, count=4, days=10))
    assert list(seed.agents(world, count=9, days=10))[: len(few)] == few


def test_what_is_made_fits_its_kinds_and_can_be_put_into_a_world(world: World) -> None:
    world.documents.extend(seed.agents(world, count=4, days=5))
    assert world.documents.get_sizes("agent") == {"1001": 2, "1002": 1, "1003": 1}
