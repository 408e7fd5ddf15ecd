"""How Ekran says it: three forms of a moment in a request, one in an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mockserver.clock import parse, to_datetime
from mockserver.contract import Format, Violation
from mockserver.errors import HttpError, Refused
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


def read_moment(text: str | None) -> int | None:
    """A bound as a moment; a date alone is its midnight, and the server's zone is UTC."""
    return None if text is None else parse(text)


def written_moment(at: int) -> str:
    """A moment as `YYYY-MM-DDTHH:MM:SS.mmm+00:00`."""
    return to_datetime(at).isoformat(timespec="milliseconds")


def invalid(_: World, __: Mapping[str, Any], violations: Sequence[Violation]) -> Refused:
    """400 for a bound that is no moment, naming every one that is none."""
    found = dict.fromkeys(violation.parameter for violation in violations)
    names = " and ".join(f"'{name}'" for name in found)
    return Refused(400, {"message": f"Invalid value of {names}: use {_FORMS}"})


def refused(error: HttpError) -> Refused:
    """A refusal by the server, in Ekran's shape."""
    sentence = "Invalid ApiKey" if error.status == 401 else error.sentence
    return Refused(error.status, {"message": sentence}, error.headers)
