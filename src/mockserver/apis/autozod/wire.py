"""The formats of Autozod: `DD-MM-YYYY`, `HH:MM:SS`, and what its SDK reads of an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from mockserver.contract import Format, Violation
from mockserver.errors import HttpError, Refusal
from mockserver.sandbox import World

_MESSAGES = {
    "team_id": "The team id must be a positive integer.",
    "agent_id": "The agent id must be 24 hexadecimal digits.",
    "type": "The selected type is invalid.",
    "start_date": "The start date does not match the format DD-MM-YYYY.",
    "end_date": "The end date does not match the format DD-MM-YYYY.",
}
RANGE_BACKWARDS = "The end date must be a date after or equal to start date."
RANGE_TOO_LONG = "The range must not be longer than 366 days."
_REFUSALS = {
    400: "Bad request.",
    401: "Unauthenticated.",
    404: "Not found.",
    405: "Method not allowed.",
    413: "Request body too large.",
}


def parse_date(text: str) -> date:
    """A date written `DD-MM-YYYY`. Raises ValueError when there is no such day."""
    return datetime.strptime(text, "%d-%m-%Y").date()


def format_date(day: date) -> str:
    """A date as `DD-MM-YYYY`."""
    return f"{day.day:02d}-{day.month:02d}-{day.year:04d}"


FORMATS = (
    Format(
        name="date-dmy",
        pattern=r"^(0[1-9]|[12][0-9]|3[01])-(0[1-9]|1[0-2])-[12][0-9]{3}$",
        examples=("21-08-2025", "29-02-2024", "31-12-2999"),
        counterexamples=(
            "31-02-2025",
            "29-02-2025",
            "31-04-2025",
            "00-01-2025",
            "2025-08-21",
            "1-8-2025",
            "08-21-2025",
        ),
        read=parse_date,
    ),
    Format(
        name="duration-hms",
        pattern=r"^[0-9]{2,}:[0-5][0-9]:[0-5][0-9]$",
        examples=("00:00:00", "23:59:59", "744:00:00"),
        counterexamples=("0:00:00", "00:60:00", "00:00", "00:00:0"),
    ),
)


class Account(Struct, frozen=True):
    """How an elapsed time divides: all of it in whole seconds."""

    active: int
    elapsed: int
    sessions: int


def format_duration(seconds: int) -> str:
    """Seconds as `HH:MM:SS`, with more digits for the hours where there are more."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def format_summary(account: Account) -> dict[str, Any]:
    """The seven keys of a summary, in the document's order."""
    inactive = account.elapsed - account.active
    active_share = round(100 * account.active / account.elapsed, 2) if account.elapsed else 0
    return {
        "total_active_duration_seconds": account.active,
        "total_active_duration_format": format_duration(account.active),
        "total_session_count": account.sessions,
        "total_inactive_duration_seconds": inactive,
        "total_inactive_duration_format": format_duration(inactive),
        "active_percentage": active_share,
        "inactive_percentage": round(100 - active_share, 2) if account.elapsed else 0,
    }


def format_report(
    whole: Account, days: Mapping[date, Account], *, documented_only: bool
) -> dict[str, Any]:
    """The response: a summary and its days, which the document shows as null."""
    breakdown = [
        None if documented_only else {"date": format_date(day), **format_summary(account)}
        for day, account in days.items()
    ]
    data = {"summary": format_summary(whole), "daily_breakdown": breakdown}
    return {"success": True, "data": data}


def refuse_fields(messages: Mapping[str, str]) -> Refusal:
    """422 with what is wrong, by parameter."""
    data = {field: [message] for field, message in messages.items()}
    message = "The given data was invalid."
    return Refusal(422, {"success": False, "error": True, "message": message, "data": data})


def refuse_invalid(_: World, __: Mapping[str, Any], violations: Sequence[Violation]) -> Refusal:
    """422 for a request that breaks the contract."""
    codes = {violation.parameter: violation.code for violation in violations}
    messages = {field: message for field, message in _MESSAGES.items() if field in codes}
    for field in messages:
        if codes[field] == "required":
            messages[field] = f"The {field.replace('_', ' ')} field is required."
    return refuse_fields(messages)


def refuse_http_error(error: HttpError) -> Refusal:
    """A refusal by the server, in Autozod's shape."""
    message = _REFUSALS.get(error.status, error.sentence)
    return Refusal(error.status, {"success": False, "message": message}, error.headers)
