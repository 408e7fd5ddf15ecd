"""Responses as objects, and the errors for JSON that is something else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mockserver.client import (
    ABSENT,
    Api,
    ClockState,
    Diff,
    DocumentChange,
    FieldChange,
    Info,
    Sandbox,
    TriggeredEvent,
)
from mockserver.client.responses import decode
from mockserver.errors import UnexpectedResponseError

NOON = datetime(2025, 8, 21, 12, tzinfo=UTC)
CLOCK = {"now": "2025-08-21T12:00:00Z", "mode": "frozen", "rate": 0, "offset": -5.5}
INFO = {
    "version": "1.2.3",
    "apis": ["calwe"],
    "scenario": "default",
    "seed": 1,
    "limits": {"body": 1, "control_body": 2, "sandboxes": 3, "snapshots": 4, "idle": 5},
}
API = {
    "name": "a",
    "title": "A",
    "base": "/a",
    "operations": [],
    "openapi": "/o",
    "docs": "/d",
    "evidence": {"documented": 46},
}


def test_a_response_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        TriggeredEvent("calwe.enter", NOON).event = "calwe.leave"  # type: ignore[misc]


def test_moments_are_aware_and_as_precise_as_microseconds() -> None:
    half = decode(ClockState, {**CLOCK, "now": "2025-08-21T12:00:00.500001Z"}, "GET /x").now
    assert half == datetime(2025, 8, 21, 12, 0, 0, 500_001, UTC)
    zone = decode(ClockState, {**CLOCK, "now": "2025-08-21T14:00:00+02:00"}, "GET /x").now
    assert zone == NOON


def test_a_diff_is_decoded_with_its_documents_and_fields() -> None:
    data = {
        "from": "before",
        "to": None,
        "equal": False,
        "world": [{"field": "/seed", "before": 1, "after": 2}],
        "added": 1,
        "removed": 0,
        "changed": 1,
        "documents": [
            {"api": "a", "kind": "k", "key": "1", "change": "added", "body": {"id": 1}},
            {
                "api": "a",
                "kind": "k",
                "key": "2",
                "change": "changed",
                "fields": [
                    {"field": "/note", "after": None},
                    {"field": "/text", "before": "x"},
                ],
            },
        ],
    }
    assert decode(Diff, data, "GET /diff") == Diff(
        from_="before",
        to=None,
        equal=False,
        world=(FieldChange("/seed", 1, 2),),
        added=1,
        removed=0,
        changed=1,
        documents=(
            DocumentChange("a", "k", "1", "added", {"id": 1}, ()),
            DocumentChange(
                "a",
                "k",
                "2",
                "changed",
                None,
                (FieldChange("/note", ABSENT, None), FieldChange("/text", "x", ABSENT)),
            ),
        ),
    )
    assert repr(FieldChange("/a").before) == "ABSENT"


def test_unknown_fields_of_a_newer_server_are_ignored_and_stay_in_the_json() -> None:
    sandbox = {
        "name": "a",
        "scenario": "b",
        "seed": 7,
        "documents": 3,
        "snapshots": 0,
        "created": "2025-08-21T12:00:00Z",
        "used": "2025-08-21T12:00:00Z",
        "age": 1.5,
        "idle": 0,
        "clock": CLOCK,
    }
    newer = {**sandbox, "colour": "red", "clock": {**CLOCK, "zone": "AST"}}
    response = decode(Sandbox, newer, "GET /x")
    assert response == decode(Sandbox, sandbox, "GET /x")
    assert repr(response) == repr(decode(Sandbox, sandbox, "GET /x"))
    assert response.json == newer
    assert response.clock.json["zone"] == "AST"
    (listed,) = decode(tuple[Sandbox, ...], [newer], "GET /x")
    assert listed.json["colour"] == "red"
    assert ClockState(NOON, "real", 1, 0).json == {}


def test_lone_surrogates_are_kept() -> None:
    assert decode(ClockState, {**CLOCK, "mode": "\ud800"}, "GET /x").mode == "\ud800"


@pytest.mark.parametrize(
    ("type_", "data", "place", "reason"),
    [
        (Info, {**INFO, "version": 1}, "version", "expected `str`, got `int`"),
        (Info, {**INFO, "version": None}, "version", "expected `str`, got `null`"),
        (Info, {**INFO, "seed": 1.5}, "seed", "expected `int`, got `float`"),
        (Info, {**INFO, "seed": True}, "seed", "expected `int`, got `bool`"),
        (Info, {**INFO, "limits": []}, "limits", "expected `object`, got `array`"),
        (Info, {**INFO, "limits": {"body": 1}}, "limits", "missing required field `control_body`"),
        (Info, {**INFO, "apis": ["a", 2]}, "apis[1]", "expected `str`, got `int`"),
        (ClockState, {**CLOCK, "now": 5}, "now", "expected `datetime`, got `int`"),
        (ClockState, {**CLOCK, "now": "soon"}, "now", "invalid RFC3339 encoded datetime"),
        (
            ClockState,
            {**CLOCK, "now": "2025-08-21T12:00:00"},
            "now",
            "expected `datetime` with a timezone component",
        ),
        (ClockState, {**CLOCK, "rate": "1"}, "rate", "expected `float`, got `str`"),
        (ClockState, {**CLOCK, "rate": True}, "rate", "expected `float`, got `bool`"),
    ],
)
def test_a_field_of_another_type_or_missing_is_named_with_its_place(
    type_: type, data: Any, place: str, reason: str
) -> None:
    with pytest.raises(UnexpectedResponseError) as raised:
        decode(type_, data, "GET /x")
    message = str(raised.value)
    assert message.startswith(
        f"The response to GET /x is not what this client expects at '{place}': "
    )
    assert message.endswith(f"{reason}. Server and client may be of different versions.")


def test_a_response_that_is_wrong_as_a_whole_and_one_in_a_member() -> None:
    with pytest.raises(UnexpectedResponseError, match="expects as a whole: expected `array`, got"):
        decode(tuple[Info, ...], "text", "GET /x")
    with pytest.raises(UnexpectedResponseError, match=r"expects at 'apis\[0\].name': expected"):
        decode(tuple[Api, ...], [{**API, "name": 1}], "GET /x", "apis")
