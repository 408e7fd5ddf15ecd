"""Waits for something so long, and no longer, whatever it is waiting for itself."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, Queue
from threading import Thread
from typing import TypeVar

__all__ = ["within"]

T = TypeVar("T")


def within(seconds: float, action: Callable[[], T]) -> T:
    """What an action gives, or raises; without a limit where that is 0.

    Raises TimeoutError when it takes longer. It goes on then where nobody looks, and ends with the
    program at the latest: a server that sends a byte now and then keeps a socket busy for ever.
    """
    if not seconds:
        return action()
    outcome: Queue[tuple[T | None, BaseException | None]] = Queue()

    def run() -> None:
        try:
            outcome.put((action(), None))
        except BaseException as error:
            outcome.put((None, error))

    Thread(target=run, daemon=True).start()
    try:
        value, error = outcome.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if error is not None:
        raise error
    return value  # type: ignore[return-value]  # what the action gave
