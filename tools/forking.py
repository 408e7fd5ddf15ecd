"""Starts programs of Python in processes of their own, which need not import libraries again.

To import what a server needs takes longer than most of them run. So one process imports it once,
nothing of this project, and forks each program. What differs from a new interpreter is started as
one: its options, variables such as PYTHONHASHSEED, and whatever coverage measures.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

LIBRARIES = (
    *("a2wsgi.wsgi", "click", "connexion", "connexion.apps.flask", "connexion.middleware.lifespan"),
    *(
        "cryptography.x509",
        "faker",
        "flask",
        "httpx",
        "ijson",
        "jsonschema_rs",
        "msgspec",
        "orjson",
    ),
    *("prometheus_client", "sqlalchemy", "sqlalchemy.dialects.sqlite", "starlette.middleware.cors"),
    *("swagger_ui_bundle", "uvicorn", "uvicorn.protocols.http.httptools_impl", "yaml"),
)
"""What a server and the command line import."""
_STDERR = 2
_MAX_MESSAGE = 2**20


def start_program(
    command: Sequence[str], env: Mapping[str, str], *, libraries: Sequence[str] = (), **options: Any
) -> Any:
    """The `Popen` of `python -m ...` with these arguments; `env` is the whole environment.

    It imports more libraries, too.
    """
    is_special = any(
        name.startswith("COVERAGE") or (name.startswith("PYTHON") and value != os.environ.get(name))
        for name, value in env.items()
    )
    if sys.platform != "linux" or is_special or command[0] != "-m":
        return subprocess.Popen([sys.executable, *command], env=env, **options)
    return _ForkedProcess([*libraries, *command], env=env, **options)


class _ForkedProcess(subprocess.Popen[Any]):
    """A `Popen` whose process another one forks, and whose exit code it tells."""

    def _execute_child(self, args: Any, *others: Any) -> None:
        cwd, env, pipes, is_session = others[4], others[5], others[9:15], others[20]
        read_stdin, _, _, write_stdout, _, write_stderr = pipes
        ends = enumerate((read_stdin, write_stdout, write_stderr))
        fds = [own if end == -1 else end for own, end in ends]
        self._status, status = os.pipe()
        start = args.index("-m")
        request = {
            "libraries": args[:start],
            "command": args[start:],
            "cwd": str(Path(cwd or ".").absolute()),
            "env": dict(env),
        }
        try:
            self.pid = _fork({**request, "session": bool(is_session)}, [*fds, status])
        finally:
            os.close(status)
        self._child_created = True
        self._close_pipe_fds(*pipes)

    def _try_wait(self, wait_flags: int) -> tuple[int, int]:
        if wait_flags and not select.select([self._status], [], [], 0)[0]:
            return 0, 0
        code = os.read(self._status, 16)
        os.close(self._status)
        return self.pid, int(code or signal.SIGKILL)

    def _internal_poll(self, *_: Any, **__: Any) -> int | None:
        if self.returncode is None:
            pid, status = self._try_wait(os.WNOHANG)
            if pid:
                self._handle_exitstatus(status)
        return self.returncode


_lock = Lock()
_server: list[socket.socket] = []


def _fork(request: Mapping[str, Any], fds: Sequence[int]) -> int:
    with _lock:
        if not _server:
            own, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            kept = {name: value for name, value in os.environ.items() if name != "TMPDIR"}
            process = subprocess.Popen(
                [sys.executable, __file__, str(other.fileno())],
                pass_fds=[other.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=kept,
                start_new_session=True,
            )
            other.close()
            _server.append(own)
            atexit.register(lambda: (own.close(), process.wait()))
        socket.send_fds(_server[0], [json.dumps(request).encode()], list(fds))
        return int(_server[0].recv(32))


# The process that forks


def serve(connection: socket.socket) -> None:
    """Fork a process for each request, and return in it; never elsewhere."""
    with warnings.catch_warnings():
        # Connexion imports a test client, which warns; the server itself does without.
        warnings.simplefilter("ignore")
        for name in LIBRARIES:
            with suppress(ImportError):
                importlib.import_module(name)
    gc.collect()
    gc.freeze()

    def reap(*_: Any) -> None:
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass

    signal.signal(signal.SIGCHLD, reap)
    while True:
        message, fds, _, _ = socket.recv_fds(connection, _MAX_MESSAGE, 4)
        if not message:
            os._exit(0)
        request = json.loads(message)
        for name in request["libraries"]:
            importlib.import_module(name)
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _supervise(request, fds, connection)
            return
        for fd in fds:
            os.close(fd)


def _supervise(request: Any, fds: list[int], connection: socket.socket) -> None:
    """Fork the program, return in it, and wait for it to tell its exit code."""
    *streams, status = fds
    pid = os.fork()
    if pid:
        for fd in streams:
            os.close(fd)
        connection.send(str(pid).encode())
        os.write(status, str(os.waitpid(pid, 0)[1]).encode())
        os._exit(0)
    if request["session"]:
        os.setsid()
    for own, fd in enumerate(streams):
        os.dup2(fd, own)
    for fd in (*fds, connection.detach()):
        if fd > _STDERR:
            os.close(fd)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    tempfile.tempdir = None
    sys.path[0] = request["cwd"]
    sys.argv = request["command"][1:]


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
