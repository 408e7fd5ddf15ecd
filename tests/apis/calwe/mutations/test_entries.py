"""The entries, with a mutation."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from mockserver.apis.calwe.mutations import entries
from mockserver.mutation import mutations

InteractionIn = Callable[..., list[tuple[int, str, bytes]]]


@pytest.mark.parametrize("name", [mutation.name for mutation in mutations(entries)])
def test_it_can_be_seen(name: str, seen_in: InteractionIn) -> None:
    assert seen_in(name) != seen_in()


def dates(seen: list[tuple[int, str, bytes]]) -> list[str]:
    return [row["date"] for row in json.loads(seen[0][2])["data"]["data"]]


def test_times_are_written_in_another_form(seen_in: InteractionIn) -> None:
    assert dates(seen_in()) == ["2:30 PM", "2:35 PM"]
    assert dates(seen_in("date-of-24-hours")) == ["14:30", "14:35"]
    assert dates(seen_in("date-with-leading-zero")) == ["02:30 PM", "02:35 PM"]
    assert dates(seen_in("newest-first")) == ["2:35 PM", "2:30 PM"]


def test_a_read_is_stale(seen_in: InteractionIn) -> None:
    listed = json.loads(seen_in("reads-stale")[0][2])["data"]
    assert [row["action_type"] for row in listed["data"]] == ["ENTERED"]
    assert (listed["total"], listed["to"], listed["last_page"]) == (1, 1, 1)


def test_a_period_is_not_listed(seen_in: InteractionIn) -> None:
    def last(seen: list[tuple[int, str, bytes]]) -> str:
        return str(json.loads(seen[-2][2])["data"]["data"][-1]["action_type"])

    assert last(seen_in()) == "SESSION_PERIOD"
    assert last(seen_in("period-record-missing")) == "ENDED"
