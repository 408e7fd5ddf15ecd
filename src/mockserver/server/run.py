"""Runs the server with uvicorn: in this process, on a thread, or in several worker processes."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from mockserver.clock import SECOND, read_monotonic
from mockserver.errors import (
    ApiError,
    ContractError,
    MockserverError,
    ScenarioError,
    SettingError,
    StoreUnreachableError,
)
from mockserver.server.app import create_app, prepare_store
from mockserver.server.certificates import Certificate, find_certificate
from mockserver.server.collector import collect_when_started
from mockserver.server.http1 import Http1Protocol, find_connection_limit
from mockserver.server.log import make_log_config
from mockserver.server.metrics import share_metrics
from mockserver.server.signals import list_stop_signals
from mockserver.server.socket import listen, make_url
from mockserver.server.store_log import StoreLog
from mockserver.server.watch import SharedWatch
from mockserver.settings import Settings
from mockserver.store import FileStore, open_store

_POLL_SECONDS = 0.1
_WORKER_START_SECONDS = 60
_REPAIR_SECONDS = 0.5
_SWITCH_SECONDS = 0.0001
"""How soon a thread that loads a scenario lets that of all requests run.

A request waits for its turn some thirty times, at each step of the database.
"""

_log = logging.getLogger("mockserver")


def serve(
    settings: Settings,
    listeners: list[socket.socket],
    started: Callable[[str, Path | None], None],
) -> None:
    """Serve until a signal to stop.

    When requests are accepted, `started` is called with the URL, and with the file that clients
    have to trust where a certificate was made.

    Raises SettingError, ScenarioError, ContractError or ApiError.
    """
    certificate = find_certificate(settings)

    url = make_url(listeners[0], settings)

    def announce() -> None:
        started(url, certificate.authority if certificate else None)

    sys.setswitchinterval(_SWITCH_SECONDS)
    if settings.workers > 1:
        with closing(open_store(settings.store)) as store:
            # Now, so that a fault of the scenario is reported once.
            prepared = prepare_store(settings, store)
            shared = SharedWatch(settings.freeze_at) if settings.watch else None
            workers = _Workers(prepared, listeners, certificate, announce, shared, url)
            parent = None
            if isinstance(store, FileStore) and not settings.store:
                parent = store.path.parent
            with share_metrics(parent):
                workers.run()
        if any(process.exitcode == STARTUP_FAILURE for process in workers.processes):
            raise SettingError("A worker process cannot start; its reason is above.")
        return
    app = create_app(settings, url=url)
    log_config = _make_log_config(settings)
    server = _make_server(settings, certificate, announce, app, log_config=log_config)

    def stop(*_: object) -> None:
        server.should_exit = True

    # uvicorn handles signals only while it runs, and repeats the signal that stopped it.
    for number in list_stop_signals():
        signal.signal(number, stop)
    server.run(sockets=listeners)


@contextmanager
def run_in_thread(settings: Settings, app: ASGIApp | None = None) -> Iterator[str]:
    """Serve on a thread of this process for the length of the block, which gets the URL.

    `app` is served instead of an app of the settings. Raises what `listen` and `serve` raise.
    """
    started = threading.Event()
    with listen(settings) as listeners:
        url = make_url(listeners[0], settings)
        app = app or create_app(settings, url=url)
        server = _make_server(settings, find_certificate(settings), started.set, app)
        thread = threading.Thread(target=server.run, args=(listeners,), daemon=True)
        thread.start()
        while not started.wait(_POLL_SECONDS):
            if not thread.is_alive():
                raise SettingError(f"The server on {url} ended before it had begun.")
        try:
            yield url
        finally:
            server.should_exit = True
            thread.join()


def _make_log_config(settings: Settings) -> dict[str, Any]:
    return make_log_config(settings.log_level, settings.log_format)


def _make_server(
    settings: Settings,
    certificate: Certificate | None,
    started: Callable[[], None],
    app: ASGIApp,
    **more: Any,
) -> uvicorn.Server:
    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started()

    return Server(make_uvicorn_config(settings, app, certificate, **more))


def make_uvicorn_config(
    settings: Settings, app: Any, certificate: Certificate | None = None, **more: Any
) -> uvicorn.Config:
    """The configuration of uvicorn for an app, or for a factory of one."""
    return uvicorn.Config(
        app,
        http=Http1Protocol,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        ws="none",
        lifespan="on",
        log_level=settings.log_level,
        access_log=False,  # the journal's middleware logs exchanges
        server_header=False,
        proxy_headers=False,  # `Forwarding` reads them, and more of them
        limit_concurrency=find_connection_limit(),
        ssl_certfile=certificate.file if certificate else None,
        ssl_keyfile=certificate.key if certificate else None,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=settings.keep_alive,
        # Clients such as Node.js then do not send a request when the server closes the connection.
        headers=[("Keep-Alive", f"timeout={settings.keep_alive}")],
        **more,
    )


class _Workers(Multiprocess):
    """uvicorn's supervisor, which reports when all workers are ready.

    All signals that end one process end several. uvicorn would start new workers at SIGHUP, and go
    on when its terminal is closed.
    """

    def __init__(
        self,
        settings: Settings,
        listeners: list[socket.socket],
        certificate: Certificate | None,
        started: Callable[[], None],
        shared: SharedWatch | None,
        url: str,
    ) -> None:
        create = partial(_create_worker_app, settings, shared, url)
        config = make_uvicorn_config(
            settings,
            create,
            certificate,
            factory=True,
            workers=settings.workers,
            log_config=_make_log_config(settings),
        )
        self._counts: ConnectionCounts | None = None
        if sys.platform != "win32":  # uvloop is not there
            from mockserver.server.spreading import (
                ConnectionCounts,
                CountedProtocol,
                SpreadingLoop,
            )

            self._counts = ConnectionCounts(settings.workers)
            # uvicorn calls what is no name.
            config.loop = partial(SpreadingLoop, self._counts)  # type: ignore[assignment]
            config.http = CountedProtocol
        signals = set(list_stop_signals())
        super().__init__(config, listeners)
        for number in set(list_stop_signals()) - signals:  # SIGHUP, which `nohup` ignores
            signal.signal(number, signal.SIG_IGN)
        self._started = started

    def init_processes(self) -> None:
        super().init_processes()
        self._assign_counts()
        for process in self.processes:
            process.wait_until_ready(_WORKER_START_SECONDS, self.should_exit)
        self._started()

    def keep_subprocess_alive(self) -> None:
        before = [(process, process.exitcode is None) for process in self.processes]
        super().keep_subprocess_alive()
        self._assign_counts()
        for (old, was_alive), new in zip(before, self.processes, strict=True):
            if new is not old:
                code = old.exitcode or 0
                was_killed = was_alive and code < 0
                _log.error(
                    "Worker process %s %s; worker process %s replaces it.",
                    old.pid,
                    "gave no sign of life, and was killed" if was_killed else _explain_end(code),
                    new.pid,
                )
                self._wait_for_answer(new)

    def _assign_counts(self) -> None:
        if self._counts:
            self._counts.assign([process.pid for process in self.processes])

    def _wait_for_answer(self, process: Process) -> None:
        """Wait for a new process: uvicorn kills one that is silent for five seconds.

        On a busy machine it may take longer to import everything.
        """
        end = read_monotonic() + _WORKER_START_SECONDS * SECOND
        process.parent_conn.send(b"ping")
        while not process.parent_conn.poll(_POLL_SECONDS):
            self.handle_signals()
            is_over = self.should_exit.is_set() or process.exitcode is not None
            if is_over or read_monotonic() > end:
                return
        process.parent_conn.recv()

    def handle_hup(self) -> None:
        self.handle_term()

    def handle_quit(self) -> None:
        self.handle_term()


def _create_worker_app(settings: Settings, shared: SharedWatch | None, url: str) -> ASGIApp:
    sys.setswitchinterval(_SWITCH_SECONDS)
    # A supervisor that was killed cannot stop its workers, and they would hold the port forever.
    threading.Thread(target=_end_with_parent, daemon=True).start()
    is_stopped_by, store_log = signal.getsignal(signal.SIGTERM), StoreLog()
    while True:
        try:
            path = settings.store
            if isinstance(path, Path) and not path.exists():  # a new one would have other worlds
                raise SettingError(f"The store '{path}' was deleted.")
            app = create_app(settings, shared=shared, url=url)
        except (ApiError, ContractError, ScenarioError) as error:
            # A worker that replaces another, while the files are wrong that the others have taken
            # in when they were right.
            if shared is None:
                _fail_to_start(error)
            if shared.claim_report(f"{os.getpid()} {error}"):
                _log.error("Worker process %s waits for a repair: %s", os.getpid(), error)
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn does not run yet
            threading.Event().wait(_REPAIR_SECONDS)
        except MockserverError as error:
            cause = error if isinstance(error, StoreUnreachableError) else error.__cause__
            if not isinstance(cause, StoreUnreachableError):
                _fail_to_start(error)
            # The database had been there for the process that this one replaces.
            store_log.write(cause)
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
            threading.Event().wait(_REPAIR_SECONDS)
        else:
            signal.signal(signal.SIGTERM, is_stopped_by)
            return collect_when_started(app)


def _fail_to_start(error: MockserverError) -> NoReturn:
    _log.error("%s", error)
    sys.exit(STARTUP_FAILURE)


def _explain_end(code: int) -> str:
    """How a process has ended, by its exit code as multiprocessing has it."""
    if code >= 0:
        return f"ended with status {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:  # a real-time signal
        return f"was ended by signal {-code}"


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
