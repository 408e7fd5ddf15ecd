"""How Calwe says it: the envelope, the Arabic messages, the paginator, PHP's `g:i A`."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.apis.calwe import wire
from mockserver.clock import parse_moment
from mockserver.contract import Violation
from mockserver.errors import (
    BadRequest,
    BodyTooLarge,
    HttpError,
    InternalError,
    MethodNotAllowed,
    NotFound,
    Unauthenticated,
    UnsupportedMediaType,
)
from mockserver.store import Document

URL = "http://example.com/path"


def _entry(action_type: str = "ENTERED", at: str = "2025-08-20T14:30:00Z", **more: str) -> Document:
    body = {"session": "1", "at": at, "action_type": action_type, **more}
    return Document("entry", "1/1", body, owner="1", at=parse_moment(at))


def _page(entries: int, *, total: int, page: int, per_page: int = 30) -> dict[str, Any]:
    found = [_entry()] * entries
    answer = wire.paginate(found, total=total, page=page, per_page=per_page, url=URL)
    return answer["data"]


def _violation(location: str) -> Violation:
    return Violation(location, "#/x", "type", None, "it is wrong", "documented")


@pytest.mark.parametrize(
    ("time", "written"),
    [
        ("00:00:00", "12:00 AM"),
        ("00:05:59", "12:05 AM"),
        ("01:00:00", "1:00 AM"),
        ("09:09:00", "9:09 AM"),
        ("11:59:59", "11:59 AM"),
        ("12:00:00", "12:00 PM"),
        ("12:59:00", "12:59 PM"),
        ("13:00:00", "1:00 PM"),
        ("14:30:00", "2:30 PM"),
        ("22:00:00", "10:00 PM"),
        ("23:59:59.999999", "11:59 PM"),
    ],
)
def test_a_time_of_day_is_written_g_i_a(time: str, written: str) -> None:
    assert wire.format_time(parse_moment(f"2025-08-20T{time}Z")) == written
    assert wire.format_time(parse_moment(f"1969-07-20T{time}Z")) == written


def test_a_time_of_day_is_utc() -> None:
    assert wire.format_time(parse_moment("2025-08-20T14:30:00+03:00")) == "11:30 AM"


@pytest.mark.parametrize(
    ("action_type", "text"),
    [
        ("ENTERED", "Customer entered the session"),
        ("LEFT", "Customer left the session"),
        ("ENDED", "Session was ended"),
        ("CANCELLED", "Session was cancelled"),
        ("TEMPORARILY_LEFT", "Customer temporarily left the session"),
        ("CANCEL_REQUEST", "Request to cancel the session"),
        ("SESSION_PERIOD", "Session period record"),
    ],
)
def test_each_action_has_its_text(action_type: str, text: str) -> None:
    entry = wire.format_entry(_entry(action_type))
    assert entry == {"text": text, "date": "2:30 PM", "action_type": action_type}
    assert list(entry) == ["text", "date", "action_type"]


def test_there_are_seven_actions() -> None:
    assert len(wire.TEXTS) == 7


def test_a_text_of_its_own_is_kept() -> None:
    left = _entry("LEFT", "2025-08-20T14:35:00Z", text="Customer temporarily left the session")
    assert wire.format_entry(left) == {
        "text": "Customer temporarily left the session",
        "date": "2:35 PM",
        "action_type": "LEFT",
    }


def test_the_list_is_the_documents_example() -> None:
    answer = wire.paginate(
        [
            _entry(),
            _entry("LEFT", "2025-08-20T14:35:00Z", text="Customer temporarily left the session"),
        ],
        total=2,
        page=1,
        per_page=30,
        url=URL,
    )
    assert answer == {
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
            "first_page_url": "http://example.com/path?page=1",
            "from": 1,
            "last_page": 1,
            "last_page_url": "http://example.com/path?page=1",
            "links": [],
            "next_page_url": None,
            "path": "http://example.com/path",
            "per_page": 30,
            "prev_page_url": None,
            "to": 2,
            "total": 2,
        },
        "statusCode": 200,
    }
    assert list(answer) == ["success", "message", "data", "statusCode"]
    assert list(answer["data"]) == [
        "current_page",
        "data",
        "first_page_url",
        "from",
        "last_page",
        "last_page_url",
        "links",
        "next_page_url",
        "path",
        "per_page",
        "prev_page_url",
        "to",
        "total",
    ]


@pytest.mark.parametrize(
    ("entries", "asked", "shown"),
    [
        # an empty log still has a first page, which is its last
        (0, {"total": 0, "page": 1}, (None, None, 1, None, None)),
        # exactly one page
        (30, {"total": 30, "page": 1}, (1, 30, 1, None, None)),
        # one more than a page
        (30, {"total": 31, "page": 1}, (1, 30, 2, 2, None)),
        (1, {"total": 31, "page": 2}, (31, 31, 2, None, 1)),
        # a page in the middle
        (10, {"total": 200, "page": 7, "per_page": 10}, (61, 70, 20, 8, 6)),
        # past the end, by one and by far
        (0, {"total": 31, "page": 3}, (None, None, 2, None, 2)),
        (0, {"total": 31, "page": 10**20}, (None, None, 2, None, 10**20 - 1)),
        (0, {"total": 0, "page": 2}, (None, None, 1, None, 1)),
        # the largest page
        (200, {"total": 200, "page": 1, "per_page": 1000}, (1, 200, 1, None, None)),
        (1, {"total": 2, "page": 2, "per_page": 1}, (2, 2, 2, None, 1)),
    ],
)
def test_the_paginator_at_its_edges(
    entries: int, asked: dict[str, int], shown: tuple[int | None, ...]
) -> None:
    page = _page(entries, **asked)
    first, last, last_page, next_page, previous = shown
    assert (page["from"], page["to"], page["last_page"]) == (first, last, last_page)
    assert page["current_page"] == asked["page"]
    assert page["total"] == asked["total"]
    assert page["per_page"] == asked.get("per_page", 30)
    assert len(page["data"]) == entries
    assert page["links"] == []
    assert page["path"] == "http://example.com/path"
    assert page["first_page_url"] == "http://example.com/path?page=1"
    assert page["last_page_url"] == f"http://example.com/path?page={last_page}"
    assert page["next_page_url"] == (
        f"http://example.com/path?page={next_page}" if next_page else None
    )
    assert page["prev_page_url"] == (
        f"http://example.com/path?page={previous}" if previous else None
    )


def test_the_create_is_the_documents_example() -> None:
    assert wire.envelope_saved(_entry()) == {
        "success": True,
        "message": "تم حفظ البيانات بنجاح",
        "data": {
            "text": "Customer entered the session",
            "date": "2:30 PM",
            "action_type": "ENTERED",
        },
        "statusCode": 200,
    }


def test_an_unknown_session_is_the_documents_404() -> None:
    refused = wire.refuse_session_not_found()
    assert refused.status == 404
    assert refused.body == {
        "success": False,
        "message": "لم يتم العثور على الجلسة",
        "data": None,
        "statusCode": 404,
    }


def test_an_ended_session_is_the_documents_422() -> None:
    refused = wire.refuse_session_ended()
    assert refused.status == 422
    assert refused.body == {
        "success": False,
        "message": "لايمكنك تسجيل سجل العمليات بعد انتهاء الجلسة",
        "data": None,
        "statusCode": 422,
    }


@pytest.mark.parametrize("location", ["/request/body", "/request/body/action_type"])
def test_a_wrong_body_is_the_documents_422(location: str) -> None:
    refused = wire.refuse_invalid([_violation(location)])
    assert refused.status == 422
    assert refused.body == {
        "success": False,
        "message": "بيانات غير صالحة",
        "data": {"action_type": ["نوع الإجراء غير صالح"]},
        "statusCode": 422,
    }


def test_wrong_parameters_are_named_each_once() -> None:
    names = ("page", "per_page", "page")
    refused = wire.refuse_invalid([_violation(f"/request/query/{name}") for name in names])
    assert refused.status == 422
    assert refused.body["message"] == "بيانات غير صالحة"
    assert sorted(refused.body["data"]) == ["page", "per_page"]
    assert all(len(messages) == 1 for messages in refused.body["data"].values())


def test_no_credential_is_401_in_the_neighbours_words() -> None:
    refused = wire.refuse_http_error(Unauthenticated())
    assert refused.status == 401
    assert refused.body == {
        "success": False,
        "message": "يجب عليك تسجيل الدخول",
        "data": [],
        "statusCode": 401,
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadRequest(), 400),
        (NotFound(), 404),
        (MethodNotAllowed(["GET", "POST"]), 405),
        (BodyTooLarge(), 413),
        (UnsupportedMediaType(), 415),
        (InternalError(), 500),
    ],
)
def test_every_refusal_has_the_envelope_and_an_arabic_message(
    error: HttpError, status: int
) -> None:
    refused = wire.refuse_http_error(error)
    assert refused.status == status
    assert list(refused.body) == ["success", "message", "data", "statusCode"]
    assert (refused.body["success"], refused.body["data"]) == (False, None)
    assert refused.body["statusCode"] == status
    assert any("\u0600" <= letter <= "\u06ff" for letter in refused.body["message"])


def test_a_refusal_keeps_its_headers() -> None:
    assert wire.refuse_http_error(MethodNotAllowed(["GET", "POST"])).headers == {
        "Allow": "GET, POST"
    }


def test_a_failure_of_ours_says_what_failed() -> None:
    assert (
        "the answer broke"
        in wire.refuse_http_error(InternalError("the answer broke")).body["message"]
    )
