"""A store in a PostgreSQL database: tables, locks, and faults of the database."""

from __future__ import annotations

import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from postgres import PASSWORD, USER, Cluster
from sqlalchemy import create_engine

from mockserver.errors import SettingError, StoreBusyError, StoreError, StoreUnreachableError
from mockserver.store import BUSY_SECONDS, Document, database, journal, migration
from mockserver.store.migration import NEWEST
from mockserver.store.postgres import PostgresStore
from mockserver.store.tables import metadata

from .conftest import list_sessions, make_record, put


@pytest.fixture
def store(database: str) -> Iterator[PostgresStore]:
    store = PostgresStore(database)
    yield store
    store.close()


@pytest.fixture
def own(postgres_programs: Path) -> Iterator[Cluster]:
    """A server for a test that stops it."""
    cluster = Cluster(postgres_programs)
    yield cluster
    cluster.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No response is waited for longer than half a second, and each caller tries to connect."""
    monkeypatch.setattr("mockserver.store.database._DOWN_SECONDS", 0)
    monkeypatch.setattr("mockserver.store.database._STALL_SECONDS", 0.5)


def _dump(programs: Path, url: str) -> str:
    program = [programs / "pg_dump", "--schema-only", "--no-comments", url]
    dumped = subprocess.run(program, capture_output=True, text=True, check=True).stdout
    # A line with a key of its own for each run.
    return "\n".join(line for line in dumped.splitlines() if "restrict" not in line)


# Tables


def test_the_migrations_make_the_tables_that_the_code_has(
    postgres: Cluster, postgres_programs: Path
) -> None:
    migrated, made = (postgres.make_url(postgres.make_database()) for _ in range(2))
    PostgresStore(migrated).close()
    engine = create_engine(made.replace("postgresql:", "postgresql+psycopg:"))
    metadata.create_all(engine)
    journal.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE mockserver_version (version_num VARCHAR(32) NOT NULL, "
            "CONSTRAINT mockserver_version_pkc PRIMARY KEY (version_num))"
        )
    engine.dispose()
    assert _sort(_dump(postgres_programs, migrated)) == _sort(_dump(postgres_programs, made))


def _sort(dumped: str) -> list[str]:
    """The lines without what depends on the order of the columns: commas, and the lines' order."""
    return sorted(line.rstrip(",") for line in dumped.splitlines())


def _open_at_once(url: str, number: int) -> None:
    """Open a database with several stores at once, as replicas do that start together."""
    barrier = threading.Barrier(number)

    def run(_: int) -> None:
        barrier.wait()
        PostgresStore(url).close()

    with ThreadPoolExecutor(number) as pool:
        list(pool.map(run, range(number)))


def test_many_can_open_a_new_database_at_once(postgres: Cluster) -> None:
    url = postgres.make_url(postgres.make_database())
    _open_at_once(url, 4)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT * FROM mockserver_version").fetchall() == [(NEWEST,)]


MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0005", "0004"


def upgrade():
    op.add_column("worlds", sa.Column("more", sa.Text))
    op.execute({!r})
