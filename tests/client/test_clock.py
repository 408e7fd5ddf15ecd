"""A world's clock, from outside: what is asked for, and what it shows on a server."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from mockserver.client import Client, Clock, ClockState
from mockserver.errors import ProblemError

Answering = Callable[..., tuple[Client, list[httpx.Request]]]

NOON = datetime(2025, 8, 21, 12, tzinfo=UTC)
FROZEN = {"now": "2025-08-21T12:00:00Z", "mode": "frozen", "rate": 0, "offset": -5.5}


@pytest.mark.parametrize(
    ("act", "method", "path", "body"),
    [
        (lambda clock: clock.read(), "GET", "/__mock__/clock", None),
        (lambda clock: clock.freeze(), "POST", "/__mock__/clock/freeze", {}),
        (
            lambda clock: clock.freeze("2025-08-21"),
            "POST",
            "/__mock__/clock/freeze",
            {"at": "2025-08-21"},
        ),
        (
            lambda clock: clock.freeze(NOON),
            "POST",
            "/__mock__/clock/freeze",
            {"at": "2025-08-21T12:00:00+00:00"},
        ),
        (lambda clock: clock.unfreeze(), "POST", "/__mock__/clock/unfreeze", None),
        (lambda clock: clock.advance("3h"), "POST", "/__mock__/clock/advance", {"by": "3h"}),
        (lambda clock: clock.advance(-0.5), "POST", "/__mock__/clock/advance", {"by": -0.5}),
        (
            lambda clock: clock.advance(timedelta(minutes=2)),
            "POST",
            "/__mock__/clock/advance",
            {"by": 120.0},
        ),
        (lambda clock: clock.shift("-1d"), "POST", "/__mock__/clock/shift", {"by": "-1d"}),
        (lambda clock: clock.rate(60), "POST", "/__mock__/clock/rate", {"rate": 60}),
    ],
)
def test_each_method_asks_for_one_thing_and_gives_what_the_clock_shows(
    answering: Answering, act: Callable[[Clock], ClockState], method: str, path: str, body: Any
) -> None:
    client, asked = answering(FROZEN)
    assert act(client.clock) == ClockState(NOON, "frozen", 0, -5.5)
    assert (asked[0].method, asked[0].url.path) == (method, path)
    assert (json.loads(asked[0].content) if asked[0].content else None) == body


# On a server


def test_a_clock_is_stopped_moved_and_read(here: Client) -> None:
    assert here.clock.read().now == datetime(2025, 8, 21, 14, 30, tzinfo=UTC)
    assert here.clock.read().mode == "frozen"
    assert here.clock.freeze(NOON).now == NOON
    assert here.clock.advance(timedelta(hours=1, microseconds=5)).now == datetime(
        2025, 8, 21, 13, 0, 0, 5, UTC
    )
    assert here.clock.advance("-1h").now == datetime(2025, 8, 21, 12, 0, 0, 5, UTC)
    assert here.clock.advance(-0.000005).now == NOON


def test_a_clock_is_let_run(here: Client) -> None:
    state = here.clock.unfreeze()
    assert (state.mode, state.rate) == ("shifted", 1)
    state = here.clock.shift(timedelta(days=-1))
    assert (state.mode, state.offset) == ("shifted", -86_400)
    state = here.clock.rate(0.5)
    assert (state.mode, state.rate) == ("scaled", 0.5)
    assert here.clock.shift(0).mode == "real"


@pytest.mark.parametrize("at", ["soon", "2025-13-01", "1969-12-31", ""])
def test_a_moment_that_no_clock_shows_is_refused(here: Client, at: str) -> None:
    with pytest.raises(ProblemError):
        here.clock.freeze(at)
    assert here.clock.read().now == datetime(2025, 8, 21, 14, 30, tzinfo=UTC)
