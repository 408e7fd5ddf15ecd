"""The entries' invariants: two breaches of each that they see, and one oddity that they bear."""

from __future__ import annotations

from typing import Any


def test_text_belongs_to_the_action(calwe: Any) -> None:
    invariant = "text-belongs-to-the-action"
    slip = calwe.row("LEFT", text="Customer temporarily left the session")

    assert (
        calwe.validated(invariant, calwe.listed(calwe.rows("ENTERED", "LEFT", "SESSION_PERIOD")))
        == []
    )
    # The page's own example.
    assert calwe.validated(invariant, calwe.listed([calwe.row("ENTERED"), slip])) == []
    assert calwe.validated(invariant, calwe.created("ENDED")) == []

    # The slip the other way round, of another entry, and where the page does not show it.
    wrong = calwe.row("TEMPORARILY_LEFT", text="Customer left the session")
    assert calwe.validated(invariant, calwe.listed([wrong])) == [
        "TEMPORARILY_LEFT has the text 'Customer left the session', and not "
        "'Customer temporarily left the session'"
    ]
    wrong = calwe.row("ENTERED", text="Customer temporarily left the session")
    assert calwe.validated(invariant, calwe.listed([slip, wrong, wrong])) == [
        "ENTERED has the text 'Customer temporarily left the session', and not "
        "'Customer entered the session'"
    ]
    assert calwe.validated(invariant, calwe.created("LEFT", slip)) == [
        "LEFT has the text 'Customer temporarily left the session', and not "
        "'Customer left the session'"
    ]
    # An action that nobody knows breaks the schema.
    assert calwe.validated(invariant, calwe.listed([calwe.row("LEFT", action_type="GONE")])) is None


def test_nothing_follows_the_end(calwe: Any) -> None:
    invariant = "nothing-follows-the-end"

    assert (
        calwe.validated(invariant, calwe.listed(calwe.rows("LEFT", "ENDED", "SESSION_PERIOD")))
        == []
    )
    # The record is not due on this page, and what follows it is on the next.
    assert calwe.validated(invariant, calwe.listed(calwe.rows("SESSION_PERIOD", "CANCELLED"))) == []
    assert (
        calwe.validated(invariant, calwe.listed(calwe.rows("ENTERED", "SESSION_PERIOD", "LEFT")))
        is None
    )
    assert calwe.validated(
        invariant, calwe.listed(calwe.rows("ENDED", "SESSION_PERIOD", "LEFT"))
    ) == ["LEFT follows ENDED"]
    assert calwe.validated(invariant, calwe.listed(calwe.rows("CANCELLED", "ENDED"))) == [
        "ENDED follows CANCELLED"
    ]


def test_closing_records_the_period(calwe: Any) -> None:
    invariant = "closing-records-the-period"

    assert (
        calwe.validated(invariant, calwe.listed(calwe.rows("LEFT", "ENDED", "SESSION_PERIOD")))
        == []
    )
    # Both were written in one moment; which stands first is not documented.
    assert calwe.validated(invariant, calwe.listed(calwe.rows("SESSION_PERIOD", "CANCELLED"))) == []
    # The record may be on the next page, or on the one before.
    last = calwe.rows("ENDED")
    assert calwe.validated(invariant, calwe.listed(last, 2, page=1, per_page=1)) is None
    assert calwe.validated(invariant, calwe.listed(last, 2, page=2, per_page=1)) is None

    assert calwe.validated(invariant, calwe.listed(calwe.rows("LEFT", "ENDED"))) == [
        "after ENDED the log ends without SESSION_PERIOD"
    ]
    # A record that was there long before is not that of this end.
    rows = calwe.rows("SESSION_PERIOD", "LEFT", "CANCELLED")
    assert calwe.validated(invariant, calwe.listed(rows)) == [
        "after CANCELLED the log ends without SESSION_PERIOD"
    ]
