"""A target that is another server, or that refuses the credential, is told in a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver import apis
from mockserver.check.target.target import Target
from mockserver.check.validation.recognition import explain_refusal, explain_stranger
from mockserver.check.validation.results import Results
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.observation import observe

API = apis.load()["ekran"]
URL = "https://staging.example/api"


def _record(results: Results, status: int, body: bytes, kind: str, *fields: Any) -> None:
    response = Response(status, Headers([("Content-Type", kind), *fields]), body)
    request = Request("GET", "/sessions")
    match = API.contract.match(request.method, request.path)
    results.record(observe(API, Exchange(request, response), match, moment=0), ())


@pytest.mark.parametrize(
    ("status", "body", "kind", "fields", "advice"),
    [
        (
            *(301, b"", "text/html", [("Location", "https://new.example/x/ekranapi/sessions?a=1")]),
            "It redirects to 'https://new.example/x/ekranapi/sessions?a=1'; give the URL "
            "'https://new.example/x'.",
        ),
        (
            *(308, b"", "text/html", [("Location", "/api/ekranapi/sessions/")]),
            "It redirects to '/api/ekranapi/sessions/', but no path of the contract ends like "
            "that.",
        ),
        (
            *(302, b"", "text/html", [("Location", "https://login.example/")]),
            "It redirects to 'https://login.example/'; is that a login page, or does the API have "
            "another URL?",
        ),
        (
            *(503, b"", "text/html", [("Retry-After", "120")]),
            "It is down, or a gateway before it; its Retry-After is 120.",
        ),
        (
            *(404, b"<h1>Not Found</h1>", "text/html", []),
            "Is the URL right? The paths of the API are looked for below "
            "'https://staging.example/api/ekranapi'.",
        ),
        (
            *(200, b"<html>", "text/html", []),
            "It is a page of HTML: is it a login page, or the frontend and not the API?",
        ),
        (
            *(503, b"<h1>Maintenance</h1>", "text/html", []),
            "It is down, or a gateway before it; try again later.",
        ),
        (
            *(200, b"<html>", "application/json", []),
            "Is the URL right? The first such response begins with '<html>'.",
        ),
        (
            *(200, b'{"password": "' + 200 * b"x" + b'", "token": "abc"}', "text/plain", []),
            'Is the URL right? The first such response begins with \'{"password": "***", "token": '
            '"***"}\'.',
        ),
    ],
)
def test_another_server_is_told_with_what_to_do(
    status: int, body: bytes, kind: str, fields: list[Any], advice: str
) -> None:
    results = Results(API, phase="examples")
    _record(results, status, body, kind, *fields)
    assert explain_stranger(results, Target("staging", URL)) == (
        f"'{URL}' does not serve the API 'ekran': 1 of 1 responses have the status {status}, and "
        f"none is documented. {advice}"
    )


def test_one_response_of_the_api_is_enough_whatever_else_is_wrong_with_it() -> None:
    results = Results(API, phase="examples")
    assert explain_stranger(results, Target("staging", URL)) == ""
    _record(results, 404, b"<html>", "text/html")
    _record(results, 200, b'[{"unexpected": 1}]', "application/json")
    assert explain_stranger(results, Target("staging", URL)) == ""


REFUSED = "the credential was refused: 401 at the first request, and at 1 of 1 requests; none "


@pytest.mark.parametrize(
    ("settings", "advice"),
    [
        (
            {"variables": {"ekran": "STAGING_KEY"}, "credentials": {"ekran": "wrong"}},
            "Is the value of the variable STAGING_KEY valid?",
        ),
        ({"credentials": {"ekran": "wrong"}}, "Is it valid?"),
        (
            {},
            "The target has none: name a variable that has it with --credential ekran=VARIABLE.",
        ),
    ],
)
def test_a_refused_credential_is_told_with_what_to_do(
    settings: dict[str, Any], advice: str
) -> None:
    results = Results(API, phase="examples")
    _record(results, 401, b'{"message": "no"}', "application/json")
    target = Target("staging", URL, **settings)
    assert explain_refusal(results, target) == f"{REFUSED}succeeded. {advice}"
    _record(results, 200, b"[]", "application/json")
    assert explain_refusal(results, target) == ""
