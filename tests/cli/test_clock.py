"""`mockserver clock`."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result

Call = Callable[..., Result]


def test_the_clock_is_read(call: Call) -> None:
    done = call("clock")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "2025-08-21T14:30:00Z, frozen\n"
    assert call("clock", "read").stdout == done.stdout


def test_the_clock_is_frozen_at_a_moment_and_moved(call: Call) -> None:
    assert call("clock", "freeze", "2025-01-01").stdout == "2025-01-01T00:00:00Z, frozen\n"
    assert call("clock", "advance", "3h").stdout == "2025-01-01T03:00:00Z, frozen\n"
    assert call("clock", "advance", "-30m").stdout == "2025-01-01T02:30:00Z, frozen\n"
    assert call("clock", "advance", "-PT1H").stdout == "2025-01-01T01:30:00Z, frozen\n"
    assert call("clock", "advance", "1d 2h 5s").stdout == "2025-01-02T03:30:05Z, frozen\n"
    assert call("clock", "advance", "-0.5").stdout == "2025-01-02T03:30:04.5Z, frozen\n"
    assert call("clock").stdout == "2025-01-02T03:30:04.5Z, frozen\n"


def test_the_clock_is_frozen_at_the_present_moment(call: Call) -> None:
    assert call("clock", "freeze").stdout == "2025-08-21T14:30:00Z, frozen\n"


def test_the_clock_runs_again(call: Call) -> None:
    done = call("clock", "unfreeze", "--json")
    assert json.loads(done.stdout)["mode"] == "shifted"
    assert json.loads(done.stdout)["now"].startswith("2025-08-21T14:3")


def test_the_clock_is_shifted_back_and_made_real(call: Call) -> None:
    assert call("clock", "shift", "-1d").stdout.endswith("Z, 1d behind\n")
    assert call("clock", "shift", "2h").stdout.endswith("Z, 2h ahead\n")
    assert call("clock", "shift", "0").stdout.endswith("Z, real\n")


def test_the_clock_runs_faster(call: Call) -> None:
    assert call("clock", "rate", "60").stdout.endswith("Z, 60 seconds a second\n")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ("freeze someday", "someday"),
        ("freeze 2025-13-01", "2025-13-01"),
        ("advance soon", "soon"),
        ("shift -1x", "-1x"),
        ("rate 0", "0"),
        ("rate -1", "-1"),
    ],
)
def test_an_invalid_moment_duration_or_rate_is_refused_by_the_server(
    call: Call, arguments: str, word: str
) -> None:
    done = call("clock", *arguments.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert word in done.stderr
    assert done.stderr.startswith("mockserver: ")


def test_a_rate_is_a_number(call: Call) -> None:
    done = call("clock", "rate", "fast")
    assert done.exit_code == 2
    assert "'fast' is not a valid float" in done.stderr


def test_a_moment_may_be_relative_to_the_clock(call: Call) -> None:
    assert call("clock", "freeze", "-1d").stdout == "2025-08-20T14:30:00Z, frozen\n"
    said = call("clock", "freeze", "tomorrow 08:00 Asia/Riyadh").stdout
    assert said == "2025-08-21T05:00:00Z, frozen\n"
