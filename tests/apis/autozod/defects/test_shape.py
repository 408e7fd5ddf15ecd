"""The shape of an account, with a defect."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.apis.autozod.defects import shape
from mockserver.defect import defects

SeenIn = Callable[..., list[tuple[int, str, bytes]]]


@pytest.mark.parametrize("name", [defect.name for defect in defects(shape)])
def test_it_can_be_seen(name: str, seen_in: SeenIn) -> None:
    assert seen_in(name) != seen_in()


def test_keys_and_types_are_others(seen_in: SeenIn) -> None:
    def summary(*defects: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(seen_in(*defects)[0][2])["data"]["summary"]
        return found

    clean = summary()
    assert summary("seconds-as-text") == {**clean, "total_active_duration_seconds": "27000"}
    assert summary("percentage-null") == {**clean, "inactive_percentage": None}
    assert set(clean) - set(summary("session-count-missing")) == {"total_session_count"}


def test_data_has_another_name(seen_in: SeenIn) -> None:
    assert list(json.loads(seen_in("data-renamed")[0][2])) == ["success", "result"]
