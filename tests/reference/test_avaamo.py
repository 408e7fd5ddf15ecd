from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from operator import eq
from typing import TYPE_CHECKING, Any

import pytest

from tests.reference import avaamo

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

# "time_token": 1699347493.7744794 of the sample, ten days later: the sample's entry is the oldest
START = datetime.fromtimestamp(1699347493, UTC) + timedelta(days=50, microseconds=774479)
TOKEN = {"HTTP_ACCESS_TOKEN": avaamo.TOKEN}
SECONDS = 1699264790
PATH = avaamo.PATH
REQUESTS: list[tuple[str, str, dict[str, str]]] = [
    ("GET", "", TOKEN),
    ("GET", "", {}),
    ("GET", "", {"HTTP_ACCESS_TOKEN": "wrong"}),
    ("GET", "page=abc", {}),
    *(
        ("GET", query, TOKEN)
        for query in (
            "page=abc",
            "page=2x",
            "page=0",
            "page=-1",
            "page=01",
            "page=99999999999999999999",
            "page=9",
            "page=%2B2",
            "page=3000000000",
            "page=2",
            "page=6",
            "per_page=101",
            "per_page=3&page=2",
            "page=1&page=2",
            "page=",
            "page=%202",
            "actions=update%0Acreate",
            "actions=update,create",
            "actions=update, destroy",
            "actions=destroy",
            "actions=UPDATE",
            "actions=view",
            "actions=view,update",
            "action=update",
            f"start_time={SECONDS}000&end_time={SECONDS}000",
            f"start_time={SECONDS}&end_time={SECONDS}",
            f"start_time={SECONDS}000",
            f"timetoken={SECONDS}000",
            f"start_time={SECONDS}000.5",
            "start_time=1e12",
            "start_time=abc",
            "start_time=2&end_time=1",
            "end_time=99999999999000",
            "end_time=1000",
            "end_time=1703000000000",
            "end_time=1703000000000000",
            "start_time=1000&end_time=1701000000000",
            "unknown=1",
        )
    ),
    ("HEAD", "", TOKEN),
    ("OPTIONS", "", TOKEN),
    ("POST", "", TOKEN),
    ("GET", "", TOKEN | {"HTTP_ACCEPT": "text/html"}),
    ("GET", "", TOKEN | {"HTTP_ACCEPT_ENCODING": "gzip"}),
    *(
        ("GET", "", TOKEN | {"PATH_INFO": path})
        for path in (
            PATH + "/",
            PATH.upper(),
            "/",
            "/api/v1/cap/change_logs",
            "/api/v2/outreach/change_logs",
        )
    ),
    ("GET", "per_page=100", TOKEN),
]

Exchange = tuple[str, list[tuple[str, str]], bytes]


def call(app: WSGIApplication, method: str, query: str, headers: Mapping[str, str]) -> Exchange:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": PATH,
        "QUERY_STRING": query.replace(" ", "%20"),
        "wsgi.input": io.BytesIO(),
    }
    started: list[Any] = []
    environ.update(headers)
    chunks = app(environ, lambda *head: started.extend(head))  # type: ignore[arg-type]
    content = b"".join(chunks)
    return started[0], started[1], content


def call_all(choices: Mapping[str, str] | None = None, bug: str = "") -> Iterator[Exchange]:
    seconds = [0]
    app = avaamo.make_app(choices, bug, lambda: START + timedelta(seconds=seconds[0]))
    for method, query, headers in REQUESTS:
        seconds[0] += 1
        yield call(app, method, query, headers)


def get(query: str, choices: Mapping[str, str] | None = None) -> Any:
    status, headers, content = call(
        avaamo.make_app(choices, now=lambda: START), "GET", query, TOKEN
    )
    assert status == "200 OK"
    assert ("Content-Type", "application/json") in headers
    return json.loads(content)


@pytest.fixture(scope="module")
def responses() -> list[Exchange]:
    return list(call_all())


def test_the_sample_entry_is_given() -> None:
    body = get(f"start_time={SECONDS}000&end_time={SECONDS}000")
    assert body["entries"] == [
        {
            "id": 2202442,
            "resource": {"id": 739, "type": "User"},
            "action": "update",
            "changelog": (
                "Donna Miller updated User Donna Miller status from 'offline' to 'active"
            ),
            "timestamp": 1699264790,
            "dashboard_user": {
                "id": 739,
                "display_name": "Donna Miller",
                "email": "donna@avaamo.com",
            },
        }
    ]
    assert list(body) == [
        "current_page",
        "per_page",
        "total_entries",
        "total_pages",
        "time_token",
        "entries",
    ]
    assert (body["current_page"], body["total_entries"], body["total_pages"]) == (1, 1, 1)


def test_pages_are_of_25_entries_and_of_at_most_100() -> None:
    first, second, large = get(""), get("page=2"), get("per_page=500")
    assert (first["per_page"], len(first["entries"])) == (25, 25)
    assert (large["per_page"], len(large["entries"])) == (100, 100)
    assert first["total_entries"] == 141
    assert first["total_pages"] == 6
    assert second["entries"] == large["entries"][25:50]


def test_actions_are_a_list() -> None:
    actions = {entry["action"] for entry in get("actions=update,destroy")["entries"]}
    assert actions == {"update", "destroy"}


def test_without_a_token_nothing_is_given() -> None:
    status, _, content = call(avaamo.make_app(now=lambda: START), "GET", "", {})
    assert (status, content) == ("401 Unauthorized", b'{"error":"Access token is missing"}')


def test_each_choice_changes_a_response(responses: list[Exchange]) -> None:
    dead = [
        (name, value)
        for name, values in avaamo.CHOICES.items()
        for value in values[1:]
        if all(map(eq, call_all({name: value}), responses))
    ]
    assert dead == []


def test_each_bug_changes_a_response(responses: list[Exchange]) -> None:
    dead = [bug for bug in avaamo.BUGS if all(map(eq, call_all(bug=bug), responses))]
    assert dead == []


def test_an_unknown_choice_is_refused() -> None:
    with pytest.raises(ValueError, match="no choice order=random"):
        avaamo.make_app({"order": "random"})
