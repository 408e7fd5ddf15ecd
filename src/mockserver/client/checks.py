"""The checks that a server runs, and their history."""

from __future__ import annotations

import builtins
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec

from mockserver.client.connection import Connection, Content
from mockserver.client.responses import Response, ResponseMoment
from mockserver.errors import ClientError

_PAUSE_SECONDS = 0.5

Phase = Literal["examples", "cases", "generated", "workflows", "boundaries"]


class CheckTarget(Response, frozen=True):
    """A target that a server can check; `allow_writes` is for a real deployment."""

    name: str
    url: str
    apis: tuple[str, ...]
    allow_writes: bool


class _Targets(Response, frozen=True):
    targets: tuple[CheckTarget, ...]
    targets_error: str | None


class CheckOptions(msgspec.Struct, frozen=True):
    """How a check was run; without `operations`, all of them were checked."""

    operations: tuple[str, ...]
    phases: tuple[str, ...]
    quick: bool
    seed: int
    workers: int
    allow_writes: bool


class CheckVerdict(msgspec.Struct, frozen=True):
    """The verdict on an API: `pass`, `fail` or `inconclusive`, for which it has a reason."""

    api: str
    verdict: str
    requests: int
    failures: int
    warnings: int
    accepted: int
    seconds: float
    reason: str | None


class CheckStage(msgspec.Struct, frozen=True):
    """A phase over an API; its state is `waits`, `runs`, `done` or `stopped`."""

    api: str
    phase: str
    state: str
    requests: int
    findings: int
    seconds: float


class CheckRun(Response, frozen=True):
    """A check that a server ran, or a report that it keeps.

    Its state is `running`, the verdict `passed`, `failed` or `inconclusive`, or `stopped`,
    `interrupted` or `error`. A report that was sent to the
    server has no options and no progress.
    """

    id: int
    source: str
    target: str
    url: str
    apis: tuple[str, ...]
    options: CheckOptions | None
    state: str
    error: str | None
    stopping: bool
    started_at: ResponseMoment
    ended_at: ResponseMoment | None
    summary: tuple[CheckVerdict, ...]
    progress: tuple[CheckStage, ...]
    has_report: bool

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.state == "running"


class Checks:
    """The checks of a server: of itself, and of the targets in its targets file."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> tuple[CheckRun, ...]:
        """List the runs, the newest first."""
        return self._connection.call(tuple[CheckRun, ...], "GET", "checks", member="checks")

    def list_targets(self) -> tuple[CheckTarget, ...]:
        """List the targets that the server can check besides itself.

        Raises ClientError if the server cannot read its targets file.
        """
        listed = self._connection.call(_Targets, "GET", "checks")
        if listed.targets_error is not None:
            raise ClientError(listed.targets_error)
        return listed.targets

    def start(
        self,
        target: str | None = None,
        *,
        apis: Sequence[str] = (),
        operations: Sequence[str] = (),
        phases: Sequence[Phase] = (),
        quick: bool = False,
        seed: int | None = None,
        workers: int | None = None,
    ) -> CheckRun:
        """Start a run of the target with this name; without a name, of the server itself.

        Without APIs, operations and phases, all are checked.
        """
        lists = {"apis": apis, "operations": operations, "phases": phases}
        given: dict[str, Any] = {"target": target, "seed": seed, "workers": workers}
        body = {name: value for name, value in given.items() if value is not None}
        body |= {name: builtins.list(value) for name, value in lists.items() if value}
        body["quick"] = quick
        return self._connection.call(CheckRun, "POST", "checks", body=body)

    def get(self, id: int) -> CheckRun:
        """Get a run."""
        return self._connection.call(CheckRun, "GET", "checks", str(id))

    def follow(self, id: int) -> Iterator[CheckRun]:
        """Iterate over the run, once for each change; the last one has ended."""
        before = None
        while True:
            run = self.get(id)
            if run != before:
                yield run
            if not run.is_running:
                return
            before = run
            threading.Event().wait(_PAUSE_SECONDS)  # sleeps

    def stop(self, id: int) -> CheckRun:
        """Stop a run; it may be running still for some seconds."""
        return self._connection.call(CheckRun, "POST", "checks", str(id), "stop")

    def get_report(self, id: int) -> bytes:
        """Get the report of a run, as `mockserver check --report json=FILE` writes it."""
        return self._connection.send("GET", "checks", str(id), "report").content

    def keep_report(self, content: bytes) -> CheckRun:
        """Keep a report of `mockserver check --report json=FILE` in the history."""
        body = Content(content, "application/json")
        return self._connection.call(CheckRun, "POST", "checks", "reports", body=body)

    def delete(self, id: int) -> None:
        """Delete a run that has ended, and its report."""
        self._connection.send("DELETE", "checks", str(id))
