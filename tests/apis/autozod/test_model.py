"""What is true of duty: clipped to the range, counted in the team's days, up to now."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from mockserver.apis.autozod import model
from mockserver.apis.autozod.wire import Account
from mockserver.clock import parse_moment
from mockserver.sandbox import World

AGENT = "68a6d35049a09719b70539b4"
DAY = date(2025, 8, 21)
ZERO = Account(active=0, elapsed=0, sessions=0)


def _agent(world: World, *duties: tuple[str, str | None], zone: str = "UTC") -> None:
    """An agent of team 1000 in a time zone, who was on duty from and to these moments."""
    team = {"id": 1000, "name": "Demo", "timezone": zone}
    world.documents.append(model.TEAM.document(team))
    agent = {"id": AGENT, "name": "Omar Nasser", "team_id": 1000}
    world.documents.append(model.AGENT.document(agent))
    world.documents.extend(
        model.DUTY.document({"agent_id": AGENT, "start": start, "end": end})
        for start, end in duties
    )


def _accounts(
    world: World,
    first: date = DAY,
    last: date | None = None,
    *,
    team: int = 1000,
    agent: str = AGENT,
    type: str = "on_duty",
) -> tuple[Account, list[Account]]:
    whole, days = model.compute_accounts(world, team, agent, type, first, last or first)
    expected = [first + timedelta(days=n) for n in range(((last or first) - first).days + 1)]
    assert list(days) == expected
    return whole, list(days.values())


# One day, the clock at half past two


def test_the_documented_agents_day(world: World) -> None:
    _agent(
        world,
        ("2025-08-21T08:00:00Z", "2025-08-21T11:30:00Z"),
        ("2025-08-21T12:15:00Z", "2025-08-21T14:00:00Z"),
    )
    account = Account(active=18_900, elapsed=52_200, sessions=2)
    assert _accounts(world) == (account, [account])


def test_a_day_that_is_over_has_elapsed_whole(world: World) -> None:
    _agent(world, ("2025-08-20T08:00:00Z", "2025-08-20T09:00:00Z"))
    account = Account(active=3600, elapsed=86_400, sessions=1)
    assert _accounts(world, date(2025, 8, 20)) == (account, [account])


def test_a_range_in_the_future_is_all_zeros(world: World) -> None:
    _agent(world, ("2025-08-21T08:00:00Z", None), ("2025-08-23T08:00:00Z", "2025-08-23T09:00:00Z"))
    assert _accounts(world, date(2025, 8, 22), date(2025, 8, 24)) == (ZERO, [ZERO] * 3)


def test_a_range_that_begins_now_is_all_zeros(world: World) -> None:
    _agent(world, ("2025-08-20T08:00:00Z", None))
    midnight = world.freeze_at(parse_moment("2025-08-21T00:00:00Z"))
    assert _accounts(midnight) == (ZERO, [ZERO])


def test_the_future_days_of_a_range_have_not_elapsed(world: World) -> None:
    _agent(world, ("2025-08-21T13:30:00Z", None), ("2025-08-22T08:00:00Z", "2025-08-22T09:00:00Z"))
    whole, days = _accounts(world, date(2025, 8, 20), date(2025, 8, 22))
    assert whole == Account(active=3600, elapsed=138_600, sessions=1)
    assert days == [
        Account(active=0, elapsed=86_400, sessions=0),
        Account(active=3600, elapsed=52_200, sessions=1),
        ZERO,
    ]


def test_duty_that_is_planned_does_not_count_before_its_time(world: World) -> None:
    _agent(world, ("2025-08-21T15:00:00Z", "2025-08-21T16:00:00Z"))
    assert _accounts(world)[0] == Account(active=0, elapsed=52_200, sessions=0)


def test_duty_whose_end_is_planned_counts_up_to_now(world: World) -> None:
    _agent(world, ("2025-08-21T14:00:00Z", "2025-08-21T16:00:00Z"))
    assert _accounts(world)[0] == Account(active=1800, elapsed=52_200, sessions=1)


def test_running_duty_counts_up_to_now(world: World) -> None:
    _agent(world, ("2025-08-21T14:00:00Z", None))
    assert _accounts(world)[0] == Account(active=1800, elapsed=52_200, sessions=1)


def test_running_duty_counts_up_to_the_ends_of_days_that_are_over(world: World) -> None:
    _agent(world, ("2025-08-19T23:00:00Z", None))
    whole, days = _accounts(world, date(2025, 8, 19), date(2025, 8, 21))
    assert whole == Account(active=142_200, elapsed=225_000, sessions=1)
    assert days == [
        Account(active=3600, elapsed=86_400, sessions=1),
        Account(active=86_400, elapsed=86_400, sessions=1),
        Account(active=52_200, elapsed=52_200, sessions=1),
    ]


def test_a_part_of_a_second_does_not_count(world: World) -> None:
    _agent(world, ("2025-08-21T14:00:00Z", None))
    late = world.freeze_at(parse_moment("2025-08-21T14:30:00.999999Z"))
    assert _accounts(late)[0] == Account(active=1800, elapsed=52_200, sessions=1)


# Clipping


@pytest.mark.parametrize(
    ("start", "end", "active", "sessions"),
    [
        ("2025-08-19T22:00:00Z", "2025-08-20T02:00:00Z", 7200, 1),  # begins before
        ("2025-08-20T22:00:00Z", "2025-08-21T02:00:00Z", 7200, 1),  # ends after
        ("2025-08-19T12:00:00Z", "2025-08-21T12:00:00Z", 86_400, 1),  # both
        ("2025-08-20T00:00:00Z", "2025-08-21T00:00:00Z", 86_400, 1),  # exactly the day
        ("2025-08-19T22:00:00Z", "2025-08-20T00:00:00Z", 0, 0),  # ends as it begins
        ("2025-08-21T00:00:00Z", "2025-08-21T02:00:00Z", 0, 0),  # begins as it ends
        ("2025-08-19T22:00:00Z", "2025-08-20T00:00:01Z", 1, 1),
        ("2025-08-20T23:59:59Z", "2025-08-21T02:00:00Z", 1, 1),
        ("2025-08-20T03:00:00+03:00", "2025-08-20T04:00:00+03:00", 3600, 1),  # any offset
    ],
)
def test_duty_is_clipped_to_the_range(
    world: World, start: str, end: str, active: int, sessions: int
) -> None:
    _agent(world, (start, end))
    account = Account(active=active, elapsed=86_400, sessions=sessions)
    assert _accounts(world, date(2025, 8, 20)) == (account, [account])


def test_duty_across_midnight_counts_in_both_days_and_once_in_the_whole(world: World) -> None:
    _agent(world, ("2025-08-19T23:00:00Z", "2025-08-20T02:00:00Z"))
    whole, days = _accounts(world, date(2025, 8, 19), date(2025, 8, 20))
    assert whole == Account(active=10_800, elapsed=172_800, sessions=1)
    assert days == [
        Account(active=3600, elapsed=86_400, sessions=1),
        Account(active=7200, elapsed=86_400, sessions=1),
    ]


def test_time_that_two_duties_share_counts_once(world: World) -> None:
    _agent(
        world,
        ("2025-08-20T08:00:00Z", "2025-08-20T12:00:00Z"),
        ("2025-08-20T09:00:00Z", "2025-08-20T10:00:00Z"),  # inside the first
        ("2025-08-20T11:00:00Z", "2025-08-20T13:00:00Z"),  # overlaps its end
        ("2025-08-20T08:00:00Z", "2025-08-20T08:30:00Z"),  # begins with it
    )
    whole, (day,) = _accounts(world, date(2025, 8, 20))
    assert (whole.active, whole.elapsed) == (18_000, 86_400)
    assert (day.active, day.elapsed) == (18_000, 86_400)


def test_duties_that_meet_are_two(world: World) -> None:
    _agent(
        world,
        ("2025-08-20T08:00:00Z", "2025-08-20T09:00:00Z"),
        ("2025-08-20T09:00:00Z", "2025-08-20T10:00:00Z"),
    )
    assert _accounts(world, date(2025, 8, 20))[0] == Account(7200, 86_400, 2)


# Time zones


def test_the_days_are_the_teams(world: World) -> None:
    # Midnight in Riyadh is 21:00 UTC the day before.
    _agent(world, ("2025-08-19T20:00:00Z", "2025-08-19T22:00:00Z"), zone="Asia/Riyadh")
    whole, days = _accounts(world, date(2025, 8, 19), date(2025, 8, 20))
    assert whole == Account(active=7200, elapsed=172_800, sessions=1)
    assert [day.active for day in days] == [3600, 3600]


def test_a_teams_today_began_at_its_own_midnight(world: World) -> None:
    _agent(world, zone="Asia/Riyadh")
    assert _accounts(world)[0] == Account(active=0, elapsed=63_000, sessions=0)


def test_it_can_be_tomorrow_already_where_the_team_is(world: World) -> None:
    _agent(world, ("2025-08-21T14:20:00Z", None), zone="Pacific/Kiritimati")
    whole, _ = _accounts(world, date(2025, 8, 22))
    assert whole == Account(active=600, elapsed=16_200, sessions=1)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2025, 3, 30), 23),
        ("Europe/Berlin", date(2024, 10, 27), 25),
        ("Europe/Berlin", date(2025, 3, 29), 24),
        # Cairo skips and repeats the hour at midnight itself.
        ("Africa/Cairo", date(2025, 4, 25), 23),
        ("Africa/Cairo", date(2025, 4, 24), 24),
        ("Africa/Cairo", date(2024, 10, 31), 25),
        ("Africa/Cairo", date(2024, 11, 1), 24),
        # Samoa left a whole day out.
        ("Pacific/Apia", date(2011, 12, 30), 0),
    ],
)
def test_a_day_is_as_long_as_it_was(world: World, zone: str, day: date, hours: int) -> None:
    before, after = day - timedelta(days=2), day + timedelta(days=2)
    _agent(world, (f"{before}T00:00:00Z", f"{after}T00:00:00Z"), zone=zone)
    whole, _ = _accounts(world, day)
    assert (whole.active, whole.elapsed) == (hours * 3600, hours * 3600)


def test_duty_through_the_repeated_hour_counts_both_of_it(world: World) -> None:
    # 01:30 to 03:30 on the clocks of Berlin, which showed 02:00 to 03:00 twice.
    _agent(
        world,
        ("2024-10-27T01:30:00+02:00", "2024-10-27T03:30:00+01:00"),
        zone="Europe/Berlin",
    )
    whole, (day,) = _accounts(world, date(2024, 10, 27))
    assert whole == day == Account(active=10_800, elapsed=90_000, sessions=1)


# Off duty


def test_off_duty_is_what_on_duty_leaves(world: World) -> None:
    _agent(
        world,
        ("2025-08-20T00:00:00Z", "2025-08-20T01:00:00Z"),
        ("2025-08-20T08:00:00Z", "2025-08-20T11:30:00Z"),
        ("2025-08-20T11:30:00Z", "2025-08-20T12:00:00Z"),
    )
    whole, (day,) = _accounts(world, date(2025, 8, 20), type="off_duty")
    assert whole == day == Account(active=68_400, elapsed=86_400, sessions=2)


def test_without_duty_the_whole_elapsed_time_is_off_duty(world: World) -> None:
    _agent(world)
    whole, days = _accounts(world, date(2025, 8, 20), DAY, type="off_duty")
    assert whole == Account(active=138_600, elapsed=138_600, sessions=1)
    assert days == [Account(86_400, 86_400, 1), Account(52_200, 52_200, 1)]


def test_with_nothing_but_duty_no_time_is_off_duty(world: World) -> None:
    _agent(world, ("2025-08-19T00:00:00Z", None))
    assert _accounts(world, type="off_duty")[0] == Account(active=0, elapsed=52_200, sessions=0)


def test_the_future_is_neither_on_nor_off_duty(world: World) -> None:
    _agent(world)
    assert _accounts(world, date(2025, 8, 22), type="off_duty") == (ZERO, [ZERO])


# Adding up


@pytest.mark.parametrize("type", ["on_duty", "off_duty"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kathmandu"])
def test_the_days_add_up_to_the_whole(world: World, type: str, zone: str) -> None:
    _agent(
        world,
        ("2025-03-28T20:11:12Z", "2025-03-29T01:00:01Z"),
        ("2025-03-29T23:59:59Z", "2025-03-30T05:00:00Z"),
        ("2025-03-30T03:00:00Z", "2025-03-30T06:00:00Z"),
        ("2025-03-31T23:00:00Z", None),
        zone=zone,
    )
    now = world.freeze_at(parse_moment("2025-04-01T12:34:56.789Z"))
    whole, days = _accounts(now, date(2025, 3, 27), date(2025, 4, 5), type=type)
    assert sum(day.active for day in days) == whole.active > 0
    assert sum(day.elapsed for day in days) == whole.elapsed
    assert all(0 <= day.active <= day.elapsed for day in days)


def test_on_and_off_duty_add_up_to_the_elapsed_time(world: World) -> None:
    _agent(world, ("2025-08-18T20:11:12Z", "2025-08-19T01:00:01Z"), ("2025-08-20T00:00:07Z", None))
    first, last = date(2025, 8, 18), date(2025, 8, 21)
    on, _ = _accounts(world, first, last)
    off, _ = _accounts(world, first, last, type="off_duty")
    assert on.elapsed == off.elapsed == 311_400
    assert on.active == 17_329 + 138_593
    assert off.active == 311_400 - 17_329 - 138_593


def test_a_year_has_a_day_for_each_of_its_days(world: World) -> None:
    _agent(world, ("2024-02-29T12:00:00Z", "2024-02-29T13:00:00Z"))
    whole, days = _accounts(world, date(2024, 1, 1), date(2024, 12, 31))
    assert whole == Account(active=3600, elapsed=366 * 86_400, sessions=1)
    assert len(days) == 366
    assert days[59] == Account(active=3600, elapsed=86_400, sessions=1)


# Unknown ones


@pytest.mark.parametrize(
    ("team", "agent"),
    [
        (1000, "0" * 24),
        (1001, AGENT),  # a team that is there, but not the agent's
        (9999, AGENT),
        (9999, "0" * 24),
        (2**63, AGENT),
    ],
)
@pytest.mark.parametrize("type", ["on_duty", "off_duty"])
def test_an_agent_who_is_not_in_the_team_has_zeros(
    world: World, team: int, agent: str, type: str
) -> None:
    _agent(world, ("2025-08-20T08:00:00Z", None))
    other = {"id": 1001, "name": "Other", "timezone": "UTC"}
    world.documents.append(model.TEAM.document(other))
    found = _accounts(world, date(2025, 8, 20), DAY, team=team, agent=agent, type=type)
    assert found == (ZERO, [ZERO, ZERO])


def test_another_agents_duty_is_not_ones_own(world: World) -> None:
    _agent(world, ("2025-08-21T08:00:00Z", "2025-08-21T09:00:00Z"))
    other = {"id": "a" * 24, "name": "Layla", "team_id": 1000}
    world.documents.append(model.AGENT.document(other))
    assert _accounts(world, agent="a" * 24)[0] == Account(0, 52_200, 0)


def test_an_agents_id_may_be_written_in_capitals(world: World) -> None:
    _agent(world, ("2025-08-21T08:00:00Z", "2025-08-21T09:00:00Z"))
    assert _accounts(world, agent=AGENT.upper())[0] == Account(3600, 52_200, 1)


# What the kinds refuse


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "/etc/passwd", "a\x00b"])
def test_a_team_needs_a_time_zone_that_exists(zone: str) -> None:
    faults = list(model.TEAM.check({"id": 1, "name": "x", "timezone": zone}))
    assert faults == [
        ("timezone", f"'{zone}' is no time zone; write one like 'Asia/Riyadh'"),
    ]


@pytest.mark.parametrize(
    ("end", "is_right"),
    [
        (None, True),
        ("2025-08-21T08:00:01Z", True),
        ("2025-08-21T08:00:00Z", True),
        ("2025-08-21T07:59:59Z", False),
        ("2025-08-21T10:30:00+03:00", False),
    ],
)
def test_duty_does_not_end_before_it_began(end: str | None, is_right: bool) -> None:
    duty = {"agent_id": AGENT, "start": "2025-08-21T08:00:00Z", "end": end}
    assert [field for field, _ in model.DUTY.check(duty)] == ([] if is_right else ["end"])
