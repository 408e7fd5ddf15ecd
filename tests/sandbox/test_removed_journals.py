"""The journal of a sandbox that is removed: deleted after the commit, and not before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from mockserver.errors import StoreBusyError, StoreError
from mockserver.journal import Journal, JournalEntry
from mockserver.sandbox import Sandboxes, Template, open_session
from mockserver.settings import Settings
from mockserver.store import Store

from .conftest import Machine

Make = Callable[..., Template]


class Stop(Exception):
    """What a block raises to be stopped."""


class Server:
    """A server's sandboxes and its journal, as far as they are needed here."""

    def __init__(self, store: Store, template: Template, settings: Settings | None = None) -> None:
        self.store = store
        self.journal = Journal(store.open_journal(1_000), self.fail)
        self.sandboxes = Sandboxes(store, template, settings, self.journal)

    def fail(self, error: StoreError) -> None:
        raise error

    def respond(self, sandbox: str) -> str:
        """Respond to a request to a sandbox, which it makes; the id of the exchange."""
        self.sandboxes.ensure(sandbox)
        id = self.journal.make_id()
        values = {"id": id, "sandbox": sandbox, "at": 0, "method": "GET", "path": "/"}
        self.journal.add(sandbox, 0, JournalEntry(**values, status=200))
        return id

    def list(self, sandbox: str) -> list[str]:
        return [entry.id for entry in self.journal.list(sandbox)]

    def remove(self, sandbox: str) -> None:
        """Remove a sandbox, as the server that ends after the commit."""
        self.journal.wait()
        with self.store.transaction(writing=True, sandbox=sandbox) as transaction:
            record = transaction.worlds.get("sandbox", sandbox)
            assert record
            self.sandboxes.remove(transaction, [record])

    def delete(self, sandbox: str) -> None:
        """Delete a sandbox, as the control API does."""
        self.journal.wait()
        with open_session(self.sandboxes, "default", writing=True) as session:
            session.delete_sandbox(sandbox)

    def clean_up(self) -> None:
        for step in (self.sandboxes.clean_up, self.sandboxes.delete_journals):
            while step():
                pass


@pytest.fixture
def start(make_store: Callable[[], Store], make: Make) -> Iterator[Callable[..., Server]]:
    """Starts another server on the same store."""
    with ExitStack() as stack:

        def start(settings: Settings | None = None) -> Server:
            server = Server(make_store(), make(), settings)
            stack.callback(server.journal.close)
            return server

        yield start


def test_the_journal_of_a_deleted_sandbox_is_deleted(start: Callable[..., Server]) -> None:
    server = start()
    server.respond("a")
    kept = server.respond("b")
    server.delete("a")
    assert server.list("a") == []
    assert server.list("b") == [kept]
    assert not server.sandboxes.delete_journals()  # nothing is left to do


def test_a_deletion_that_is_undone_deletes_no_journal(start: Callable[..., Server]) -> None:
    server = start()
    id = server.respond("a")
    server.journal.wait()
    with pytest.raises(Stop), open_session(server.sandboxes, "a", writing=True) as session:
        session.delete_sandbox("a")
        raise Stop
    server.clean_up()
    assert server.list("a") == [id]
    assert server.sandboxes.get_record("a")


def test_others_write_while_a_journal_is_deleted(
    start: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not in the transaction, and takes some of the entries in each step."""
    monkeypatch.setattr("mockserver.store.journal._MAX_DELETED", 2)
    server, other = start(), start()
    for _ in range(5):
        server.respond("a")
    steps = []
    delete_some = server.journal.delete_some

    def delete_and_write(sandbox: str, last: int) -> bool:
        with other.store.transaction(writing=True, alone=True) as transaction:
            assert transaction.worlds.get("sandbox", "a") is None
        has_more = delete_some(sandbox, last)
        steps.append(len(server.list("a")))
        return has_more

    monkeypatch.setattr(server.journal, "delete_some", delete_and_write)
    server.delete("a")
    assert steps == [3, 1, 0]


def test_a_sandbox_that_is_made_again_has_its_new_entries_and_no_old_ones(
    start: Callable[..., Server],
) -> None:
    server, other = start(), start()
    for _ in range(3):
        server.respond("a")
    server.remove("a")
    new = {other.respond("a"), server.respond("a")}
    other.journal.wait()
    server.remove("a")
    newest = {other.respond("a"), server.respond("a")}
    other.journal.wait()
    assert len(server.list("a")) == 7
    assert server.sandboxes.delete_journals()
    assert {*server.list("a")} == new | newest
    server.clean_up()
    assert {*server.list("a")} == newest
    other.clean_up()
    assert {*other.list("a")} == newest


def test_another_process_deletes_the_journal_if_one_is_killed_after_the_commit(
    start: Callable[..., Server],
) -> None:
    server = start()
    server.respond("a")
    server.remove("a")
    again = start()
    new = again.respond("a")
    again.clean_up()
    assert again.list("a") == [new]


@pytest.mark.parametrize("error", [StoreBusyError("locked"), StoreError("The disk is full.")])
def test_a_journal_that_cannot_be_deleted_now_is_deleted_by_the_cleanup(
    error: Exception, start: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start()
    server.respond("a")

    def fail(*_: object) -> bool:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(server.journal, "delete_some", fail)
        server.delete("a")
        assert server.sandboxes.get_record("a") is None
        with pytest.raises(type(error)):
            server.sandboxes.delete_journals()
        assert len(server.list("a")) == 1
    server.clean_up()
    assert server.list("a") == []


def test_a_sandbox_is_deleted_although_its_journal_cannot_be_read(
    start: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start()
    server.respond("a")

    def fail() -> int:
        raise StoreError("The journal cannot be used: it is damaged.")

    monkeypatch.setattr(server.journal, "get_last_position", fail)
    server.delete("a")
    assert server.sandboxes.get_record("a") is None


def test_the_journals_of_idle_sandboxes_are_deleted(
    start: Callable[..., Server], machine: Machine
) -> None:
    server = start(Settings(idle_expiry=10))
    for name in ("a", "b"):
        server.respond(name)
    server.clean_up()
    assert len(server.list("a") + server.list("b")) == 2
    machine.passes(11)
    kept = server.respond("b")
    server.clean_up()
    assert server.sandboxes.get_record("a") is None
    assert server.list("a") == []
    assert kept in server.list("b")


def test_the_journal_of_a_sandbox_that_makes_room_is_deleted(start: Callable[..., Server]) -> None:
    server = start(Settings(max_sandboxes=2))
    server.respond("a")
    server.journal.wait()
    id = server.respond("b")
    assert server.sandboxes.get_record("a") is None
    server.clean_up()
    assert server.list("a") == []
    assert server.list("b") == [id]
