"""Cleanup runs in steps while the server runs, and its errors do not stop the server."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from mockserver.errors import StoreBusyError, StoreError
from mockserver.server import app
from mockserver.server.store_calls import StoreCalls
from mockserver.server.store_log import StoreLog
from mockserver.store import FileStore

CALLS = StoreCalls(FileStore())


class Sandboxes:
    """Sandboxes as far as they are tended: each time, the next of these results or errors.

    After each time that there is nothing more to tend, two steps delete journals.
    """

    def __init__(self, *results: bool | Exception) -> None:
        self.results = list(results)
        self.steps: list[str] = []
        self.tended = 0
        self.threads: set[str] = set()
        self.is_over, self._loop = asyncio.Event(), asyncio.get_running_loop()

    def clean_up(self) -> bool:
        self.steps.append("clean up")
        self.threads.add(threading.current_thread().name)
        if not self.results:
            self._loop.call_soon_threadsafe(self.is_over.set)
            return False
        self.tended += 1
        result = self.results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    def delete_journals(self) -> bool:
        self.threads.add(threading.current_thread().name)
        self.steps.append("journal")
        return self.steps[-2:] != ["journal", "journal"]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Sandboxes]:
    """Tends sandboxes until they have nothing more to give."""

    def run(*results: bool | Exception) -> Sandboxes:
        async def until_over() -> Sandboxes:
            sandboxes = Sandboxes(*results)
            task = asyncio.create_task(app.clean_up(sandboxes, CALLS, StoreLog()))  # type: ignore[arg-type]
            await asyncio.wait_for(sandboxes.is_over.wait(), 30)
            assert not task.done()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return sandboxes

        monkeypatch.setattr(app, "_CLEANUP_PERIOD_SECONDS", 0)
        return asyncio.run(until_over())

    return run


def test_cleanup_continues_while_there_is_more_to_delete(run: Callable[..., Sandboxes]) -> None:
    assert run(True, True, True, False).tended == 4


def test_journals_are_deleted_after_each_cleanup_and_after_one_that_fails(
    run: Callable[..., Sandboxes],
) -> None:
    steps = run(True, False, StoreError("full"), KeyError("x")).steps
    assert steps[:10] == ["clean up", *["clean up", "journal", "journal"] * 3]


def test_cleanup_is_no_work_of_the_event_loop(run: Callable[..., Sandboxes]) -> None:
    """While a thread loads a scenario, a step of a millisecond takes a hundred of its time."""
    threads = run(True, True, False).threads
    assert threads
    assert all(name.startswith("store-spare") for name in threads)


def test_cleanup_waits_for_another_writer(
    run: Callable[..., Sandboxes], caplog: pytest.LogCaptureFixture
) -> None:
    assert run(StoreBusyError("busy"), True, StoreBusyError("busy"), False).tended == 4
    assert caplog.records == []


def test_an_error_of_the_cleanup_is_logged_and_does_not_end_it(
    run: Callable[..., Sandboxes], caplog: pytest.LogCaptureFixture
) -> None:
    assert run(RuntimeError("disk full"), True, KeyError("x"), False).tended == 4

    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert "The cleanup of sandboxes failed." in caplog.text
    assert "RuntimeError: disk full" in caplog.text


def test_an_error_of_the_store_is_a_sentence_in_the_log_once(
    run: Callable[..., Sandboxes], caplog: pytest.LogCaptureFixture
) -> None:
    full, gone = StoreError("The disk is full."), StoreError("The store is gone.")

    assert run(full, full, gone, full, False).tended == 5
    assert [record.getMessage() for record in caplog.records] == [str(full), str(gone)]
    assert "Traceback" not in caplog.text


def test_requests_pass_between_two_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much there is to do, whoever else runs in the loop has a turn after each step."""
    turns: list[str] = []

    class Endless:
        def clean_up(self) -> bool:
            turns.append("clean up")
            return True

        delete_journals = clean_up

    async def others() -> None:
        for _ in range(3):
            seen = turns.count("clean up")
            while turns.count("clean up") == seen:
                await asyncio.sleep(0)
            turns.append("other")

    async def both() -> None:
        task = asyncio.create_task(app.clean_up(Endless(), CALLS, StoreLog()))  # type: ignore[arg-type]
        await asyncio.wait_for(others(), 30)
        task.cancel()

    monkeypatch.setattr(app, "_CLEANUP_PERIOD_SECONDS", 0)
    asyncio.run(both())
    assert turns == ["clean up", "other"] * 3


def test_a_running_server_deletes_unreferenced_documents(
    start: Callable[..., httpx.Client],
    tmp_path: Path,
    eventually: Callable[[Callable[[], bool]], None],
) -> None:
    store = tmp_path / "store.sqlite"
    client = start(scenario="calwe-one-page-and-one", store=store, only=("calwe",))
    headers = {"Authorization": "Bearer t", "X-Mock-Sandbox": "one"}

    def documents() -> int:
        with sqlite3.connect(store, timeout=30) as other:
            [count] = other.execute("SELECT count(*) FROM documents").fetchone()
        other.close()
        return int(count)

    assert documents() == 32
    # Its first write gives the sandbox documents of its own; deleted, they are unreferenced.
    events = "/__mock__/events/calwe.leave"
    session = client.get("/__mock__/state/calwe/session").json()["documents"][0]["key"]
    client.post(events, headers=headers, json={"with": {"session": session}})
    assert documents() == 65
    client.delete("/__mock__/sandboxes/one")
    eventually(lambda: documents() == 32)
