"""Autozod's kinds, its generated agents, and its events."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mockserver.apis.autozod import events, model, seed
from mockserver.clock import parse_moment, to_datetime
from mockserver.errors import EventError
from mockserver.sandbox import World
from mockserver.store import Document

AGENT = "68a6d35049a09719b70539b4"


def select(kind: str, documents: list[Document]) -> list[Document]:
    return [document for document in documents if document.kind == kind]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "/etc/passwd", "a\x00b"])
def test_a_team_needs_a_time_zone_that_exists(zone: str) -> None:
    assert list(model.TEAM.check({"id": 1, "name": "x", "timezone": zone})) == [
        ("timezone", f"'{zone}' is no time zone; write one like 'Asia/Riyadh'")
    ]


def test_a_duty_does_not_end_before_its_start() -> None:
    for end, fields in (
        (None, []),
        ("2025-08-21T08:00:00Z", []),
        ("2025-08-21T07:59:59Z", ["end"]),
        ("2025-08-21T10:30:00+03:00", ["end"]),
    ):
        duty = {"agent_id": AGENT, "start": "2025-08-21T08:00:00Z", "end": end}
        assert [field for field, _ in model.DUTY.check(duty)] == fields


def test_the_generated_agents_are_in_three_teams(world: World) -> None:
    documents = list(seed.agents(world, count=25, first_team=7))
    teams = [(team.key, team.body["timezone"]) for team in select("team", documents)]
    assert teams == [("7", "Asia/Riyadh"), ("8", "Africa/Cairo"), ("9", "UTC")]
    agents = select("agent", documents)
    assert Counter(agent.body["team_id"] for agent in agents) == {7: 9, 8: 8, 9: 8}
    assert len({agent.key for agent in agents}) == 25
    assert all("\u0600" <= agent.body["name"][0] <= "\u06ff" for agent in agents)


def test_nobody_is_on_duty_twice_at_once_or_in_the_future(world: World) -> None:
    documents = list(seed.agents(world, count=25, first="-60d"))
    now, earliest = parse_moment("2025-08-21T14:30:00Z"), parse_moment("2025-06-21T00:00:00Z")
    duties = select("duty", documents)
    assert len(duties) > 1500
    assert min(duty.at or 0 for duty in duties) < parse_moment("2025-06-24T00:00:00Z")
    for agent in select("agent", documents):
        own = [duty for duty in duties if duty.owner == agent.key]
        assert all(earliest <= (duty.at or 0) < (duty.until or now) <= now for duty in own)
        assert all((one.until or now) <= (other.at or 0) for one, other in pairwise(own))
    running = [duty for duty in duties if duty.until is None]
    assert [duty.owner for duty in running] == [select("agent", documents)[0].key]


@pytest.mark.parametrize(
    "now",
    [
        "2025-08-21T14:30:00Z",
        "2025-08-20T21:00:00Z",  # midnight in Cairo
        "2025-08-20T20:59:59Z",
        "2025-04-25T10:00:00Z",  # midnight was left out in Cairo
    ],
)
def test_the_second_agent_s_last_duty_crossed_midnight(world: World, now: str) -> None:
    documents = list(seed.agents(world.freeze_at(parse_moment(now)), count=3))
    second = select("agent", documents)[1].key
    last = [duty for duty in select("duty", documents) if duty.owner == second][-1]
    start, end = (
        to_datetime(moment or 0).astimezone(ZoneInfo("Africa/Cairo"))
        for moment in (last.at, last.until)
    )
    assert start.date() < end.date()
    assert (end.hour, end.minute, end.second) != (0, 0, 0)
    assert (last.until or 0) <= parse_moment(now)


def test_more_agents_begin_with_the_same_ones(world: World) -> None:
    few = list(seed.agents(world, count=4, first="-10d"))
    assert list(seed.agents(world, count=9, first="-10d"))[: len(few)] == few


@pytest.fixture
def staffed(world: World) -> World:
    """A world with an agent who was never on duty."""
    team = {"id": 1000, "name": "Demo", "timezone": "UTC"}
    world.documents.append(model.TEAM.document(team))
    for id in (AGENT, "a" * 24):
        agent = {"id": id, "name": "Omar Nasser", "team_id": 1000}
        world.documents.append(model.AGENT.document(agent))
    return world


def list_duties(world: World) -> list[tuple[str, str | None]]:
    duties = world.documents.list_by_owner("duty", AGENT)
    return [(duty.body["start"], duty.body["end"]) for duty in duties]


def at(world: World, time: str) -> World:
    return world.freeze_at(parse_moment(f"2025-08-21T{time}Z"))


def test_duty_begins_and_ends_in_whole_seconds_and_can_begin_again(staffed: World) -> None:
    events.go_on_duty(staffed, "a" * 24)  # another agent
    events.go_on_duty(at(staffed, "08:00:00.999"), AGENT)
    events.go_off_duty(at(staffed, "08:30:00"), AGENT)
    events.go_on_duty(at(staffed, "10:00:00"), AGENT)
    assert list_duties(staffed) == [
        ("2025-08-21T08:00:00+00:00", "2025-08-21T08:30:00+00:00"),
        ("2025-08-21T10:00:00+00:00", None),
    ]


def test_events_that_make_no_sense_are_refused(staffed: World) -> None:
    def refuse(trigger: Any, world: World, agent: str, reason: str) -> None:
        with pytest.raises(EventError) as raised:
            trigger(world, agent)
        assert str(raised.value).startswith(reason)

    refuse(events.go_off_duty, staffed, AGENT, f"the agent '{AGENT}' is not on duty")
    events.go_on_duty(staffed, AGENT)
    later = at(staffed, "15:30:00")
    refuse(events.go_on_duty, later, AGENT, f"the agent '{AGENT}' is on duty already")
    refuse(events.go_off_duty, at(staffed, "10:00:00"), AGENT, "")
    for trigger in (events.go_on_duty, events.go_off_duty):
        refuse(trigger, staffed, "b" * 24, f"there is no agent '{'b' * 24}'")
    assert list_duties(staffed) == [("2025-08-21T14:30:00+00:00", None)]
