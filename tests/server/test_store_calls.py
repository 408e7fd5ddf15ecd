"""Calls of the store: who waits for a lock, and for how long."""

from __future__ import annotations

import asyncio
from contextlib import closing

import pytest

from mockserver.errors import StoreBusyError
from mockserver.server import store_calls
from mockserver.server.store_calls import StoreCalls


def test_calls_that_wait_for_the_same_lock_are_refused_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store_calls, "BUSY_SECONDS", 0.1)
    tried: list[int] = []

    async def run() -> list[object]:
        with closing(StoreCalls(is_remote=False)) as calls:
            return await asyncio.gather(
                *(calls.attempt(lambda n=n: find_lock_taken(n)) for n in range(5)),  # type: ignore[misc]
                return_exceptions=True,
            )

    def find_lock_taken(n: int) -> None:
        tried.append(n)
        raise StoreBusyError("busy")

    assert [type(error) for error in asyncio.run(run())] == [StoreBusyError] * 5
    # The others have waited while the first one tried again and again, and try once more.
    assert tried.count(0) > 2
    assert [tried.count(n) for n in range(1, 5)] == [2, 2, 2, 2]
    assert tried[-4:] == [1, 2, 3, 4]
