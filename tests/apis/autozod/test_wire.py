"""How Autozod says it: dates, durations, the seven keys of a summary, refusals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from mockserver.apis.autozod import wire
from mockserver.apis.autozod.wire import Account
from mockserver.contract import Violation
from mockserver.errors import (
    BadRequest,
    BodyTooLarge,
    HttpError,
    InternalError,
    MethodNotAllowed,
    NotFound,
    Unauthenticated,
)
from mockserver.sandbox import World

KEYS = [
    "total_active_duration_seconds",
    "total_active_duration_format",
    "total_session_count",
    "total_inactive_duration_seconds",
    "total_inactive_duration_format",
    "active_percentage",
    "inactive_percentage",
]


def _violation(name: str, code: str = "format") -> Violation:
    return Violation(f"/request/query/{name}", "#/x", code, None, "it is wrong", "assumed")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("21-08-2025", date(2025, 8, 21)),
        ("01-02-2025", date(2025, 2, 1)),
        ("29-02-2024", date(2024, 2, 29)),
        ("31-12-1999", date(1999, 12, 31)),
    ],
)
def test_a_date_is_day_month_year_both_ways(text: str, day: date) -> None:
    assert wire.parse_date(text) == day
    assert wire.format_date(day) == text


@pytest.mark.parametrize("text", ["31-02-2025", "29-02-2025", "2025-08-21", "08-21-2025", ""])
def test_a_date_that_does_not_exist_is_no_date(text: str) -> None:
    with pytest.raises(ValueError):
        wire.parse_date(text)


@pytest.mark.parametrize(
    "text", ["1-8-2025", "21/08/2025", "21-08-25", " 21-08-2025", "21-08-2025\n", "٢١-٠٨-٢٠٢٥"]
)
def test_what_only_resembles_a_date_does_not_conform(text: str) -> None:
    dates = next(item for item in wire.FORMATS if item.name == "date-dmy")
    assert not dates.check(text)
    assert dates.check("21-08-2025")


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "00:00:00"),
        (59, "00:00:59"),
        (60, "00:01:00"),
        (3599, "00:59:59"),
        (3600, "01:00:00"),
        (86399, "23:59:59"),
        (86400, "24:00:00"),
        (359_999, "99:59:59"),
        (360_000, "100:00:00"),
        (31_622_400, "8784:00:00"),
    ],
)
def test_a_duration_has_as_many_hours_as_there_are(seconds: int, written: str) -> None:
    assert wire.format_duration(seconds) == written


def test_a_summary_has_the_documents_seven_keys_in_its_order() -> None:
    summary = wire.format_summary(Account(active=18_900, elapsed=52_200, sessions=2))
    assert summary == {
        "total_active_duration_seconds": 18_900,
        "total_active_duration_format": "05:15:00",
        "total_session_count": 2,
        "total_inactive_duration_seconds": 33_300,
        "total_inactive_duration_format": "09:15:00",
        "active_percentage": 36.21,
        "inactive_percentage": 63.79,
    }
    assert list(summary) == KEYS


def test_without_elapsed_time_everything_is_zero() -> None:
    assert wire.format_summary(Account(0, 0, 0)) == {
        "total_active_duration_seconds": 0,
        "total_active_duration_format": "00:00:00",
        "total_session_count": 0,
        "total_inactive_duration_seconds": 0,
        "total_inactive_duration_format": "00:00:00",
        "active_percentage": 0,
        "inactive_percentage": 0,
    }


@pytest.mark.parametrize(
    ("active", "elapsed", "shares"),
    [
        (0, 86_400, (0, 100)),
        (86_400, 86_400, (100, 0)),
        (1, 3, (33.33, 66.67)),
        (2, 3, (66.67, 33.33)),
        (1, 31_622_400, (0, 100)),
        (31_622_399, 31_622_400, (100, 0)),
        (1, 8, (12.5, 87.5)),
    ],
)
def test_percentages_have_two_decimals_at_most(
    active: int, elapsed: int, shares: tuple[float, float]
) -> None:
    summary = wire.format_summary(Account(active, elapsed, 1))
    assert (summary["active_percentage"], summary["inactive_percentage"]) == shares


@pytest.mark.parametrize("elapsed", [1, 7, 997, 86_399, 82_800, 90_000, 31_622_401])
def test_percentages_add_up_to_a_hundred_however_they_are_rounded(elapsed: int) -> None:
    for part in range(1001):
        summary = wire.format_summary(Account(elapsed * part // 1000, elapsed, 1))
        shares = [str(summary["active_percentage"]), str(summary["inactive_percentage"])]
        assert sum(Decimal(share) for share in shares) == 100
        assert all(len(share.partition(".")[2]) <= 2 for share in shares)
        assert all(0 <= Decimal(share) <= 100 for share in shares)


def test_the_answer_has_a_summary_and_its_days_oldest_first() -> None:
    days = {date(2025, 8, 20): Account(0, 86_400, 0), date(2025, 8, 21): Account(3600, 7200, 1)}
    answer = wire.format_report(Account(3600, 93_600, 1), days, documented_only=False)
    assert list(answer) == ["success", "data"]
    assert answer["success"] is True
    assert list(answer["data"]) == ["summary", "daily_breakdown"]
    assert list(answer["data"]["summary"]) == KEYS
    first, second = answer["data"]["daily_breakdown"]
    assert list(first) == ["date", *KEYS]
    assert (first["date"], second["date"]) == ("20-08-2025", "21-08-2025")
    assert first["total_inactive_duration_format"] == "24:00:00"
    assert second == {
        "date": "21-08-2025",
        "total_active_duration_seconds": 3600,
        "total_active_duration_format": "01:00:00",
        "total_session_count": 1,
        "total_inactive_duration_seconds": 3600,
        "total_inactive_duration_format": "01:00:00",
        "active_percentage": 50,
        "inactive_percentage": 50,
    }


def test_documented_only_each_day_is_null_and_the_summary_stays() -> None:
    days = {date(2025, 8, 20): Account(0, 86_400, 0), date(2025, 8, 21): Account(3600, 7200, 1)}
    answer = wire.format_report(Account(3600, 93_600, 1), days, documented_only=True)
    assert answer["data"]["daily_breakdown"] == [None, None]
    assert answer["data"]["summary"]["total_active_duration_seconds"] == 3600


def test_an_invalid_request_names_every_field_in_the_order_of_the_document(world: World) -> None:
    names = ("end_date", "type", "agent_id", "team_id", "start_date")
    refused = wire.refuse_invalid(world, {}, [_violation(name) for name in names])
    assert refused.status == 422
    assert list(refused.body) == ["success", "error", "message", "data"]
    assert refused.body["success"] is False
    assert refused.body["error"] is True
    assert refused.body["message"] == "The given data was invalid."
    assert list(refused.body["data"]) == ["team_id", "agent_id", "type", "start_date", "end_date"]
    assert all(len(messages) == 1 for messages in refused.body["data"].values())


def test_a_missing_field_is_said_to_be_missing(world: World) -> None:
    violations = [_violation("team_id", "required"), _violation("start_date")]
    assert wire.refuse_invalid(world, {}, violations).body["data"] == {
        "team_id": ["The team id field is required."],
        "start_date": ["The start date does not match the format DD-MM-YYYY."],
    }


def test_no_credential_is_401() -> None:
    refused = wire.refuse_http_error(Unauthenticated())
    assert refused.status == 401
    assert refused.body == {"success": False, "message": "Unauthenticated."}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadRequest(), 400),
        (NotFound(), 404),
        (MethodNotAllowed(["GET"]), 405),
        (BodyTooLarge(), 413),
        (InternalError("it broke"), 500),
    ],
)
def test_every_refusal_has_the_vendors_shape(error: HttpError, status: int) -> None:
    refused = wire.refuse_http_error(error)
    assert refused.status == status
    assert list(refused.body) == ["success", "message"]
    assert refused.body["success"] is False
    assert refused.body["message"]
    assert refused.headers == ({"Allow": "GET"} if status == 405 else {})
