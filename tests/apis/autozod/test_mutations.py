"""Autozod's own mutations, turned on and looked at."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from mockserver import apis
from mockserver.kit import load_kit
from mockserver.mutation import HAND_WRITTEN

Seen = list[tuple[int, str, bytes]]
Answers = Callable[..., Seen]
NAMES = [
    it.name for it in load_kit(apis.load()["autozod"]).mutations if it.operator == HAND_WRITTEN
]
LIST = "/api/sessionLogs/list"
AGENT = "team_id=1100&agent_id=66c5a1f0b3d2e4a5c6f71100"
RANGE = f"{LIST}?{AGENT}&start_date=18-08-2025&end_date=21-08-2025"
BEARER = {"Authorization": "Bearer token"}
# Between them they meet every mutation in the world of an agent who is on duty over midnight.
REQUESTS = [
    ("GET", RANGE, None, BEARER),
    ("GET", f"{LIST}?{AGENT}&start_date=21-08-2025&end_date=21-08-2025", None, BEARER),
    ("GET", f"{LIST}?{AGENT}&start_date=01-01-2999&end_date=02-01-2999", None, BEARER),
    ("GET", f"{LIST}?{AGENT}&start_date=21-08-2025&end_date=18-08-2025", None, BEARER),
    ("GET", RANGE, "{}", BEARER),
]
CLEAN = [
    ("", 27000, "07:30:00", 2),
    ("18-08-2025", 0, "00:00:00", 0),
    ("19-08-2025", 7200, "02:00:00", 1),
    ("20-08-2025", 10800, "03:00:00", 1),
    ("21-08-2025", 9000, "02:30:00", 1),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_mutation_can_be_seen(name: str, answers: Answers) -> None:
    world = "autozod-midnight"
    assert answers(world, REQUESTS, name) != answers(world, REQUESTS)


def test_each_does_what_it_says(answers: Answers) -> None:
    def accounts(*mutations: str) -> list[tuple[str, int, str, int]]:
        """The day, the active time twice, the sessions; of the summary, then of each day."""
        data = json.loads(answers("autozod-midnight", REQUESTS, *mutations)[0][2])["data"]
        return [
            (
                account.get("date", ""),
                account["total_active_duration_seconds"],
                account["total_active_duration_format"],
                account["total_session_count"],
            )
            for account in (data["summary"], *data["daily_breakdown"])
        ]

    assert accounts() == CLEAN
    assert accounts("days-without-duty-left-out") == [CLEAN[0], *CLEAN[2:]]
    assert accounts("session-count-of-days-added")[0] == ("", 27000, "07:30:00", 3)
    assert accounts("format-a-minute-more")[0] == ("", 27000, "07:31:00", 2)
    assert accounts("end-exclusive") == [("", 18000, "05:00:00", 2), *CLEAN[1:-1]]
    assert accounts("days-a-day-late")[1][0] == "19-08-2025"


def test_what_is_refused_is_taken_and_the_other_way_round(answers: Answers) -> None:
    def statuses(*mutations: str) -> list[int]:
        return [status for status, _, _ in answers("autozod-midnight", REQUESTS, *mutations)]

    assert statuses() == [200, 200, 200, 422, 200]
    assert statuses("range-turned-round") == [200] * 5
    assert statuses("body-on-a-get-refused") == [200, 200, 200, 422, 400]
