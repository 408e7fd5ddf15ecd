"""A real server on a socket for the whole run; for each test a sandbox that no other test uses."""

from __future__ import annotations

import gc
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
from forking import start_program
from postgres import Cluster

from mockserver import apis
from mockserver.server.run import run_in_thread
from mockserver.settings import DatabaseUrl, Settings
from mockserver.store import FileStore, Store
from mockserver.store.postgres import PostgresStore
from mockserver.traffic.recording import RecordedCall, Recording, read_recording

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# No client here speaks TLS (`verify=False`): to read the certificates takes longer than most tests.
_numbers = count()

SERVED = ("autozod", "avaamo", "calwe", "ekran")
"""The APIs that the servers of these tests have; another API has tests of its own."""

# What is imported and compiled stays: to look for garbage in it again and again takes 4 % of a run.
gc.set_threshold(10_000)

# A shell makes what it starts in the background ignore Ctrl-C, `nohup` makes it ignore the end of
# the terminal, and child processes inherit both.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@contextmanager
def _find_only_served(*more: str) -> Iterator[None]:
    names = tuple(name for name in apis.names() if name in (*SERVED, *more))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apis, "names", lambda: names)
        yield


@contextmanager
def _run_server(**settings: Any) -> Iterator[str]:
    with ExitStack() as stack:
        chosen = Settings(**{"port": 0, "only": SERVED, **settings})
        # A world has all APIs that are found when its server starts.
        with _find_only_served(*chosen.only):
            url = stack.enter_context(run_in_thread(chosen))
        yield url


@pytest.fixture(scope="session")
def vendors() -> tuple[str, ...]:
    """The APIs whose documents these tests speak of; another one may be installed too."""
    return SERVED


@pytest.fixture(params=SERVED)
def vendor(request: pytest.FixtureRequest) -> str:
    """Each of `vendors`."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def only_vendors() -> Iterator[None]:
    """While the tests of a module run, no API is found but `vendors`."""
    with _find_only_served():
        yield


@pytest.fixture(scope="session")
def run_server() -> Callable[..., AbstractContextManager[str]]:
    """Runs another server with the settings given, which has `vendors` only; gives its URL."""
    return _run_server


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a server with the default world on the real clock."""
    with _run_server() as url:
        yield url


@pytest.fixture(scope="session")
def documented_server() -> Iterator[str]:
    """The URL of a server with the documents' world, its clock frozen at 2025-08-21T14:30:00Z."""
    with _run_server(scenario="documented") as url:
        yield url


STATEFUL = (
    *("test_isolation", "test_determinism", "test_handlers", "scenarios/test_faults"),
    *("apis/test_workflows", "recorder/test_round_trip", "control/test_checks"),
    *("control/test_api", "control/test_clock", "control/test_documents", "control/test_events"),
    *("control/test_examples", "control/test_explanations", "control/test_faults"),
    *("control/test_journal", "control/test_mutations", "control/test_sandboxes"),
    *("control/test_scenarios", "control/test_server", "control/test_snapshots"),
    *("control/test_validation", "control/test_views"),
    *("middleware/test_dispatch", "middleware/test_faults", "middleware/test_journal"),
    *("server/test_app", "server/test_cleanup", "server/test_metrics", "server/test_mutations"),
    *("server/test_preference", "server/test_recording", "server/test_services"),
    *("server/test_sources", "upstream/test_deployments", "upstream/test_proxy"),
)
"""The tests of what a server keeps, which are run with a store in a file and in a database, and
with several workers."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests of `STATEFUL` with each kind of store that they can be run with."""
    path = metafunc.definition.path.with_suffix("").as_posix()
    if "store_kind" in metafunc.fixturenames and path.endswith(STATEFUL):
        kinds = ["sqlite", "postgresql"]
        # Of other processes nothing can be replaced; to start some for each test takes too long.
        in_process = {"start", "monkeypatch"} & {*metafunc.fixturenames}
        if not in_process and not metafunc.definition.get_closest_marker("one_process"):
            kinds.append("workers")
        metafunc.parametrize("store_kind", kinds, indirect=True)


