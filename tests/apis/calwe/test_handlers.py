"""Calwe over HTTP: every literal of its document, and what was settled where it is silent."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

CUSTOMER = "/v1/customer/sessions/1/log"
COACH = "/v1/coach/sessions/1/log"
BEARER = {"Authorization": "Bearer token"}
URL = "http://shop.example:8080/v1/customer/sessions/1/log"

NOT_FOUND = '{"success":false,"message":"لم يتم العثور على الجلسة","data":null,"statusCode":404}'
UNAUTHENTICATED = '{"success":false,"message":"يجب عليك تسجيل الدخول","data":[],"statusCode":401}'
ENDED = (
    '{"success":false,"message":"لايمكنك تسجيل سجل العمليات بعد انتهاء الجلسة",'
    '"data":null,"statusCode":422}'
)
INVALID = '{"success":false,"message":"بيانات غير صالحة","data":{%s},"statusCode":422}'
ACTION = INVALID % '"action_type":["نوع الإجراء غير صالح"]'
PER_PAGE = '"per_page":["يجب أن تكون القيمة عددًا صحيحًا بين 1 و 1000"]'
PAGE = '"page":["يجب أن تكون القيمة عددًا صحيحًا أكبر من صفر"]'


def get(client: httpx.Client, query: str = "", path: str = CUSTOMER, **headers: str) -> Any:
    return client.get(f"{path}{query}", headers={**BEARER, **headers})


def post(client: httpx.Client, action: Any, path: str = CUSTOMER) -> httpx.Response:
    return client.post(path, headers=BEARER, json={"action_type": action})


def rows(client: httpx.Client, path: str = CUSTOMER, query: str = "?per_page=1000") -> list[Any]:
    return get(client, query, path).json()["data"]["data"]


def actions(client: httpx.Client, path: str = CUSTOMER) -> list[str]:
    return [row["action_type"] for row in rows(client, path)]


def test_the_sample_requests_get_the_sample_responses(documented: httpx.Client) -> None:
    for side in ("customer", "coach"):
        response = get(documented, path=f"/v1/{side}/sessions/1/log", Host="example.com")
        assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
        assert response.text == (
            '{"success":true,"message":"تم جلب البيانات بنجاح","data":{"current_page":1,"data":['
            '{"text":"Customer entered the session","date":"2:30 PM","action_type":"ENTERED"},'
            '{"text":"Customer temporarily left the session",'
            '"date":"2:35 PM","action_type":"LEFT"}],'
            f'"first_page_url":"http://example.com/v1/{side}/sessions/1/log?page=1","from":1,'
            f'"last_page":1,"last_page_url":"http://example.com/v1/{side}/sessions/1/log?page=1",'
            f'"links":[],"next_page_url":null,"path":"http://example.com/v1/{side}/sessions/1/log",'
            '"per_page":30,"prev_page_url":null,"to":2,"total":2},"statusCode":200}'
        )
    for path in (CUSTOMER, COACH):
        response = post(documented, "ENTERED", path)
        assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
        assert response.text == (
            '{"success":true,"message":"تم حفظ البيانات بنجاح","data":{"text":"Customer entered '
            'the session","date":"2:30 PM","action_type":"ENTERED"},"statusCode":200}'
        )


@pytest.mark.parametrize(
    ("action", "text"),
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
def test_each_action_type_has_its_text(documented: httpx.Client, action: str, text: str) -> None:
    expected = {"text": text, "date": "2:30 PM", "action_type": action}
    # Other fields of the body are ignored.
    body = {"text": "no", "action_type": action, "date": "1:00 AM", "عربي": [1]}
    response = documented.post(COACH, headers=BEARER, json=body)
    assert response.json()["data"] == expected
    assert rows(documented)[2] == expected


@pytest.mark.parametrize("closing", ["ENDED", "CANCELLED"])
def test_closing_records_the_period_and_then_refuses(
    documented: httpx.Client, closing: str
) -> None:
    post(documented, "SESSION_PERIOD")  # which closes nothing
    assert post(documented, closing).status_code == 200
    expected = ["ENTERED", "LEFT", "SESSION_PERIOD", closing, "SESSION_PERIOD"]
    for action in ("ENTERED", "ENDED", "CANCELLED", "SESSION_PERIOD"):
        for path in (CUSTOMER, COACH):
            refusal = post(documented, action, path)
            assert (refusal.status_code, refusal.text) == (422, ENDED)
    assert actions(documented) == actions(documented, COACH) == expected


def test_only_completed_and_cancelled_sessions_refuse_entries(
    load_documents: Any, documented: httpx.Client
) -> None:
    statuses = ("PENDING", "IN_PROGRESS", "END-REQUEST-PENDING", "COMPLETED", "CANCELLED")
    load_documents(session=[{"id": status, "status": status} for status in statuses])
    for status in statuses:
        response = post(documented, "LEFT", f"/v1/customer/sessions/{status}/log")
        assert response.status_code == (422 if status in statuses[3:] else 200)


def test_dates_are_utc_on_a_twelve_hour_clock_oldest_first(
    load_documents: Any, documented: httpx.Client
) -> None:
    times = ("00:00:00Z", "00:59:59Z", "09:05:00Z", "11:59:00Z", "12:00:00Z", "23:59:59Z")
    moments = [*times, "13:00:00+03:00"]
    load_documents(
        session=[{"id": "جلسة", "status": "PENDING"}],
        entry=[
            {"session": "جلسة", "at": f"2025-08-20T{moment}", "action_type": "LEFT"}
            for moment in moments
        ],
    )
    path = "/v1/customer/sessions/جلسة/log"
    assert [row["date"] for row in rows(documented, path)] == [
        "12:00 AM",
        "12:59 AM",
        "9:05 AM",
        "10:00 AM",
        "11:59 AM",
        "12:00 PM",
        "11:59 PM",
    ]
    assert get(documented, path=path, Host="h").json()["data"]["path"] == (
        "http://h/v1/customer/sessions/%D8%AC%D9%84%D8%B3%D8%A9/log"
    )


@pytest.mark.parametrize(
    ("total", "page", "per_page", "expected"),
    [  # from, to, last page, next page, previous page
        (0, 1, 30, (None, None, 1, None, None)),
        (0, 2, 30, (None, None, 1, None, 1)),
        (30, 1, 30, (1, 30, 1, None, None)),
        (31, 1, 30, (1, 30, 2, 2, None)),
        (31, 2, 30, (31, 31, 2, None, 1)),
        (31, 3, 30, (None, None, 2, None, 2)),
        (31, 9223372036854775807, 30, (None, None, 2, None, 9223372036854775806)),
        (31, 2, 10, (11, 20, 4, 3, 1)),
        (31, 1, 1000, (1, 31, 1, None, None)),
        (2, 2, 1, (2, 2, 2, None, 1)),
    ],
)
def test_the_paginator_at_its_edges(
    load_documents: Any,
    documented: httpx.Client,
    total: int,
    page: int,
    per_page: int,
    expected: tuple[Any, ...],
) -> None:
    entry = {"session": "1", "at": "2025-08-20T10:00:00Z", "action_type": "LEFT"}
    load_documents(session=[{"id": "1", "status": "PENDING"}], entry=[entry] * total)
    query = f"?page={page}&other=x" + ("" if per_page == 30 else f"&per_page={per_page}")
    data = get(documented, query, Host="shop.example:8080").json()["data"]
    first, last, last_page, next_page, previous = expected
    assert {**data, "data": len(data["data"])} == {
        "current_page": page,
        "data": 0 if first is None else last - first + 1,
        "first_page_url": f"{URL}?page=1",
        "from": first,
        "last_page": last_page,
        "last_page_url": f"{URL}?page={last_page}",
        "links": [],
        "next_page_url": f"{URL}?page={next_page}" if next_page else None,
        "path": URL,
        "per_page": per_page,
        "prev_page_url": f"{URL}?page={previous}" if previous else None,
        "to": last,
        "total": total,
    }


@pytest.mark.parametrize(
    ("query", "data"),
    [
        *((f"?per_page={value}", PER_PAGE) for value in ("0", "-1", "abc", "1.5", "", "1001")),
        *((f"?per_page={value}", PER_PAGE) for value in ("1e1", "+1", "%201", "01", "٣", "1%00")),
        *((f"?page={value}", PAGE) for value in ("0", "-1", "abc", "1.5", "")),
        *((f"?page={value}", PAGE) for value in ("9223372036854775808", "9" * 5000)),
        ("?page=x&per_page=x", f"{PER_PAGE},{PAGE}"),
        ("?per_page=7&per_page=0", PER_PAGE),
    ],
    ids=lambda value: value[:30],
)
def test_wrong_paging_parameters_are_refused(
    documented: httpx.Client, query: str, data: str
) -> None:
    response = get(documented, query)
    assert (response.status_code, response.text) == (422, INVALID % data)


def test_of_a_repeated_parameter_the_last_one_counts(documented: httpx.Client) -> None:
    assert get(documented, "?per_page=0&per_page=7").json()["data"]["per_page"] == 7


@pytest.mark.parametrize(
    "body",
    [
        *(
            b'{"action_type":%s}' % value
            for value in (b'"INVALID_TYPE"', b'"entered"', b'"ENTERED "')
        ),
        *(b'{"action_type":%s}' % value for value in (b'""', b"null", b"1", b'["ENTERED"]')),
        *(b'{"action_type":%s}' % value for value in (b'{"ENTERED":1}', b'"\\ud800"', b'"\xff"')),
        *(b'{"Action_Type":"ENTERED"}', b"{}", b"[]", b'"ENTERED"', b"null", b"7", b"", b" ", b"{"),
        *(
            b'{"action_type":"ENTERED"',
            b'{"action_type":"ENTERED"} x',
            b"{'action_type':'ENTERED'}",
        ),
        *(b"action_type=ENTERED", b'\xef\xbb\xbf{"action_type":"ENTERED"}', b"\xff\xfe\x00"),
        *(b"[" * 100_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000),
    ],
    ids=lambda body: f"{body[:30]!r} ({len(body)} bytes)",
)
def test_a_body_without_a_known_action_type_is_a_validation_error(
    documented: httpx.Client, body: bytes
) -> None:
    headers = {**BEARER, "Content-Type": "application/json"}
    for path in (CUSTOMER, COACH):
        response = documented.post(path, headers=headers, content=body)
        assert (response.status_code, response.text) == (422, ACTION)
    assert actions(documented) == ["ENTERED", "LEFT"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        *({"Authorization": value} for value in ("", "Bearer", "Bearer invalid", "token")),
        *({"Authorization": value} for value in ("bearer  invalid", "Basic dXNlcjpwYXNz")),
        {"access-token": "token"},
        {"ApiKey": "token"},
    ],
    ids=str,
)
def test_a_request_without_an_accepted_token_is_unauthenticated(
    documented: httpx.Client, headers: dict[str, str]
) -> None:
    for method in ("GET", "POST"):
        for path in (CUSTOMER, COACH):
            response = documented.request(method, path, headers=headers)
            assert (response.status_code, response.text) == (401, UNAUTHENTICATED)


def test_header_and_scheme_are_case_insensitive(documented: httpx.Client) -> None:
    for name in ("Authorization", "authorization", "AUTHORIZATION"):
        for scheme in ("Bearer", "bearer", "BEARER"):
            assert documented.get(CUSTOMER, headers={name: f"{scheme} x"}).status_code == 200


def test_credential_then_session_then_body_then_ended(documented: httpx.Client) -> None:
    post(documented, "ENDED")
    unknown = "/v1/customer/sessions/999999/log"
    assert documented.post(unknown, json={}).text == UNAUTHENTICATED
    assert documented.get(f"{unknown}?per_page=0").text == UNAUTHENTICATED
    for path in (unknown, "/v1/coach/sessions/999999/log"):
        assert post(documented, "NOPE", path).text == NOT_FOUND
        assert get(documented, "?per_page=0", path).text == NOT_FOUND
    assert post(documented, "NOPE").text == ACTION
    assert post(documented, "LEFT").text == ENDED
    text = {**BEARER, "Content-Type": "text/plain"}
    assert documented.post(unknown, headers=text, content=b"x").text == NOT_FOUND
    assert documented.post(CUSTOMER, headers=text, content=b"x").status_code == 415
    assert documented.get(CUSTOMER, headers={**text, "Accept": "text/html"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/v1/customer/sessions/a%01b/log", 400, "تعذر فهم الطلب لأن صيغته غير صحيحة"),
        ("GET", "/v1/nowhere", 404, "المسار المطلوب غير موجود"),
        ("DELETE", CUSTOMER, 405, "طريقة الطلب غير مسموح بها لهذا المسار"),
        ("POST", CUSTOMER, 413, "حجم محتوى الطلب أكبر من الحد المسموح به"),
        ("PATCH", CUSTOMER, 405, "طريقة الطلب غير مسموح بها لهذا المسار"),
    ],
)
def test_refusals_of_the_server_are_in_the_envelope(
    documented: httpx.Client, method: str, path: str, status: int, message: str
) -> None:
    content = b" " * 1_048_577 if status == 413 else None
    response = documented.request(method, path, headers=BEARER, content=content)
    assert response.json() == {
        "success": False,
        "message": message,
        "data": None,
        "statusCode": status,
    }
    assert response.status_code == status
    assert response.headers.get("allow") == ("GET, HEAD, OPTIONS, POST" if status == 405 else None)