"""


@contextmanager
def _next_version(folder: Path, statement: str) -> Iterator[None]:
    """In this block, the code is a version with one more migration, which executes a statement."""
    scripts = folder / "migrations"
    shutil.copytree(migration._SCRIPTS, scripts)
    (scripts / "versions" / "more.py").write_text(MIGRATION.format(statement))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migration, "_SCRIPTS", scripts)
        patch.setattr(migration, "NEWEST", "0005")
        yield


def test_many_that_start_at_once_upgrade_a_database_once_and_keep_what_it_has(
    database: str, tmp_path: Path
) -> None:
    with closing(PostgresStore(database)) as store:
        put(store, "1")
    longer = "UPDATE documents SET body = '[' || body || ']'"
    with _next_version(tmp_path, longer):
        _open_at_once(database, 4)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT key, body FROM documents").fetchall() == [("1", "[{}]")]
        assert connection.execute("SELECT * FROM mockserver_version").fetchall() == [("0005",)]
    with pytest.raises(SettingError, match="was made by a newer version"):
        PostgresStore(database)


def test_the_worlds_of_a_database_of_the_version_before_are_kept(database: str) -> None:
    with closing(PostgresStore(database)) as store, store.transaction(writing=True) as transaction:
        made = transaction.worlds.add(make_record("one"), {})
    with psycopg.connect(database) as connection:
        connection.execute("ALTER TABLE worlds DROP COLUMN variants")
        connection.execute("UPDATE mockserver_version SET version_num = '0003'")
    with closing(PostgresStore(database)) as store, store.transaction(writing=True) as transaction:
        assert transaction.worlds.get("sandbox", "one") == made
        assert transaction.worlds.count_variant(made, "calwe.listSessionLogs") == 0


def test_a_migration_that_fails_changes_nothing(database: str, tmp_path: Path) -> None:
    with closing(PostgresStore(database)) as store:
        put(store, "1")
    with (
        _next_version(tmp_path, "SELECT 1 / 0"),
        pytest.raises(SettingError, match=r"The store cannot be opened: .*division by zero"),
    ):
        PostgresStore(database)
    with closing(PostgresStore(database)) as store:
        assert list_sessions(store) == ["1"]


def test_a_database_of_a_newer_version_is_refused(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE mockserver_version SET version_num = '9999'")
    with pytest.raises(SettingError) as refused:
        PostgresStore(database)
    assert str(refused.value).endswith(
        "was made by a newer version of Mockserver (its tables are those of revision '9999'); "
        "start that version, or name another database."
    )


def test_a_database_with_tables_of_somebody_else_is_refused_and_left_as_it_is(
    postgres: Cluster,
) -> None:
    url = postgres.make_url(postgres.make_database())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE documents (id integer)")
        with pytest.raises(SettingError, match='relation "documents" already exists'):
            PostgresStore(url)
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
    assert tables == [("documents",)]


def test_a_database_of_another_encoding_is_refused(postgres: Cluster) -> None:
    postgres.execute(
        "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0"
    )
    with pytest.raises(SettingError, match="has the encoding LATIN1; create one with the encoding"):
        PostgresStore(postgres.make_url("latin"))


# Opening


def test_a_url_that_cannot_be_read_is_refused_without_being_shown() -> None:
    with pytest.raises(SettingError, match="The URL of the store cannot be read") as refused:
        PostgresStore("postgresql://user:secret@host:port/database")
    assert "secret" not in str(refused.value)


def test_what_refuses_a_connection_is_said_without_the_password(postgres: Cluster) -> None:
    encoded = postgres.make_url("nothing")
    for url, reason in (
        (encoded, 'database "nothing" does not exist'),
        (encoded.replace(USER, "nobody"), 'password authentication failed for user "nobody"'),
        (encoded.replace(f":{postgres.port}", ":1"), "connection"),
    ):
        with pytest.raises(SettingError) as refused:
            PostgresStore(url)
        sentence = str(refused.value)
        assert reason in sentence
        assert PASSWORD not in sentence
        assert "secret" not in sentence


# Reading and writing


@pytest.mark.parametrize("key", ["a\0b", "\0", "\uffff0", "\uffff\0\uffff1", "\uffff\uffff"])
def test_a_text_with_nul_is_stored_as_it_is(store: PostgresStore, key: str) -> None:
    document = Document("session", key, {"text": key}, owner=key)
    with store.transaction(writing=True, sandbox="a") as transaction:
        documents = transaction.documents(1, lambda: 1)
        documents.append(document)
        assert documents.get("session", key) == document
        assert documents.list_page("session", key, 0, 10) == ([document], 1)


def test_a_reader_cannot_write(store: PostgresStore) -> None:
    with pytest.raises(StoreError), store.transaction(writing=False) as transaction:
        transaction.partitions.create()


def test_a_failed_statement_that_a_block_has_caught_is_no_success(store: PostgresStore) -> None:
    with (
        pytest.raises(StoreError, match="failed"),
        store.transaction(writing=True) as transaction,
    ):
        documents = transaction.documents(1, lambda: 1)
        documents.append(Document("session", "1", {}))
        with pytest.raises(Exception, match="duplicate key"):
            documents.append(Document("session", "1", {}))
    assert list_sessions(store) == []


def test_writers_of_different_sandboxes_write_at_once(database: str) -> None:
    with closing(PostgresStore(database)) as one, closing(PostgresStore(database)) as other:
        with (
            one.transaction(writing=True, sandbox="a") as first,
            other.transaction(writing=True, sandbox="b") as second,
        ):
            first.documents(1, lambda: 1).append(Document("session", "1", {}))
            second.documents(2, lambda: 2).append(Document("session", "2", {}))
            assert first.try_lock("c")
            assert not second.try_lock("c")
            assert not second.try_lock("a")
        assert list_sessions(one) == ["1"]


def test_more_transactions_than_connections_wait_and_are_refused_in_the_end(
    store: PostgresStore,
) -> None:
    with pytest.raises(StoreBusyError, match=r"All 12 connections to the database .* try again"):
        _open_many(store, 13)
    put(store, "1")
    assert list_sessions(store) == ["1"]


def _open_many(store: PostgresStore, number: int) -> None:
    if number:
        with store.transaction(writing=False):
            _open_many(store, number - 1)


# Faults of the database


def _cut_connections(postgres: Cluster, database: str) -> None:
    name = database.rpartition("/")[2]
    postgres.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    )


def test_a_connection_that_was_cut_while_it_was_idle_is_replaced(
    store: PostgresStore, postgres: Cluster, database: str
) -> None:
    put(store, "1")
    name = database.rpartition("/")[2]
    postgres.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname='{name}'"
    )
    put(store, "2")
    assert list_sessions(store) == ["1", "2"]


def test_a_transaction_that_is_cut_is_undone_and_says_so(
    store: PostgresStore, postgres: Cluster, database: str
) -> None:
    with (
        pytest.raises(StoreUnreachableError, match="There is no connection to the database"),
        store.transaction(writing=True, sandbox="a") as transaction,
    ):
        transaction.documents(1, lambda: 1).append(Document("session", "1", {}))
        _cut_connections(postgres, database)
    assert list_sessions(store) == []


@pytest.mark.usefixtures("impatient")
def test_a_database_that_stalls_is_not_waited_for_and_comes_back(own: Cluster) -> None:
    with closing(PostgresStore(own.make_url(own.make_database()))) as store:
        put(store, "1")
        own.signal(signal.SIGSTOP)
        for _ in range(2):
            with pytest.raises(StoreUnreachableError):
                put(store, "2")
        own.signal(signal.SIGCONT)
        put(store, "3")
        assert list_sessions(store) == ["1", "3"]


@pytest.fixture
def stalls(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The limits, of half a second, that a database that stalls has used up."""
    used: list[float] = []

    class Connection(database._Connection):
        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            try:
                return super().wait(gen, interval, timeout)
            finally:
                if self.has_stalled:
                    used.append(self.seconds)

    monkeypatch.setattr(database, "_Connection", Connection)
    monkeypatch.setattr(database, "_STALL_SECONDS", 0.5)
    monkeypatch.setattr(database, "_DOWN_SECONDS", 3_600)
    return used


