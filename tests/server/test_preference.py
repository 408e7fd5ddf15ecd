"""The preference of a request: `Prefer`, the query, and what cannot be preferred."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mockserver.contract import Headers
from mockserver.errors import PreferenceError
from mockserver.server.preference import Preference, read_preference

BEARER = {"Authorization": "Bearer token"}
LOG = "/v1/customer/sessions/1/log"


def read(*prefer: str, query: str = "") -> Preference:
    return read_preference(Headers([("Prefer", text) for text in prefer]), query)[0]


@pytest.mark.parametrize(
    ("prefer", "preference"),
    [
        (["code=404, example=name, dynamic=true"], (404, "name", True, 0, None, 100)),
        (["code=404; example=name"], (404, "name", False, 0, None, 100)),
        (["code=404", "delay=800"], (404, None, False, 800, None, 100)),
        (["CODE = 404 ,rate=12.5"], (404, None, False, 0, None, 12.5)),
        (
            ['example="two words, and \\"more\\""'],
            (None, 'two words, and "more"', False, 0, None, 100),
        ),
        (["example=قائمة".encode().decode("latin-1")], (None, "قائمة", False, 0, None, 100)),
        (["code=404, code=500"], (404, None, False, 0, None, 100)),
        (["code=404", "code=500"], (404, None, False, 0, None, 100)),
        (["dynamic"], (None, None, True, 0, None, 100)),
        (["dynamic=false"], (None, None, False, 0, None, 100)),
        (["fault=reset"], (None, None, False, 0, "reset", 100)),
        (["fault=EMPTY_RESPONSE"], (None, None, False, 0, "empty", 100)),
        (["return=minimal, wait=10; foo; code=503"], (503, None, False, 0, None, 100)),
        (['"", ,;, =x, "code=404'], (None, None, False, 0, None, 100)),
        ([], (None, None, False, 0, None, 100)),
    ],
)
def test_the_header_has_the_grammar_of_rfc_7240(prefer: list[str], preference: tuple[Any]) -> None:
    found = read(*prefer)

    fields = (found.code, found.example, found.dynamic, found.delay, found.fault, found.rate)
    assert fields == preference


def test_the_header_goes_before_the_query_for_each_preference() -> None:
    found = read("code=404", query="__code=500&__delay=20&__delay=30&__example=%D8%AC+x")

    assert (found.code, found.delay, found.example) == (404, 20, "ج x")
    assert found.header == {"code"}


@pytest.mark.parametrize(
    ("query", "rest"),
    [
        ("page=2&__code=500&per_page=3", "page=2&per_page=3"),
        ("__code=500", ""),
        ("%5F%5Fcode=500&page=2", "page=2"),
        ("__other=1&code=404&a=__code", "__other=1&code=404&a=__code"),
        ("a=%2B+%20&&b", "a=%2B+%20&&b"),
    ],
)
def test_the_parameters_of_the_mock_are_removed_from_the_query(query: str, rest: str) -> None:
    assert read_preference(Headers(), query)[1] == rest


@pytest.mark.parametrize(
    ("prefer", "message", "alternatives"),
    [
        ("code=abc", "code: 'abc' is no status from 200 to 599", {"from": 200, "to": 599}),
        ("code", "code: '' is no status from 200 to 599", {"from": 200, "to": 599}),
        ("code=101", "code: '101' is no status from 200 to 599", {"from": 200, "to": 599}),
        (
            "code=٤٠٤".encode().decode("latin-1"),
            "code: '٤٠٤' is no status",
            {"from": 200, "to": 599},
        ),
        ("dynamic=1", "dynamic: '1' is neither 'true' nor 'false'", ["true", "false"]),
        ("delay=-1", "delay: '-1' is no whole number of milliseconds", {"from": 0, "to": 60_000}),
        ("delay=60001", "delay: '60001' is no whole number", {"from": 0, "to": 60_000}),
        ("rate=101", "rate: '101' is no percentage from 0 to 100", {"from": 0, "to": 100}),
        ("rate=nan", "rate: 'nan' is no percentage from 0 to 100", {"from": 0, "to": 100}),
        (
            "validation=lax",
            "validation: 'lax' is none of strict, warn, off",
            ["strict", "warn", "off"],
        ),
        (f"code={'9' * 1000}", f"code: '{'9' * 100}…' is no status", {"from": 200, "to": 599}),
        ("example=", "example: '' is no name of an example", None),
        (f"example={'x' * 101}", f"example: '{'x' * 100}…' is no name of an example", None),
    ],
)
def test_what_cannot_be_preferred_is_refused_with_what_can(
    prefer: str, message: str, alternatives: Any
) -> None:
    with pytest.raises(PreferenceError) as caught:
        read(prefer)

    assert (caught.value.status, caught.value.alternatives) == (400, alternatives)
    assert str(caught.value).startswith(message)


def test_applied_preferences_are_said_in_the_grammar_of_the_header() -> None:
    found = read('code=404, example="a \\"b\\" \\\\", dynamic=true, rate=12.5')

    applied = found.format_applied("code", "example", "dynamic", "rate")

    assert applied == 'code=404, example="a \\"b\\" \\\\", dynamic=true, rate=12.5'
    assert read(applied) == found
    assert read("example=قائمة".encode().decode("latin-1")).format_applied("example") == "example"


def test_a_wrong_preference_is_a_problem_that_lists_what_can_be_had(
    documented: httpx.Client,
) -> None:
    response = documented.get(LOG, headers={**BEARER, "Prefer": "fault=smoke"})

    assert (response.status_code, response.headers["content-type"]) == (
        400,
        "application/problem+json",
    )
    assert response.json() == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "fault: 'smoke' is none of reset, empty, garbage, malformed-chunk, "
        "CONNECTION_RESET_BY_PEER, EMPTY_RESPONSE, RANDOM_DATA_THEN_CLOSE, "
        "MALFORMED_RESPONSE_CHUNK",
        "preference": "fault",
        "value": "smoke",
        "alternatives": [
            "reset",
            "empty",
            "garbage",
            "malformed-chunk",
            "CONNECTION_RESET_BY_PEER",
            "EMPTY_RESPONSE",
            "RANDOM_DATA_THEN_CLOSE",
            "MALFORMED_RESPONSE_CHUNK",
        ],
    }


def test_the_query_of_a_handler_has_no_parameters_of_the_mock(documented: httpx.Client) -> None:
    plain = documented.get(f"{LOG}?per_page=1&page=2", headers=BEARER)
    preferring = documented.get(f"{LOG}?per_page=1&__delay=0&page=2", headers=BEARER)

    assert (preferring.status_code, preferring.content) == (200, plain.content)
