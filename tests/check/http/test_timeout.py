"""Something is waited for so long, and no longer."""

from __future__ import annotations

from threading import Event

import pytest

from mockserver.check.http.timeout import within


@pytest.mark.parametrize("seconds", [0, 60])
def test_what_an_action_gives_or_raises_comes_through(seconds: float) -> None:
    assert within(seconds, lambda: 7) == 7
    with pytest.raises(KeyError, match="gone"):
        within(seconds, lambda: {}["gone"])


def test_what_takes_too_long_is_given_up() -> None:
    never = Event()
    with pytest.raises(TimeoutError):
        within(0.05, never.wait)
    never.set()
