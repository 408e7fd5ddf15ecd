"""When Python's garbage collector runs in a process that serves requests.

All else in the process waits while it runs. So it leaves out what is there from the start, and
looks at few objects at a time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_THRESHOLDS = (10_000, 5, 20)
"""So many new objects are looked at together; and so many times as many, of those that stayed."""


@contextmanager
def postpone_collection() -> Iterator[None]:
    """Collect nothing in the block, which starts a server: nothing is garbage before it listens.

    To look for some takes a tenth of the start. `begin_collection` is called when it listens.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def begin_collection() -> None:
    """Collect from now on, without the objects that are there already."""
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    gc.enable()


def collect_when_started(app: ASGIApp) -> ASGIApp:
    """An app for a process of its own, which begins to collect when it has started."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        async def note_start(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                begin_collection()
            await send(message)

        await app(scope, receive, note_start if scope["type"] == "lifespan" else send)

    return call
