"""What Avaamo could get wrong, turned on and looked at."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from mockserver import apis
from mockserver.kit import load_kit

Interaction = list[tuple[int, str, bytes]]
Answers = Callable[..., Interaction]
NAMES = [mutation.name for mutation in load_kit(apis.load()["avaamo"]).mutations]
LIST = "/api/v1/cap/change_logs.json"
TOKEN = {"access-token": "token"}
MANY = {
    "name": "many",
    "description": "More entries than a page has, at a moment that stands still.",
    "clock": {"freeze": "2025-08-21T14:30:00Z"},
    "apis": {"avaamo": {"generate": {"changes": {"count": 120}}}},
}
WORLDS = ("avaamo-five-before", "avaamo-all-actions", "avaamo-empty", MANY)
# Between them they meet every mutation in these worlds.
REQUESTS = [
    ("GET", f"{LIST}{query}", None, TOKEN)
    for query in (
        "",
        "?per_page=2&page=2",
        "?per_page=100",
        "?actions=create,destroy",
        "?end_time=1755741599",
        "?start_time=1755734400&end_time=1755738000",
        "?start_time=1755709200000&end_time=1755738000",
        "?actions=fly",
        "?per_page=101",
    )
] + [("GET", LIST, None, {})]
STATUSES = [200, 200, 200, 200, 200, 200, 200, 400, 400, 401]


@pytest.mark.parametrize("name", NAMES)
def test_a_mutation_can_be_seen(name: str, answers: Answers) -> None:
    clean = [answers(world, REQUESTS) for world in WORLDS]
    assert [answers(world, REQUESTS, name) for world in WORLDS] != clean


def test_the_clean_answers_succeed_and_refuse(answers: Answers) -> None:
    assert [status for status, _, _ in answers(WORLDS[0], REQUESTS)] == STATUSES


def ids(answers: Answers, query: str, *mutations: str) -> list[int]:
    """The ids of the entries that are listed."""
    ((status, _, body),) = answers(WORLDS[0], [("GET", f"{LIST}{query}", None, TOKEN)], *mutations)
    assert status == 200
    return [entry["id"] for entry in json.loads(body)["entries"]]


def test_a_bound_is_exclusive(answers: Answers) -> None:
    between = "?start_time=1755734400&end_time=1755738000"
    assert ids(answers, between) == [2202456, 2202455]
    assert ids(answers, between, "start-exclusive") == [2202456]
    assert ids(answers, between, "end-exclusive") == [2202455]


def test_an_end_alone_gives_more_than_five(answers: Answers) -> None:
    until = "?end_time=1755741600"
    assert ids(answers, until) == [2202457, 2202456, 2202455, 2202454, 2202453]
    assert len(ids(answers, until, "all-up-to-the-end")) == 7


def test_pages_overlap(answers: Answers) -> None:
    assert ids(answers, "?per_page=2&page=2") == [2202455, 2202454]
    assert ids(answers, "?per_page=2&page=2", "pages-overlap") == [2202456, 2202454]


def test_times_are_in_another_unit(answers: Answers) -> None:
    ((_, _, body),) = answers(
        WORLDS[0],
        [("GET", f"{LIST}?per_page=1", None, TOKEN)],
        "timestamp-in-milliseconds",
        "time-token-in-milliseconds",
    )
    page = json.loads(body)
    assert (page["entries"][0]["timestamp"], page["time_token"]) == (1755741600000, 1755786600000)
