"""Calwe over HTTP: every literal of its document, and what was settled where it is silent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

CUSTOMER = "/v1/customer/sessions/1/log"
COACH = "/v1/coach/sessions/1/log"
BEARER = {"Authorization": "Bearer token"}

NOT_FOUND = (
    '{"success":false,"message":"لم يتم العثور على الجلسة","data":null,"statusCode":404}'.encode()
)
UNAUTHENTICATED = (
    '{"success":false,"message":"يجب عليك تسجيل الدخول","data":[],"statusCode":401}'.encode()
)
ENDED = (
    '{"success":false,"message":"لايمكنك تسجيل سجل العمليات بعد انتهاء الجلسة",'
    '"data":null,"statusCode":422}'
).encode()
INVALID_ACTION = (
    '{"success":false,"message":"بيانات غير صالحة",'
    '"data":{"action_type":["نوع الإجراء غير صالح"]},"statusCode":422}'
).encode()
INVALID_PER_PAGE = (
    '{"success":false,"message":"بيانات غير صالحة",'
    '"data":{"per_page":["يجب أن تكون القيمة عددًا صحيحًا بين 1 و 1000"]},"statusCode":422}'
).encode()
INVALID_PAGE = (
    '{"success":false,"message":"بيانات غير صالحة",'
    '"data":{"page":["يجب أن تكون القيمة عددًا صحيحًا أكبر من صفر"]},"statusCode":422}'
).encode()


def get(client: httpx.Client, query: str = "", path: str = CUSTOMER, **headers: str) -> Any:
    return client.get(f"{path}{query}", headers={**BEARER, **headers})


def post(client: httpx.Client, action: Any, path: str = CUSTOMER) -> httpx.Response:
    return client.post(path, headers=BEARER, json={"action_type": action})


def actions(client: httpx.Client, path: str = CUSTOMER) -> list[str]:
    entries = get(client, "?per_page=1000", path).json()["data"]["data"]
    return [entry["action_type"] for entry in entries]


@pytest.mark.parametrize("side", ["customer", "coach"])
def test_the_sample_request_gets_the_sample_answer(documented: httpx.Client, side: str) -> None:
    answer = get(documented, path=f"/v1/{side}/sessions/1/log", Host="example.com")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.content.decode() == (
        '{"success":true,"message":"تم جلب البيانات بنجاح","data":{"current_page":1,"data":['
        '{"text":"Customer entered the session","date":"2:30 PM","action_type":"ENTERED"},'
        '{"text":"Customer temporarily left the session","date":"2:35 PM","action_type":"LEFT"}],'
        f'"first_page_url":"http://example.com/v1/{side}/sessions/1/log?page=1","from":1,'
        f'"last_page":1,"last_page_url":"http://example.com/v1/{side}/sessions/1/log?page=1",'
        f'"links":[],"next_page_url":null,"path":"http://example.com/v1/{side}/sessions/1/log",'
        '"per_page":30,"prev_page_url":null,"to":2,"total":2},"statusCode":200}'
    )


@pytest.mark.parametrize("path", [CUSTOMER, COACH])
def test_a_create_answers_200_with_the_sample_entry(documented: httpx.Client, path: str) -> None:
    answer = post(documented, "ENTERED", path)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.content.decode() == (
        '{"success":true,"message":"تم حفظ البيانات بنجاح","data":{"text":'
        '"Customer entered the session","date":"2:30 PM","action_type":"ENTERED"},"statusCode":200}'
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

    assert post(documented, action).json()["data"] == expected
    assert get(documented).json()["data"]["data"][2] == expected


def test_what_is_posted_stands_last_in_the_log_of_both_sides(documented: httpx.Client) -> None:
    post(documented, "TEMPORARILY_LEFT", CUSTOMER)
    post(documented, "CANCEL_REQUEST", COACH)

    assert (
        actions(documented, CUSTOMER)
        == actions(documented, COACH)
        == ["ENTERED", "LEFT", "TEMPORARILY_LEFT", "CANCEL_REQUEST"]
    )


@pytest.mark.parametrize("closing", ["ENDED", "CANCELLED"])
def test_closing_records_the_period_and_then_refuses(
    documented: httpx.Client, closing: str
) -> None:
    assert post(documented, closing).status_code == 200
    assert actions(documented) == ["ENTERED", "LEFT", closing, "SESSION_PERIOD"]

    for action in ("ENTERED", "LEFT", "ENDED", "CANCELLED", "SESSION_PERIOD"):
        for path in (CUSTOMER, COACH):
            refusal = post(documented, action, path)
            assert (refusal.status_code, refusal.content) == (422, ENDED)
    assert actions(documented) == ["ENTERED", "LEFT", closing, "SESSION_PERIOD"]


def test_posting_a_period_record_does_not_close_the_session(documented: httpx.Client) -> None:
    post(documented, "SESSION_PERIOD")

    assert post(documented, "ENTERED").status_code == 200


STATUSES = """
name: statuses
description: A session in every status, and a log at the hours where the clock is tricky.
clock: {freeze: 2025-08-21T00:00:00Z}
apis:
  calwe:
    documents:
      session:
        - {id: pending, status: PENDING}
        - {id: running, status: IN_PROGRESS}
        - {id: completed, status: COMPLETED}
        - {id: cancelled, status: CANCELLED}
        - {id: asked, status: END-REQUEST-PENDING}
        - {id: جلسة, status: PENDING}
      entry:
        - {session: running, at: 2025-08-20T00:00:00Z, action_type: ENTERED}
        - {session: running, at: 2025-08-20T00:59:59Z, action_type: LEFT}
        - {session: running, at: 2025-08-20T09:05:00Z, action_type: ENTERED}
        - {session: running, at: 2025-08-20T11:59:00Z, action_type: LEFT}
        - {session: running, at: 2025-08-20T12:00:00Z, action_type: ENTERED}
        - {session: running, at: 2025-08-20T13:00:00+03:00, action_type: LEFT}
        - {session: running, at: 2025-08-20T23:59:59Z, action_type: LEFT}