@pytest.fixture
def store_kind(request: pytest.FixtureRequest) -> str:
    """Where the servers of a test keep their worlds: in a file, also of several workers, or not."""
    kind: str = getattr(request, "param", "sqlite")
    return kind


@pytest.fixture(scope="session")
def server_on_database(postgres: Cluster) -> Iterator[str]:
    """A server like `server`, on a database."""
    with _run_server(store=_make_database(postgres)) as url:
        yield url


@pytest.fixture(scope="session")
def documented_server_on_database(postgres: Cluster) -> Iterator[str]:
    """A server like `documented_server`, on a database."""
    with _run_server(scenario="documented", store=_make_database(postgres)) as url:
        yield url


def _make_database(postgres: Cluster) -> DatabaseUrl:
    return DatabaseUrl(postgres.make_url(postgres.make_database("template_store")))


@pytest.fixture(scope="session")
def server_of_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server like `server`, of two worker processes."""
    with _spawn_server(tmp_path_factory.mktemp("workers"), "--workers", "2") as server:
        yield str(server.client.base_url)


@pytest.fixture(scope="session")
def documented_server_of_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server like `documented_server`, of two worker processes."""
    options = ("--workers", "2", "--scenario", "documented")
    with _spawn_server(tmp_path_factory.mktemp("workers"), *options) as server:
        yield str(server.client.base_url)


_SUFFIXES = {"sqlite": "", "postgresql": "_on_database", "workers": "_of_workers"}


