"""Refusals, with a defect."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockserver.apis.autozod.defects import refusals
from mockserver.defect import defects

SeenIn = Callable[..., list[tuple[int, str, bytes]]]


@pytest.mark.parametrize("name", [defect.name for defect in defects(refusals)])
def test_it_can_be_seen(name: str, seen_in: SeenIn) -> None:
    assert seen_in(name) != seen_in()


def test_statuses_are_others(seen_in: SeenIn) -> None:
    def statuses(*defects: str) -> list[int]:
        return [status for status, _, _ in seen_in(*defects)]

    clean = [200, 200, 200, 200, 200, 422, 422, 422, 200, 401]
    assert statuses() == clean
    assert statuses("invalid-400") == [400 if one == 422 else one for one in clean]
    assert statuses("token-not-checked") == [200 if one == 401 else one for one in clean]
    assert statuses("unauthenticated-redirected")[-1] == 302
    assert statuses("body-on-a-get-refused")[8] == 400
