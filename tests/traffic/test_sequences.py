"""Recorded exchanges are split into sequences whose order is certain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockserver import apis
from mockserver.traffic.attribution import attribute_calls
from mockserver.traffic.recording import RecordedCall
from mockserver.traffic.sequences import order_calls, split_sequences

APIS = list(apis.load().values())


def _call(name: str, at: int, took: float = 5, method: str = "GET", **more: Any) -> dict[str, Any]:
    """A call that began some milliseconds after noon; its name is in its query."""
    path = more.get("path", "/v1/customer/sessions/1/log")
    dated = [{"name": "Date", "value": more["date"]}] if "date" in more else []
    of_request, of_response = (
        [{"name": "X-Mock-Sandbox", "value": more[half]}] if half in more else []
        for half in ("request", "response")
    )
    return {
        "startedDateTime": f"2025-08-21T12:{at // 60_000:02}:{at // 1000 % 60:02}.{at % 1000:03}Z",
        "time": took,
        "timings": {"receive": more.get("receive", -1)},
        "request": {"method": method, "url": f"http://h{path}?{name}", "headers": of_request},
        "response": {"status": more.get("status", 200), "headers": dated + of_response},
        **more.get("entry", {}),
    }


@pytest.fixture
def split(calls: Callable[..., list[RecordedCall]]) -> Callable[..., list[str]]:
    """The sequences of some calls, each as the names of its calls."""

    def split(*entries: dict[str, Any]) -> list[str]:
        recorded = calls(*entries)
        attributed = attribute_calls(recorded, APIS).calls
        order = order_calls(recorded)
        attributed = [one for one in attributed if not one.call.summary.is_left_out]
        sequences = split_sequences(attributed, order)
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


def test_write_of_unknown_duration_may_overlap_what_follows_soon(
    split: Callable[..., list[str]],
) -> None:
    written = _call("b", 20, method="POST", took=-1)
    assert split(_call("a", 10), written, _call("c", 30), _call("d", 2_100)) == ["a", "b", "c", "d"]
    assert split(_call("a", 10), written, _call("d", 2_100)) == ["abd"]


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


def test_write_that_is_left_out_ends_the_sequence(split: Callable[..., list[str]]) -> None:
    for left_out in ({"status": 0}, {"entry": {"_wasFulfilled": True}}, {"entry": {"response": 7}}):
        written = _call("x", 20, method="POST", **left_out)
        assert split(_call("a", 10), written, _call("b", 30)) == ["a", "b"]
        assert split(_call("a", 10), _call("b", 30), written) == ["a", "b"]
        assert split(_call("a", 10), _call("x", 20, **left_out), _call("b", 30)) == ["ab"]


@pytest.mark.parametrize("dates", [("", ""), ("12:01:00", "12:01:01")])
def test_order_of_the_file_counts_where_the_clock_was_set_back(
    split: Callable[..., list[str]], dates: tuple[str, str]
) -> None:
    before, after = ({"date": f"Thu, 21 Aug 2025 {at} GMT"} if at else {} for at in dates)
    assert split(
        _call("a", 60_000, **before),
        _call("b", 60_100, method="POST", **before),
        _call("d", 1_050, **after),
        _call("c", 1_000, **after),
        _call("e", 1_100, method="POST", **after),
    ) == ["abcde"]


def test_file_in_another_order_is_sorted(split: Callable[..., list[str]]) -> None:
    newest_first = [_call(name, at) for name, at in (("c", 6_000), ("b", 4_000), ("a", 2_000))]
    assert split(*newest_first) == ["abc"]
    late, early = ({"date": f"Thu, 21 Aug 2025 12:00:{at} GMT"} for at in ("30", "10"))
    assert split(_call("b", 30_000, **late), _call("a", 10_000, **early)) == ["ab"]


def test_date_shows_how_often_the_clock_was_set_back(split: Callable[..., list[str]]) -> None:
    at = [60_000, 100, 60_200, 300, 60_400, 500]
    dated = {"date": "Thu, 21 Aug 2025 12:01:00 GMT"}
    calls = [_call(name, moment, **dated) for name, moment in zip("abcdef", at, strict=True)]
    assert split(*calls) == ["abcdef"]


def test_call_without_a_moment_has_its_place_in_the_file(split: Callable[..., list[str]]) -> None:
    undated = {"date": "Thu, 21 Aug 2025 12:00:00 GMT", "entry": {"startedDateTime": ""}}
    assert split(_call("a", 10), _call("b", 0, **undated), _call("c", 30)) == ["abc"]
    assert split(*(_call(name, 0, **undated) for name in "abc")) == ["abc"]
