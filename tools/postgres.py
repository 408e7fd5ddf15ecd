"""A PostgreSQL server of the tests: started, paused, killed and started again."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

USER, PASSWORD = "mockserver", "a secret/of:the@tests"
_START_SECONDS = 60
_PAUSE_SECONDS = 0.02
_SHOWN = 2_000
"""How many characters of the server's log an error shows."""

_PR_SET_PDEATHSIG = 1

_DESCRIBE = """
SELECT relname, attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = 'public'::regnamespace AND attnum > 0 ORDER BY 1, 2
"""
"""The tables and indexes of a database, with their columns."""
_END_CONNECTIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_EMPTY = """
DO $$ DECLARE found record; BEGIN
FOR found IN SELECT oid::regclass AS name, relkind FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')
    AND relname <> 'mockserver_version'
LOOP
    IF found.relkind = 'r' THEN EXECUTE 'DELETE FROM ' || found.name;
    ELSE EXECUTE 'ALTER SEQUENCE ' || found.name || ' RESTART'; END IF;
END LOOP; END $$
"""


def _end_with_parent() -> None:
    """Let the server end at once when the process of the tests has ended, however it did."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


class Cluster:
    """A server with databases of its own, in a temporary folder, on a port of this machine."""

    def __init__(self, programs: Path, *settings: str) -> None:
        """`settings` are options of `postgres`, such as `fsync=on`."""
        self._programs = programs
        self._settings = settings
        self._numbers = count()
        self._free: list[str] = []
        self._described: dict[str, Any] = {}
        self._cleaners: dict[str, psycopg.Connection[Any]] = {}
        self._connection: psycopg.Connection[Any] | None = None
        # PostgreSQL refuses to run as root.
        self._owner: dict[str, Any] = {}
        if os.name == "posix" and os.geteuid() == 0:
            self._owner = {"user": "postgres", "group": "postgres", "extra_groups": []}
        self.folder = Path(tempfile.mkdtemp(prefix="mockserver-postgres-"))
        if self._owner:
            shutil.chown(self.folder, "postgres", "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._make()
        self.start()

    def _make(self) -> None:
        password = self.folder / "password"
        password.write_text(PASSWORD)
        if self._owner:
            shutil.chown(password, "postgres", "postgres")
        program = [self._programs / "initdb", "--pgdata", self.folder / "data", "--no-sync"]
        program += ["--username", USER, "--pwfile", password, "--auth", "md5"]  # which costs little
        program += ["--encoding", "UTF8", "--no-instructions", "--no-locale"]
        # An order of texts that is not that of their bytes, as most servers have.
        program += ["--locale-provider", "icu", "--icu-locale", "en"]
        subprocess.run(program, check=True, capture_output=True, cwd="/", **self._owner)

    def start(self) -> None:
        """Start the server, and wait until it accepts connections.

        After a kill it may not start at once: for a moment another program can have its port, or a
        process of the server that was killed its memory.
        """
        self._launch()
        end = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg.connect(self.make_url("postgres"), connect_timeout=3).close()
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > end:
                    error.add_note((self.folder / "log").read_text()[-_SHOWN:])
                    raise
            time.sleep(_PAUSE_SECONDS)
            if self.process.poll() is not None:
                self._launch()

    def _launch(self) -> None:
        settings = [
            *("fsync=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=200"),
            *("listen_addresses=127.0.0.1", f"port={self.port}", "unix_socket_directories="),
            *self._settings,
        ]
        program = [self._programs / "postgres", "-D", self.folder / "data"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*program, *(part for setting in settings for part in ("-c", setting))],
                cwd="/",
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C ends the tests, which end the server
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
                **self._owner,
            )

    def make_url(self, database: str) -> str:
        password = PASSWORD.replace("/", "%2F").replace(":", "%3A").replace("@", "%40")
        password = password.replace(" ", "%20")
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a statement, which has a transaction of its own or needs none."""
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self.make_url("postgres"), autocommit=True)
        cursor = self._connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []

    def make_database(self, template: str = "template1") -> str:
        """The name of a new database, which is a copy of another one."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def take_database(self, template: str) -> str:
        """The name of a database that is as a new copy of the template."""
        if self._free:
            return self._free.pop()
        name = self.make_database(template)
        self._cleaners[name] = psycopg.connect(self.make_url(name), autocommit=True)
        self._described[name] = self._describe(name)
        return name

    def give_back(self, name: str) -> None:
        """Let a database be taken again, empty, unless its tables or connections were changed.

        To make one takes a hundred times as long as to empty it.
        """
        connection = self._cleaners[name]
        try:
            connection.execute(_END_CONNECTIONS)
            is_same = self._describe(name) == self._described[name]
            if is_same:
                connection.execute(_EMPTY)
        except psycopg.OperationalError:  # a test has cut it
            is_same = False
        if is_same:
            self._free.append(name)
        else:
            connection.close()
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _describe(self, name: str) -> Any:
        connection = self._cleaners[name]
        version = connection.execute("SELECT * FROM mockserver_version").fetchall()
        return version, connection.execute(_DESCRIBE).fetchall()

    def signal(self, number: int) -> None:
        """Send a signal to the server and to each process that serves a connection."""
        found = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        for pid in {self.process.pid, *map(int, found.stdout.split())}:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue

    def kill(self) -> None:
        """End the server as a power cut does: nothing is written any more."""
        for connection in (self._connection, *self._cleaners.values()):
            if connection:
                connection.close()
        self.signal(signal.SIGKILL)
        self.process.wait()
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def close(self) -> None:
        self.signal(signal.SIGCONT)
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
