"""Refusals, with a mutation."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockserver.apis.autozod.mutations import refusals
from mockserver.mutation import mutations

InteractionIn = Callable[..., list[tuple[int, str, bytes]]]


@pytest.mark.parametrize("name", [mutation.name for mutation in mutations(refusals)])
def test_it_can_be_seen(name: str, seen_in: InteractionIn) -> None:
    assert seen_in(name) != seen_in()


def test_statuses_are_others(seen_in: InteractionIn) -> None:
    def statuses(*mutations: str) -> list[int]:
        return [status for status, _, _ in seen_in(*mutations)]

    clean = [200, 200, 200, 200, 200, 422, 422, 422, 200, 401]
    assert statuses() == clean
    assert statuses("invalid-400") == [400 if one == 422 else one for one in clean]
    assert statuses("token-not-checked") == [200 if one == 401 else one for one in clean]
    assert statuses("unauthenticated-redirected")[-1] == 302
    assert statuses("body-on-a-get-refused")[8] == 400
