"""Requests that meet every mutation, and what they are answered."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

LIST = "/api/sessionLogs/list"
BEARER = {"Authorization": "Bearer token"}
AGENT = "team_id=1100&agent_id=66c5a1f0b3d2e4a5c6f71100"
# Between them they meet every mutation in the world of an agent who is on duty over midnight.
REQUESTS = [
    ("GET", f"{LIST}?{query}", None, BEARER)
    for query in (
        f"{AGENT}&start_date=18-08-2025&end_date=21-08-2025",
        f"{AGENT}&start_date=18-08-2025&end_date=21-08-2025&type=off_duty",
        f"{AGENT}&start_date=20-08-2025&end_date=20-08-2025",
        f"{AGENT}&start_date=21-08-2025&end_date=21-08-2025",
        f"{AGENT}&start_date=01-01-2999&end_date=02-01-2999",
        f"{AGENT}&start_date=21-08-2025&end_date=18-08-2025",
        f"{AGENT}&start_date=31-02-2025&end_date=03-03-2025",
        "agent_id=66c5a1f0b3d2e4a5c6f71100&start_date=18-08-2025&end_date=21-08-2025",
    )
] + [
    ("GET", f"{LIST}?{AGENT}&start_date=18-08-2025&end_date=21-08-2025", "{}", BEARER),
    ("GET", f"{LIST}?{AGENT}&start_date=18-08-2025&end_date=21-08-2025", None, {}),
]

Interaction = list[tuple[int, str, bytes]]


@pytest.fixture
def seen_in(answers: Callable[..., Interaction]) -> Callable[..., Interaction]:
    """What they are answered where some mutations are on."""
    return lambda *mutations: answers("autozod-midnight", REQUESTS, *mutations)


@pytest.fixture
def accounts(seen_in: Callable[..., Interaction]) -> Callable[..., list[tuple[str, int, str, int]]]:
    """Of the first: the day, the active time twice, the sessions; of the summary, then of a day."""

    def accounts(*mutations: str) -> list[tuple[str, int, str, int]]:
        status, _, body = seen_in(*mutations)[0]
        assert status == 200
        data = json.loads(body)["data"]
        return [
            (
                account.get("date", ""),
                account["total_active_duration_seconds"],
                account["total_active_duration_format"],
                account["total_session_count"],
            )
            for account in (data["summary"], *data["daily_breakdown"])
        ]

    return accounts
