"""A named store keeps its worlds, whatever moment its process is killed at."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mockserver.clock import Clock
from mockserver.sandbox import Sandboxes, Template, open_session
from mockserver.store import Document, FileStore

Make = Callable[..., Template]

_WRITER = """
import sys
from pathlib import Path

from mockserver.clock import Clock
from mockserver.sandbox import Template, Sandboxes, open_session
from mockserver.store import Document, FileStore

CLOCK = Clock.frozen_at(5)


def populate(open_batch):
    with open_batch() as world:
        for api in ("calwe", "ekran"):
            world(api).documents.extend(Document("session", str(n), {}) for n in (1, 2))


template = Template("small-1", "small", 7, CLOCK, {}, populate)
sandboxes = Sandboxes(FileStore(Path(sys.argv[1])), template)


def write(n):
    '''One transaction: a document in each API, the clock put to their number, a snapshot.'''
    with open_session(sandboxes, "a", writing=True) as session:
        sandbox = session.sandbox
        for api in ("calwe", "ekran"):
            sandbox.open_world(api).documents.append(Document("entry", "", {"n": n}, "1", n))
        sandbox.set_clock(Clock.frozen_at(n))
        sandbox.take_snapshot(f"n{n}")
        if n > 3:
            sandbox.delete_snapshot(f"n{n - 3}")
    sandboxes.clean_up()


for n in range(1, 100_000):
    write(n)
    print(n, flush=True)
"""


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[Callable[[int], tuple[Path, int]]]:
    """Kills a process that writes, once it said that so many writes are done; the last one said."""

    def kill(after: int) -> tuple[Path, int]:
        path = tmp_path / f"{after}.sqlite"
        process = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        try:
            said = [int(process.stdout.readline()) for _ in range(after)]
        finally:
            process.kill()
        rest, _ = process.communicate()
        assert process.returncode == -signal.SIGKILL
        said += [int(line) for line in rest.splitlines(keepends=True) if line.endswith("\n")]
        return path, said[-1]

    yield kill


@pytest.mark.parametrize("after", [1, 30])
def test_what_was_said_to_be_done_is_there_after_a_kill_and_nothing_is_there_by_half(
    killed: Callable[[int], tuple[Path, int]], make: Make, after: int
) -> None:
    path, said = killed(after)
    with closing(FileStore(path)) as store:
        sandboxes = Sandboxes(store, make())
        with open_session(sandboxes, "a", writing=False) as session:
            sandbox = session.sandbox
            last = sandbox.record.clock.now()
            assert last in (said, said + 1)  # done, and perhaps not yet said
            for api in ("calwe", "ekran"):
                documents = sandbox.open_world(api).documents
                entries = [item.body["n"] for item in documents.list_by_owner("entry", "1")]
                assert entries == list(range(1, last + 1))
                assert documents.get_size("entry", "1") == last
                assert documents.get_size("session") == 2
            names = {f"n{n}" for n in range(max(1, last - 2), last + 1)}
            assert {record.name for record in sandbox.list_snapshots()} == names
            for record in sandbox.list_snapshots():
                n = int(record.name[1:])
                assert record.clock == Clock.frozen_at(n)
                assert session.transaction.worlds.get_sizes([record.id]) == {record.id: 4 + 2 * n}
        with open_session(sandboxes, "a", writing=True) as session:
            session.sandbox.restore_snapshot(f"n{last}")
            documents = session.sandbox.open_world("calwe").documents
            documents.append(Document("entry", "", {}, "1", last + 1))
            assert documents.list_by_owner("entry", "1")[-1].key == f"1/{last + 1}"


def test_after_a_kill_counters_are_right_and_unreferenced_rows_are_deleted(
    killed: Callable[[int], tuple[Path, int]], make: Make
) -> None:
    path, _ = killed(20)
    with closing(FileStore(path)) as store:
        sandboxes = Sandboxes(store, make())
        while sandboxes.clean_up():
            pass
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            counted = connection.execute(
                "SELECT partition, kind, owner, count(*) FROM documents GROUP BY 1, 2, 3"
            ).fetchall()
            sizes = connection.execute(
                "SELECT partition, kind, owner, size FROM collections WHERE size > 0"
            ).fetchall()
            get_partitions = connection.execute(
                "SELECT DISTINCT partition FROM world_partitions"
            ).fetchall()
            there = connection.execute("SELECT id FROM partitions").fetchall()
            holders = connection.execute("SELECT DISTINCT world FROM world_partitions").fetchall()
            worlds = connection.execute("SELECT id FROM worlds").fetchall()
        assert sorted(counted) == sorted(sizes)
        assert sorted(get_partitions) == sorted(there)
        assert {partition for partition, *_ in counted} <= {id for (id,) in there}
        assert {id for (id,) in holders} <= {id for (id,) in worlds}


def test_worlds_clocks_and_snapshots_come_back_when_the_store_is_opened_again(
    tmp_path: Path, make: Make
) -> None:
    path = tmp_path / "kept.sqlite"
    clock = Clock(real=1_755_786_600_000_000, virtual=5_000_000, rate=60.0)
    with closing(FileStore(path)) as store:
        sandboxes = Sandboxes(store, make())
        with open_session(sandboxes, "a", writing=True) as session:
            session.sandbox.load_template(make("other-1", sessions="xy", seed=9))
            session.sandbox.take_snapshot("before")
            session.sandbox.set_clock(clock)
            session.sandbox.open_world("calwe").documents.append(Document("session", "z", {}))
            record = session.sandbox.record
    with closing(FileStore(path)) as store:
        sandboxes = Sandboxes(store, make())
        with open_session(sandboxes, "a", writing=False) as session:
            found = session.sandbox.record
            assert (found.id, found.scenario, found.seed) == (record.id, "other", 9)
            assert found.clock == clock
            sessions = [
                item.key
                for item in session.sandbox.open_world("calwe").documents.list_all("session")
            ]
            assert sessions == ["x", "y", "z"]
            assert [kept.name for kept in session.sandbox.list_snapshots()] == ["before"]
        with open_session(sandboxes, "a", writing=True) as session:
            session.sandbox.restore_snapshot("before")
            assert session.sandbox.open_world("calwe").documents.get_size("session") == 2
            session.sandbox.reset()
            assert session.sandbox.open_world("calwe").documents.get_size("session") == 2
