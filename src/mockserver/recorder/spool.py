"""Recorded exchanges on the disk: one file for each process that records, one line for each.

So they need no memory, several processes record together, and a process that is killed has lost
nothing that it had written.
"""

from __future__ import annotations

import os
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import msgspec

from mockserver.contract import SAFE_METHODS
from mockserver.recorder.exchange import DEFAULT_SANDBOX, RecordedExchange

MOST_BYTES = 2**30
"""When a process has written so many bytes, it records no more."""

_SUFFIX = ".jsonl"
_FULL = f"came when a process had recorded {MOST_BYTES // 2**20} MiB"
_CUT_OFF = "were cut off when the process that recorded them was killed"
_REPLACED = "are of a world that was replaced later, by a reset, a scenario or a snapshot"
_MOST_KNOWN = 10_000


class SpoolWriter:
    """Writes the exchanges of one process to a file of its own in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND
        number = len(list_spool_files(folder))
        self._descriptor = -1
        while self._descriptor < 0:
            with suppress(FileExistsError):
                path = folder / f"{number:06}{_SUFFIX}"
                self._descriptor = os.open(path, flags, 0o600)
            number += 1
        self._size = 0
        self._is_full = False
        self._known: OrderedDict[int, int] = OrderedDict()

    def add(self, exchange: RecordedExchange) -> None:
        """Write an exchange; of one that comes again, only when it did. Raises OSError."""
        if self._is_full:
            return
        head = exchange.sandbox, exchange.api, exchange.method, exchange.url, exchange.query
        bodies = exchange.request, exchange.response
        key = hash((*head, exchange.status, *bodies, exchange.left_out))
        before = self._known.get(key)
        if before is not None:
            exchange = RecordedExchange(exchange.at, world_at=exchange.world_at, again=before)
        line = msgspec.json.encode(exchange) + b"\n"
        self._is_full = self._size + len(line) > MOST_BYTES
        if self._is_full:
            line = msgspec.json.encode(RecordedExchange(exchange.at, left_out=_FULL)) + b"\n"
        if before is None:
            self._known[key] = self._size
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        os.write(self._descriptor, line)
        self._size += len(line)

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1


class _Place(msgspec.Struct, frozen=True):
    """Where an exchange stands, and when it came; how many others are like it and came before."""

    at: int
    world_at: int | None
    file: int
    offset: int
    times: int = 1


class _Head(msgspec.Struct):
    """What is needed of an exchange to know whether it counts."""

    at: int
    sandbox: str = DEFAULT_SANDBOX
    api: str = ""
    method: str = "GET"
    url: str = ""
    query: str = ""
    status: int = 0
    world_at: int | None = None
    again: int = -1
    left_out: str = ""


@dataclass
class Spool:
    """The exchanges of a folder, of one sandbox: those that say something of its world at the end.

    Of a read that came several times with the same status, that is the last one. `left_out` has the
    reasons why exchanges do not count.
    """

    folder: Path
    sandbox: str = ""
    left_out: Counter[str] = field(default_factory=Counter)
    _files: list[IO[bytes]] = field(default_factory=list)
    _places: dict[str, list[_Place]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._files = [path.open("rb") for path in list_spool_files(self.folder)]
        heads = list(self._read_heads())
        if len(self._files) > 1:  # each is in order
            heads.sort(key=lambda it: it[0].at)
        self.sandbox = self.sandbox or _choose_sandbox(head for head, _ in heads)
        for api, place in self._select(heads):
            self._places.setdefault(api, []).append(place)

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()

    @property
    def apis(self) -> list[str]:
        """The APIs that were called."""
        return list(self._places)

    def read(self, api: str) -> Iterator[tuple[RecordedExchange, int]]:
        """The exchanges of an API, the oldest first, each with how often it came."""
        for place in self._places.get(api, ()):
            file = self._files[place.file]
            file.seek(place.offset)
            exchange = msgspec.json.decode(file.readline(), type=RecordedExchange)
            exchange.at, exchange.world_at = place.at, place.world_at
            yield exchange, place.times

    def _read_heads(self) -> Iterator[tuple[_Head, _Place]]:
        for number, file in enumerate(self._files):
            offset, known = 0, dict[int, _Head]()
            for line in file:
                try:
                    head = msgspec.json.decode(line, type=_Head)
                except (msgspec.DecodeError, UnicodeDecodeError):
                    self.left_out[_CUT_OFF] += 1
                    break
                written = offset
                if head.again >= 0:
                    written, before = head.again, known[head.again]
                    head = msgspec.structs.replace(before, at=head.at, world_at=head.world_at)
                else:
                    known[offset] = head
                yield head, _Place(head.at, head.world_at, number, written)
                offset += len(line)

    def _select(self, heads: Iterable[tuple[_Head, _Place]]) -> Iterator[tuple[str, _Place]]:
        chosen: dict[object, tuple[str, _Place]] = {}
        others: Counter[str] = Counter()
        for n, (head, place) in enumerate(heads):
            if head.left_out:
                self.left_out[head.left_out] += 1
            elif head.sandbox != self.sandbox:
                others[head.sandbox] += bool(head.api)
            elif not head.api:
                replaced = sum(it.times for _, it in chosen.values())
                self.left_out[_REPLACED] += replaced
                chosen.clear()
            else:
                is_read = head.method in SAFE_METHODS
                key = (head.api, head.method, head.url, head.query, head.status) if is_read else n
                times = chosen.pop(key)[1].times + 1 if key in chosen else 1
                place = _Place(place.at, place.world_at, place.file, place.offset, times)
                chosen[key] = head.api, place
        for sandbox, count in others.items():
            reason = f"are of the sandbox '{sandbox}'; this is the world of '{self.sandbox}'"
            self.left_out[reason] += count
        self.left_out += Counter()  # without zeros
        yield from chosen.values()


def list_spool_files(folder: Path) -> list[Path]:
    """The files of a spool."""
    return sorted(folder.glob(f"*{_SUFFIX}"))


def _choose_sandbox(heads: Iterable[_Head]) -> str:
    """The default sandbox, or the one with the most exchanges where that has none."""
    sizes = Counter(head.sandbox for head in heads if head.api)
    if sizes[DEFAULT_SANDBOX] or not sizes:
        return DEFAULT_SANDBOX
    return sizes.most_common(1)[0][0]
