"""Where the server calls the store: on its event loop, or in threads if the store is a database.

A call to a file takes less than a thread costs. A call to a database waits for the network: in a
thread, so that a database that does not respond stops nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from mockserver.errors import StoreBusyError
from mockserver.store import BUSY_SECONDS, CONNECTIONS, WorldRecord

_PAUSE_SECONDS = 0.002
_SPARE_THREADS = 4

_T = TypeVar("_T")

ReadRecord = Callable[[str], Awaitable[WorldRecord | None]]
"""Reads the record of a sandbox, if there is one of that name."""


class StoreCalls:
    """Calls what uses the store.

    `is_spare` calls, such as those of the readiness, do not wait for those of requests.
    """

    def __init__(self, *, is_remote: bool) -> None:
        self.is_remote = is_remote
        self._free = asyncio.Semaphore(CONNECTIONS)
        self._turn = asyncio.Lock()
        self._passed = 0.0
        self._threads = ThreadPoolExecutor(CONNECTIONS, "store")
        self._spare_threads = ThreadPoolExecutor(_SPARE_THREADS, "store-spare")

    async def call(self, function: Callable[[], _T], *, is_spare: bool = False) -> _T:
        """The result of a function. Raises what it raises, and StoreBusyError."""
        if not self.is_remote:
            return function()
        if is_spare:
            return await self.call_in_thread(function)
        loop = asyncio.get_running_loop()
        try:
            await asyncio.wait_for(self._free.acquire(), BUSY_SECONDS)
        except TimeoutError:
            raise StoreBusyError(
                f"All {CONNECTIONS} connections of this process to the store have been in use for "
                f"{BUSY_SECONDS} seconds; try again."
            ) from None
        try:
            return await loop.run_in_executor(self._threads, function)
        finally:
            self._free.release()

    async def call_in_thread(self, function: Callable[[], _T]) -> _T:
        """The result of a function that takes longer than a request. Raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._spare_threads, function)

    async def attempt(self, function: Callable[[], _T], *, is_spare: bool = False) -> _T:
        """Likewise, called again while another transaction has the lock.

        Raises StoreBusyError in time.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            if not self.is_remote:
                return function()
            return await self.call(function, is_spare=is_spare)
        except StoreBusyError:
            if loop.time() > began + BUSY_SECONDS:  # a database has waited for the lock itself
                raise
        # One after the other: if all asked again and again, the call that has the lock would hardly
        # get on, and some calls would never have their turn. While others get through, it is not
        # the lock that a call waits for.
        async with self._turn:
            since = max(began, self._passed)
            result = await attempt_again(lambda: self.call(function, is_spare=is_spare), since)
            self._passed = loop.time()
            return result

    def close(self) -> None:
        """Begin no more calls in threads, and wait for those that have begun."""
        for threads in (self._threads, self._spare_threads):
            threads.shutdown(cancel_futures=True)


async def attempt_again(attempt: Callable[[], Awaitable[_T]], since: float | None = None) -> _T:
    """Try again while another transaction has the lock, `since` a time of the event loop.

    Raises StoreBusyError in time.
    """
    loop = asyncio.get_running_loop()
    end = (loop.time() if since is None else since) + BUSY_SECONDS
    while True:
        try:
            return await attempt()
        except StoreBusyError:
            if loop.time() > end:
                raise
        await asyncio.sleep(_PAUSE_SECONDS)
