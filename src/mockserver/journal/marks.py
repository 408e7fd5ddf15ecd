"""Marks of the processes that write to a journal: how far each is, in a file that all have mapped.

A process writes its exchanges in batches, a moment after their responses were sent. Who reads
waits until every process has written what was added before.
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

_MARK = struct.Struct("=qqq")
"""Of each process: its id, how many exchanges it has added, and how many it has written."""

_MAX_PROCESSES = 256


class Marks:
    """The marks of all processes, one of which is this process's own.

    Without a path or a free place, or on Windows, there is no file, and nothing to wait for.
    """

    def __init__(self, path: Path | None) -> None:
        self._added = self._written = 0
        self._place: int | None = None
        if path is None or sys.platform == "win32":
            return
        with path.open("a+b") as file, _lock(file):
            file.truncate(_MAX_PROCESSES * _MARK.size)
            self._map = mmap.mmap(file.fileno(), 0)
            places = range(_MAX_PROCESSES)
            free = (place for place in places if not _is_alive(self._read(place)[0]))
            self._place = next(free, None)
            self._mark()

    def note_added(self) -> None:
        """One more exchange was added."""
        self._added += 1
        self._mark()

    def note_written(self, number: int) -> None:
        """So many more exchanges were written, or given up."""
        self._written += number
        self._mark()

    def list_unwritten(self) -> dict[int, int]:
        """For each place of a process that has to write: how many it will have written then."""
        if self._place is None:
            return {}
        marks = {place: self._read(place) for place in range(_MAX_PROCESSES)}
        return {
            place: added
            for place, (process, added, written) in marks.items()
            if place != self._place and written < added and _is_alive(process)
        }

    def is_written(self, place: int, number: int) -> bool:
        """Whether the process at a place has written so many, or has ended."""
        process, _, written = self._read(place)
        return written >= number or not _is_alive(process)

    def close(self) -> None:
        """Give the place back."""
        if self._place is not None:
            _MARK.pack_into(self._map, self._place * _MARK.size, 0, 0, 0)
            self._map.close()
            self._place = None

    def _mark(self) -> None:
        if self._place is not None:
            place = self._place * _MARK.size
            _MARK.pack_into(self._map, place, os.getpid(), self._added, self._written)

    def _read(self, place: int) -> tuple[int, int, int]:
        process, added, written = _MARK.unpack_from(self._map, place * _MARK.size)
        return process, added, written


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
