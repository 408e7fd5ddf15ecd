"""One server for all processes of a run of pytest-xdist.

The process that runs the workers starts it when the first worker needs it, and each worker asks for
its URL. So the server stays when a worker crashes, and ends with the run.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from threading import Event, Thread

from mockserver.errors import MockserverError, SettingError

Start = Callable[[], AbstractContextManager[str]]

_HOST = "127.0.0.1"


@contextmanager
def share_server(start: Start) -> Iterator[int]:
    """Start a server when a worker asks for it, and stop it at the end of the block.

    The block gets the port at which the workers ask.
    """
    ended = Event()
    with socket.create_server((_HOST, 0)) as listener:
        thread = Thread(target=_respond, args=(listener, start, ended), daemon=True)
        thread.start()
        port: int = listener.getsockname()[1]
        try:
            yield port
        finally:
            ended.set()
            socket.create_connection((_HOST, port)).close()  # wakes the thread
            thread.join()


def request_url(port: int) -> str:
    """The URL of the server of the run, when it has started. Raises SettingError."""
    try:
        with socket.create_connection((_HOST, port)) as connection:
            response = json.loads(connection.makefile().read())
    except (OSError, ValueError) as error:
        raise SettingError(f"The server of this run cannot be found: {error}.") from None
    if "error" in response:
        raise SettingError(response["error"])
    url: str = response["url"]
    return url


def _respond(listener: socket.socket, start: Start, ended: Event) -> None:
    response: dict[str, str] = {}
    with ExitStack() as stack:
        while True:
            connection, _ = listener.accept()
            with connection, suppress(OSError):  # a worker may crash while it waits
                if ended.is_set():
                    return
                response = response or _start(stack, start)
                connection.sendall(json.dumps(response).encode())


def _start(stack: ExitStack, start: Start) -> dict[str, str]:
    try:
        return {"url": stack.enter_context(start())}
    except MockserverError as error:
        return {"error": str(error)}
