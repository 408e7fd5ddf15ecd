"""Responses on request: examples, synthesised ones and errors, and what cannot be had."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

BEARER = {"Authorization": "Bearer token"}
ARABIC_404 = '{"success":false,"message":"لم يتم العثور على الجلسة","data":null,"statusCode":404}'
LOG = "/v1/customer/sessions/1/log"
ENTRY = {"action_type": "ENTERED"}


def get(client: httpx.Client, prefer: str, path: str = LOG, **headers: str) -> httpx.Response:
    return client.get(path, headers={**BEARER, "Prefer": prefer, **headers})


def describe(response: httpx.Response) -> tuple[int, str | None, str | None]:
    headers = response.headers
    return response.status_code, headers.get("x-mock-source"), headers.get("preference-applied")


def test_the_source_of_a_response_without_a_preference_is_the_handler(
    documented: httpx.Client,
) -> None:
    assert describe(documented.get(LOG, headers=BEARER)) == (200, "handler", None)
    missing = documented.get("/v1/customer/sessions/99999/log", headers=BEARER)
    assert describe(missing) == (404, "handler", None)
    assert describe(documented.get(LOG)) == (401, "refusal", None)


def test_a_documented_status_is_its_first_example(documented: httpx.Client) -> None:
    response = get(documented, "code=404")

    assert describe(response) == (404, "example", "code=404")
    assert response.text == ARABIC_404
    assert response.headers["vary"] == "Prefer, Origin"
    assert response.headers["x-mock-evidence"] == "documented"


def test_the_query_prefers_as_the_header_does(documented: httpx.Client) -> None:
    response = documented.get(f"{LOG}?__code=404&page=2", headers=BEARER)

    assert describe(response) == (404, "example", "code=404")
    assert response.text == ARABIC_404
    assert "Prefer" not in response.headers["vary"]


@pytest.mark.parametrize(
    ("code", "body"),
    [
        (500, '"message":"حدث خطأ في الخادم: Internal Server Error","data":null,"statusCode":500'),
        (503, '"message":"حدث خطأ في الخادم: Service Unavailable","data":null,"statusCode":503'),
        (429, '"message":"حدث خطأ في الخادم: Too Many Requests","data":null,"statusCode":429'),
        (599, '"message":"حدث خطأ في الخادم: Status 599","data":null,"statusCode":599'),
    ],
)
def test_any_other_error_has_the_shape_of_the_vendor(
    documented: httpx.Client, code: int, body: str
) -> None:
    response = get(documented, f"code={code}")

    assert describe(response) == (code, "refusal", f"code={code}")
    assert response.text == f'{{"success":false,{body}}}'


@pytest.mark.parametrize(
    ("path", "headers", "body"),
    [
        (
            "/api/sessionLogs/list?team_id=1&agent_id=0123456789abcdef01234567"
            "&start_date=01-08-2025&end_date=02-08-2025",
            {"access-token": "token"},
            {"success": False, "message": "Internal Server Error"},
        ),
        (
            "/api/v1/cap/change_logs.json",
            {"access-token": "token"},
            {"error": "Internal Server Error"},
        ),
        ("/ekranapi/sessions", {}, {"message": "Internal Server Error"}),
    ],
)
def test_each_vendor_has_its_own_500(
    documented: httpx.Client, path: str, headers: dict[str, str], body: Any
) -> None:
    response = get(documented, "code=500", path, **headers)

    assert (response.status_code, response.json()) == (500, body)


def test_a_rate_says_how_many_of_the_responses_are_as_preferred(documented: httpx.Client) -> None:
    assert describe(get(documented, "code=500, rate=0")) == (200, "handler", None)
    assert describe(get(documented, "code=500, rate=100")) == (500, "refusal", "code=500")

    sandbox = {"X-Mock-Sandbox": "rate"}
    sources = [describe(get(documented, "code=500, rate=50", **sandbox))[1] for _ in range(40)]
    assert {*sources} == {"handler", "refusal"}


def test_an_example_is_found_under_its_status(documented: httpx.Client) -> None:
    response = get(documented, "example=pastTheEnd")
    assert describe(response) == (200, "example", "example=pastTheEnd")
    assert response.json()["data"]["current_page"] == 3

    response = get(documented, "code=422, example=invalidPage")
    assert describe(response) == (422, "example", "code=422, example=invalidPage")
    assert list(response.json()["data"]) == ["page"]

    assert describe(get(documented, "example=invalidPage"))[0] == 422


def test_a_dynamic_response_is_another_one_each_time_and_the_same_in_another_sandbox(
    documented: httpx.Client,
) -> None:
    def read(sandbox: str) -> list[str]:
        responses = [
            get(documented, "dynamic=true", **{"X-Mock-Sandbox": sandbox}) for _ in range(3)
        ]
        assert [describe(it) for it in responses] == [(200, "synthesised", "dynamic=true")] * 3
        return [it.text for it in responses]

    first, second = read("dynamic-1"), read("dynamic-2")

    assert first == second
    assert len(set(first)) == 3


def test_a_reset_world_begins_anew_with_its_dynamic_responses(documented: httpx.Client) -> None:
    sandbox = {"X-Mock-Sandbox": "dynamic-reset"}
    before = [get(documented, "dynamic=true", **sandbox).text for _ in range(2)]
    documented.post("/__mock__/reset", headers=sandbox).raise_for_status()

    assert [get(documented, "dynamic=true", **sandbox).text for _ in range(2)] == before


def test_a_deleted_sandbox_begins_anew_with_its_dynamic_responses(
    documented: httpx.Client,
) -> None:
    sandbox = {"X-Mock-Sandbox": "dynamic-deleted"}
    before = [get(documented, "dynamic=true", **sandbox).text for _ in range(2)]
    documented.delete("/__mock__/sandboxes/dynamic-deleted").raise_for_status()

    assert [get(documented, "dynamic=true", **sandbox).text for _ in range(2)] == before


def test_a_restored_world_goes_on_with_the_dynamic_responses_after_its_snapshot(
    documented: httpx.Client,
) -> None:
    first = get(documented, "dynamic=true").text
    documented.post("/__mock__/snapshots", json={"name": "one"}).raise_for_status()
    after = [get(documented, "dynamic=true").text for _ in range(2)]
    documented.post("/__mock__/snapshots/one/restore").raise_for_status()

    assert [get(documented, "dynamic=true").text for _ in range(2)] == after
    assert first not in after


def test_dynamic_responses_at_once_are_those_of_one_after_another(documented: httpx.Client) -> None:
    def read(_: int, sandbox: str = "dynamic-at-once") -> str:
        return get(documented, "dynamic=true", **{"X-Mock-Sandbox": sandbox}).text

    one_by_one = [read(n, "dynamic-one-by-one") for n in range(24)]
    with ThreadPoolExecutor(8) as pool:
        at_once = list(pool.map(read, range(24)))

    assert sorted(at_once) == sorted(one_by_one)


def test_each_operation_counts_its_dynamic_responses_and_no_refusals(
    documented: httpx.Client,
) -> None:
    other, headers = "/api/v1/cap/change_logs.json", {"access-token": "token"}
    before = get(documented, "dynamic=true").text
    documented.post("/__mock__/reset").raise_for_status()

    assert describe(get(documented, "dynamic=true", other, **headers))[1] == "synthesised"
    assert get(documented, "dynamic=true", f"{LOG}?page=0").status_code == 422
    assert documented.get(LOG, headers={"Prefer": "dynamic=true"}).status_code == 401
    assert get(documented, "dynamic=true").text == before


def test_a_response_on_request_changes_nothing(documented: httpx.Client) -> None:
    headers = {**BEARER, "X-Mock-Sandbox": "on-request"}
    before = documented.get(LOG, headers=headers).text

    for prefer in ("code=200", "dynamic=true", "code=422", "code=500"):
        response = documented.post(LOG, headers={**headers, "Prefer": prefer}, json=ENTRY)
        assert response.headers["preference-applied"] == prefer

    assert documented.get(LOG, headers=headers).text == before


def test_a_refused_request_is_refused_whatever_it_prefers(documented: httpx.Client) -> None:
    assert describe(documented.get(LOG, headers={"Prefer": "code=500"})) == (401, "refusal", None)
    assert describe(get(documented, "code=500", f"{LOG}?page=0")) == (422, "refusal", None)


def test_of_a_refused_request_the_example_may_be_chosen(documented: httpx.Client) -> None:
    response = get(documented, "code=422, example=invalidPerPageAndPage", f"{LOG}?page=0")

    assert list(response.json()["data"]) == ["per_page", "page"]


def test_a_status_that_cannot_be_had_is_refused_with_those_that_can(
    documented: httpx.Client,
) -> None:
    response = get(documented, "code=201")

    codes = ["200", "400", "401", "404", "405", "413", "422", "4XX", "5XX"]
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": f"code: listSessionLogs has no response of status 201; "
        f"what can be had: {', '.join(codes)}",
        "preference": "code",
        "value": "201",
        "alternatives": codes,
    }


def test_an_example_that_does_not_exist_is_refused_with_those_that_do(
    documented: httpx.Client,
) -> None:
    response = get(documented, "example=pastTheEdn")

    problem = response.json()
    assert response.status_code == 404
    assert problem["detail"] == (
        "example: listSessionLogs has no example 'pastTheEdn'; did you mean 'pastTheEnd'?"
    )
    assert problem["alternatives"]["200"] == ["documented", "pastTheEnd"]

    response = get(documented, "code=200, example=invalidPage")
    assert response.json()["detail"].startswith(
        "example: listSessionLogs has no example 'invalidPage' of status 200; "
    )


def test_a_page_of_another_origin_reads_the_source_and_what_was_applied(
    documented: httpx.Client,
) -> None:
    response = get(documented, "code=500", Origin="http://localhost:3000")

    exposed = response.headers["access-control-expose-headers"]
    assert {"X-Mock-Source", "Preference-Applied"} <= set(exposed.split(", "))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", LOG),
        ("POST", LOG),
        ("GET", "/api/v1/cap/change_logs.json"),
        ("GET", "/ekranapi/sessions"),
    ],
)
def test_every_error_status_can_be_had(documented: httpx.Client, method: str, path: str) -> None:
    headers = {**BEARER, "access-token": "token"}
    body = ENTRY if method == "POST" else None
    for status in (*range(400, 432), 451, 499, *range(500, 512), 599):
        prefer = {**headers, "Prefer": f"code={status}"}
        response = documented.request(method, path, headers=prefer, json=body)
        assert response.status_code == status
        assert response.headers["content-type"] == "application/json"
        assert response.json()
