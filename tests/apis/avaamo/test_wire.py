"""How Avaamo says it: bounds of any magnitude, pages, the texts of the changelog, refusals."""

from __future__ import annotations

import pytest

from mockserver.apis.avaamo import wire
from mockserver.contract import Violation
from mockserver.errors import BadRequest, HttpError, MethodNotAllowed, NotFound, Unauthenticated
from mockserver.sandbox import World


def _violation(name: str) -> Violation:
    return Violation(f"/request/query/{name}", "#/x", "type", None, "it is wrong", "assumed")


@pytest.mark.parametrize(
    ("number", "microseconds"),
    [
        (None, None),
        (0, 0),
        (1, 1_000_000),
        (1699264790, 1_699_264_790_000_000),  # ten digits, as in the page's examples
        (1699264790.5, 1_699_264_790_500_000),
        (1699264790000, 1_699_264_790_000_000),  # milliseconds, as its text says
        (1699264790123.4, 1_699_264_790_123_400),
        (1699264790123456, 1_699_264_790_123_456),
        # the borders
        (99_999_999_999, 99_999_999_999_000_000),
        (100_000_000_000, 100_000_000_000_000),
        (100_000_000_001, 100_000_000_001_000),
        (99_999_999_999_999, 99_999_999_999_999_000),
        (100_000_000_000_000, 100_000_000_000_000),
        (100_000_000_000_001, 100_000_000_000_001),
        (9_000_000_000_000_000, 9_000_000_000_000_000),
    ],
)
def test_the_size_of_a_bound_tells_its_unit(number: float | None, microseconds: int | None) -> None:
    assert wire.parse_bound(number) == microseconds


def test_seconds_milliseconds_and_microseconds_name_one_moment() -> None:
    assert (
        wire.parse_bound(1579149424)
        == wire.parse_bound(1579149424000)
        == wire.parse_bound(1579149424000000)
    )


@pytest.mark.parametrize(
    ("total", "per_page", "pages"),
    [(0, 25, 1), (1, 25, 1), (25, 25, 1), (26, 25, 2), (3, 1, 3), (400, 100, 4), (401, 100, 5)],
)
def test_there_are_as_many_pages_as_it_takes_and_one_at_least(
    total: int, per_page: int, pages: int
) -> None:
    answer = wire.paginate([], total=total, page=1, per_page=per_page, now=0)
    assert answer["total_pages"] == pages
    assert answer["total_entries"] == total


def test_a_page_has_the_documents_keys_in_its_order() -> None:
    answer = wire.paginate([{"id": 1}], total=3, page=2, per_page=1, now=1_699_347_493_774_479)
    assert answer == {
        "current_page": 2,
        "per_page": 1,
        "total_entries": 3,
        "total_pages": 3,
        "time_token": 1699347493.774479,
        "entries": [{"id": 1}],
    }
    assert list(answer) == [
        "current_page",
        "per_page",
        "total_entries",
        "total_pages",
        "time_token",
        "entries",
    ]


def test_a_change_of_status_reads_like_the_documents_sample() -> None:
    text = wire.describe_attribute_change(
        "Donna Miller", "User", "Donna Miller", "status", "offline", "active"
    )
    assert text == "Donna Miller updated User Donna Miller status from 'offline' to 'active'"


@pytest.mark.parametrize(
    ("action", "text"),
    [
        ("create", "Donna Miller created Team Billing"),
        ("destroy", "Donna Miller destroyed Team Billing"),
    ],
)
def test_something_made_or_unmade_reads_likewise(action: str, text: str) -> None:
    assert wire.describe_change("Donna Miller", action, "Team", "Billing") == text


def test_an_invalid_request_names_every_parameter_once(world: World) -> None:
    names = ("actions", "per_page", "page", "per_page", "end_time", "start_time")
    refused = wire.refuse_invalid(world, {}, [_violation(name) for name in names])
    assert refused.status == 400
    assert refused.body == {
        "error": "start_time must be a UNIX epoch timestamp, a number from 0 to 9000000000000000; "
        "end_time must be a UNIX epoch timestamp, a number from 0 to 9000000000000000; "
        "page must be an integer from 1; "
        "per_page must be an integer from 1 to 100; "
        "actions must be a comma-separated list of update, create, destroy"
    }


def test_no_token_is_401() -> None:
    refused = wire.refuse_http_error(Unauthenticated())
    assert (refused.status, refused.body) == (401, {"error": "Invalid access token"})


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (BadRequest("it is malformed"), 400, "it is malformed"),
        (NotFound(), 404, "Not found"),
        (MethodNotAllowed(["GET"]), 405, "Method not allowed"),
    ],
)
def test_every_refusal_is_an_error_in_a_sentence(
    error: HttpError, status: int, sentence: str
) -> None:
    refused = wire.refuse_http_error(error)
    assert (refused.status, refused.body) == (status, {"error": sentence})
    assert refused.headers == ({"Allow": "GET"} if status == 405 else {})
