"""JSON read into dataclasses, and what is said of JSON that is something else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from mockserver.client.decoder import read
from mockserver.client.responses import Answer
from mockserver.errors import UnexpectedAnswerError


@dataclass(frozen=True)
class Inner:
    size: int


@dataclass(frozen=True)
class Outer(Answer):
    name: str
    at: datetime
    rate: float
    from_: str | None
    inner: Inner
    many: tuple[Inner, ...]
    counts: Mapping[str, int]
    on: bool
    whatever: Any = "not there"


WHOLE = {
    "name": "مثال",
    "at": "2025-08-21T14:30:00.5Z",
    "rate": 1,
    "from": None,
    "inner": {"size": 3},
    "many": [{"size": 1}, {"size": 2}],
    "counts": {"a": 1},
    "on": True,
}


def test_an_answer_is_read_into_its_shape() -> None:
    assert read(Outer, WHOLE, "GET /x") == Outer(
        name="مثال",
        at=datetime(2025, 8, 21, 14, 30, 0, 500_000, UTC),
        rate=1,
        from_=None,
        inner=Inner(3),
        many=(Inner(1), Inner(2)),
        counts={"a": 1},
        on=True,
        whatever="not there",
    )


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("2025-08-21T14:30:00Z", 14),
        ("2025-08-21T14:30:00", 14),
        ("2025-08-21T16:30:00+02:00", 14),
    ],
)
def test_a_moment_is_an_aware_datetime_in_utc(written: str, hour: int) -> None:
    assert read(datetime, written, "GET /x") == datetime(2025, 8, 21, hour, 30, tzinfo=UTC)
    assert read(datetime, written, "GET /x").tzinfo is UTC


def test_what_a_newer_server_says_besides_is_left_out_and_stays_in_the_json() -> None:
    newer = {**WHOLE, "colour": "red", "inner": {"size": 3, "depth": 4}}
    answer = read(Outer, newer, "GET /x")
    assert answer == read(Outer, WHOLE, "GET /x")
    assert answer.json["colour"] == "red"
    assert answer.json["inner"] == {"size": 3, "depth": 4}


def test_null_is_a_value_and_not_what_is_absent() -> None:
    assert read(Outer, {**WHOLE, "whatever": None}, "GET /x").whatever is None


@pytest.mark.parametrize(
    ("changes", "place", "reason"),
    [
        ({"name": 1}, "/name", "1 is not a text"),
        ({"name": None}, "/name", "None is not a text"),
        ({"at": 5}, "/at", "5 is not a text"),
        ({"at": "soon"}, "/at", "'soon' is not a moment; write it like 2025-08-21T14:30:00Z"),
        ({"rate": "1"}, "/rate", "'1' is not a number"),
        ({"rate": True}, "/rate", "True is not a number"),
        ({"from": 1}, "/from", "1 is not a text"),
        ({"inner": []}, "/inner", "[] is not an object"),
        ({"inner": {}}, "/inner/size", "it is missing"),
        ({"inner": {"size": 1.5}}, "/inner/size", "1.5 is not an integer"),
        ({"inner": {"size": False}}, "/inner/size", "False is not an integer"),
        ({"many": {}}, "/many", "{} is not a list"),
        ({"many": [{"size": 1}, {"size": "2"}]}, "/many/1/size", "'2' is not an integer"),
        ({"counts": {"a": "b"}}, "/counts/a", "'b' is not an integer"),
        ({"on": 1}, "/on", "1 is not true or false"),
    ],
)
def test_what_is_of_another_type_or_missing_is_said_with_its_place(
    changes: dict[str, Any], place: str, reason: str
) -> None:
    with pytest.raises(UnexpectedAnswerError) as raised:
        read(Outer, {**WHOLE, **changes}, "GET /x")
    assert str(raised.value) == (
        f"The answer of GET /x is not what this client expects at '{place}': {reason}. "
        "Server and client may be of different versions."
    )


def test_an_answer_that_is_wrong_as_a_whole_has_no_place() -> None:
    with pytest.raises(UnexpectedAnswerError, match="expects as a whole: 'text' is not a list"):
        read(tuple[Inner, ...], "text", "GET /x")


def test_of_a_long_value_the_beginning_is_shown() -> None:
    with pytest.raises(UnexpectedAnswerError) as raised:
        read(int, "x" * 10_000, "GET /x")
    assert len(str(raised.value)) < 300
