"""Several processes that serve one store and listen on one socket."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial

from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from mockserver.server.app import create_app, prepare
from mockserver.server.uvicorn_config import make_uvicorn_config
from mockserver.settings import Settings
from mockserver.store import Store

__all__ = ["serve_with_workers"]

_START_SECONDS = 60


class _Workers(Multiprocess):
    """uvicorn's supervisor, which says when all of its workers answer."""

    def __init__(
        self, settings: Settings, listener: socket.socket, started: Callable[[], None]
    ) -> None:
        app = partial(_app, settings)
        super().__init__(
            make_uvicorn_config(settings, app, factory=True, workers=settings.workers), [listener]
        )
        self._started = started

    def init_processes(self) -> None:
        super().init_processes()
        for process in self.processes:
            process.wait_until_ready(_START_SECONDS, self.should_exit)
        self._started()


def _app(settings: Settings) -> ASGIApp:
    """The app in a worker, which ends when the process that started it has ended, however it did.

    One that was killed can stop nobody, and its workers would hold the port for ever.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    return create_app(settings)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def serve_with_workers(
    settings: Settings, listener: socket.socket, started: Callable[[], None]
) -> None:
    """Serve with as many processes as the settings say, until SIGINT or SIGTERM.

    The store is made, and the world in it, before the first of them starts: what is wrong with a
    scenario is said once. Raises what making the app raises.
    """
    with closing(Store(settings.store)) as store:
        prepare(settings, store)
        _Workers(replace(settings, store=store.path), listener, started).run()
