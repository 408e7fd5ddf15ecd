"""The invariants of agreement: breaches that they see, and oddities that they bear."""

from __future__ import annotations

from typing import Any


def test_on_and_off_duty_complement_each_other(autozod: Any) -> None:
    invariant = "on-and-off-duty-complement-each-other"
    on, off = autozod.account(3600), autozod.account(82_800, 2)
    on_duty = autozod.report("18-08-2025", on)

    assert (
        autozod.validated(invariant, autozod.report("18-08-2025", off, type="off_duty"), on_duty)
        == []
    )
    # An agent nobody knows is neither on duty nor off it.
    nothing = autozod.report("18-08-2025", autozod.nothing())
    stranger = autozod.report("18-08-2025", autozod.nothing(), type="off_duty")
    assert autozod.validated(invariant, stranger, nothing) == []

    assert autozod.validated(
        invariant, autozod.report("18-08-2025", on, type="off_duty"), on_duty
    ) == [
        "18-08-2025 has 3600 active and 82800 inactive seconds by off_duty, "
        "3600 and 82800 by on_duty",
        "the summary has 3600 active and 82800 inactive seconds by off_duty, "
        "3600 and 82800 by on_duty",
    ]
    short = autozod.account(80_000, 2)
    assert (
        autozod.validated(invariant, autozod.report("18-08-2025", short, type="off_duty"), on_duty)
        != []
    )
    # Of another range, the days that both have.
    week = autozod.report("17-08-2025", off, short, off, type="off_duty")
    assert autozod.validated(invariant, week, on_duty) == [
        "18-08-2025 has 80000 active and 6400 inactive seconds by off_duty, "
        "3600 and 82800 by on_duty"
    ]


def test_what_still_runs_is_not_complemented(autozod: Any) -> None:
    invariant = "on-and-off-duty-complement-each-other"
    on_duty = autozod.report("21-08-2025", autozod.account(3600, elapsed=50_000))
    off = autozod.report("21-08-2025", autozod.account(46_500, 2, 50_100), type="off_duty")

    assert autozod.validated(invariant, off, on_duty) is None
    assert autozod.validated(invariant, on_duty, on_duty) is None


def test_stretches_off_duty_lie_between_sessions(autozod: Any) -> None:
    invariant = "stretches-off-duty-lie-between-sessions"
    on_duty = autozod.report("18-08-2025", autozod.account(3600, 2))

    def off(stretches: int) -> Any:
        return autozod.report("18-08-2025", autozod.account(82_800, stretches), type="off_duty")

    assert autozod.validated(invariant, off(3), on_duty) == []
    # Duty that meets, or overlaps, leaves nothing between.
    assert autozod.validated(invariant, off(1), on_duty) == []
    assert autozod.validated(invariant, on_duty, off(3)) == []
    expected = [
        "18-08-2025 has 4 stretches off duty and 2 sessions on duty",
        "the summary has 4 stretches off duty and 2 sessions on duty",
    ]
    assert autozod.validated(invariant, off(4), on_duty) == expected
    assert autozod.validated(invariant, on_duty, off(4)) == expected
    assert autozod.validated(invariant, off(4)) is None


def test_an_agent_is_in_one_team(autozod: Any) -> None:
    invariant = "an-agent-is-in-one-team"
    own = autozod.report("18-08-2025", autozod.account(3600))
    day, nothing = autozod.account(60), autozod.nothing()

    assert autozod.validated(invariant, autozod.report("18-08-2025", nothing, team=1001), own) == []
    assert autozod.validated(invariant, autozod.report("18-08-2025", day, team=1001), own) == [
        "agent 68a6d35049a09719b70539b4 has 86400 seconds in team 1001, and 86400 in team 1000"
    ]
    idle = autozod.account(0)
    assert autozod.validated(invariant, autozod.report("17-08-2025", idle, team=1001), own) != []
    # The same team, another agent, and one who has nothing there.
    assert autozod.validated(invariant, own, own) is None
    other = autozod.report("18-08-2025", day, team=1001, agent="0" * 24)
    assert autozod.validated(invariant, other, own) is None
    stranger = autozod.report("18-08-2025", nothing, team=1001)
    assert autozod.validated(invariant, own, stranger) is None
