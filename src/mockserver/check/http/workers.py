"""Sends requests that only read several at a time; what comes of them is told in their order.

A job runs in a thread of its own, over a connection of its own. What it would record is kept and
recorded later, in the order of the jobs, so that several workers have the results of one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from threading import Event, local
from typing import Any, TypeVar

from msgspec import Struct, field

from mockserver.check.http.caller import HttpCaller
from mockserver.check.http.connection import Connection, NoResponse
from mockserver.errors import MockserverError

T = TypeVar("T")
Effect = Callable[[], None]

_AHEAD = 4
"""How many jobs there are for each worker, so that none waits for what is recorded."""

_AGAIN = 0.02


class WorkerPool:
    """Runs jobs in a number of threads; a single worker runs each at once in the thread it has."""

    def __init__(self, connection: Connection, number: int = 1) -> None:
        self.number = number
        self._connection = connection
        self._of_thread = local()
        self._connections: list[Connection] = []
        self._executor = None
        if number > 1:
            self._executor = ThreadPoolExecutor(number, initializer=self._connect)

    def close(self) -> None:
        """End the threads, and close their connections."""
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
        for connection in self._connections:
            connection.close()

    @contextmanager
    def open_batch(self) -> Iterator[Batch]:
        """Jobs that belong together: after an exception, none of them is needed."""
        batch = Batch(self)
        try:
            yield batch
        except BaseException:
            batch.cancel()
            raise

    def submit(self, job: Callable[[Connection], T], cancellation: Event) -> Future[T]:
        """Run a job, with the connection that it may use."""
        if self._executor is not None:
            return self._executor.submit(self._run, job, cancellation)
        future = Future[T]()
        try:
            future.set_result(job(self._connection))
        except MockserverError as error:
            future.set_exception(error)
        return future

    def abandon(self, cancellation: Event) -> bool:
        """End the waits for responses of cancelled jobs; whether any of them still ran."""
        cancelled = [it for it in self._connections if it.cancellation is cancellation]
        for connection in cancelled:
            connection.abandon()
        return bool(cancelled)

    def _connect(self) -> None:
        self._of_thread.connection = self._connection.fork()
        self._connections.append(self._of_thread.connection)

    def _run(self, job: Callable[[Connection], T], cancellation: Event) -> T:
        connection: Connection = self._of_thread.connection
        connection.cancellation = cancellation
        try:
            return job(connection)
        finally:
            connection.cancellation = None


class Batch:
    """Jobs of a pool that are cancelled together."""

    def __init__(self, pool: WorkerPool) -> None:
        self.is_single = pool.number == 1
        self.most = _AHEAD * pool.number
        self._pool = pool
        self._cancellation = Event()
        self._futures = deque[Future[Any]]()

    def submit(self, job: Callable[[Connection], T]) -> Future[T]:
        """Run a job as soon as a worker is free."""
        while self._futures and self._futures[0].done():
            self._futures.popleft()
        future = self._pool.submit(job, self._cancellation)
        self._futures.append(future)
        return future

    def wait(self) -> None:
        """Wait until no job is left."""
        wait(self._futures)

    def cancel(self) -> None:
        """Start no other job, and end those that run, whose requests may have arrived."""
        self._cancellation.set()
        for future in self._futures:
            future.cancel()
        # One that has just begun to send may not wait for its response yet. What interrupted a
        # `submit` may have left a job that is not among the futures.
        while self._pool.abandon(self._cancellation) or wait(self._futures, timeout=0).not_done:
            Event().wait(_AGAIN)


class _Pending(Struct, frozen=True):
    """A sequence that is not recorded yet; `rewind` undoes what was skipped after it."""

    caller: HttpCaller
    future: Future[tuple[list[Effect], MockserverError | None]]
    close: Callable[[], None]
    rewind: Callable[[], None]


class Lookahead(Struct):
    """Sequences of requests that only read, sent ahead of what is recorded.

    `mark` gives what undoes later additions to what is skipped: where a phase ends early, nothing
    of it was reached.
    """

    batch: Batch
    mark: Callable[[], Callable[[], None]]
    pending: deque[_Pending] = field(default_factory=deque)

    def submit(
        self,
        caller: HttpCaller,
        run: Callable[[HttpCaller], object],
        close: Callable[[], None] = lambda: None,
    ) -> None:
        """Run what sends requests by a caller, and report by it, after what was submitted before.

        `close` is called at its end. Raises what the sequences before it raise.
        """
        if self.batch.is_single:
            _run_now(caller, run, close)
            return
        future = self.batch.submit(partial(_run_ahead, caller, run))
        self.pending.append(_Pending(caller, future, close, self.mark()))
        while len(self.pending) > self.batch.most:
            self._record_first()

    def finish(self) -> None:
        """Record what is left, as before a request that writes."""
        while self.pending:
            self._record_first()

    def rewind(self) -> None:
        """Undo what was skipped after the first sequence that is not recorded."""
        if self.pending:
            self.pending[0].rewind()

    def _record_first(self) -> None:
        first = self.pending[0]
        effects, error = first.future.result()
        for effect in effects:
            effect()
        if isinstance(error, NoResponse):
            first.caller.report_lost(error)
        elif error is not None:
            raise error
        first.close()
        self.pending.popleft()


def _run_now(
    caller: HttpCaller, run: Callable[[HttpCaller], object], close: Callable[[], None]
) -> None:
    try:
        run(caller)
    except NoResponse as error:
        caller.report_lost(error)
    finally:
        close()


def _run_ahead(
    caller: HttpCaller, run: Callable[[HttpCaller], object], connection: Connection
) -> tuple[list[Effect], MockserverError | None]:
    """Run over the connection of a worker; what it would record, and the error at its end."""
    effects: list[Effect] = []

    def defer(function: Callable[..., None]) -> Callable[..., None]:
        return lambda *arguments, **more: effects.append(partial(function, *arguments, **more))

    connection.on_retry = defer(caller.connection.on_retry)
    connection.on_failure = defer(caller.connection.on_failure)
    ahead = replace(
        caller,
        connection=connection,
        record=lambda interaction, _: effects.append(partial(caller.add, interaction)),
        report_lost=defer(caller.report_lost),
        report=defer(caller.report),
        skip=defer(caller.skip),
        count_response=defer(caller.count_response),
        before=[],
    )
    try:
        run(ahead)
    except MockserverError as error:
        return effects, error
    return effects, None
