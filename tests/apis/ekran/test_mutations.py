"""Ekran's own mutations: each changes a response, as its sentence says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Send = Callable[..., list[tuple[int, str, bytes]]]
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


def test_each_mutation_changes_a_response(list_unseen_mutations: Any) -> None:
    assert list_unseen_mutations(WORLDS, REQUESTS) == []


def rows(send: Send, query: str, *mutations: str) -> list[tuple[int, str, str | None]]:
    """The id and the times of each session that is listed."""
    ((status, _, body),) = send(WORLDS[0], [("GET", f"{LIST}{query}", None, {})], *mutations)
    assert status == 200
    return [(row["sessionId"], row["loginDate"], row["logoutDate"]) for row in json.loads(body)]


BOTH = "?start=2025-08-21T08:00&end=2025-08-21T17:00"
CLIPPED = [
    (702, "2025-08-21T08:20:00.000+00:00", "2025-08-21T12:00:00.000+00:00"),
    (701, "2025-08-21T09:12:45.500+00:00", "2025-08-21T16:40:05.125+00:00"),
    (703, "2025-08-21T15:00:00.000+00:00", "2025-08-21T16:30:00.000+00:00"),
]


def test_the_last_session_of_a_range_is_left_out(send: Send) -> None:
    assert rows(send, BOTH) == CLIPPED
    assert rows(send, BOTH, "session-left-out-of-ranges") == CLIPPED[:2]
