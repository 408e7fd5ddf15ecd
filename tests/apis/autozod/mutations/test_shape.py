"""The shape of an account, with a mutation."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.apis.autozod.mutations import shape
from mockserver.mutation import mutations

InteractionIn = Callable[..., list[tuple[int, str, bytes]]]


@pytest.mark.parametrize("name", [mutation.name for mutation in mutations(shape)])
def test_it_can_be_seen(name: str, seen_in: InteractionIn) -> None:
    assert seen_in(name) != seen_in()


def test_keys_and_types_are_others(seen_in: InteractionIn) -> None:
    def summary(*mutations: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(seen_in(*mutations)[0][2])["data"]["summary"]
        return found

    clean = summary()
    assert summary("seconds-as-text") == {**clean, "total_active_duration_seconds": "27000"}
    assert summary("percentage-null") == {**clean, "inactive_percentage": None}
    assert set(clean) - set(summary("session-count-missing")) == {"total_session_count"}


def test_data_has_another_name(seen_in: InteractionIn) -> None:
    assert list(json.loads(seen_in("data-renamed")[0][2])) == ["success", "result"]
