"""The formats of Ekran: three forms of a moment in a request, one in a response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mockserver.clock import parse_moment, to_datetime
from mockserver.contract import Format, Violation
from mockserver.errors import HttpError, Refusal
from mockserver.sandbox import World

FORMATS = (
    Format(
        name="date-or-minute-or-second",
        pattern=(
            "^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
            "(T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?)?$"
        ),
        examples=("2021-04-01", "2021-04-01T12:00", "2021-04-01T12:00:00", "2024-02-29"),
        counterexamples=(
            "2021-02-29",
            "2021-4-1",
            "2021-04-01T12",
            "2021-04-01 12:00",
            "2021-04-01T12:00:00Z",
            "2021-04-01T24:00",
        ),
        read=datetime.fromisoformat,
    ),
)
_FORMS = "YYYY-MM-DD, YYYY-MM-DDTHH:MM or YYYY-MM-DDTHH:MM:SS"


def parse_bound(text: str | None) -> int | None:
    """A bound as a moment; a date alone is its midnight, and the server's zone is UTC."""
    return None if text is None else parse_moment(text)


def format_moment(at: int) -> str:
    """A moment as `YYYY-MM-DDTHH:MM:SS.mmm+00:00`."""
    return to_datetime(at).isoformat(timespec="milliseconds")


def refuse_invalid(_: World, __: Mapping[str, Any], violations: Sequence[Violation]) -> Refusal:
    """400 for a bound that is no moment, naming every one that is none."""
    found = dict.fromkeys(violation.parameter for violation in violations)
    names = " and ".join(f"'{name}'" for name in found)
    return Refusal(400, {"message": f"Invalid value of {names}: use {_FORMS}"})


def refuse_http_error(error: HttpError) -> Refusal:
    """A refusal by the server, in Ekran's shape."""
    sentence = "Invalid ApiKey" if error.status == 401 else error.sentence
    return Refusal(error.status, {"message": sentence}, error.headers)
