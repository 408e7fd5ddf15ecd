"""The reference server of Ekran: the document's sample; each choice and each bug has an effect."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.reference.ekran import BUGS, CHOICES, make_app
from tests.reference.wsgi import call

START = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
PATH = "/ekranapi/sessions"
REQUESTS: list[tuple[str, str]] = [
    ("GET", PATH),
    *[
        ("GET", f"{PATH}?{query}")
        for query in (
            "start=2026-03-12",
            "start=2026-03-12T10:30",
            "start=2026-03-12T10:30:30",
            "start=2026-03-14T09:00",
            "end=2026-03-12",
            "end=2026-03-12T12:00",
            "end=2026-03-13T05:26:53",  # a session begins at that second
            "end=2001-01-01",
            "start=2026-03-09T12:00&end=2026-03-09T12:01",  # within an idle session
            "start=2026-03-11T08:40&end=2026-03-11T09:20",
            "start=2026-03-02T03:00&end=2026-03-02T01:00",
            "start=2026-03-12T06:00:00Z",
            "start=yesterday",
            "start=",
            "start=%202026-03-12",
            "start=2026-03-12&start=2026-03-13",
            "limit=5",
        )
    ],
    ("GET", f"{PATH}/"),
    ("GET", "/EkranAPI/Sessions"),
    ("GET", "/ekranapi"),
    ("GET", f"{PATH}?start=\x01"),
    ("GET", f"{PATH}?start={'1' * 2000}"),
    ("NO-TOKEN", PATH),
    *[(method, PATH) for method in ("HEAD", "OPTIONS", "POST")],
    *[("GET", "/ekranapi")] * 25,
    ("WAIT", ""),
    ("GET", PATH),
]
Exchange = tuple[int, list[tuple[str, str]], bytes]
Send = Callable[[str, str], Exchange]


def make_client(choices: dict[str, str] | None = None, bug: str = "") -> Send:
    moment = [START]
    app = make_app(choices, bug, lambda: moment[0])

    def send(method: str, target: str) -> Exchange:
        headers = {"Authorization": "Bearer ekran-token", "Accept_Encoding": "gzip"}
        if method == "WAIT":
            moment[0] += timedelta(seconds=2)
            return 0, [], b""
        if method == "NO-TOKEN":
            method = "GET"
            del headers["Authorization"]
        return call(app, method, target, b"", **headers)

    return send


def is_same(default: list[Exchange], choices: dict[str, str], bug: str = "") -> bool:
    send = make_client(choices, bug)
    return all(send(*request) == known for request, known in zip(REQUESTS, default, strict=True))


def get(query: str = "") -> list[dict[str, Any]]:
    return list(json.loads(make_client()("GET", PATH + query)[2]))


@pytest.fixture(scope="module")
def default() -> list[Exchange]:
    send = make_client()
    return [send(*request) for request in REQUESTS]


def test_sessions_before_2001_are_the_sample_of_the_document() -> None:
    assert get("?end=2001-01-01") == [
        {
            "clientGuid": "1d4fegdr-g3ff-4114-a814-f3aeee14dgdg",
            "logoutDate": "2000-01-23T04:56:07.000+00:00",
            "loginDate": "2000-01-23T04:56:07.000+00:00",
            "sessionId": 124,
            "userId": 61,
        },
        {
            "clientGuid": "dd4lwdr-xxff-4ss4-a814-f3aeee14dgdsg",
            "logoutDate": "2000-01-23T04:56:07.000+00:00",
            "loginDate": "2000-01-23T04:56:07.000+00:00",
            "sessionId": 142,
            "userId": 16,
        },
    ]


def test_the_forms_of_a_time_name_the_same_moment() -> None:
    assert get("?start=2026-03-12T00:00") == get("?start=2026-03-12")
    assert get("?start=2026-03-12T00:00:00") == get("?start=2026-03-12")
    assert 0 < len(get("?start=2026-03-12")) < len(get())


def test_a_session_that_spans_a_bound_is_cut_to_its_activities() -> None:
    whole = {row["sessionId"]: row for row in get()}
    cut = {row["sessionId"]: row for row in get("?start=2026-03-11T08:40&end=2026-03-11T09:20")}
    assert set(cut) <= set(whole)
    for row in cut.values():
        assert "2026-03-11T08:40:00.000" < row["loginDate"] <= row["logoutDate"]
        assert row["logoutDate"] < "2026-03-11T09:20:00.000"
    assert cut != {id: whole[id] for id in cut}


def test_every_choice_changes_a_response(default: list[Exchange]) -> None:
    values = [(name, value) for name, values in CHOICES.items() for value in values[1:]]
    assert [choice for choice in values if is_same(default, dict([choice]))] == []


def test_every_bug_changes_a_response(default: list[Exchange]) -> None:
    assert [bug for bug in BUGS if is_same(default, {}, bug)] == []
