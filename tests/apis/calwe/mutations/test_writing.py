"""What is written, with a mutation."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from mockserver.apis.calwe.mutations import writing
from mockserver.mutation import mutations

InteractionIn = Callable[..., list[tuple[int, str, bytes]]]


@pytest.mark.parametrize("name", [mutation.name for mutation in mutations(writing)])
def test_it_can_be_seen(name: str, seen_in: InteractionIn) -> None:
    assert seen_in(name) != seen_in()


def total(seen: list[tuple[int, str, bytes]]) -> int:
    """How many entries there are after one was posted to two."""
    return int(json.loads(seen[8][2])["data"]["total"])


def test_an_entry_is_lost_or_doubled(seen_in: InteractionIn) -> None:
    assert total(seen_in()) == 3
    assert total(seen_in("write-lost")) == 2
    assert total(seen_in("write-doubled")) == 4


def test_an_ended_session_takes_one_more(seen_in: InteractionIn) -> None:
    status, _, body = seen_in("ended-session-accepts")[-1]
    assert (status, json.loads(body)["message"]) == (200, "تم حفظ البيانات بنجاح")


def test_an_action_that_is_none_is_taken(seen_in: InteractionIn) -> None:
    status, _, body = seen_in("unknown-action-accepted")[9]
    assert (status, json.loads(body)["data"]["action_type"]) == (200, "ENTERED")
