"""The reference server of Calwe: the document's samples; each choice and each bug has an effect."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.reference.calwe import BUGS, CHOICES, IDS, make_app
from tests.reference.wsgi import call

START = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
WAIT = ("WAIT", "", "")
FORM = "action_type=LEFT"


def log(name: str, query: str = "") -> str:
    return f"/v1/customer/sessions/{IDS.get(name, name)}/log{query}"


REQUESTS: list[tuple[str, str, str]] = [
    ("GET", log("sample"), ""),
    ("GET", log("open"), ""),
    *[("GET", log("open", f"?per_page=10&page={page}"), "") for page in ("1", "2", "8", "9", "z")],
    *[
        ("GET", log("open", f"?per_page={size}"), "")
        for size in ("0", "x", "5x", "05", " 5", "200")
    ],
    ("GET", log("open", "?page=9999999999999999999999"), ""),
    ("GET", log("open", "?page=2&sort=asc"), ""),
    ("GET", log("open", "?per_page=5&per_page=7"), ""),
    ("GET", log("ended", "?per_page=100"), ""),
    *[
        ("GET", log(name), "")
        for name in ("empty", "first", "foreign", "missing", "0101", "101abc")
    ],
    ("GET", log("open") + "/", ""),
    ("GET", log("open").replace("customer", "coach"), ""),
    ("GET", "/v1/customer", ""),
    ("GET", log("a\x00b"), ""),
    ("GET", log("a" * 2000), ""),
    ("POST", log("empty"), '{"action_type":"entered"}'),
    *[(method, log("sample"), "") for method in ("HEAD", "OPTIONS", "DELETE")],
    ("NO-TOKEN", log("sample"), ""),
    ("NO-TOKEN", log("missing"), ""),
    ("SMALL-BEARER", log("sample"), ""),
    ("NO-HEADERS", log("sample"), ""),
    ("ANY-TYPE", log("sample"), ""),
    *[("POST", log("empty"), f'{{"action_type":{action}}}') for action in ('"LEFT"', '"x"', "5")],
    ("POST", log("empty"), '{"action_type":" TEMPORARILY_LEFT "}'),
    ("POST", log("empty"), '{"action_type":"TEMPORARILY_LEFT","actor":"مريم"}'),
    *[("POST", log("empty"), body) for body in ("{", "[]", "{}")],
    ("POST", log("empty", "?action_type=LEFT"), "{}"),
    ("POST", log("empty"), FORM),
    ("GET", log("empty"), ""),
    *[
        ("POST", log(name), '{"action_type":"ENTERED"}')
        for name in ("ended", "cancelled", "missing")
    ],
    *[("POST", log(name), '{"action_type":"x"}') for name in ("ended", "missing")],
    *[("POST", log("to_end"), f'{{"action_type":"{action}"}}') for action in ("ENDED", "LEFT")],
    ("GET", log("to_end"), ""),
    WAIT,
    ("GET", log("to_end"), ""),
    ("GET", log("open", "?page=3"), ""),
]
Exchange = tuple[int, list[tuple[str, str]], bytes]
Send = Callable[..., Exchange]


def make_client(choices: dict[str, str] | None = None, bug: str = "") -> Send:
    moment = [START]
    app = make_app(choices, bug, lambda: moment[0])

    def send(method: str, target: str, body: str = "") -> Exchange:
        headers = {"Accept": "application/json", "Authorization": "Bearer customer-token"}
        headers["Content_Type"] = "application/json"
        headers["Accept_Encoding"] = "gzip"
        if body == FORM:
            headers["Content_Type"] = "application/x-www-form-urlencoded"
        match method:
            case "WAIT":
                moment[0] += timedelta(seconds=2)
                return 0, [], b""
            case "NO-TOKEN":
                del headers["Authorization"]
            case "SMALL-BEARER":
                headers["Authorization"] = "bearer customer-token"
            case "NO-HEADERS":
                del headers["Content_Type"]
                headers["Accept"] = "text/html"
            case "ANY-TYPE":
                headers["Accept"] = "*/*"
        method = "GET" if "-" in method else method
        return call(app, method, target, body.encode(), **headers)

    return send


def is_same(default: list[Exchange], choices: dict[str, str], bug: str = "") -> bool:
    send = make_client(choices, bug)
    return all(send(*request) == known for request, known in zip(REQUESTS, default, strict=True))


def get(target: str) -> dict[str, Any]:
    return dict(json.loads(make_client()("GET", target)[2]))


def post(name: str, body: str) -> tuple[int, Any]:
    status, _, content = make_client()("POST", log(name), body)
    return status, json.loads(content)


@pytest.fixture(scope="module")
def default() -> list[Exchange]:
    send = make_client()
    return [send(*request) for request in REQUESTS]


def test_the_log_of_a_session_is_the_sample_of_the_document() -> None:
    path = f"http://example.com{log('sample')}"
    assert get(log("sample")) == {
        "success": True,
        "message": "تم جلب البيانات بنجاح",
        "data": {
            "current_page": 1,
            "data": [
                {
                    "text": "Customer entered the session",
                    "date": "2:30 PM",
                    "action_type": "ENTERED",
                },
                {
                    "text": "Customer temporarily left the session",
                    "date": "2:35 PM",
                    "action_type": "LEFT",
                },
            ],
            "first_page_url": f"{path}?page=1",
            "from": 1,
            "last_page": 1,
            "last_page_url": f"{path}?page=1",
            "links": [],
            "next_page_url": None,
            "path": path,
            "per_page": 30,
            "prev_page_url": None,
            "to": 2,
            "total": 2,
        },
        "statusCode": 200,
    }


def test_the_refusals_are_the_samples_of_the_document() -> None:
    missing = {
        "success": False,
        "message": "لم يتم العثور على الجلسة",
        "data": None,
        "statusCode": 404,
    }
    assert get(log("missing")) == missing
    assert post("missing", '{"action_type":"LEFT"}') == (404, missing)
    assert post("ended", '{"action_type":"LEFT"}') == (
        422,
        {
            "success": False,
            "message": "لايمكنك تسجيل سجل العمليات بعد انتهاء الجلسة",
            "data": None,
            "statusCode": 422,
        },
    )
    assert post("open", '{"action_type":"x"}') == (
        422,
        {
            "success": False,
            "message": "بيانات غير صالحة",
            "data": {"action_type": ["نوع الإجراء غير صالح"]},
            "statusCode": 422,
        },
    )


def test_a_created_entry_is_the_sample_of_the_document_and_is_read_afterwards() -> None:
    send = make_client()
    status, _, content = send("POST", log("empty"), '{"action_type":"ENTERED"}')
    assert (status, json.loads(content)) == (
        200,
        {
            "success": True,
            "message": "تم حفظ البيانات بنجاح",
            "data": {
                "text": "Customer entered the session",
                "date": "9:26 AM",
                "action_type": "ENTERED",
            },
            "statusCode": 200,
        },
    )
    rows = json.loads(send("GET", log("empty"))[2])["data"]["data"]
    assert [row["action_type"] for row in rows] == ["ENTERED"]


def test_pages_hold_each_entry_once() -> None:
    pages = [get(log("open", f"?per_page=10&page={page}"))["data"] for page in range(1, 9)]
    assert [len(page["data"]) for page in pages] == [10] * 7 + [5]
    assert {(page["total"], page["last_page"]) for page in pages} == {(75, 8)}
    rows = [row for page in pages for row in page["data"]]
    assert rows == get(log("open", "?per_page=75"))["data"]["data"]


def test_every_choice_changes_a_response(default: list[Exchange]) -> None:
    values = [(name, value) for name, values in CHOICES.items() for value in values[1:]]
    assert [choice for choice in values if is_same(default, dict([choice]))] == []


def test_every_bug_changes_a_response(default: list[Exchange]) -> None:
    assert [bug for bug in BUGS if is_same(default, {}, bug)] == []