"""


@pytest.fixture(scope="module")
def statuses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    scenario = tmp_path_factory.mktemp("scenarios") / "statuses.yaml"
    scenario.write_text(STATUSES, encoding="utf-8")
    with (
        run_in_thread(Settings(port=0, scenario=str(scenario))) as url,
        httpx.Client(base_url=url) as client,
    ):
        yield client


def test_only_completed_and_cancelled_sessions_refuse_entries(statuses: httpx.Client) -> None:
    answers = {
        id: statuses.post(
            f"/v1/customer/sessions/{id}/log",
            headers={**BEARER, "X-Mock-Sandbox": "written-to"},
            json={"action_type": "LEFT"},
        )
        for id in ("pending", "running", "asked", "completed", "cancelled")
    }

    assert {id: answer.status_code for id, answer in answers.items()} == {
        "pending": 200,
        "running": 200,
        "asked": 200,
        "completed": 422,
        "cancelled": 422,
    }
    assert answers["completed"].content == answers["cancelled"].content == ENDED


def test_a_session_may_have_an_arabic_id(statuses: httpx.Client) -> None:
    answer = get(statuses, path="/v1/customer/sessions/جلسة/log", Host="example.com")

    assert answer.status_code == 200
    assert answer.json()["data"]["path"] == (
        "http://example.com/v1/customer/sessions/%D8%AC%D9%84%D8%B3%D8%A9/log"
    )


def test_an_empty_log_has_one_page_without_from_and_to(statuses: httpx.Client) -> None:
    answer = get(statuses, path="/v1/customer/sessions/pending/log", Host="h")

    assert answer.content.decode() == (
        '{"success":true,"message":"تم جلب البيانات بنجاح","data":{"current_page":1,"data":[],'
        '"first_page_url":"http://h/v1/customer/sessions/pending/log?page=1","from":null,'
        '"last_page":1,"last_page_url":"http://h/v1/customer/sessions/pending/log?page=1",'
        '"links":[],"next_page_url":null,"path":"http://h/v1/customer/sessions/pending/log",'
        '"per_page":30,"prev_page_url":null,"to":null,"total":0},"statusCode":200}'
    )


def test_dates_are_utc_on_a_twelve_hour_clock_oldest_first(statuses: httpx.Client) -> None:
    entries = get(statuses, path="/v1/customer/sessions/running/log").json()["data"]["data"]

    assert [entry["date"] for entry in entries] == [
        "12:00 AM",
        "12:59 AM",
        "9:05 AM",
        "10:00 AM",
        "11:59 AM",
        "12:00 PM",
        "11:59 PM",
    ]


@pytest.fixture
def long_log(documented: httpx.Client) -> httpx.Client:
    """A client in whose sandbox the session has 31 entries: one more than a page by default."""
    for _ in range(29):
        post(documented, "ENTERED")
    return documented


def page(client: httpx.Client, query: str) -> dict[str, Any]:
    answer = get(client, query, Host="shop.example:8080")
    assert answer.status_code == 200
    data: dict[str, Any] = answer.json()["data"]
    return {**data, "data": len(data["data"])}


URL = "http://shop.example:8080/v1/customer/sessions/1/log"


def test_the_first_of_two_pages(long_log: httpx.Client) -> None:
    assert page(long_log, "") == {
        "current_page": 1,
        "data": 30,
        "first_page_url": f"{URL}?page=1",
        "from": 1,
        "last_page": 2,
        "last_page_url": f"{URL}?page=2",
        "links": [],
        "next_page_url": f"{URL}?page=2",
        "path": URL,
        "per_page": 30,
        "prev_page_url": None,
        "to": 30,
        "total": 31,
    }


def test_the_last_of_two_pages(long_log: httpx.Client) -> None:
    second = page(long_log, "?page=2")

    assert (second["from"], second["to"], second["data"]) == (31, 31, 1)
    assert (second["next_page_url"], second["prev_page_url"]) == (None, f"{URL}?page=1")


def test_page_urls_carry_the_page_and_nothing_else(long_log: httpx.Client) -> None:
    middle = page(long_log, "?page=2&per_page=10&other=x")

    assert (middle["from"], middle["to"], middle["last_page"]) == (11, 20, 4)
    assert middle["next_page_url"] == f"{URL}?page=3"
    assert middle["prev_page_url"] == f"{URL}?page=1"
    assert middle["last_page_url"] == f"{URL}?page=4"


@pytest.mark.parametrize("number", [3, 4, 9223372036854775807])
def test_a_page_past_the_end_is_empty_and_points_back(long_log: httpx.Client, number: int) -> None:
    past = page(long_log, f"?page={number}")

    assert (past["current_page"], past["data"], past["from"], past["to"]) == (number, 0, None, None)
    assert past["next_page_url"] is None
    assert past["total"] == 31
    assert past["last_page"] == 2
    before = {3: 2, 4: 3, 9223372036854775807: 9223372036854775806}[number]
    assert past["prev_page_url"] == f"{URL}?page={before}"


def test_the_pages_put_together_are_the_log(long_log: httpx.Client) -> None:
    post(long_log, "CANCEL_REQUEST")

    found = []
    for number in range(1, 5):
        entries = get(long_log, f"?page={number}&per_page=9").json()["data"]["data"]
        found += [entry["action_type"] for entry in entries]
    assert found == ["ENTERED", "LEFT", *["ENTERED"] * 29, "CANCEL_REQUEST"]


@pytest.mark.parametrize("per_page", ["1", "30", "1000"])
def test_per_page_is_taken_up_to_1000(documented: httpx.Client, per_page: str) -> None:
    assert get(documented, f"?per_page={per_page}").json()["data"]["per_page"] == int(per_page)


@pytest.mark.parametrize(
    "per_page",
    ["0", "-1", "abc", "1.5", "", "1001", "1e1", "+1", "%201", "01", "٣", "1%00", "9" * 5000],
)
def test_a_per_page_that_is_no_integer_from_1_to_1000_is_refused(
    documented: httpx.Client, per_page: str
) -> None:
    answer = get(documented, f"?per_page={per_page}")

    assert (answer.status_code, answer.content) == (422, INVALID_PER_PAGE)


@pytest.mark.parametrize("number", ["0", "-1", "abc", "1.5", "", "9223372036854775808", "9" * 5000])
def test_a_page_that_is_no_positive_integer_is_refused(
    documented: httpx.Client, number: str
) -> None:
    answer = get(documented, f"?page={number}")

    assert (answer.status_code, answer.content) == (422, INVALID_PAGE)


def test_both_paging_parameters_are_complained_of_at_once(documented: httpx.Client) -> None:
    assert get(documented, "?page=x&per_page=x").content.decode() == (
        '{"success":false,"message":"بيانات غير صالحة","data":{'
        '"per_page":["يجب أن تكون القيمة عددًا صحيحًا بين 1 و 1000"],'
        '"page":["يجب أن تكون القيمة عددًا صحيحًا أكبر من صفر"]},"statusCode":422}'
    )


def test_of_a_repeated_parameter_the_last_one_counts(documented: httpx.Client) -> None:
    assert get(documented, "?per_page=5&per_page=7").json()["data"]["per_page"] == 7
    assert get(documented, "?per_page=7&per_page=0").content == INVALID_PER_PAGE
    assert get(documented, "?per_page=0&per_page=7").status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", [CUSTOMER, COACH])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer invalid"},
        {"Authorization": "bearer  invalid"},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Authorization": "token"},
        {"access-token": "token"},
        {"ApiKey": "token"},
    ],
)
def test_without_a_good_bearer_token_nothing_is_told(
    documented: httpx.Client, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = documented.request(method, path, headers=headers)

    assert (answer.status_code, answer.content) == (401, UNAUTHENTICATED)


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_names_of_header_and_scheme_are_read_in_any_case(
    documented: httpx.Client, name: str, scheme: str
) -> None:
    assert documented.get(CUSTOMER, headers={name: f"{scheme} x"}).status_code == 200


@pytest.mark.parametrize("path", [CUSTOMER, COACH])
def test_a_session_that_nobody_knows_is_not_found(documented: httpx.Client, path: str) -> None:
    unknown = path.replace("/1/", "/999999/")
    for answer in (get(documented, path=unknown), post(documented, "ENTERED", unknown)):
        assert (answer.status_code, answer.content) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    "body",
    [
        b'{"action_type":"INVALID_TYPE"}',
        b'{"action_type":"entered"}',
        b'{"action_type":"ENTERED "}',
        b'{"action_type":""}',
        b'{"action_type":null}',
        b'{"action_type":1}',
        b'{"action_type":true}',
        b'{"action_type":["ENTERED"]}',
        b'{"action_type":{"ENTERED":1}}',
        b'{"action_type":"\\ud800"}',
        b'{"Action_Type":"ENTERED"}',
        b"{}",
        b"[]",
        b'[{"action_type":"ENTERED"}]',
        b'"ENTERED"',
        b"null",
        b"7",
        b"",
        b" ",
        b"{",
        b'{"action_type":"ENTERED"',
        b'{"action_type":"ENTERED"} x',
        b"{'action_type':'ENTERED'}",
        b"action_type=ENTERED",
        b'\xef\xbb\xbf{"action_type":"ENTERED"}',
        b"\xff\xfe\x00",
        b'{"action_type":"\xff"}',
        b"[" * 100_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    ],
    ids=lambda body: f"{body[:30]!r} ({len(body)} bytes)",
)
def test_a_body_without_a_known_action_type_is_a_validation_error(
    documented: httpx.Client, body: bytes
) -> None:
    headers = {**BEARER, "Content-Type": "application/json"}

    for path in (CUSTOMER, COACH):
        answer = documented.post(path, headers=headers, content=body)
        assert (answer.status_code, answer.content) == (422, INVALID_ACTION)
    assert actions(documented) == ["ENTERED", "LEFT"]


def test_other_keys_of_the_body_are_ignored(documented: httpx.Client) -> None:
    answer = documented.post(
        CUSTOMER,
        headers=BEARER,
        json={"text": "no", "action_type": "LEFT", "date": "1:00 AM", "عربي": [1]},
    )

    assert answer.json()["data"] == {
        "text": "Customer left the session",
        "date": "2:30 PM",
        "action_type": "LEFT",
    }


def test_credential_then_session_then_body_then_ended(documented: httpx.Client) -> None:
    post(documented, "ENDED")
    unknown = "/v1/customer/sessions/999999/log"

    assert documented.post(unknown, json={}).content == UNAUTHENTICATED
    assert documented.get(f"{unknown}?per_page=0").content == UNAUTHENTICATED
    assert post(documented, "NOPE", unknown).content == NOT_FOUND
    assert get(documented, "?per_page=0", unknown).content == NOT_FOUND
    assert post(documented, "NOPE").content == INVALID_ACTION
    assert post(documented, "LEFT").content == ENDED


def test_the_list_asks_for_no_content_type_and_no_accept(documented: httpx.Client) -> None:
    answer = documented.get(
        CUSTOMER, headers={**BEARER, "Content-Type": "text/plain", "Accept": "text/html"}
    )

    assert answer.status_code == 200


def test_a_scenario_can_list_the_good_tokens(start: Any, tmp_path: Any) -> None:
    scenario = tmp_path / "tokens.yaml"
    scenario.write_text(
        "name: tokens\ndescription: One good token.\nextends: documented\n"
        "tokens: {calwe: {valid: [good]}}\n",
        encoding="utf-8",
    )
    client = start(scenario=str(scenario))

    assert client.get(CUSTOMER, headers={"Authorization": "Bearer good"}).status_code == 200
    assert client.get(CUSTOMER, headers={"Authorization": "Bearer bad"}).content == UNAUTHENTICATED


def test_an_unknown_session_is_said_before_a_wrong_content_type(client: httpx.Client) -> None:
    unknown = "/v1/customer/sessions/nobody/log"
    headers = {"Authorization": "Bearer t", "Content-Type": "text/plain"}
    assert client.post(unknown, headers=headers, content=b"x").status_code == 404
    assert client.post(CUSTOMER, headers=headers, content=b"x").status_code == 415
