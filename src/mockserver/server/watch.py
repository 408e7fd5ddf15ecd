"""Takes changed contracts and scenarios in while the server runs, as `--watch` says.

The files are looked at twice a second: events of the operating system do not come from network
file systems and from most folders that are mounted into a container (ADR 041).
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from msgspec import Struct
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver import apis as vendors
from mockserver.api import Api
from mockserver.clock import machine_now
from mockserver.errors import MockserverError, StoreBusyError
from mockserver.scenarios import Library, check_scenario

_LOOK_SECONDS = 0.5
_QUIET_SECONDS = 0.3
"""Editors write in several steps: a change is taken in when nothing has changed for so long."""
_ABSENT_SECONDS = 2.0
"""The same where a file has gone, because most come back."""
_STOP_SECONDS = 5.0
_MOST_NAMED = 5

_log = logging.getLogger("mockserver.watch")

Stamp = tuple[int, int, int] | None
"""What changes with a file: its time, its size and its number; None where there is no file."""

NoteFile = Callable[[Path], object]


class WatchState(Struct):
    """When changed files were last taken in, and what is wrong with them as they are now."""

    taken_in: int | None = None
    error: str | None = None


class SharedWatch:
    """What the processes of a server share that watch the same files.

    `freeze_at` is the setting as the user gave it: that of a worker is the moment at which the
    scenario was frozen when the server started.
    """

    _SIZE = 16
    _KEPT = 64

    def __init__(self, freeze_at: int | None) -> None:
        self.freeze_at = freeze_at
        self._digests: Any = get_context("spawn").Array("c", self._SIZE * self._KEPT)

    def claim_report(self, what: str) -> bool:
        """Whether this process is the first that reports it, so that it is said once."""
        digest = hashlib.blake2b(what.encode(), digest_size=self._SIZE).digest()
        lock = self._digests.get_lock()
        is_locked = lock.acquire(timeout=1)  # a process may have been killed that had it
        try:
            known: bytes = self._digests.raw
            if digest in (known[n : n + self._SIZE] for n in range(0, len(known), self._SIZE)):
                return False
            self._digests.raw = (digest + known)[: len(known)]
            return True
        finally:
            if is_locked:
                lock.release()


class WatchedFiles:
    """The files of a server with their stamps, each as it was before it was read."""

    def __init__(self, library: Library, noted: Iterable[Path] = ()) -> None:
        self.library = library
        self.noted = set(noted)
        self.stamps = self.look()

    def note(self, path: Path) -> None:
        """Watch one more file, which is about to be read."""
        path = path.absolute()
        self.noted.add(path)
        self.stamps.setdefault(path, _stamp(path))

    def look(self) -> dict[Path, Stamp]:
        """The stamps as they are now."""
        listed = (*vendors.list_files(), *self.library.paths.values())
        return {path: _stamp(path) for path in {*(it.absolute() for it in listed), *self.noted}}

    def find_changed(self) -> list[Path]:
        now = self.look()
        paths = {*now, *self.stamps}
        return sorted(it for it in paths if now.get(it) != self.stamps.get(it))


class Rebuilt(Struct, frozen=True):
    """An app of the files as they are now, its APIs, and whether its scenario is another one."""

    app: ASGIApp
    apis: Mapping[str, Api]
    has_new_scenario: bool


class Watch:
    """An ASGI app in whose place another one is put when files have changed.

    `rebuild` makes that app, and is called with a function for the files that it reads. What it
    raises is reported, and the present app goes on. A request that is running ends in the app in
    which it began.
    """

    def __init__(
        self,
        files: WatchedFiles,
        state: WatchState,
        rebuild: Callable[[NoteFile], Rebuilt],
        shared: SharedWatch | None = None,
    ) -> None:
        self.app: ASGIApp
        self._files = files
        self._state = state
        self._rebuild = rebuild
        self._shared = shared
        self._wrong: dict[Path, str] = {}  # scenarios of the library, and why
        self._stopping = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)

    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    @contextmanager
    def run(self) -> Iterator[None]:
        """Watch for the length of the block.

        It is a thread, so that a file system that hangs stops no request.
        """
        thread = threading.Thread(target=self._run, name="watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopping.wait(_LOOK_SECONDS):
            try:
                if self._files.find_changed() and self._wait_until_quiet():
                    self._take_in(self._files.find_changed())
            except Exception:  # what is wrong with one change must not end the watching
                if not self._stopping.is_set():
                    _log.exception("The watched files cannot be looked at.")

    def _wait_until_quiet(self) -> bool:
        """Wait until nothing changes any more; False when the server stops before."""
        while True:
            before, known = self._files.look(), self._files.stamps
            has_gone = any(stamp and not before.get(path) for path, stamp in known.items())
            if self._stopping.wait(_ABSENT_SECONDS if has_gone else _QUIET_SECONDS):
                return False
            if self._files.look() == before:
                return True

    def _take_in(self, changed: Collection[Path]) -> None:
        if not changed:
            return  # it is again as it was
        files = WatchedFiles(self._files.library)
        try:
            rebuilt = self._rebuild(files.note)
        except StoreBusyError:
            return  # the next look finds the same change
        except Exception as error:
            for path in self._files.noted - files.noted:  # it may not have come to read them
                files.note(path)
            self._files = files
            if self._stopping.is_set():
                return
            is_expected = isinstance(error, MockserverError)
            reason = str(error) if is_expected else f"{type(error).__name__}: {error}"
            self._state.error = reason
            self._report_failure(changed, reason, None if is_expected else error)
            return
        self._files, self.app = files, rebuilt.app
        known, wrong = self._wrong, self._check_library(changed, rebuilt.apis)
        self._wrong = wrong
        self._state.error = "\n".join(wrong.values()) or None
        if right := [path for path in changed if path not in wrong]:
            self._state.taken_in = machine_now()
            if self._claim("taken in"):
                reset = " New sandboxes have the changed scenario, the others after a reset."
                more = reset if rebuilt.has_new_scenario else ""
                _log.info("Taken in: %s.%s", _name(right), more)
        if new := [path for path in wrong if path in changed or wrong[path] != known.get(path)]:
            self._report_failure(new, "\n".join(wrong[path] for path in new))

    def _check_library(self, changed: Collection[Path], apis: Mapping[str, Api]) -> dict[Path, str]:
        """What is wrong with scenarios that are not the server's own, and may be loaded."""
        files = self._files
        others = {path.absolute(): path for path in files.library.paths.values()}
        wrong: dict[Path, str] = {}
        for path in sorted({*self._wrong, *changed} & {*others} - files.noted):
            if faults := check_scenario(others[path], apis, files.library):
                wrong[path] = "\n".join(map(str, faults))
        return wrong

    def _report_failure(
        self, changed: Collection[Path], reason: str, error: Exception | None = None
    ) -> None:
        if self._claim(reason):
            _log.error(
                "Not taken in: %s. The server goes on with what it had. %s",
                _name(changed),
                reason,
                exc_info=error,
            )

    def _claim(self, outcome: str) -> bool:
        stamps = sorted(self._files.stamps.items())
        return self._shared is None or self._shared.claim_report(f"{outcome} {stamps}")


async def build_middlewares(app: ASGIApp) -> None:
    """Let an app of Connexion build its middlewares, as it does at its first message."""
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Message:
        return next(messages)

    async def send(_: Message) -> None:
        pass

    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)


def _stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _name(paths: Collection[Path]) -> str:
    shown = ", ".join(f"'{path}'" for path in [*paths][:_MOST_NAMED])
    more = len(paths) - _MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown
