"""Autozod's own mutations: each changes a response, as its sentence says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Send = Callable[..., list[tuple[int, str, bytes]]]
LIST = "/api/sessionLogs/list"
AGENT = "team_id=1100&agent_id=66c5a1f0b3d2e4a5c6f71100"
RANGE = f"{LIST}?{AGENT}&start_date=18-08-2025&end_date=21-08-2025"
BEARER = {"Authorization": "Bearer token"}
# Between them they meet every mutation in the world of an agent who is on duty over midnight.
REQUESTS = [
    ("GET", RANGE, None, BEARER),
    ("GET", f"{LIST}?{AGENT}&start_date=21-08-2025&end_date=21-08-2025", None, BEARER),
    ("GET", f"{LIST}?{AGENT}&start_date=01-01-2999&end_date=02-01-2999", None, BEARER),
]
CLEAN = [
    ("", 27000, "07:30:00", 2),
    ("18-08-2025", 0, "00:00:00", 0),
    ("19-08-2025", 7200, "02:00:00", 1),
    ("20-08-2025", 10800, "03:00:00", 1),
    ("21-08-2025", 9000, "02:30:00", 1),
]


def test_each_mutation_changes_a_response(list_unseen_mutations: Any) -> None:
    assert list_unseen_mutations(["autozod-midnight"], REQUESTS) == []


def test_each_does_what_it_says(send: Send) -> None:
    def accounts(*mutations: str, request: int = 0) -> list[tuple[str, int, str, int]]:
        """The day, the active time twice, the sessions; of the summary, then of each day."""
        data = json.loads(send("autozod-midnight", REQUESTS, *mutations)[request][2])["data"]
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
    assert accounts("session-count-of-days-added")[0] == ("", 27000, "07:30:00", 3)
    assert accounts(request=1) == [("", *CLEAN[4][1:]), CLEAN[4]]
    assert accounts("sessions-not-clipped", request=1) == [("", 19800, "05:30:00", 1), CLEAN[4]]
