"""Several workers send what only reads at a time; what is recorded is in the order of one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from mockserver.check.context import CheckContext
from mockserver.check.http import connection as module
from mockserver.check.http.caller import Call, HttpCaller
from mockserver.check.http.connection import Connection, NoResponse, Pace
from mockserver.check.http.mock import World
from mockserver.check.target.target import Target
from mockserver.clock import SECOND

Make = Callable[..., CheckContext]
DAYS = [f"2025-08-{day:02}" for day in range(1, 25)]


class Counter:
    """Counts the requests that wait for their responses at the same time."""

    def __init__(self, expected: int) -> None:
        self.most = self.now = 0
        self._lock = threading.Lock()
        self._full = threading.Event()
        self._expected = expected

    def __enter__(self) -> None:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
            if self.now == self._expected:
                self._full.set()
        self._full.wait(10)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.now -= 1


def _list_sessions(day: str, caller: HttpCaller) -> None:
    caller.send(Call("listSessions", {"start": day}))


def _read_days(made: CheckContext, run: Callable[[str, HttpCaller], None] = _list_sessions) -> None:
    with made.read_ahead() as ahead:
        for day in DAYS:
            caller = made.make_caller(World({}))
            ahead.submit(caller, lambda caller, day=day: run(day, caller))  # type: ignore[misc]


def _list_days(made: CheckContext) -> list[str]:
    return [exchange.request.query.split("=")[1] for _, _, exchange, _ in made.results.traffic]


@pytest.fixture
def deploy(rogue: Callable[..., str], saying: Callable[..., Any]) -> Callable[..., str]:
    """Starts a deployment that passes requests for sessions to a function; its URL."""
    not_found = saying(404)
    return lambda respond: rogue(
        lambda handler: (respond if "sessions" in handler.path else not_found)(handler)
    )


def test_so_many_requests_as_there_are_workers_wait_at_the_same_time(
    context: Make, deploy: Callable[..., str], saying: Callable[..., Any]
) -> None:
    counter = Counter(expected=4)

    def respond(handler: Any) -> None:
        with counter:
            saying()(handler)

    made = context(deploy(respond), workers=4)
    _read_days(made)
    assert counter.most == 4
    assert _list_days(made) == DAYS


def test_a_write_waits_for_what_was_read_before(
    context: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    seen: list[str] = []

    def respond(handler: Any) -> None:
        saying()(handler)
        seen.append(handler.path[-2:])

    made = context(rogue(respond), workers=4, allow_writes=True)
    with made.read_ahead() as ahead:
        for day in DAYS:
            writes = day == DAYS[9]
            made.run_sequence(
                ahead,
                "default",
                lambda caller, day=day: _list_sessions(day, caller),  # type: ignore[misc]
                writes=writes,
            )
    days = [day[-2:] for day in DAYS]
    assert sorted(seen[-24:-15]) == days[:9]
    assert seen[-15] == "10"
    assert sorted(seen[-14:]) == days[10:]


@pytest.mark.parametrize("workers", [1, 4])
def test_what_is_reported_is_in_the_order_of_one_worker(
    context: Make, stub: Callable[..., str], workers: int
) -> None:
    def run(day: str, caller: HttpCaller) -> None:
        interaction = caller.send(Call("listSessions", {"start": day}))
        caller.report(interaction, day, "It is reported")
        caller.skip(f"after {day}")

    made = context(stub(), workers=workers)
    _read_days(made, run)
    codes = [finding.code for finding in made.results.findings.values()]
    assert codes == DAYS
    assert made.results.skipped == [f"after {day}" for day in DAYS]
    assert [finding.seen for finding in made.results.findings.values()][:3] == [{1}, {2}, {3}]


@pytest.mark.parametrize("workers", [1, 4])
def test_three_requests_in_a_row_without_a_response_end_a_phase(
    context: Make, rogue: Callable[..., str], saying: Callable[..., Any], workers: int
) -> None:
    def respond(handler: Any) -> None:
        if handler.path.endswith(("05", "09", "10", "11", "12")):
            handler.connection.close()
        else:
            saying()(handler)

    made = context(rogue(respond), workers=workers)
    skipped = made.results.skip
    with pytest.raises(NoResponse, match="2025-08-11"), made.read_ahead() as ahead:
        for day in DAYS:
            skipped(f"before {day}")
            caller = made.make_caller(World({}))
            ahead.submit(caller, lambda caller, day=day: _list_sessions(day, caller))  # type: ignore[misc]
    assert _list_days(made) == [day for day in DAYS[:8] if day != "2025-08-05"]
    assert made.results.skipped == [f"before {day}" for day in DAYS[:11]]
    (finding,) = made.results.findings.values()
    assert finding.count == 4


def test_after_an_exception_nothing_more_is_sent(
    context: Make, deploy: Callable[..., str], saying: Callable[..., Any]
) -> None:
    seen: list[str] = []
    released = threading.Event()

    def respond(handler: Any) -> None:
        seen.append(handler.path)
        released.wait(10)
        saying()(handler)

    made = context(deploy(respond), workers=2)
    with pytest.raises(KeyboardInterrupt), made.read_ahead() as ahead:
        for day in DAYS[:6]:
            caller = made.make_caller(World({}))
            ahead.submit(caller, lambda caller, day=day: _list_sessions(day, caller))  # type: ignore[misc]
        raise KeyboardInterrupt
    released.set()
    # The two that wait for their responses are left, and the others are not sent.
    assert len(seen) <= 2
    assert made.results.traffic == []
    _read_days(made)
    assert _list_days(made) == DAYS


def test_a_job_whose_submission_was_interrupted_is_ended_too(
    context: Make,
    deploy: Callable[..., str],
    saying: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arrived, released, ended = threading.Event(), threading.Event(), threading.Event()

    def respond(handler: Any) -> None:
        arrived.set()
        released.wait(20)
        ended.set()
        saying()(handler)

    made = context(Target(name="silent", url=deploy(respond), timeout=0, workers=2), "ekran")
    submit = made.pool.submit

    def be_interrupted(*job: Any) -> None:
        submit(*job)
        assert arrived.wait(10)
        raise KeyboardInterrupt

    monkeypatch.setattr(made.pool, "submit", be_interrupted)
    with pytest.raises(KeyboardInterrupt), made.read_ahead() as ahead:
        caller = made.make_caller(World({}))
        ahead.submit(caller, lambda caller: _list_sessions(DAYS[0], caller))
    made.pool.close()
    assert not ended.is_set()
    released.set()


def test_the_rate_is_that_of_all_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "machine_now", lambda: 0)
    target = Target("t", "http://127.0.0.1:1", rate=4)
    with closing(Connection(target, pace=Pace())) as first, closing(first.fork()) as second:
        waits = [it.pace.take_turn(target.rate) for it in (first, second, first, second)]
    assert waits == [0, 0.25, 0.5, 0.75]


def test_no_worker_sends_while_one_waits_after_429(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "machine_now", lambda: 5 * SECOND)
    pace = Pace()
    pace.pause(3)
    assert pace.take_turn(0) == 3
    monkeypatch.setattr(module, "machine_now", lambda: 8 * SECOND)
    assert pace.take_turn(0) == 0


@pytest.mark.parametrize("workers", [1, 4])
def test_a_request_that_is_sent_again_is_one_finding(
    context: Make, rogue: Callable[..., str], saying: Callable[..., Any], workers: int
) -> None:
    refused: set[str] = set()

    def respond(handler: Any) -> None:
        if handler.path.endswith("07") and handler.path not in refused:
            refused.add(handler.path)
            saying(429, headers=(("Retry-After", "0"),))(handler)
        else:
            saying()(handler)

    made = context(rogue(respond), workers=workers)
    _read_days(made)
    assert _list_days(made) == DAYS
    (finding,) = made.results.findings.values()
    assert (finding.code, finding.status, finding.count) == ("sent-again", 429, 1)
