"""The invariants of reading: two breaches of each that they see, and one oddity that they bear."""

from __future__ import annotations

from typing import Any

import pytest

ROWS = ("ENTERED", "LEFT", "ENTERED", "TEMPORARILY_LEFT", "ENTERED")


def test_reading_changes_nothing(calwe: Any) -> None:
    invariant = "reading-changes-nothing"
    rows = calwe.rows(*ROWS)
    read = calwe.listed(rows)

    assert calwe.validated(invariant, read) is None
    assert calwe.validated(invariant, read, read) == []
    # Somebody entered in between, or something was written, which others judge.
    assert calwe.validated(invariant, calwe.listed([*rows, calwe.row("LEFT")]), read) == []
    assert calwe.validated(invariant, calwe.listed(rows[:1]), read, calwe.created("LEFT")) is None
    # Another session's log.
    assert (
        calwe.validated(invariant, read, calwe.seen("listSessionLogs", read.answer, session="2"))
        is None
    )

    assert calwe.validated(invariant, calwe.listed(rows[:4]), read) == [
        "the log has 4 entries, and had 5"
    ]
    swapped = [rows[1], rows[0], *rows[2:]]
    assert calwe.validated(invariant, calwe.listed(swapped), read) == [
        'at position 1 stands {"text": "Customer left the session", "date": "2:30 PM", '
        '"action_type": "LEFT"}, and stood {"text": "Customer entered the session", '
        '"date": "2:30 PM", "action_type": "ENTERED"}'
    ]


def test_a_log_that_grows_with_every_read_is_changed_by_reading(calwe: Any) -> None:
    invariant = "reading-changes-nothing"
    one, two, three = (calwe.listed(calwe.rows(*ROWS[:count])) for count in (1, 2, 3))

    assert calwe.validated(invariant, three, one, two) == [
        "the log grows with every read: [1, 2, 3] entries"
    ]
    assert calwe.validated(invariant, three, one, two, two) == []
    assert calwe.validated(invariant, three, one, calwe.created("LEFT"), two) == []


def test_per_page_changes_slicing_only(calwe: Any) -> None:
    invariant = "per-page-changes-slicing-only"
    rows = calwe.rows(*ROWS)
    whole = calwe.listed(rows)

    assert calwe.validated(invariant, calwe.listed(rows[2:4], 5, page=2, per_page=2), whole) == []
    assert calwe.validated(invariant, whole, whole) is None
    # Longer by one that somebody wrote in between, and nothing that both show.
    assert calwe.validated(invariant, calwe.listed(rows[:1], 6, page=6, per_page=1), whole) == []

    assert calwe.validated(invariant, calwe.listed(rows[:2], per_page=2), whole) == [
        "the log has 2 entries, and had 5"
    ]
    said = calwe.validated(invariant, calwe.listed(rows[3:5], 5, page=2, per_page=2), whole)
    assert said is not None
    assert said[0].startswith('at position 3 stands {"text": "Customer temporarily left')


def test_coach_and_customer_read_the_same_log(calwe: Any) -> None:
    invariant = "coach-and-customer-read-the-same-log"
    rows = calwe.rows(*ROWS)
    customer = calwe.listed(rows)

    assert calwe.validated(invariant, calwe.listed(rows, side="coach"), customer) == []
    assert (
        calwe.validated(invariant, calwe.listed(rows[:2], 5, per_page=2, side="coach"), customer)
        == []
    )
    assert calwe.validated(invariant, customer, customer) is None
    assert calwe.validated(invariant, calwe.listed([*rows, *rows], side="coach"), customer) == []

    assert calwe.validated(invariant, calwe.listed([], side="coach"), customer) == [
        "the log has 0 entries, and had 5"
    ]
    said = calwe.validated(
        invariant, calwe.listed(rows[::-1], side="coach"), calwe.listed(rows[:4])
    )
    assert said is not None
    assert said[0].startswith("at position 2 stands ")


def test_pages_end_to_end_are_the_log(calwe: Any) -> None:
    invariant = "pages-end-to-end-are-the-log"
    rows = calwe.rows(*ROWS)
    whole = calwe.listed(rows)
    pages = [calwe.listed(rows[n : n + 2], 5, page=n // 2 + 1, per_page=2) for n in (0, 2, 4)]
    first, second, third = pages

    assert calwe.validated(invariant, third, whole, first, second) == []
    # In any order, one of them twice, among others.
    assert calwe.validated(invariant, third, second, first, second, calwe.refused(), whole) == []
    # One is missing, or something was written in between.
    assert calwe.validated(invariant, third, whole, first) is None
    assert calwe.validated(invariant, third, whole, calwe.created("LEFT"), first, second) is None
    assert calwe.validated(invariant, third, first, second) is None

    repeated = calwe.listed(rows[1:3], 5, page=2, per_page=2)
    said = calwe.validated(invariant, third, whole, first, repeated)
    assert said is not None
    assert said[0].startswith('3 pages of 2 have {"text": "Customer left the session"')
    short = calwe.listed(rows[2:3], 5, page=2, per_page=2)
    assert calwe.validated(invariant, third, whole, first, short) == [
        "3 pages of 2 have 4 entries, and the log has 5"
    ]


@pytest.mark.parametrize("operation", ["listSessionLogs", "createSessionLog"])
def test_session_stays_known_or_unknown(calwe: Any, operation: str) -> None:
    invariant = "session-stays-known-or-unknown"
    missing = calwe.missing(operation)
    known = calwe.listed([])

    assert calwe.validated(invariant, missing) is None
    assert calwe.validated(invariant, missing, missing) == []
    assert calwe.validated(invariant, known, calwe.created("LEFT")) == []
    # A coach may not be shown what the customer is, and a refusal tells nothing.
    assert calwe.validated(invariant, calwe.listed([], side="coach"), missing) is None
    assert calwe.validated(invariant, calwe.refused(), missing) is None

    assert calwe.validated(invariant, known, missing) == [
        "it is answered 200, and was answered 404 before"
    ]
    assert calwe.validated(invariant, calwe.created("LEFT"), known, missing) == [
        "it is answered 200, and was answered 404 before"
    ]
    assert calwe.validated(invariant, missing, missing, known) == [
        "it is answered 404, and was answered 200 before"
    ]
