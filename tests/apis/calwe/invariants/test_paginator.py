"""The paginator's invariants: two breaches of each that they see, and one oddity that they bear."""

from __future__ import annotations

import json
from typing import Any

import pytest

URL = "http://example.com/v1/customer/sessions/1/log"


def test_per_page_is_as_asked(calwe: Any) -> None:
    invariant = "per-page-is-as-asked"
    rows = calwe.rows("ENTERED", "LEFT")

    assert calwe.validated(invariant, calwe.listed(rows)) == []
    assert calwe.validated(invariant, calwe.listed([], page=7, per_page=1000)) == []
    assert calwe.validated(invariant, calwe.listed(rows, asked={"per_page": 5})) == [
        "per_page is 30, and asked was 5"
    ]
    # Nothing was asked for, so that the contract's default is what was asked.
    assert calwe.validated(invariant, calwe.listed(rows, per_page=15, asked={"per_page": 30})) == [
        "per_page is 15, and asked was 30"
    ]


def test_current_page_is_as_asked(calwe: Any) -> None:
    invariant = "current-page-is-as-asked"
    rows = calwe.rows("ENTERED", "LEFT")

    assert calwe.validated(invariant, calwe.listed(rows[1:], 2, page=2, per_page=1)) == []
    # Where a deployment leads somebody who asks for too much is not documented.
    assert calwe.validated(invariant, calwe.listed(rows, asked={"page": 9})) is None
    assert calwe.validated(invariant, calwe.listed(rows[:1], 2, per_page=1, asked={"page": 2})) == [
        "current_page is 1, and asked was 2"
    ]
    assert calwe.validated(invariant, calwe.listed(rows, current_page=2)) == [
        "current_page is 2, and asked was 1"
    ]


def test_no_more_rows_than_asked(calwe: Any) -> None:
    invariant = "no-more-rows-than-asked"
    rows = calwe.rows("ENTERED", "LEFT", "ENTERED")

    assert calwe.validated(invariant, calwe.listed(rows, per_page=3)) == []
    assert calwe.validated(invariant, calwe.listed([], per_page=1)) == []
    assert calwe.validated(invariant, calwe.listed(rows, per_page=2)) == [
        "it has 3 rows, and asked were 2"
    ]
    assert calwe.validated(invariant, calwe.listed(rows, asked={"per_page": 1})) == [
        "it has 3 rows, and asked were 1"
    ]


def test_rows_follow_from_total_and_page(calwe: Any) -> None:
    invariant = "rows-follow-from-total-and-page"
    rows = calwe.rows("ENTERED", "LEFT")

    assert calwe.validated(invariant, calwe.listed(rows, 32, page=2)) == []
    assert calwe.validated(invariant, calwe.listed([], 30, page=2)) == []
    assert calwe.validated(invariant, calwe.listed(rows, 33, page=2)) == [
        "it has 2 rows, and 3 are due"
    ]
    assert calwe.validated(invariant, calwe.listed(rows, 2, page=2)) == [
        "it has 2 rows, and 0 are due"
    ]
    assert calwe.validated(invariant, calwe.listed([], 2)) == ["it has 0 rows, and 2 are due"]


def test_last_page_follows_from_total(calwe: Any) -> None:
    invariant = "last-page-follows-from-total"

    assert calwe.validated(invariant, calwe.listed([], 31, page=9)) == []
    assert calwe.validated(invariant, calwe.listed([], 30, page=9)) == []
    assert calwe.validated(invariant, calwe.listed([], 0, last_page=0)) is None
    assert calwe.validated(invariant, calwe.listed([], 31, last_page=1)) == [
        "last_page is 1, and 2 is due"
    ]
    assert calwe.validated(invariant, calwe.listed([], 30, last_page=2)) == [
        "last_page is 2, and 1 is due"
    ]


