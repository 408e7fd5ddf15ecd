"""Moments, durations, clocks and worlds in a few words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from mockserver.cli import phrases
from mockserver.client import ClockState, Snapshot

NOON = datetime(2025, 8, 21, 12, tzinfo=UTC)


def test_a_moment_is_in_utc_and_as_exact_as_it_needs_to_be() -> None:
    assert phrases.time(NOON) == "2025-08-21T12:00:00Z"
    assert phrases.time(NOON.replace(microsecond=500_000)) == "2025-08-21T12:00:00.5Z"
    assert phrases.time(NOON.astimezone(timezone(timedelta(hours=3)))) == "2025-08-21T12:00:00Z"
    assert phrases.time(None) == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0s"),
        (0.4, "0s"),
        (1, "1s"),
        (59.6, "1m"),
        (60, "1m"),
        (61, "1m 1s"),
        (3600, "1h"),
        (3601, "1h"),
        (12_000, "3h 20m"),
        (86_399.4, "23h 59m"),
        (90_000, "1d 1h"),
        (864_000, "10d"),
        (-60, "1m"),
    ],
)
def test_a_duration_has_its_two_greatest_units(seconds: float, words: str) -> None:
    assert phrases.duration(seconds) == words


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ClockState(NOON, "real", 1, 0), "2025-08-21T12:00:00Z, real"),
        (ClockState(NOON, "frozen", 0, -99), "2025-08-21T12:00:00Z, frozen"),
        (ClockState(NOON, "shifted", 1, 10_800), "2025-08-21T12:00:00Z, 3h ahead"),
        (ClockState(NOON, "shifted", 1, -86_400), "2025-08-21T12:00:00Z, 1d behind"),
        (ClockState(NOON, "scaled", 60, 5), "2025-08-21T12:00:00Z, 60 seconds a second"),
        (ClockState(NOON, "scaled", 0.5, 5), "2025-08-21T12:00:00Z, 0.5 seconds a second"),
    ],
)
def test_a_clock(state: ClockState, words: str) -> None:
    assert phrases.clock(state) == words


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 documents"), (1, "1 document"), (2, "2 documents")]
)
def test_a_world(count: int, words: str) -> None:
    world = Snapshot("a", "b", 7, ClockState(NOON, "frozen", 0, 0), count, NOON)
    assert phrases.world(world) == f"{words}, seed 7, clock at 2025-08-21T12:00:00Z, frozen"
