"""Requests that break the contract: refused, served with a warning, or served."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from mockserver.contract import Violation
from mockserver.server.request_validation import format_violations

BEARER = {"Authorization": "Bearer token"}
LOG = "/v1/customer/sessions/1/log"
CHANGES = "/api/v1/cap/change_logs.json"
PER_PAGE = {
    "location": "/request/query/per_page",
    "severity": "error",
    "code": "type",
    "message": '"many" is not of type "integer"',
}


def read(response: httpx.Response) -> list[dict[str, Any]] | None:
    text = response.headers.get("x-mock-violations")
    found: list[dict[str, Any]] | None = None if text is None else json.loads(text)
    return found


def get(client: httpx.Client, path: str = LOG, **headers: str) -> httpx.Response:
    return client.get(path, headers={**BEARER, "access-token": "token", **headers})


def test_a_strict_world_refuses_and_tells_the_violations(documented: httpx.Client) -> None:
    response = get(documented, f"{LOG}?per_page=many")

    assert (response.status_code, read(response)) == (422, [PER_PAGE])


def test_with_a_warning_the_handler_serves_it_with_the_default(documented: httpx.Client) -> None:
    response = get(documented, f"{LOG}?per_page=many", Prefer="validation=warn")

    assert (response.status_code, read(response)) == (200, [PER_PAGE])
    assert response.json()["data"]["per_page"] == 30
    assert response.headers["x-mock-source"] == "handler"
    assert response.headers["preference-applied"] == "validation=warn"
    assert get(documented, f"{LOG}?per_page=many&__validation=warn").status_code == 200


def test_without_validation_nothing_is_told(documented: httpx.Client) -> None:
    response = get(documented, f"{LOG}?per_page=many&pge=2", Prefer="validation=off")

    assert (response.status_code, read(response)) == (200, None)


@pytest.mark.parametrize("body", [b'{"action_type":"DANCED"}', b"{}", b"[", b""])
def test_where_the_handler_cannot_serve_it_the_contract_does_and_nothing_is_written(
    documented: httpx.Client, body: bytes
) -> None:
    headers = {**BEARER, "Content-Type": "application/json", "X-Mock-Sandbox": "lenient"}
    before = documented.get(LOG, headers=headers).json()

    response = documented.post(LOG, headers={**headers, "Prefer": "validation=warn"}, content=body)

    assert (response.status_code, response.headers["x-mock-source"]) == (200, "example")
    assert [it["location"].partition("/action")[0] for it in read(response) or []] == [
        "/request/body"
    ]
    assert documented.get(LOG, headers=headers).json() == before


def test_a_refusal_by_the_state_stays_one(documented: httpx.Client) -> None:
    path = "/v1/customer/sessions/99999/log?page=0"

    assert get(documented, path, Prefer="validation=off").status_code == 404
    assert documented.get(path, headers={"Prefer": "validation=off"}).status_code == 401


def test_a_body_of_another_content_type_is_served(documented: httpx.Client) -> None:
    headers = {**BEARER, "X-Mock-Sandbox": "lenient-type", "Prefer": "validation=warn"}

    response = documented.post(LOG, headers=headers, content=b'{"action_type":"LEFT"}')

    assert (response.status_code, response.json()["data"]["action_type"]) == (200, "LEFT")
    assert [it["code"] for it in read(response) or []] == ["content-type"]


def test_a_preferred_response_is_given_to_a_request_that_is_not_validated(
    documented: httpx.Client,
) -> None:
    response = get(documented, f"{LOG}?page=0", Prefer="code=500, validation=off")

    assert response.status_code == 500
    assert response.headers["preference-applied"] == "code=500, validation=off"


@pytest.mark.parametrize(
    ("query", "code"),
    [("actions[]=update", "unknown-parameter"), ("page=1&page=1", "repeated-parameter")],
)
def test_what_is_probably_a_mistake_is_warned_of_and_served(
    documented: httpx.Client, query: str, code: str
) -> None:
    response = get(documented, f"{CHANGES}?{query}")

    assert response.status_code == 200
    assert [(it["severity"], it["code"]) for it in read(response) or []] == [("warning", code)]


def make_violation(message: str) -> Violation:
    return Violation("/request/body/قيمة", "#/x", "type", None, message, "assumed")


def test_violations_in_a_header_are_ascii_and_bounded() -> None:
    text = format_violations([make_violation("ليس" * 1_000) for _ in range(100)])

    assert text.isascii() and "\n" not in text
    assert len(text) < 3_000
    told = json.loads(text)
    assert told[0]["message"] == "ليس" * 66 + "لي…"
    assert told[-1] == {"more": 101 - len(told)}
