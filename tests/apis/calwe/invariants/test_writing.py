"""The invariants of writing: two breaches of each that they see, and one oddity that they bear."""

from __future__ import annotations

from typing import Any

import pytest


def test_created_entry_is_echoed(calwe: Any) -> None:
    invariant = "created-entry-is-echoed"

    assert calwe.validated(invariant, calwe.created("LEFT")) == []
    # Its text and date are validated by others.
    assert calwe.validated(invariant, calwe.created("LEFT", calwe.row("LEFT", text="?"))) == []
    for wrong in ("ENTERED", "left"):
        now = calwe.created("LEFT", calwe.row("LEFT", action_type=wrong))
        assert calwe.validated(invariant, now) == [f"asked was LEFT, and it answers {wrong}"]
    assert calwe.validated(invariant, calwe.created("LEFT", {})) is None


def test_created_entry_ends_the_log(calwe: Any) -> None:
    invariant = "created-entry-ends-the-log"
    made = calwe.created("LEFT")

    assert calwe.validated(invariant, calwe.listed(calwe.rows("ENTERED", "LEFT")), made) == []
    # The log does not end on this page; a later create may have written; a refused one did not.
    page = calwe.listed(calwe.rows("ENTERED"), 2, per_page=1)
    assert calwe.validated(invariant, page, made) is None
    end = calwe.listed(calwe.rows("ENTERED", "LEFT"))
    assert calwe.validated(invariant, end, made, calwe.refused(status=500)) is None
    assert calwe.validated(invariant, end, made, calwe.refused()) == []
    assert calwe.validated(invariant, end, calwe.created("LEFT", side="coach")) is None

    for rows in (["LEFT", "ENTERED"], []):
        said = calwe.validated(invariant, calwe.listed(calwe.rows(*rows)), made)
        assert said is not None
        assert said[0].startswith('created was {"text": "Customer left the session"')
    # Another minute than the one that was answered.
    late = calwe.listed([calwe.row("LEFT", date="2:31 PM")])
    assert calwe.validated(invariant, late, made)


def test_a_closing_entry_stands_beside_its_period_record(calwe: Any) -> None:
    invariant = "created-entry-ends-the-log"
    made = calwe.created("ENDED")

    assert (
        calwe.validated(invariant, calwe.listed(calwe.rows("ENDED", "SESSION_PERIOD")), made) == []
    )
    assert (
        calwe.validated(invariant, calwe.listed(calwe.rows("SESSION_PERIOD", "ENDED")), made) == []
    )
    alone = calwe.listed(calwe.rows("SESSION_PERIOD"), 2, page=2, per_page=1)
    assert calwe.validated(invariant, alone, made) is None
    assert calwe.validated(invariant, calwe.listed(calwe.rows("ENTERED", "SESSION_PERIOD")), made)


def test_log_grows_by_what_is_created(calwe: Any) -> None:
    invariant = "log-grows-by-what-is-created"
    two = calwe.listed(calwe.rows("ENTERED", "LEFT"))
    three = calwe.listed(calwe.rows("ENTERED", "LEFT", "ENTERED"))
    four = calwe.listed(calwe.rows("ENTERED", "LEFT", "ENDED", "SESSION_PERIOD"))

    assert calwe.validated(invariant, three, two, calwe.created("ENTERED")) == []
    assert calwe.validated(invariant, four, two, calwe.created("ENDED")) == []
    assert calwe.validated(invariant, four, two, calwe.created("LEFT"), calwe.created("LEFT")) == []
    # A page of another size tells the same total.
    last = calwe.listed(calwe.rows("ENTERED"), 3, page=3, per_page=1)
    assert calwe.validated(invariant, last, two, calwe.created("ENTERED")) == []
    # Nothing was created, or it is not certain what was.
    assert calwe.validated(invariant, three, two) is None
    assert calwe.validated(invariant, three, two, calwe.refused(status=500)) is None
    assert calwe.validated(invariant, three, calwe.created("ENTERED")) is None

    # The period record is validated by another invariant, and may need a moment.
    assert calwe.validated(invariant, three, two, calwe.created("CANCELLED")) == []

    assert calwe.validated(invariant, two, two, calwe.created("ENTERED")) == [
        "the log grew by 0 entries, and created were 1"
    ]
    assert calwe.validated(invariant, four, two, calwe.created("ENTERED")) == [
        "the log grew by 2 entries, and created were 1"
    ]
    assert calwe.validated(invariant, four, calwe.listed([]), calwe.created("CANCELLED")) == [
        "the log grew by 4 entries, and created were 1"
    ]


