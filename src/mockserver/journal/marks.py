"""Marks of the processes that write to a journal: how far each is, in a file that all have mapped.

A process writes its exchanges in batches, some time after their responses were sent. Who reads asks
every process to write, and waits until what was added before is written.
"""

from __future__ import annotations

import mmap
import os
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_MARK = struct.Struct("=q?xxxxxxxqq")
"""Of each process: its id, whether exchanges wait, the batch it has begun, and the one written."""
_WANTED = struct.Struct("=q")
"""Behind it, written by those who read: the batch that they wait for."""
_SIZE = _MARK.size + _WANTED.size
_PROCESS = struct.Struct(f"=q{_SIZE - 8}x")

_MAX_PROCESSES = 256


class Marks:
    """The marks of all processes, one of which is this process's own.

    Without a path or a free place, or on Windows, there is no file, and nothing to wait for.
    """

    def __init__(self, path: Path | None) -> None:
        self._begun = self._written = 0
        self._place: int | None = None
        if path is None or sys.platform == "win32":
            return
        with path.open("a+b") as file, _lock(file):
            file.truncate(_MAX_PROCESSES * _SIZE)
            self._map = mmap.mmap(file.fileno(), 0)
            places = range(_MAX_PROCESSES)
            free = (place for place in places if not _is_alive(self._read(place)[0]))
            self._place = next(free, None)
            self._write(is_waiting=False)
            if self._place is not None:
                self._want(self._place, 0)

    def note_waiting(self) -> None:
        """Exchanges wait that the batches so far do not have."""
        self._write(is_waiting=True)

    def note_begun(self) -> None:
        """A batch begins, which has all exchanges that waited."""
        self._begun += 1
        self._write(is_waiting=False)

    def note_written(self, *, is_waiting: bool) -> None:
        """All batches that were begun are written; whether more exchanges wait since then."""
        self._written = self._begun
        self._write(is_waiting=is_waiting)

    @property
    def is_wanted(self) -> bool:
        """Whether somebody waits for what this process has not written."""
        return self._place is not None and self._read_wanted(self._place) > self._begun

    @property
    def is_alone(self) -> bool:
        """Whether it is known that no other process has a mark."""
        return self._place is not None and not any(True for _ in self._find_others())

    def want_all(self) -> dict[int, int]:
        """Ask the other processes to write; for each place the batch that has to be written."""
        if self._place is None:
            return {}
        wanted = {}
        for place in self._find_others():
            _, is_waiting, begun, written = self._read(place)
            batch = begun + is_waiting
            if written < batch:
                wanted[place] = batch
                self._want(place, batch)
        return wanted

    def is_written(self, place: int, batch: int) -> bool:
        """Whether the process at a place has written a batch, or has ended."""
        process, _, begun, written = self._read(place)
        if begun < batch:
            self._want(place, batch)  # another reader may have written less at the same time
        return written >= batch or not _is_alive(process)

    def close(self) -> None:
        """Give the place back."""
        if self._place is not None:
            _MARK.pack_into(self._map, self._place * _SIZE, 0, False, 0, 0)
            self._map.close()
            self._place = None

    def _find_others(self) -> Iterator[int]:
        """The places of the other processes, as far as they live."""
        for place, (process,) in enumerate(_PROCESS.iter_unpack(self._map[:])):
            if process and place != self._place and _is_alive(process):
                yield place

    def _write(self, *, is_waiting: bool) -> None:
        if self._place is not None:
            values = os.getpid(), is_waiting, self._begun, self._written
            _MARK.pack_into(self._map, self._place * _SIZE, *values)

    def _read(self, place: int) -> tuple[int, bool, int, int]:
        process, is_waiting, begun, written = _MARK.unpack_from(self._map, place * _SIZE)
        return process, is_waiting, begun, written

    def _want(self, place: int, batch: int) -> None:
        _WANTED.pack_into(self._map, place * _SIZE + _MARK.size, batch)

    def _read_wanted(self, place: int) -> int:
        wanted: int = _WANTED.unpack_from(self._map, place * _SIZE + _MARK.size)[0]
        return wanted


@contextmanager
def _lock(file: BinaryIO) -> Iterator[None]:
    import fcntl

    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _is_alive(process: int) -> bool:
    if not process:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
