"""Recorded exchanges are split into sequences whose order is certain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockserver import apis
from mockserver.check.traffic.attribution import attribute_calls
from mockserver.check.traffic.recording import RecordedCall
from mockserver.check.traffic.sequences import find_resets, split_sequences

APIS = list(apis.load().values())


def _call(name: str, at: int, took: float = 5, method: str = "GET", **more: Any) -> dict[str, Any]:
    """A call that began some milliseconds after noon; its name is in its query."""
    path = more.get("path", "/v1/customer/sessions/1/log")
    of_request, of_response = (
        [{"name": "X-Mock-Sandbox", "value": more[half]}] if half in more else []
        for half in ("request", "response")
    )
    return {
        "startedDateTime": f"2025-08-21T12:00:00.{at:03}Z",
        "time": took,
        "timings": {"receive": more.get("receive", -1)},
        "request": {"method": method, "url": f"http://h{path}?{name}", "headers": of_request},
        "response": {"status": 200, "headers": of_response},
    }


@pytest.fixture
def split(calls: Callable[..., list[RecordedCall]]) -> Callable[..., list[str]]:
    """The sequences of some calls, each as the names of its calls."""

    def split(*entries: dict[str, Any]) -> list[str]:
        recorded = calls(*entries)
        attributed = attribute_calls(recorded, APIS).calls
        sequences = split_sequences(attributed, find_resets(recorded))
        names = ["".join(one.call.query for one in sequence) for sequence in sequences]
        return [name for name in names if name]

    return split


def test_calls_are_in_the_order_of_their_start(split: Callable[..., list[str]]) -> None:
    entries = _call("c", 30), _call("a", 10), _call("b", 20, method="POST")
    assert split(*entries) == ["abc"]


def test_next_request_may_follow_the_begin_of_a_response(split: Callable[..., list[str]]) -> None:
    written = _call("a", 10, took=80, method="POST", receive=5)
    assert split(written, _call("b", 86)) == ["ab"]
    assert split(written, _call("b", 80)) == ["a", "b"]
    assert split({**written, "timings": {"receive": 1e9}}, _call("b", 86)) == ["ab"]


def test_each_sandbox_is_a_world(split: Callable[..., list[str]]) -> None:
    assert split(
        _call("a", 10, request="one"),
        _call("b", 20, request="two"),
        _call("c", 30, path="/__sandbox__/one/v1/customer/sessions/1/log"),
        _call("d", 40, request="two", path="/__sandbox__/one/v1/customer/sessions/1/log"),
        _call("e", 50, response="one"),
        _call("f", 60),
    ) == ["ace", "bd", "f"]


def test_overlapping_reads_are_in_the_order_of_their_responses(
    split: Callable[..., list[str]],
) -> None:
    assert split(_call("a", 10, took=50), _call("b", 20, took=5), _call("c", 70)) == ["bac"]


def test_write_that_overlaps_ends_the_sequence(
    split: Callable[..., list[str]],
) -> None:
    assert split(
        _call("a", 10),
        _call("b", 20, took=50, method="POST"),
        _call("c", 30),
        _call("d", 60, took=30),
        _call("e", 95),
        _call("f", 105),
    ) == ["a", "b", "c", "d", "ef"]


def test_rounded_moments_do_not_overlap(
    split: Callable[..., list[str]],
) -> None:
    assert split(_call("a", 10, took=5.9, method="POST"), _call("b", 15)) == ["ab"]


def test_control_api_ends_the_sequence(
    split: Callable[..., list[str]],
) -> None:
    assert split(
        _call("a", 10),
        _call("x", 20, path="/__mock__/clock"),
        _call("b", 30),
        _call("y", 40, method="POST", path="/__mock__/reset"),
        _call("c", 50),
    ) == ["ab", "c"]