ROW = {
    "id": "1-1", "sandbox": "a", "at": 1, "operation": "", "status": 200, "is_violating": False,
    "content": b"",
}  # fmt: skip


@pytest.mark.parametrize(
    "act", [lambda store: put(store, "2"), list_sessions], ids=["write", "read"]
)
def test_a_request_waits_once_for_a_database_that_stalls(
    own: Cluster, stalls: list[float], act: Callable[[PostgresStore], object]
) -> None:
    with closing(PostgresStore(own.make_url(own.make_database()))) as store:
        with closing(store.open_journal(10)) as journal:
            put(store, "1")
            journal.add([ROW])
            own.signal(signal.SIGSTOP)
            with pytest.raises(StoreUnreachableError, match="has not responded for"):
                act(store)
            # Its exchange and the seed of its sandbox.
            with pytest.raises(StoreUnreachableError):
                journal.add([{**ROW, "id": "1-2"}])
            with pytest.raises(StoreUnreachableError):
                list_sessions(store)
        assert stalls == [0.5]


@pytest.mark.parametrize("writing", [True, False])
def test_a_database_that_stalls_in_a_transaction_is_known_to_stall(
    own: Cluster, stalls: list[float], writing: bool
) -> None:
    with closing(PostgresStore(own.make_url(own.make_database()))) as store:
        with (
            pytest.raises(StoreUnreachableError),
            store.transaction(writing=writing, sandbox="a") as transaction,
        ):
            own.signal(signal.SIGSTOP)
            transaction.documents(1, lambda: 1).list_all("session")
        with pytest.raises(StoreUnreachableError):
            put(store, "1")
        assert stalls == [0.5]


def test_the_limits_are_those_that_the_docs_name() -> None:
    assert (database._STALL_SECONDS, database._CONNECT_SECONDS, BUSY_SECONDS) == (3, 3, 2)
    text = (Path(__file__).parents[2] / "docs" / "store.md").read_text("utf-8")
    assert "after three seconds if it does not respond" in text


@pytest.mark.usefixtures("impatient")
def test_a_database_that_is_killed_comes_back_with_what_was_committed(own: Cluster) -> None:
    with closing(PostgresStore(own.make_url(own.make_database()))) as store:
        put(store, "1")
        own.kill()
        for _ in range(2):
            with pytest.raises(StoreUnreachableError, match="There is no connection to the data"):
                put(store, "2")
        own.start()
        put(store, "3")
        assert list_sessions(store) == ["1", "3"]


def test_while_there_is_no_connection_one_caller_a_second_tries(
    own: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(PostgresStore(own.make_url(own.make_database()))) as store:
        own.kill()
        with pytest.raises(StoreUnreachableError):
            put(store, "1")
        own.start()
        with pytest.raises(StoreUnreachableError):  # not tried yet
            put(store, "2")
        monkeypatch.setattr("mockserver.store.database._DOWN_SECONDS", 0)  # it has passed
        put(store, "3")
        assert list_sessions(store) == ["3"]


def test_who_waits_to_be_alone_holds_up_no_other_writer(
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    eventually: Callable[[Callable[[], bool]], None],
) -> None:
    monkeypatch.setattr("mockserver.store.database._SETTINGS", "SET lock_timeout = 60000")
    waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    has_ended = threading.Event()

    def be_alone() -> None:
        while not has_ended.is_set():
            with suppress(StoreBusyError), store.transaction(writing=True, alone=True):
                pass

    with (
        closing(PostgresStore(database)) as store,
        psycopg.connect(database, autocommit=True) as connection,
    ):
        alone = threading.Thread(target=be_alone)
        with store.transaction(writing=True, sandbox="b"):
            alone.start()
            eventually(lambda: connection.execute(waiting).fetchone() is not None)
            put(store, "1")
            put(store, "2")
        has_ended.set()
        alone.join()
        assert list_sessions(store) == ["1", "2"]