@contextmanager
def _open_client(name: str, store_kind: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A client of a server, in a sandbox of its own.

    Of several workers, each request has a connection of its own, and so any of them.
    """
    headers = {"X-Mock-Sandbox": f"test-{next(_numbers)}"}
    limits = httpx.Limits(max_keepalive_connections=0 if store_kind == "workers" else None)
    url = request.getfixturevalue(name + _SUFFIXES[store_kind])
    with httpx.Client(base_url=url, headers=headers, timeout=30, verify=False, limits=limits) as it:
        yield it


@pytest.fixture
def client(store_kind: str, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """A client of `server`, in a sandbox of its own."""
    with _open_client("server", store_kind, request) as it:
        yield it


@pytest.fixture
def documented(store_kind: str, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """A client of `documented_server`, in a sandbox of its own."""
    with _open_client("documented_server", store_kind, request) as it:
        yield it


@pytest.fixture
def start(store_kind: str, request: pytest.FixtureRequest) -> Iterator[Callable[..., httpx.Client]]:
    """Starts another server with the settings given and gives a client of it."""
    with ExitStack() as stack:

        def run(**settings: Any) -> httpx.Client:
            if store_kind == "postgresql" and "store" not in settings:
                settings["store"] = _make_database(request.getfixturevalue("postgres"))
            url = stack.enter_context(_run_server(**settings))
            return stack.enter_context(httpx.Client(base_url=url, timeout=60, verify=False))

        yield run


@pytest.fixture(scope="module")  # no longer: its event loop is in the way of other tests
def browser() -> Iterator[Browser]:
    """The browser that tools/browser.sh finds; where everything must be tested, there is one."""
    from playwright.sync_api import sync_playwright  # few tests need it, and it takes long

    finding = [Path(__file__).parents[1] / "tools" / "browser.sh", "find"]
    found = subprocess.run(finding, capture_output=True, text=True, check=False).stdout.strip()
    if not found:
        sentence = "There is no browser here: tools/browser.sh says what to install."
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    # The first is needed by root alone.
    options = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def postgres_programs() -> Path:
    """The folder of PostgreSQL's programs; where everything must be tested, there is one."""
    finding = [Path(__file__).parents[1] / "tools" / "postgres.sh", "find"]
    found = subprocess.run(finding, capture_output=True, text=True, check=False).stdout.strip()
    if not found:
        sentence = "There is no PostgreSQL here: tools/postgres.sh says what to install."
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    return Path(found)


@pytest.fixture(scope="session")
def postgres(postgres_programs: Path) -> Iterator[Cluster]:
    """A PostgreSQL server; its database `template_store` has the tables of a store."""
    cluster = Cluster(postgres_programs)
    cluster.execute("CREATE DATABASE template_store")
    PostgresStore(cluster.make_url("template_store")).close()
    yield cluster
    cluster.close()


@pytest.fixture
def database(postgres: Cluster) -> Iterator[str]:
    """The URL of an empty database with the tables of a store."""
    name = postgres.take_database("template_store")
    yield postgres.make_url(name)
    postgres.give_back(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens the same store each time, in an SQLite file and in a PostgreSQL database."""
    with ExitStack() as stack:
        is_file = request.param == "sqlite"
        database = "" if is_file else request.getfixturevalue("database")

        def make() -> Store:
            path = tmp_path / "store.sqlite"
            store = FileStore(path) if is_file else PostgresStore(database)
            stack.callback(store.close)
            return store

        yield make


@pytest.fixture
def store(make_store: Callable[[], Store]) -> Store:
    """A new store, in a file and in a database."""
    return make_store()


@pytest.fixture
def query(store: Store) -> Callable[..., list[tuple[Any, ...]]]:
    """The rows of a statement, as somebody else reads them in the file or in the database."""

    def run(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        if isinstance(store, FileStore):
            with closing(sqlite3.connect(store.path)) as connection:
                return connection.execute(statement, values).fetchall()
        assert isinstance(store, PostgresStore)
        with psycopg.connect(store.url, autocommit=True) as connection:
            found = connection.execute(statement.replace("?", "%s"), values)  # type: ignore[arg-type]
            return found.fetchall() if found.description else []

    return run


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Waits until something holds, for as long as no honest machine needs."""

    def wait(holds: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not holds():
            assert time.monotonic() < end, "it never came to hold"
            time.sleep(0.005)

    return wait


@dataclass
class Spawned:
    """A server in a process of its own; its temporary files are in `folder`."""

    process: subprocess.Popen[str]
    client: httpx.Client
    folder: Path
    announcement: str

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """The exit code and the rest of the output after a signal."""
        self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=60)
        return self.process.returncode, output, errors


@contextmanager
def _spawn_server(
    folder: Path, *arguments: str, flags: tuple[str, ...] = (), **variables: str
) -> Iterator[Spawned]:
    temporary = folder / "temporary"
    temporary.mkdir(exist_ok=True)
    program = (*flags, "-m", "mockserver", "serve", "--port", "0")
    kept = {name: value for name, value in os.environ.items() if "MOCKSERVER" not in name}
    served = {"MOCKSERVER_ONLY": ",".join(SERVED)}  # unless a test says otherwise
    process = start_program(
        [*program, *arguments],
        cwd=folder,
        env={**kept, "TMPDIR": str(temporary), **served, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        assert process.stdout
        said = ""
        for line in process.stdout:
            said += line
            if line == "Ctrl-C stops it.\n":
                break
        url = re.search(r" listens on (https?://\S+),", said)
        assert url, said
        with httpx.Client(base_url=url[1], timeout=60, verify=False) as client:
            yield Spawned(process, client, temporary, said)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)


@pytest.fixture
def spawn(tmp_path: Path) -> Iterator[Callable[..., Spawned]]:
    """Runs `mockserver serve` with the arguments given, from when it has announced itself."""
    with ExitStack() as stack:
        yield lambda *arguments, **more: stack.enter_context(
            _spawn_server(tmp_path, *arguments, **more)
        )


@pytest.fixture
def recording(tmp_path: Path) -> Callable[..., Recording]:
    """Reads a new HAR with some entries, and what else its log has."""
    numbers = count()

    def read(*entries: Any, **log: Any) -> Recording:
        path = tmp_path / f"{next(numbers)}a.har"
        path.write_text(json.dumps({"log": {"version": "1.2", **log, "entries": entries}}))
        return read_recording(path)

    return read


@pytest.fixture
def calls(recording: Callable[..., Recording]) -> Callable[..., list[RecordedCall]]:
    """Reads the calls of a new HAR with some entries."""

    def read(*entries: Any, **log: Any) -> list[RecordedCall]:
        return recording(*entries, **log).calls

    return read
