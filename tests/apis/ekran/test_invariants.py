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
    ("no-session-ends-before-it-begins", [(1, "12:00", "10:00")], {"end": "11:00"}, False),
    (
        "no-session-is-shown-from-beyond-its-bounds",
        [(1, "12:00", "10:00")],
        {"start": "10:30", "end": "11:00"},
        False,
    ),
    ("what-only-touches-a-bound-is-left-out", [(1, "08:00", "12:00")], {"start": "09:00"}, True),
    ("what-only-touches-a-bound-is-left-out", [(1, "08:00", "12:00")], {"start": "12:00"}, False),
    ("what-only-touches-a-bound-is-left-out", [(1, "08:00", "12:00")], {"end": "08:00"}, False),
    ("what-only-touches-a-bound-is-left-out", [(1, "08:00", "12:00")], {}, None),
    ("with-an-end-every-session-has-a-logout", [(1, "08:00", "09:00")], {"end": "12:00"}, True),
    ("with-an-end-every-session-has-a-logout", [(1, "08:00", None)], {"end": "12:00"}, False),
    ("with-an-end-every-session-has-a-logout", [(1, "08:00", None)], {"start": "07:00"}, None),
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


@pytest.fixture
def divided(evaluator: Any, listed: Any) -> Any:
    """What an invariant says of a session from 08:00 to 12:00, cut to and from two moments."""

    def evaluate(name: str, *shown: tuple[str, list[Any]], moments: tuple[str, ...]) -> Any:
        lists = [listed(*WHOLE)]
        for moment in moments:
            for word in ("start", "end"):
                rows = dict(shown).get(f"{word} {moment}", [])
                lists.append(listed(*rows, **{word: f"{moment}:07"}))
        for found in lists:
            object.__setattr__(found, "moment", found.moment + 2 * 86_400_000_000)
        return evaluator.evaluate(name, *lists)

    return evaluate


def test_a_moment_divides_a_session_in_any_zone(divided: Any) -> None:
    name = "what-a-moment-divides-is-on-both-sides-of-it"
    early = ("start 14:00", [(1, "09:10", "12:00")]), ("end 14:00", [(1, "08:00", "08:50")])
    late = ("start 15:00", [(1, "10:10", "12:00")]), ("end 15:00", [(1, "08:00", "09:50")])
    moments = ("14:00", "15:00")
    assert divided(name, *early, *late, moments=moments) == []
    assert divided(name, early[1], *late, moments=moments) == [
        "the row 1 is not listed from 2025-08-20T14:00:07Z, to which it is cut"
    ]
    assert divided(name, *early, late[0], moments=moments) == [
        "the row 1 is not listed to 2025-08-20T15:00:07Z, from which it is cut"
    ]
    overlapping = "start 15:00", [(1, "09:50", "12:00")]
    assert divided(name, *early, overlapping, late[1], moments=moments) == [
        "the row 1 begins 2025-08-20T09:50:00Z from 2025-08-20T15:00:07Z, "
        "and ends 2025-08-20T09:50:00Z to it"
    ]


def test_sessions_that_are_all_cut_at_the_bound_are_not_cut_at_activities(
    evaluator: Any, listed: Any
) -> None:
    name, moments = "not-every-session-is-cut-at-the-bound", [f"09:{n}" for n in range(21, 27)]
    whole = listed((1, "08:00", "09:30"), (2, "08:00", "08:30"))
    bound = [listed((1, moment, "09:30"), start=f"{moment}:00") for moment in moments]
    done = [listed((1, "09:27", "09:30"), start=f"{moment}:00") for moment in moments]
    for exchange in (*bound, *done, whole):
        object.__setattr__(exchange, "moment", exchange.moment + 2 * 86_400_000_000)
    assert evaluator.evaluate(name, whole, *bound) == [
        "every session that is cut by start shows start, at 6 moments"
    ]
    assert evaluator.evaluate(name, whole, *bound[:5], done[0]) == []
    assert evaluator.evaluate(name, *bound) is None


def test_not_all_sessions_of_last_week_still_run(evaluator: Any) -> None:
    name = "some-session-of-last-week-is-over"

    def listed(*logouts: str | None) -> Any:
        login = "2025-08-01T08:00:00.000+00:00"
        rows = [
            {"sessionId": id, "loginDate": login, "logoutDate": logout}
            for id, logout in enumerate(logouts)
        ]
        return evaluator.exchange("listSessions", rows)

    assert evaluator.evaluate(name, listed(None, "2025-08-01T09:00:00.000+00:00")) == []
    assert evaluator.evaluate(name, listed(None)) == []
    assert evaluator.evaluate(name, listed(None, "0001-01-01T00:00:00Z")) == [
        "none of 2 has a `logoutDate`"
    ]


def test_a_time_that_stands_for_none_is_told(evaluator: Any) -> None:
    session = {"loginDate": "2025-08-20T08:00:00Z", "logoutDate": "0001-01-01T00:00:00Z"}
    now = evaluator.exchange("listSessions", [session])
    assert evaluator.evaluate("a-session-that-runs-shows-no-other-time", now) == [
        "'0001-01-01T00:00:00Z' is one"
    ]