def test_refused_entry_is_not_logged(calwe: Any) -> None:
    invariant = "refused-entry-is-not-logged"
    two = calwe.listed(calwe.rows("ENTERED", "LEFT"))
    three = calwe.listed(calwe.rows("ENTERED", "LEFT", "ENTERED"))

    assert calwe.validated(invariant, two, two, calwe.refused()) == []
    # Nothing was refused, or something else was written as well.
    assert calwe.validated(invariant, three, two) is None
    assert calwe.validated(invariant, three, two, calwe.refused(), calwe.created("LEFT")) is None
    assert calwe.validated(invariant, three, calwe.refused()) is None

    said = ["it had 2 entries, and has 3"]
    assert calwe.validated(invariant, three, two, calwe.refused(), calwe.refused("?")) == said
    assert calwe.validated(invariant, two, three, calwe.refused("LEFT", status=404)) == [
        "it had 3 entries, and has 2"
    ]


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b'{"action_type":"LEFT"}', 422, None),
        (b'{"action_type":"LEFT","x":1}', 200, None),
        (b'{"action_type":"left"}', 422, []),
        (b"{}", 404, []),
        # What Laravel makes of a body that is no object is not documented.
        (b"[]", 200, None),
        (b"\xff{", 200, None),
        (b'{"action_type":"left"}', 200, ['the type "left" is answered 200']),
        (b"{}", 200, ["the type null is answered 200"]),
        (b'{"action_type":["LEFT"]}', 201, ['the type ["LEFT"] is answered 201']),
    ],
)
def test_invalid_type_is_refused(calwe: Any, body: bytes, status: int, said: Any) -> None:
    now = calwe.seen("createSessionLog", None, status, raw=body)
    assert calwe.validated("invalid-type-is-refused", now) == said


@pytest.mark.parametrize(
    ("invariant", "closing"),
    [("ended-session-takes-no-entry", "ENDED"), ("cancelled-session-takes-no-entry", "CANCELLED")],
)
def test_a_closed_session_takes_no_entry(calwe: Any, invariant: str, closing: str) -> None:
    closed = calwe.created(closing)

    assert calwe.validated(invariant, calwe.created("LEFT")) is None
    assert calwe.validated(invariant, calwe.refused("LEFT"), closed) == []
    # What is invalid is refused for that, and a gateway that is tired says nothing of the session.
    assert calwe.validated(invariant, calwe.created("LEFT", is_valid=False), closed) is None
    assert calwe.validated(invariant, calwe.refused("LEFT", status=429), closed) is None
    assert calwe.validated(invariant, calwe.created("LEFT", side="coach"), closed) is None

    for action in ("LEFT", closing):
        said = calwe.validated(invariant, calwe.created(action), closed, calwe.listed([]))
        assert said == [f"{action} is taken after {closing}"]


@pytest.mark.parametrize(
    ("invariant", "actions"),
    [
        ("session-takes-entries-until-it-ends", ("ENTERED", "LEFT", "TEMPORARILY_LEFT")),
        ("requests-and-records-end-nothing", ("CANCEL_REQUEST", "SESSION_PERIOD")),
    ],
)
def test_a_session_is_open_until_it_is_closed(calwe: Any, invariant: str, actions: Any) -> None:
    for action in actions:
        made = calwe.created(action)
        assert calwe.validated(invariant, calwe.created("LEFT"), made) == []
        assert calwe.validated(invariant, calwe.refused("LEFT"), made) == [
            f"LEFT is refused after {action}"
        ]
        assert calwe.validated(invariant, calwe.refused("?", is_valid=False), made) is None
        # It was closed since then.
        assert (
            calwe.validated(invariant, calwe.refused("LEFT"), made, calwe.created("ENDED")) is None
        )


@pytest.mark.parametrize(
    ("date", "at", "utc", "zone"),
    [
        ("2:30 PM", "2025-08-21T14:30:59Z", True, True),
        # A minute either way, over midnight too.
        ("2:31 PM", "2025-08-21T14:30:00Z", True, True),
        ("12:00 AM", "2025-08-21T23:59:30Z", True, True),
        ("11:59 PM", "2025-08-22T00:00:00Z", True, True),
        # Riyadh, Kathmandu, Newfoundland.
        ("5:30 PM", "2025-08-21T14:30:00Z", False, True),
        ("8:16 PM", "2025-08-21T14:30:00Z", False, True),
        ("11:59 AM", "2025-08-21T14:30:00Z", False, True),
        ("2:32 PM", "2025-08-21T14:30:00Z", False, False),
        ("2:28 PM", "2025-08-21T14:30:00Z", False, False),
        ("2:23 AM", "2025-08-21T14:30:00Z", False, False),
    ],
)
def test_date_is_the_present(calwe: Any, date: str, at: str, utc: bool, zone: bool) -> None:
    now = calwe.created("LEFT", calwe.row("LEFT", date=date), at=at)
    in_utc = calwe.validated("date-is-the-present-in-utc", now)
    in_zone = calwe.validated("date-is-the-present-in-some-zone", now)

    assert in_utc is not None
    assert in_zone is not None
    assert (in_utc == [], in_zone == []) == (utc, zone)


def test_a_wrong_date_is_told_with_the_time(calwe: Any) -> None:
    now = calwe.created("LEFT", calwe.row("LEFT", date="2:05 AM"))
    assert calwe.validated("date-is-the-present-in-utc", now) == [
        "date is '2:05 AM' at 14:30 UTC, which is 695 minutes off"
    ]


@pytest.mark.parametrize("date", ["14:30", "02:30 PM", 1430, None])
def test_what_is_no_time_of_day_breaks_the_schema_only(calwe: Any, date: Any) -> None:
    now = calwe.created("LEFT", calwe.row("LEFT", date=date))
    assert calwe.validated("date-is-the-present-in-utc", now) is None
    assert calwe.validated("date-is-the-present-in-some-zone", now) is None
