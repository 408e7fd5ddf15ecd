"""Recorded exchanges are put in threads in which it is certain what went before what."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver import apis
from mockserver.check.traffic.attribution import belongings
from mockserver.check.traffic.recording import read_calls
from mockserver.check.traffic.sequences import Placed, threads, turns

APIS = list(apis.load().values())


def _call(name: str, at: int, took: float = 5, method: str = "GET", **more: Any) -> dict[str, Any]:
    """A call that began some milliseconds after noon; its name is in its query."""
    path = more.get("path", "/v1/customer/sessions/1/log")
    headers = [{"name": "X-Mock-Sandbox", "value": more["asks"]}] if "asks" in more else []
    told = [{"name": "x-mock-sandbox", "value": more["tells"]}] if "tells" in more else []
    return {
        "startedDateTime": f"2025-08-21T12:00:00.{at:03}Z",
        "time": took,
        "timings": {"receive": more.get("receive", -1)},
        "request": {"method": method, "url": f"http://h{path}?{name}", "headers": headers},
        "response": {"status": 200, "headers": told},
    }


@pytest.fixture
def threaded(tmp_path: Path) -> Callable[..., list[str]]:
    """The threads of some calls, each as the names of its calls."""

    def threaded(*entries: dict[str, Any]) -> list[str]:
        path = tmp_path / "a.har"
        path.write_text(json.dumps({"log": {"entries": entries}}))
        calls = read_calls(path)
        found = belongings(calls, APIS).calls
        placed = [Placed(one, one.call.read()) for one in found]
        made = (
            "".join(one.belonging.call.query for one in it) for it in threads(placed, turns(calls))
        )
        return [names for names in made if names]

    return threaded


def test_calls_are_in_the_order_in_which_they_were_made(threaded: Callable[..., list[str]]) -> None:
    entries = _call("c", 30), _call("a", 10), _call("b", 20, method="POST")
    assert threaded(*entries) == ["abc"]


def test_a_page_goes_on_when_an_answer_begins_to_come(threaded: Callable[..., list[str]]) -> None:
    written = _call("a", 10, took=80, method="POST", receive=5)
    assert threaded(written, _call("b", 86)) == ["ab"]
    assert threaded(written, _call("b", 80)) == ["a", "b"]
    assert threaded({**written, "timings": {"receive": 1e9}}, _call("b", 86)) == ["ab"]


def test_each_sandbox_is_a_world_of_its_own(threaded: Callable[..., list[str]]) -> None:
    assert threaded(
        _call("a", 10, asks="one"),
        _call("b", 20, asks="two"),
        _call("c", 30, path="/__sandbox__/one/v1/customer/sessions/1/log"),
        _call("d", 40, asks="two", path="/__sandbox__/one/v1/customer/sessions/1/log"),
        _call("e", 50, tells="one"),
        _call("f", 60),
    ) == ["ace", "bd", "f"]


def test_reads_at_once_are_in_the_order_of_their_answers(
    threaded: Callable[..., list[str]],
) -> None:
    assert threaded(_call("a", 10, took=50), _call("b", 20, took=5), _call("c", 70)) == ["bac"]


def test_where_a_write_was_under_way_with_others_nothing_is_certain(
    threaded: Callable[..., list[str]],
) -> None:
    assert threaded(
        _call("a", 10),
        _call("b", 20, took=50, method="POST"),
        _call("c", 30),
        _call("d", 60, took=30),
        _call("e", 95),
        _call("f", 105),
    ) == ["a", "b", "c", "d", "ef"]


def test_what_touches_only_because_moments_are_rounded_is_not_at_once(
    threaded: Callable[..., list[str]],
) -> None:
    assert threaded(_call("a", 10, took=5.9, method="POST"), _call("b", 15)) == ["ab"]


def test_nothing_lasts_beyond_what_the_control_api_has_moved(
    threaded: Callable[..., list[str]],
) -> None:
    assert threaded(
        _call("a", 10),
        _call("x", 20, path="/__mock__/clock"),
        _call("b", 30),
        _call("y", 40, method="POST", path="/__mock__/reset"),
        _call("c", 50),
    ) == ["ab", "c"]
