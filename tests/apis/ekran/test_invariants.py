"""Each of Ekran's own invariants: responses that conform, and violations."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def listed(evaluator: Any) -> Any:
    """Makes the response that has these sessions of 2025-08-20: id, hours of login and logout."""

    def make(*sessions: tuple[int, str, str | None], **query: Any) -> Any:
        body = [
            {
                "sessionId": id,
                "userId": 1,
                "clientGuid": "g",
                "loginDate": f"2025-08-20T{login}:00.000+00:00",
                "logoutDate": logout and f"2025-08-20T{logout}:00.000+00:00",
            }
            for id, login, logout in sessions
        ]
        bounds = {name: f"2025-08-20T{hour}" for name, hour in query.items()}
        return evaluator.exchange("listSessions", body, **bounds)

    return make


WHOLE = [(1, "08:00", "12:00"), (2, "10:00", "11:00")]
CASES: list[tuple[str, list[Any], dict[str, str], bool | None]] = [
    ("no-session-ends-before-it-begins", [(1, "08:00", "12:00")], {}, True),
    ("no-session-ends-before-it-begins", [(1, "12:00", "08:00")], {}, False),
    ("no-session-is-shown-from-beyond-its-bounds", [(1, "09:30", "10:00")], {"end": "11:00"}, True),
    (
        "no-session-is-shown-from-beyond-its-bounds",
        [(1, "12:00", "10:00")],
        {"end": "11:00"},
        False,
    ),
    ("what-only-touches-a-bound-is-left-out", [(1, "08:00", "12:00")], {"start": "09:00"}, True),
    ("what-only-touches-a-bound-is-left-out", [(1, "08:00", "12:00")], {"start": "12:00"}, False),
    ("what-only-touches-a-bound-is-left-out", [(1, "08:00", "12:00")], {"end": "08:00"}, False),
    ("what-only-touches-a-bound-is-left-out", [(1, "08:00", "12:00")], {}, None),
    ("with-an-end-every-session-has-a-logout", [(1, "08:00", "09:00")], {"end": "12:00"}, True),
    ("with-an-end-every-session-has-a-logout", [(1, "08:00", None)], {"end": "12:00"}, False),
    ("with-an-end-every-session-has-a-logout", [(1, "08:00", None)], {"start": "07:00"}, None),
    ("times-are-written-as-in-the-example", [(1, "08:00", None)], {}, True),
]
AFTER_WHOLE: list[tuple[str, list[Any], dict[str, str], bool | None]] = [
    (
        "a-session-is-cut-at-an-activity-not-at-the-bound",
        [(1, "09:10", "12:00")],
        {"start": "09:00"},
        True,
    ),
    (
        "a-session-is-cut-at-an-activity-not-at-the-bound",
        [(1, "09:00", "12:00")],
        {"start": "09:00"},
        False,
    ),
    (
        "a-session-is-cut-at-an-activity-not-at-the-bound",
        [(1, "08:00", "11:30")],
        {"end": "11:30"},
        False,
    ),
    (
        "what-fills-the-bounds-is-listed-whole",
        [(2, "10:00", "11:00")],
        {"start": "10:00", "end": "11:00"},
        True,
    ),
    ("what-fills-the-bounds-is-listed-whole", [], {"start": "10:00", "end": "11:00"}, False),
    ("what-fills-the-bounds-is-listed-whole", [(2, "10:05", "11:00")], {"start": "10:00"}, False),
]


@pytest.mark.parametrize(("name", "sessions", "bounds", "holds"), CASES)
def test_one_response(
    evaluator: Any, listed: Any, name: str, sessions: Any, bounds: Any, holds: bool | None
) -> None:
    found = evaluator.evaluate(name, listed(*sessions, **bounds))
    assert (found if found is None else not found) is holds


@pytest.mark.parametrize(("name", "sessions", "bounds", "holds"), AFTER_WHOLE)
def test_a_response_beside_all_sessions(
    evaluator: Any, listed: Any, name: str, sessions: Any, bounds: Any, holds: bool | None
) -> None:
    found = evaluator.evaluate(name, listed(*WHOLE), listed(*sessions, **bounds))
    assert (found if found is None else not found) is holds


def test_what_another_response_shows_to_have_been_done_is_shown(
    evaluator: Any, listed: Any
) -> None:
    name = "what-was-done-inside-is-shown"
    cut = listed((1, "09:40", "12:00"), start="09:00")
    assert (
        evaluator.evaluate(name, listed(*WHOLE), cut, listed((1, "09:40", "12:00"), start="09:30"))
        == []
    )
    assert evaluator.evaluate(
        name, listed(*WHOLE), cut, listed((1, "10:00", "12:00"), start="09:30")
    )
    assert evaluator.evaluate(name, listed(*WHOLE), cut, listed(start="09:30"))
    assert evaluator.evaluate(name, listed(*WHOLE), cut, listed(start="09:50")) is None


def test_a_time_in_another_form_is_told(evaluator: Any) -> None:
    session = {"loginDate": "2025-08-20T08:00:00Z", "logoutDate": None}
    now = evaluator.exchange("listSessions", [session])
    assert evaluator.evaluate("times-are-written-as-in-the-example", now) == [
        "'2025-08-20T08:00:00Z' is not written so"
    ]