def test_from_and_to_frame_the_rows(calwe: Any) -> None:
    invariant = "from-and-to-frame-the-rows"
    rows = calwe.rows("ENTERED", "LEFT")

    assert calwe.validated(invariant, calwe.listed(rows, 32, page=2)) == []
    # Which numbers an empty page has is not documented.
    assert calwe.validated(invariant, calwe.listed([], **{"from": 0, "to": 0})) is None
    assert calwe.validated(invariant, calwe.listed(rows, **{"from": 0, "to": 1})) == [
        "from is 0, and 1 is due",
        "to is 1, and 2 is due",
    ]
    assert calwe.validated(invariant, calwe.listed(rows, 32, page=2, to=None)) == [
        "to is null, and 32 is due"
    ]
    assert calwe.validated(invariant, calwe.listed(rows, **{"from": "1"})) is None


def test_path_is_that_of_the_log(calwe: Any) -> None:
    invariant = "path-is-that-of-the-log"
    rows = calwe.rows("ENTERED")

    assert calwe.validated(invariant, calwe.listed(rows)) == []
    behind = "https://gateway.example:8443/staging/v1/customer/sessions/%31/log"
    assert calwe.validated(invariant, calwe.listed(rows, path=behind)) == []
    for wrong in (f"{URL}?page=1", URL.replace("/1/", "/2/"), URL.replace("customer", "coach"), ""):
        said = calwe.validated(invariant, calwe.listed(rows, path=wrong))
        assert said == [f"path is '{wrong}', and asked was '/customer/sessions/1/log'"]


def test_urls_lead_to_their_pages(calwe: Any) -> None:
    invariant = "urls-lead-to-their-pages"
    rows = calwe.rows("ENTERED")
    middle = {"total": 3, "page": 2, "per_page": 1}

    assert calwe.validated(invariant, calwe.listed(rows)) == []
    assert calwe.validated(invariant, calwe.listed(rows, **middle)) == []
    # Where the URLs of a page past the end lead is not documented.
    assert calwe.validated(invariant, calwe.listed([], 3, page=5, next_page_url="?")) is None
    for name, wrong, due in (
        ("first_page_url", f"{URL}?page=0", f"{URL}?page=1"),
        ("last_page_url", f"{URL}?page=2", f"{URL}?page=3"),
        ("next_page_url", f"{URL}?page=2", f"{URL}?page=3"),
        ("next_page_url", None, f"{URL}?page=3"),
        ("prev_page_url", f"{URL}?page=1&per_page=1", f"{URL}?page=1"),
        ("prev_page_url", "http://localhost/v1?page=1", f"{URL}?page=1"),
    ):
        said = calwe.validated(invariant, calwe.listed(rows, **middle, **{name: wrong}))
        assert said == [f"{name} is {json.dumps(wrong)}, and {json.dumps(due)} is due"]
    assert calwe.validated(invariant, calwe.listed(rows, next_page_url=f"{URL}?page=2")) == [
        f'next_page_url is "{URL}?page=2", and null is due'
    ]


def test_a_page_past_the_end_is_empty(calwe: Any) -> None:
    invariant = "a-page-past-the-end-is-empty"
    rows = calwe.rows("ENTERED")

    assert calwe.validated(invariant, calwe.listed([], 2, page=2)) == []
    assert calwe.validated(invariant, calwe.listed([], 2, page=9223372036854775807)) == []
    assert calwe.validated(invariant, calwe.listed(rows)) is None
    assert calwe.validated(invariant, calwe.listed([], 2, page=3, **{"from": 61})) == [
        "from is 61, and null is due"
    ]
    # The last page instead.
    assert calwe.validated(invariant, calwe.listed(rows, asked={"page": 2}))[:2] == [
        "current_page is 1, and 2 is due",
        f"data is {json.dumps(rows)}, and [] is due",
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, []),
        ({"next_page_url": "not validated here"}, []),
        ({"last_page": 2}, ["last_page is 2, and 1 is due"]),
        ({"from": 0, "to": 0}, ["from is 0, and null is due", "to is 0, and null is due"]),
    ],
)
def test_an_empty_log_has_one_page(calwe: Any, changes: Any, said: Any) -> None:
    assert calwe.validated("an-empty-log-has-one-page", calwe.listed([], **changes)) == said


def test_a_log_with_entries_is_not_validated_as_an_empty_one(calwe: Any) -> None:
    now = calwe.listed(calwe.rows("ENTERED"))
    assert calwe.validated("an-empty-log-has-one-page", now) is None
