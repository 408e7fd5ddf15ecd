"""The session: all the sandboxes in one transaction, and one of them to act on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Event, Thread
from typing import Any

import pytest

from mockserver.clock import Clock
from mockserver.errors import (
    QuotaError,
    SandboxNameError,
    TakenNameError,
    UnknownNameError,
)
from mockserver.sandbox import (
    DEFAULT,
    Sandboxes,
    SandboxSession,
    Template,
    World,
    open_session,
)
from mockserver.settings import Settings
from mockserver.store import Document, Store

MOMENT = 1_755_786_600_000_000  # 2025-08-21T14:30:00Z

Make = Callable[..., Template]
Rows = Callable[[], dict[str, int]]


class Stop(Exception):
    """What a block raises to be stopped."""


def _sessions(sandboxes: Sandboxes, name: str) -> list[str]:
    with sandboxes.open(name, "calwe", writing=False) as world:
        return [document.key for document in world.documents.list_all("session")]


def _add(sandboxes: Sandboxes, name: str, key: str) -> None:
    with sandboxes.open(name, "calwe", writing=True) as world:
        world.documents.append(Document("session", key, {}))


def _names(sandboxes: Sandboxes) -> list[str]:
    with open_session(sandboxes, DEFAULT, writing=False) as session:
        return [record.name for record in session.list_sandboxes()]


def test_a_session_waits_for_the_lock_in_a_server_too(store: Store, sandboxes: Sandboxes) -> None:
    # What comes before, such as loading a long scenario, must not be done again for a moment.
    store.stop_waiting()
    has_begun: list[bool] = []

    def begin() -> None:
        with open_session(sandboxes, "a", writing=True) as session:
            has_begun.append(session.sandbox.record.name == "a")

    thread = threading.Thread(target=begin)
    with store.transaction(writing=True, alone=True):
        thread.start()
        thread.join(0.1)
        assert not has_begun
    thread.join()
    assert has_begun == [True]


# The one to act on


def test_the_sandbox_of_a_session_that_writes_is_made_on_first_use(sandboxes: Sandboxes) -> None:
    with open_session(sandboxes, "a", writing=True) as session:
        pass
    assert _names(sandboxes) == ["default"]
    with open_session(sandboxes, "a", writing=True) as session:
        assert session.sandbox.record.name == "a"
        assert session.sandbox is session.sandbox
        assert session.sandbox.open_world("calwe").documents.get_size("session") == 2
    assert _names(sandboxes) == ["a", "default"]


def test_a_writing_session_can_read_other_sandboxes_first(sandboxes: Sandboxes) -> None:
    with open_session(sandboxes, "a", writing=True) as session:
        assert [record.name for record in session.list_sandboxes()] == ["default"]
        assert session.sandbox.record.name == "a"
        assert [record.name for record in session.list_sandboxes()] == ["a", "default"]
    assert _names(sandboxes) == ["a", "default"]


def test_a_session_that_reads_makes_no_sandbox_and_names_the_nearest(
    sandboxes: Sandboxes, rows: Rows
) -> None:
    sandboxes.ensure("case-17")
    before = rows()
    with (
        open_session(sandboxes, "case-71", writing=False) as session,
        pytest.raises(UnknownNameError) as raised,
    ):
        _ = session.sandbox
    assert str(raised.value) == "There is no sandbox 'case-71'; did you mean 'case-17'?"
    assert rows() == before
    with open_session(sandboxes, DEFAULT, writing=False) as session:
        assert session.sandbox.record.name == "default"


def test_what_comes_to_nothing_makes_no_sandbox(sandboxes: Sandboxes, rows: Rows) -> None:
    before = rows()
    with pytest.raises(Stop), open_session(sandboxes, "a", writing=True) as session:
        session.sandbox.set_clock(Clock.frozen_at(5))
        raise Stop
    assert rows() == before


def test_acting_on_a_sandbox_uses_it(store: Store, make: Make, machine: Any) -> None:
    sandboxes = Sandboxes(store, make(), Settings(idle_expiry=60))
    for writing in (True, False, True):
        with open_session(sandboxes, "a", writing=writing) as session:
            assert session.sandbox.record.name == "a"
        machine.passes(59)
        sandboxes.clean_up()
    assert _names(sandboxes) == ["a", "default"]
    machine.passes(2)
    sandboxes.clean_up()
    assert _names(sandboxes) == ["default"]


@pytest.mark.parametrize("writing", [True, False])
def test_a_name_that_is_none_is_refused(sandboxes: Sandboxes, writing: bool) -> None:
    with (
        pytest.raises(SandboxNameError),
        open_session(sandboxes, "a b", writing=writing) as session,
    ):
        assert session.sandbox


def test_one_more_than_there_may_be_is_refused(store: Store, make: Make) -> None:
    sandboxes = Sandboxes(store, make(), Settings(max_sandboxes=1))
    with (
        pytest.raises(QuotaError, match="There are 1 sandboxes"),
        open_session(sandboxes, "a", writing=True) as session,
    ):
        assert session.sandbox
    assert _names(sandboxes) == ["default"]


def test_a_session_is_stored_as_a_whole_or_undone_as_a_whole(sandboxes: Sandboxes) -> None:
    with open_session(sandboxes, "a", writing=True) as session:
        session.sandbox.open_world("calwe").documents.append(Document("session", "3", {}))
    with pytest.raises(Stop), open_session(sandboxes, "a", writing=True) as session:
        session.sandbox.open_world("calwe").documents.append(Document("session", "4", {}))
        session.sandbox.take_snapshot("now")
        session.delete_sandbox("a")
        raise Stop
    with open_session(sandboxes, "a", writing=False) as session:
        assert session.sandbox.list_snapshots() == []
    assert _sessions(sandboxes, "a") == ["1", "2", "3"]


# Finding


def test_all_sandboxes_come_by_name_and_nothing_but_them(sandboxes: Sandboxes, make: Make) -> None:
    for name in ("b", "a", "B"):
        with open_session(sandboxes, name, writing=True) as session:
            session.sandbox.load_template(make("other-1", sessions="x"))
            session.sandbox.take_snapshot("now")
    assert _names(sandboxes) == ["B", "a", "b", "default"]


def test_a_sandbox_is_found_by_its_name(sandboxes: Sandboxes) -> None:
    _add(sandboxes, "checkout-1", "3")
    with open_session(sandboxes, DEFAULT, writing=False) as session:
        assert session.get_sandbox("checkout-1").name == "checkout-1"
        assert session.get_sandbox("default").role == "sandbox"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("chekout-1", "There is no sandbox 'chekout-1'; did you mean 'checkout-1'?"),
        ("nothing", "There is no sandbox 'nothing'; known: 'checkout-1', 'default'"),
        ("small-1", "There is no sandbox 'small-1'; known: 'checkout-1', 'default'"),
    ],
)
def test_an_unknown_sandbox_is_refused_with_the_nearest_and_not_made(
    sandboxes: Sandboxes, name: str, reason: str
) -> None:
    _add(sandboxes, "checkout-1", "3")
    with (
        pytest.raises(UnknownNameError) as raised,
        open_session(sandboxes, DEFAULT, writing=True) as session,
    ):
        session.get_sandbox(name)
    assert str(raised.value) == reason
    assert _names(sandboxes) == ["checkout-1", "default"]


@pytest.mark.parametrize("name", ["", "@x", "a/b", "x" * 65])
def test_what_is_no_name_is_neither_found_nor_made_nor_deleted(
    sandboxes: Sandboxes, make: Make, name: str
) -> None:
    acts: list[Callable[[Any], object]] = [
        lambda session: session.get_sandbox(name),
        lambda session: session.create_sandbox(name, make()),
        lambda session: session.delete_sandbox(name),
    ]
    for act in acts:
        with (
            pytest.raises(SandboxNameError),
            open_session(sandboxes, DEFAULT, writing=True) as session,
        ):
            act(session)


# Making


def test_a_sandbox_is_made_of_another_template(
    sandboxes: Sandboxes, make: Make, machine: Any
) -> None:
    machine.passes(60)
    other = make(
        "other-1", sessions="xy", seed=5, clock=Clock.frozen_at(9), tokens={"calwe": {"valid": []}}
    )
    with open_session(sandboxes, DEFAULT, writing=True) as session:
        made = session.create_sandbox("a", other)
        assert session.get_sandbox("a") == made
    assert (made.role, made.name, made.scenario, made.seed) == ("sandbox", "a", "other", 5)
    assert (made.clock, made.tokens) == (Clock.frozen_at(9), {"calwe": {"valid": []}})
    assert (made.created, made.used) == (MOMENT + 60_000_000, MOMENT + 60_000_000)
    assert _sessions(sandboxes, "a") == ["x", "y"]
    assert _sessions(sandboxes, "b") == ["1", "2"]
    _add(sandboxes, "a", "z")
    with open_session(sandboxes, "a", writing=True) as session:
        session.sandbox.reset()
    assert _sessions(sandboxes, "a") == ["x", "y"]


def test_two_sandboxes_of_one_template_share_partitions_until_one_writes(
    sandboxes: Sandboxes, make: Make, rows: Rows
) -> None:
    with open_session(sandboxes, DEFAULT, writing=True) as session:
        for name in ("a", "b"):
            session.create_sandbox(name, make("other-1", sessions="x"))
    assert rows()["partitions"] == 3
    _add(sandboxes, "a", "y")
    assert rows()["partitions"] == 4
    assert _sessions(sandboxes, "b") == ["x"]


def test_a_name_that_is_taken_is_not_made_again(sandboxes: Sandboxes, make: Make) -> None:
    _add(sandboxes, "a", "3")
    for name in ("a", "default"):
        with (
            pytest.raises(TakenNameError) as raised,
            open_session(sandboxes, DEFAULT, writing=True) as session,
        ):
            session.create_sandbox(name, make("other-1", sessions="x"))
        assert str(raised.value) == (
            f"There is a sandbox '{name}' already; delete it, or load a scenario into it"
        )
    assert _sessions(sandboxes, "a") == ["1", "2", "3"]


def test_no_more_are_made_than_there_may_be(store: Store, make: Make, rows: Rows) -> None:
    sandboxes = Sandboxes(store, make(), Settings(max_sandboxes=2))
    with open_session(sandboxes, DEFAULT, writing=True) as session:
        session.create_sandbox("a", make("another-1"))
    before = rows()
    with (
        pytest.raises(QuotaError, match="There are 2 sandboxes, which is as many as there may be"),
        open_session(sandboxes, DEFAULT, writing=True) as session,
    ):
        session.create_sandbox("b", make("other-1", sessions="x"))
    assert rows() == before


def test_making_that_fails_leaves_nothing_behind(
    sandboxes: Sandboxes, make: Make, rows: Rows
) -> None:
    def populate(world: Callable[[str], World]) -> None:
        world("calwe").documents.append(Document("session", "x", {}))
        raise Stop

    before = rows()
    with pytest.raises(Stop), open_session(sandboxes, DEFAULT, writing=True) as session:
        session.create_sandbox("a", make("other-1", populate))
    assert rows() == before


# Deleting


def test_deleting_a_sandbox_takes_its_snapshots_and_leaves_the_others(
    sandboxes: Sandboxes, rows: Rows
) -> None:
    for name in ("a", "b"):
        _add(sandboxes, name, "3")
        with open_session(sandboxes, name, writing=True) as session:
            session.sandbox.take_snapshot("now")
            session.sandbox.take_snapshot("then")
    with open_session(sandboxes, "b", writing=True) as session:
        session.delete_sandbox("a")
    with open_session(sandboxes, "b", writing=False) as session:
        assert [record.name for record in session.list_sandboxes()] == ["b", "default"]
        assert [record.name for record in session.sandbox.list_snapshots()] == ["now", "then"]
        assert session.transaction.worlds.count_by_owner("snapshot") == {"b": 2}
    while sandboxes.clean_up():
        pass
    assert rows() == {
        "worlds": 5,  # the template, default, b, and its two snapshots
        "partitions": 3,  # the template's two, and one that b and its snapshots hold
        "world_partitions": 10,
        "documents": 16,
        "collections": 6,
    }
    assert _sessions(sandboxes, "b") == ["1", "2", "3"]


def test_a_deleted_sandbox_is_made_anew_when_it_is_named_again(sandboxes: Sandboxes) -> None:
    _add(sandboxes, "a", "3")
    with open_session(sandboxes, "a", writing=True) as session:
        session.sandbox.take_snapshot("now")
    with open_session(sandboxes, DEFAULT, writing=True) as session:
        session.delete_sandbox("a")
    assert _sessions(sandboxes, "a") == ["1", "2"]
    with open_session(sandboxes, "a", writing=False) as session:
        assert session.sandbox.list_snapshots() == []


def test_the_default_sandbox_cannot_be_deleted(sandboxes: Sandboxes) -> None:
    _add(sandboxes, DEFAULT, "3")
    with (
        pytest.raises(TakenNameError) as raised,
        open_session(sandboxes, "a", writing=True) as session,
    ):
        session.delete_sandbox("default")
    assert str(raised.value) == "The sandbox 'default' cannot be deleted; reset it"
    assert _sessions(sandboxes, DEFAULT) == ["1", "2", "3"]


def test_a_reader_goes_on_reading_a_sandbox_that_is_deleted_meanwhile(
    sandboxes: Sandboxes,
) -> None:
    _add(sandboxes, "a", "3")
    with sandboxes.open("a", "calwe", writing=False) as world:
        assert world.documents.get_size("session") == 3
        with open_session(sandboxes, DEFAULT, writing=True) as session:
            session.delete_sandbox("a")
        while sandboxes.clean_up():
            pass
        assert [item.key for item in world.documents.list_all("session")] == ["1", "2", "3"]


def test_a_session_that_waits_for_its_transaction_holds_up_no_other() -> None:
    is_waiting, may_go_on = Event(), Event()

    class Waiting:
        @contextmanager
        def wait_for_transaction(self, *, writing: bool) -> Iterator[str]:
            if writing:
                is_waiting.set()
                may_go_on.wait(60)
            yield "a transaction"

    def begin(stack: ExitStack, *, writing: bool) -> object:
        sandboxes: Any = Waiting()
        session = SandboxSession(
            sandboxes, "one", stack, writing=writing, is_cancelled=lambda: False
        )
        return session.transaction

    with ExitStack() as stack:
        thread = Thread(target=begin, args=(stack,), kwargs={"writing": True})
        thread.start()
        assert is_waiting.wait(60)
        other = Thread(target=begin, args=(stack,), kwargs={"writing": False})
        other.start()
        other.join(10)
        was_held_up = other.is_alive()
        may_go_on.set()
        thread.join()
        other.join()
    assert not was_held_up
