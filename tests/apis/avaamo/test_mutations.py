"""Avaamo's own mutations, turned on and looked at."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from mockserver import apis
from mockserver.kit import load_kit
from mockserver.mutation import HAND_WRITTEN

Interaction = list[tuple[int, str, bytes]]
Answers = Callable[..., Interaction]
NAMES = [it.name for it in load_kit(apis.load()["avaamo"]).mutations if it.operator == HAND_WRITTEN]
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
        "?end_time=1755741599",
        "?start_time=1755734400&end_time=1755738000",
        "?start_time=1755709200000&end_time=1755738000",
    )
]


@pytest.mark.parametrize("name", NAMES)
def test_a_mutation_can_be_seen(name: str, answers: Answers) -> None:
    clean = [answers(world, REQUESTS) for world in WORLDS]
    assert [answers(world, REQUESTS, name) for world in WORLDS] != clean


def ids(answers: Answers, query: str, *mutations: str) -> list[int]:
    """The ids of the entries that are listed."""
    ((status, _, body),) = answers(WORLDS[0], [("GET", f"{LIST}{query}", None, TOKEN)], *mutations)
    assert status == 200
    return [entry["id"] for entry in json.loads(body)["entries"]]


def test_an_end_alone_gives_more_than_five(answers: Answers) -> None:
    until = "?end_time=1755741600"
    assert ids(answers, until) == [2202457, 2202456, 2202455, 2202454, 2202453]
    assert len(ids(answers, until, "all-up-to-the-end")) == 7


def test_pages_overlap(answers: Answers) -> None:
    assert ids(answers, "?per_page=2&page=2") == [2202455, 2202454]
    assert ids(answers, "?per_page=2&page=2", "pages-overlap") == [2202456, 2202454]
