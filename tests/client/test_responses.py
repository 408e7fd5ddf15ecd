"""What a server answers, as objects."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from mockserver.client import responses as answers
from mockserver.client.responses import ClockState, TriggeredEvent


def test_an_answer_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        TriggeredEvent("calwe.enter", datetime(2025, 8, 21, tzinfo=UTC)).event = "calwe.leave"  # type: ignore[misc]


def test_answers_that_say_the_same_are_equal_whatever_json_they_were() -> None:
    now = datetime(2025, 8, 21, tzinfo=UTC)
    assert ClockState(now, "real", 1, 0, json={"a": 1}) == ClockState(now, "real", 1.0, 0.0)
    assert "json" not in repr(ClockState(now, "real", 1, 0, json={"a": 1}))


def test_every_answer_is_a_frozen_dataclass() -> None:
    shapes = [getattr(answers, name) for name in answers.__all__]
    assert [shape for shape in shapes if not shape.__dataclass_params__.frozen] == []
