"""Runs the server on a socket until it is told to stop."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from mockserver.errors import SettingError
from mockserver.server.app import create_app
from mockserver.server.socket import listen, make_url
from mockserver.server.uvicorn_config import make_uvicorn_config
from mockserver.settings import Settings

__all__ = ["run_in_thread", "serve"]

_PATIENCE_SECONDS = 0.1


def serve(settings: Settings, listener: socket.socket, started: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `started` is called with the URL once requests are answered.

    Raises SettingError, ScenarioError, ContractError or ApiError when the app cannot be made.
    """
    if settings.workers > 1:
        from mockserver.server.workers import serve_with_workers

        serve_with_workers(settings, listener, lambda: started(make_url(listener)))
        return
    server = _server(settings, lambda: started(make_url(listener)))

    def stop(*_: object) -> None:
        server.should_exit = True

    # For the moment until uvicorn listens to signals itself, and for the one after: it repeats the
    # signal that stopped it once it is done.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    server.run(sockets=[listener])


@contextmanager
def run_in_thread(settings: Settings, app: ASGIApp | None = None) -> Iterator[str]:
    """A server on a thread of this process, for as long as the block lasts; its URL.

    It serves an app of the settings, unless another is given.

    Raises what `listen` and `serve` raise.
    """
    started = threading.Event()
    with listen(settings) as listener:
        server = _server(settings, started.set, app)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not started.wait(_PATIENCE_SECONDS):
            if not thread.is_alive():
                raise SettingError(f"The server on {make_url(listener)} ended before it had begun.")
        try:
            yield make_url(listener)
        finally:
            server.should_exit = True
            thread.join()


def _server(
    settings: Settings, started: Callable[[], None], app: ASGIApp | None = None
) -> uvicorn.Server:
    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started()

    return Server(make_uvicorn_config(settings, app or create_app(settings)))
