"""Locations in scenario files, and the settings of clocks."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.clock import ClockSetting
from mockserver.errors import SettingError
from mockserver.scenarios import ClockFault, read_clock
from mockserver.scenarios.scenario import Scenario, ScenarioSource
from mockserver.yaml_source import read_yaml

WRITTEN = ScenarioSource(
    "small.yaml", read_yaml("apis:\n  calwe:\n    documents:\n      session:\n        - {}\n")
)


def test_a_pointer_into_a_file_is_a_place_with_its_line() -> None:
    place = WRITTEN.locate("/apis/calwe/documents/session/0")
    assert (place.file, place.line, place.field) == (
        "small.yaml",
        5,
        "apis.calwe.documents.session.0",
    )


def test_what_is_not_written_stands_where_it_would_have_to_be() -> None:
    place = WRITTEN.locate("/apis/calwe/documents/session/0/id")
    assert (place.line, place.field) == (5, "apis.calwe.documents.session.0.id")


def test_a_fault_says_where_and_why() -> None:
    fault = WRITTEN.locate("/apis/calwe").make_fault("it is late")
    assert str(fault) == "small.yaml:2: apis.calwe: it is late"


def test_two_scenarios_share_nothing() -> None:
    one, other = Scenario(), Scenario()
    one.tokens["calwe"] = {"required": True}
    assert other.tokens == {}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({}, ClockSetting()),
        ({"freeze": "2025-08-21T14:30:00Z"}, ClockSetting(freeze=1_755_786_600_000_000)),
        ({"freeze": "2025-08-21T17:30:00+03:00"}, ClockSetting(freeze=1_755_786_600_000_000)),
        ({"freeze": "2025-08-21"}, ClockSetting(freeze=1_755_734_400_000_000)),
        ({"freeze": "1970-01-01"}, ClockSetting(freeze=0)),
        ({"shift": "3h"}, ClockSetting(shift=10_800_000_000)),
        ({"shift": "-P1D"}, ClockSetting(shift=-86_400_000_000)),
        ({"shift": 1.5}, ClockSetting(shift=1_500_000)),
        ({"shift": -90}, ClockSetting(shift=-90_000_000)),
        ({"shift": 0}, ClockSetting()),
        ({"rate": 60}, ClockSetting(rate=60.0)),
        ({"rate": 0.000001}, ClockSetting(rate=0.000001)),
        ({"rate": 1, "shift": "1w"}, ClockSetting(shift=604_800_000_000)),
        ({"rate": 2, "shift": "-1m"}, ClockSetting(shift=-60_000_000, rate=2.0)),
    ],
)
def test_it_is_read(written: dict[str, Any], read: ClockSetting) -> None:
    setting = read_clock(written)

    assert setting == read
    assert isinstance(setting.rate, float)


@pytest.mark.parametrize(
    "written",
    [
        {"freeze": "2025-08-21", "rate": 60},
        {"freeze": "2025-08-21", "shift": "1h"},
        {"freeze": "2025-08-21", "shift": 0},
        {"freeze": "2025-08-21", "shift": "1h", "rate": 1},
        {"rate": 1, "freeze": "nonsense"},
    ],
)
def test_a_clock_that_stands_still_runs_at_no_rate(written: dict[str, Any]) -> None:
    with pytest.raises(ClockFault) as raised:
        read_clock(written)
    assert raised.value.field == "freeze"
    assert str(raised.value) == "a clock that is frozen has no shift and no rate"


@pytest.mark.parametrize(
    ("written", "field", "sentence"),
    [
        (
            {"freeze": "someday"},
            "freeze",
            "'someday' is not a moment; write it like 2025-08-21T14:30:00Z, "
            "-1d 3h, now or today 09:00 Asia/Riyadh",
        ),
        (
            {"freeze": "3000-01-01"},
            "freeze",
            "'3000-01-01' is no moment for a clock; one from 1970 to 2999 is",
        ),
        (
            {"shift": "1 fortnight"},
            "shift",
            "'1 fortnight' is no duration; write seconds, or something like 3h, -30m or 1d 2h 5s",
        ),
        ({"shift": 1e12}, "shift", "'1000000000000.0' is too long for a duration"),
        (
            {"shift": "-100000000000", "rate": 2},
            "shift",
            "'0001-01-01T00:00:00Z' is no moment for a clock; one from 1970 to 2999 is",
        ),
    ],
)
def test_a_field_without_a_meaning_is_named(
    written: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(ClockFault) as raised:
        read_clock(written)
    assert (raised.value.field, str(raised.value)) == (field, sentence)
    assert isinstance(raised.value, SettingError)
