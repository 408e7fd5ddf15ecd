"""The figures of an account, with a mutation."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockserver.apis.autozod.mutations import figures
from mockserver.mutation import mutations

InteractionIn = Callable[..., list[tuple[int, str, bytes]]]
Accounts = Callable[..., list[tuple[str, int, str, int]]]


@pytest.mark.parametrize("name", [mutation.name for mutation in mutations(figures)])
def test_it_can_be_seen(name: str, seen_in: InteractionIn) -> None:
    assert seen_in(name) != seen_in()


def test_a_session_over_midnight_is_counted_twice(accounts: Accounts) -> None:
    assert accounts()[0] == ("", 27000, "07:30:00", 2)
    assert accounts("session-count-of-days-added")[0] == ("", 27000, "07:30:00", 3)
    assert accounts("session-count-doubled")[0] == ("", 27000, "07:30:00", 4)


def test_a_time_is_not_what_it_says(accounts: Accounts) -> None:
    assert accounts("format-a-minute-more")[2] == ("19-08-2025", 7200, "02:01:00", 1)
    assert accounts("seconds-in-milliseconds")[2] == ("19-08-2025", 7200000, "02:00:00", 1)
