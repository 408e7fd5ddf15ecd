"""What moves an agent: going on duty and off it, once each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.apis.autozod import events, model
from mockserver.clock import parse_moment
from mockserver.errors import EventError
from mockserver.sandbox import World

AGENT = "68a6d35049a09719b70539b4"


@pytest.fixture
def manned(world: World) -> World:
    """A world with an agent who was never on duty."""
    team = {"id": 1000, "name": "Demo", "timezone": "UTC"}
    world.documents.append(model.TEAM.document(team))
    agent = {"id": AGENT, "name": "Omar Nasser", "team_id": 1000}
    world.documents.append(model.AGENT.document(agent))
    return world


def _duties(world: World) -> list[tuple[str, str | None]]:
    duties = world.documents.list_by_owner("duty", AGENT)
    return [(duty.body["start"], duty.body["end"]) for duty in duties]


def test_going_on_duty_begins_a_duty_that_runs(manned: World) -> None:
    events.go_on_duty(manned, AGENT)
    assert _duties(manned) == [("2025-08-21T14:30:00+00:00", None)]
    assert model.get_running_duty(manned, AGENT).at == parse_moment("2025-08-21T14:30:00Z")


def test_going_off_duty_finishes_it(manned: World) -> None:
    events.go_on_duty(manned.freeze_at(parse_moment("2025-08-21T08:00:00Z")), AGENT)
    events.go_off_duty(manned, AGENT)
    assert _duties(manned) == [("2025-08-21T08:00:00+00:00", "2025-08-21T14:30:00+00:00")]
    assert model.get_running_duty(manned, AGENT) is None
    (duty,) = manned.documents.list_by_owner("duty", AGENT)
    assert duty.until == parse_moment("2025-08-21T14:30:00Z")


def test_duty_can_begin_again(manned: World) -> None:
    for hour in ("08", "10"):
        events.go_on_duty(manned.freeze_at(parse_moment(f"2025-08-21T{hour}:00:00Z")), AGENT)
        events.go_off_duty(manned.freeze_at(parse_moment(f"2025-08-21T{hour}:30:00Z")), AGENT)
    assert _duties(manned) == [
        ("2025-08-21T08:00:00+00:00", "2025-08-21T08:30:00+00:00"),
        ("2025-08-21T10:00:00+00:00", "2025-08-21T10:30:00+00:00"),
    ]


def test_moments_are_whole_seconds(manned: World) -> None:
    events.go_on_duty(manned.freeze_at(parse_moment("2025-08-21T08:00:00.999Z")), AGENT)
    assert _duties(manned) == [("2025-08-21T08:00:00+00:00", None)]


def test_who_is_on_duty_cannot_go_on_duty(manned: World) -> None:
    events.go_on_duty(manned, AGENT)
    with pytest.raises(EventError) as raised:
        events.go_on_duty(manned.freeze_at(parse_moment("2025-08-21T15:30:00Z")), AGENT)
    assert str(raised.value) == f"the agent '{AGENT}' is on duty already"
    assert len(_duties(manned)) == 1


def test_who_is_not_on_duty_cannot_go_off_duty(manned: World) -> None:
    with pytest.raises(EventError) as raised:
        events.go_off_duty(manned, AGENT)
    assert str(raised.value) == f"the agent '{AGENT}' is not on duty"


def test_nobody_goes_off_duty_before_having_gone_on_duty(manned: World) -> None:
    events.go_on_duty(manned, AGENT)
    with pytest.raises(EventError):
        events.go_off_duty(manned.freeze_at(parse_moment("2025-08-21T10:00:00Z")), AGENT)
    assert _duties(manned) == [("2025-08-21T14:30:00+00:00", None)]


def test_another_agent_on_duty_is_in_nobodys_way(manned: World) -> None:
    other = {"id": "a" * 24, "name": "Layla", "team_id": 1000}
    manned.documents.append(model.AGENT.document(other))
    events.go_on_duty(manned, AGENT)
    events.go_on_duty(manned, "a" * 24)
    events.go_off_duty(manned.freeze_at(parse_moment("2025-08-21T15:30:00Z")), "a" * 24)
    assert _duties(manned) == [("2025-08-21T14:30:00+00:00", None)]


@pytest.mark.parametrize("trigger", [events.go_on_duty, events.go_off_duty])
def test_no_event_moves_an_unknown_agent(manned: World, trigger: Callable[..., Any]) -> None:
    with pytest.raises(EventError) as raised:
        trigger(manned, "b" * 24)
    assert str(raised.value) == f"there is no agent '{'b' * 24}'"
