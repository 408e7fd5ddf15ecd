from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from operator import eq
from typing import TYPE_CHECKING, Any

import pytest

from tests.reference import autozod
from tests.reference.autozod import AGENT

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

START = datetime(2025, 10, 1, 6, 27, 55, tzinfo=UTC)
PATH = autozod.PATH
TOKEN = {"HTTP_AUTHORIZATION": f"Bearer {autozod.TOKEN}"}
BODY = {"CONTENT_TYPE": "application/json", "body": "{}"}
SAMPLE = f"team_id=1000&agent_id={AGENT}&type=on_duty&start_date=21-08-2025&end_date=21-08-2025"
DAYS = "start_date=22-09-2025&end_date=25-09-2025"
REQUESTS: list[tuple[str, str, dict[str, str]]] = [
    ("GET", SAMPLE, TOKEN | BODY),
    ("GET", DAYS, TOKEN),
    ("GET", SAMPLE, {}),
    ("GET", "page=abc&team_id=abc", {}),
    ("GET", SAMPLE, {"HTTP_AUTHORIZATION": "Bearer wrong"}),
    ("GET", SAMPLE, {"HTTP_AUTHORIZATION": f"Basic {autozod.TOKEN}"}),
    ("GET", SAMPLE, {"HTTP_AUTHORIZATION": f"bearer {autozod.TOKEN}"}),
    ("GET", SAMPLE, TOKEN | {"CONTENT_TYPE": "application/json", "body": "{"}),
    ("GET", SAMPLE, TOKEN | {"CONTENT_TYPE": "text/plain", "body": "{"}),
    *(
        ("GET", query, TOKEN)
        for query in (
            "",
            "team_id=1000",
            f"agent_id={AGENT}",
            f"{DAYS}&team_id=2000",
            f"{DAYS}&team_id=3000",
            f"{DAYS}&team_id=999999",
            f"{DAYS}&team_id=1000x",
            f"{DAYS}&team_id=",
            f"{DAYS}&team_id=%201000",
            f"{DAYS}&team_id=2000&team_id=1000",
            f"{DAYS}&agent_id=ffffffffffffffffffffffff",
            f"{DAYS}&agent_id=abc",
            f"{DAYS}&type=login",
            f"{DAYS}&type=ON_DUTY",
            f"{DAYS}&type=on%0Aduty",
            f"{DAYS}&type=off",
            f"{DAYS}&type=off_duty",
            f"{DAYS}&unknown=1",
            "start_date=20-09-2025",
            "end_date=29-08-2025",
            "start_date=2025-09-20&end_date=2025-09-21",
            "start_date=1-9-2025&end_date=2-9-2025",
            "start_date=31-02-2025&end_date=01-09-2025",
            "start_date=12-09-2025&end_date=20-11-2025",
            "start_date=10-09-2025&end_date=31-08-2025",
            "start_date=01-01-0001&end_date=31-12-9999",
            "start_date=31-12-9999&end_date=31-12-9999",
            "start_date=01-01-0001&end_date=01-01-0001",
        )
    ),
    ("HEAD", SAMPLE, TOKEN),
    ("OPTIONS", SAMPLE, TOKEN),
    ("POST", SAMPLE, TOKEN),
    ("GET", SAMPLE, TOKEN | {"HTTP_ACCEPT": "text/html"}),
    ("GET", SAMPLE, TOKEN | {"HTTP_ACCEPT_ENCODING": "gzip"}),
    *(("GET", SAMPLE, TOKEN | {"PATH_INFO": path}) for path in (PATH + "/", PATH.lower(), "/")),
]

Exchange = tuple[str, list[tuple[str, str]], bytes]


def call(app: WSGIApplication, method: str, query: str, headers: Mapping[str, str]) -> Exchange:
    body = headers.get("body", "").encode()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": PATH,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    started: list[Any] = []
    environ.update(headers)
    chunks = app(environ, lambda *head: started.extend(head))  # type: ignore[arg-type]
    content = b"".join(chunks)
    return started[0], started[1], content


def call_all(choices: Mapping[str, str] | None = None, bug: str = "") -> Iterator[Exchange]:
    seconds = [0]
    app = autozod.make_app(choices, bug, lambda: START + timedelta(seconds=seconds[0]))
    for method, query, headers in REQUESTS:
        seconds[0] += 1
        yield call(app, method, query, headers)


@pytest.fixture(scope="module")
def responses() -> list[Exchange]:
    return list(call_all())


def test_the_sample_request_gives_the_sample_shape() -> None:
    app = autozod.make_app(now=lambda: START)
    status, headers, content = call(app, "GET", SAMPLE, TOKEN | BODY)
    assert status == "200 OK"
    assert ("Content-Type", "application/json") in headers
    body = json.loads(content)
    assert list(body) == ["success", "data"]
    assert body["success"] is True
    assert list(body["data"]) == ["summary", "daily_breakdown"]
    assert body["data"]["summary"] == {
        "total_active_duration_seconds": 3 * 3600 + 7 * 60 + 31 + 3600,
        "total_active_duration_format": "4h 7m 31s",
        "total_session_count": 2,
        "total_inactive_duration_seconds": 86400 - 14851,
        "total_inactive_duration_format": "19h 52m 29s",
        "active_percentage": 17.19,
        "inactive_percentage": 82.81,
    }
    assert len(body["data"]["daily_breakdown"]) == 1


def test_a_day_is_the_sum_of_its_agents() -> None:
    app = autozod.make_app(now=lambda: START)

    def count(query: str) -> Any:
        _, _, content = call(
            app, "GET", f"start_date=20-08-2025&end_date=25-09-2025&{query}", TOKEN
        )
        return json.loads(content)["data"]["summary"]["total_session_count"]

    agents = autozod.TEAMS[1000]
    assert count("team_id=1000") == sum(count(f"agent_id={agent}") for agent in agents) > 60


def test_without_a_token_nothing_is_given() -> None:
    app = autozod.make_app(now=lambda: START)
    status, _, content = call(app, "GET", SAMPLE, {})
    assert status == "401 Unauthorized"
    assert content == b'{"success":false,"message":"Unauthenticated."}'


def test_each_choice_changes_a_response(responses: list[Exchange]) -> None:
    dead = [
        (name, value)
        for name, values in autozod.CHOICES.items()
        for value in values[1:]
        if all(map(eq, call_all({name: value}), responses))
    ]
    assert dead == []


def test_each_bug_changes_a_response(responses: list[Exchange]) -> None:
    dead = [bug for bug in autozod.BUGS if all(map(eq, call_all(bug=bug), responses))]
    assert dead == []


def test_an_unknown_bug_is_refused() -> None:
    with pytest.raises(ValueError, match="no bug typo"):
        autozod.make_app(bug="typo")
