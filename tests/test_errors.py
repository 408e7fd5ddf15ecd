"""The tree of errors, and the sentences they say."""

from __future__ import annotations

import re

import pytest

from mockserver import errors
from mockserver.errors import (
    HttpError,
    MockserverError,
    Refusal,
    ScenarioError,
    ScenarioFault,
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
    assert real["ProblemError"] == "ClientError"  # the drawing was read, not skipped


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (HttpError(400), 400, "Bad request"),
        (HttpError(401), 401, "Unauthenticated"),
        (HttpError(404), 404, "Not found"),
        (HttpError(405), 405, "Method not allowed"),
        (HttpError(413), 413, "Request body too large"),
        (HttpError(415), 415, "Unsupported media type"),
        (
            HttpError(400, "The path has a control character"),
            400,
            "The path has a control character",
        ),
    ],
)
def test_a_refusal_has_a_status_and_a_sentence(
    error: HttpError, status: int, sentence: str
) -> None:
    assert (error.status, error.sentence, str(error)) == (status, sentence, sentence)


def test_headers_of_one_refusal_are_not_those_of_another() -> None:
    given = {"Retry-After": "1"}
    first, second = HttpError(400, headers=given), HttpError(400)
    first.headers["X"] = "1"
    assert given == {"Retry-After": "1"}
    assert second.headers == {}


def test_a_refusal_has_its_own_status_and_body() -> None:
    refused = Refusal(422, {"error": "هذا"}, {"X-A": "b"})
    assert (refused.status, refused.body, refused.headers) == (422, {"error": "هذا"}, {"X-A": "b"})
    assert str(refused) == "422 {'error': 'هذا'}"
    assert not isinstance(refused, HttpError)


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
