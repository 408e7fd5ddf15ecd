"""Ekran's own mutations, turned on and looked at."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from mockserver import apis
from mockserver.kit import load_kit
from mockserver.mutation import HAND_WRITTEN

Interaction = list[tuple[int, str, bytes]]
Answers = Callable[..., Interaction]
NAMES = [it.name for it in load_kit(apis.load()["ekran"]).mutations if it.operator == HAND_WRITTEN]
LIST = "/ekranapi/sessions"
WORLDS = ("ekran-crosses-bounds", "ekran-running")
# Between them they meet every mutation in these worlds.
REQUESTS = [
    ("GET", f"{LIST}{query}", None, {})
    for query in (
        "",
        "?start=2025-08-21T08:00",
        "?end=2025-08-21T17:00",
        "?start=2025-08-21T08:00&end=2025-08-21T17:00",
        "?start=2025-08-21T17:00&end=2025-08-21T08:00",
    )
]


@pytest.mark.parametrize("name", NAMES)
def test_a_mutation_can_be_seen(name: str, answers: Answers) -> None:
    clean = [answers(world, REQUESTS) for world in WORLDS]
    assert [answers(world, REQUESTS, name) for world in WORLDS] != clean


def rows(answers: Answers, query: str, *mutations: str) -> list[tuple[int, str, str | None]]:
    """The id and the times of each session that is listed."""
    ((status, _, body),) = answers(WORLDS[0], [("GET", f"{LIST}{query}", None, {})], *mutations)
    assert status == 200
    return [(row["sessionId"], row["loginDate"], row["logoutDate"]) for row in json.loads(body)]


BOTH = "?start=2025-08-21T08:00&end=2025-08-21T17:00"
CLIPPED = [
    (702, "2025-08-21T08:20:00.000+00:00", "2025-08-21T12:00:00.000+00:00"),
    (701, "2025-08-21T09:12:45.500+00:00", "2025-08-21T16:40:05.125+00:00"),
    (703, "2025-08-21T15:00:00.000+00:00", "2025-08-21T16:30:00.000+00:00"),
]


def test_the_last_session_of_a_range_is_left_out(answers: Answers) -> None:
    assert rows(answers, BOTH) == CLIPPED
    assert rows(answers, BOTH, "session-left-out-of-ranges") == CLIPPED[:2]
