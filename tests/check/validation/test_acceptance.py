"""Whether a deployment takes what the contract allows, and refuses what it does not."""

from __future__ import annotations

import pytest

from mockserver import apis
from mockserver.check.validation.acceptance import unaccepted
from mockserver.check.validation.observation import observe
from mockserver.contract import Headers, Request, Response

APIS = apis.load()
JSON = Headers([("Content-Type", "application/json")])


def _found(name: str, path: str, query: str, status: int, *, is_admitted: bool = True) -> list[str]:
    api = APIS[name]
    request = Request("GET", path, query)
    seen = observe(api, request, Response(status, JSON, b"{}"), moment=0, is_admitted=is_admitted)
    assert seen is not None
    return [f"{one.code} {one.evidence}: {one.sentence}" for one in unaccepted(api, seen)]


def test_what_conforms_and_is_taken_is_as_it_should_be() -> None:
    assert _found("ekran", "/sessions", "start=2025-08-21", 200) == []


def test_what_breaks_the_contract_and_is_refused_is_as_it_should_be() -> None:
    assert _found("ekran", "/sessions", "start=yesterday", 400) == []


def test_what_breaks_the_contract_and_is_taken_is_found_with_the_rule() -> None:
    (found,) = _found("ekran", "/sessions", "start=yesterday", 200)
    assert found.startswith(
        "pattern assumed: A request that breaks the contract is answered 200: /request/query/start"
    )


def test_what_conforms_and_is_refused_is_found() -> None:
    assert _found("ekran", "/sessions", "start=2025-08-21", 400) == [
        "refused documented: A request that the contract allows is answered 400"
    ]


@pytest.mark.parametrize("status", [401, 403, 404, 413, 429])
def test_refusals_that_say_nothing_of_the_form_are_borne(status: int) -> None:
    assert _found("ekran", "/sessions", "", status) == []


def test_a_credential_that_was_meant_to_be_refused_says_nothing_of_the_form() -> None:
    assert _found("ekran", "/sessions", "", 400, is_admitted=False) == []


@pytest.mark.parametrize("query", ["", "start=yesterday"])
@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_error_is_found_whatever_was_asked(query: str, status: int) -> None:
    assert _found("ekran", "/sessions", query, status) == [
        f"server-error documented: A request is answered {status}"
    ]
