"""Exchanges on the disk: in order, of several processes, after a kill."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from mockserver.recorder import RecordedExchange, SpoolWriter
from mockserver.recorder import spool as module
from mockserver.recorder.spool import Spool


def make(at: int, response: str = "[]", **fields: str) -> RecordedExchange:
    return RecordedExchange(at, api="ekran", url="http://h/a", response=response, **fields)


def read(folder: Path, sandbox: str = "") -> list[tuple[int, str, int]]:
    with closing(Spool(folder, sandbox)) as spool:
        return [(it.at, it.response, times) for it, times in spool.read("ekran")]


def test_of_the_same_read_the_last_one_counts(tmp_path: Path) -> None:
    with closing(SpoolWriter(tmp_path)) as writer:
        for at, response in enumerate(["1", "2", "1", "1"]):
            writer.add(make(at, response))
        writer.add(make(9, "x", query="a=1"))
    assert read(tmp_path) == [(3, "1", 4), (9, "x", 1)]


def test_a_response_that_comes_again_takes_no_room(tmp_path: Path) -> None:
    with closing(SpoolWriter(tmp_path)) as writer:
        for at in range(100):
            writer.add(make(at, "x" * 10_000))
    assert (tmp_path / "000000.jsonl").stat().st_size < 20_000
    assert read(tmp_path) == [(99, "x" * 10_000, 100)]


def test_each_write_counts(tmp_path: Path) -> None:
    with closing(SpoolWriter(tmp_path)) as writer:
        for at in range(3):
            writer.add(make(at, "saved", method="POST"))
    assert read(tmp_path) == [(0, "saved", 1), (1, "saved", 1), (2, "saved", 1)]


def test_processes_write_files_of_their_own_that_are_read_by_moment(tmp_path: Path) -> None:
    with closing(SpoolWriter(tmp_path)) as one, closing(SpoolWriter(tmp_path)) as two:
        one.add(make(1, "a"))
        two.add(make(2, "b"))
        one.add(make(3, "c", query="x=1"))
        two.add(make(4, "a"))
    assert read(tmp_path) == [(3, "c", 1), (4, "a", 3)]


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    with closing(SpoolWriter(tmp_path)) as writer:
        writer.add(make(1))
        writer.add(make(2, query="a=1"))
    path = tmp_path / "000000.jsonl"
    path.write_bytes(path.read_bytes()[:-9])
    with closing(Spool(tmp_path)) as spool:
        assert [it.at for it, _ in spool.read("ekran")] == [1]
        assert spool.left_out == {"were cut off when the process that recorded them was killed": 1}


def test_a_process_records_no_more_when_its_file_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 1_000)
    with closing(SpoolWriter(tmp_path)) as writer:
        for at in range(100):
            writer.add(make(at, "x" * 100, query=f"a={at}"))
    assert (tmp_path / "000000.jsonl").stat().st_size < 1_200
    with closing(Spool(tmp_path)) as spool:
        assert 3 <= len(list(spool.read("ekran"))) <= 6
        assert [*spool.left_out.values()] == [1]


def test_a_world_that_was_replaced_begins_anew(tmp_path: Path) -> None:
    with closing(SpoolWriter(tmp_path)) as writer:
        writer.add(make(1, "old"))
        writer.add(RecordedExchange(2, "other"))
        writer.add(RecordedExchange(3))
        writer.add(make(4, "new", query="a=1"))
    assert read(tmp_path) == [(4, "new", 1)]
