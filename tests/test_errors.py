"""The tree of errors, and the sentences they say."""

from __future__ import annotations

import re

import pytest

from mockserver import errors
from mockserver.contract import Violation
from mockserver.errors import (
    BadRequest,
    BodyTooLarge,
    ContractBroken,
    HttpError,
    InternalError,
    MethodNotAllowed,
    MockserverError,
    NotFound,
    Refusal,
    ScenarioError,
    ScenarioFault,
    Unauthenticated,
    UnsupportedMediaType,
    suggest_nearest,
)


def _drawn() -> dict[str, str]:
    """The tree at the top of the module: each error with the one it hangs on."""
    parents: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"([│├└─ ]*)([A-Z][A-Za-z]+)(?:  |$)", line)
        if found:
            depth = len(found[1]) // 4
            path[depth:] = [found[2]]
            parents[found[2]] = path[depth - 1] if depth else "Exception"
    return parents


def test_the_tree_at_the_top_of_the_module_is_the_tree_of_its_classes() -> None:
    real = {
        name: value.__bases__[0].__name__
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, Exception)
    }
    assert real == _drawn()
    assert real["ContractBroken"] == "InternalError"  # the drawing was read, not skipped


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (HttpError(), 500, "Internal server error"),
        (BadRequest(), 400, "Bad request"),
        (Unauthenticated(), 401, "Unauthenticated"),
        (NotFound(), 404, "Not found"),
        (MethodNotAllowed(["GET"]), 405, "Method not allowed"),
        (BodyTooLarge(), 413, "Request body too large"),
        (UnsupportedMediaType(), 415, "Unsupported media type"),
        (InternalError(), 500, "Internal server error"),
        (BadRequest("The path has a control character"), 400, "The path has a control character"),
    ],
)
def test_a_refusal_has_a_status_and_a_sentence(
    error: HttpError, status: int, sentence: str
) -> None:
    assert (error.status, error.sentence, str(error)) == (status, sentence, sentence)


def test_headers_of_one_refusal_are_not_those_of_another() -> None:
    given = {"Retry-After": "1"}
    first, second = BadRequest(headers=given), BadRequest()
    first.headers["X"] = "1"
    assert given == {"Retry-After": "1"}
    assert second.headers == {}


def test_a_method_that_is_not_allowed_names_those_that_are() -> None:
    assert MethodNotAllowed(["GET", "HEAD", "POST"]).headers == {"Allow": "GET, HEAD, POST"}
    assert MethodNotAllowed([]).headers == {"Allow": ""}


def test_a_refusal_has_its_own_status_and_body() -> None:
    refused = Refusal(422, {"error": "هذا"}, {"X-A": "b"})
    assert (refused.status, refused.body, refused.headers) == (422, {"error": "هذا"}, {"X-A": "b"})
    assert str(refused) == "422 {'error': 'هذا'}"
    assert not isinstance(refused, HttpError)


def test_contract_broken_lists_every_violation() -> None:
    violations = [
        Violation("/response/body/a", "#/x", "type", 1, "1 is not a string", "assumed"),
        Violation("/response/status", "#/y", "status", 9, "9 is unknown", "documented"),
    ]
    error = ContractBroken(violations)
    assert str(error) == (
        "The answer broke its contract and was held back: "
        "/response/body/a: 1 is not a string (#/x, assumed); "
        "/response/status: 9 is unknown (#/y, documented)"
    )
    assert error.status == 500
    assert error.violations == tuple(violations)


def test_a_fault_of_a_scenario_is_said_with_file_line_and_field() -> None:
    fault = ScenarioFault("a.yaml", 3, "/seed", "it is no number")
    assert str(fault) == "a.yaml:3: /seed: it is no number"


def test_a_fault_of_a_whole_file_has_no_field() -> None:
    assert str(ScenarioFault("a.yaml", 1, "", "it is empty")) == "a.yaml:1: it is empty"


def test_a_scenarios_error_says_all_its_faults_at_once() -> None:
    error = ScenarioError([ScenarioFault("a", 1, "", "one"), ScenarioFault("b", 2, "", "two")])
    assert str(error) == "a:1: one\nb:2: two"
    assert len(error.faults) == 2
    assert isinstance(error, MockserverError)


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        ("sesion", ["session", "agent"], "did you mean 'session'?"),
        ("xyz", ["session", "agent"], "known: 'agent', 'session'"),
        ("", ["b", "a"], "known: 'a', 'b'"),
        ("anything", [], "none is known"),
        ("session", ["session"], "did you mean 'session'?"),
    ],
)
def test_an_unknown_word_gets_a_suggestion(word: str, known: list[str], expected: str) -> None:
    assert suggest_nearest(word, known) == expected
