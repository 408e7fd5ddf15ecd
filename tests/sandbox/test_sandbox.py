"""One sandbox: reset, loaded, snapshots taken and restored, each as one transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from mockserver.clock import Clock
from mockserver.errors import (
    DocumentError,
    QuotaError,
    SandboxNameError,
    TakenNameError,
    UnknownNameError,
)
from mockserver.sandbox import (
    DEFAULT,
    Sandbox,
    Sandboxes,
    Template,
    Tokens,
    World,
    check_name,
    open_session,
)
from mockserver.settings import Settings
from mockserver.store import Document, FileStore, Store

MOMENT = 1_755_786_600_000_000  # 2025-08-21T14:30:00Z

Make = Callable[..., Template]
Rows = Callable[[], dict[str, int]]
GetPartitions = Callable[..., dict[str, int]]


class Stop(Exception):
    """What a block raises to be stopped."""


@contextmanager
def _writing(sandboxes: Sandboxes, name: str = "a") -> Iterator[Sandbox]:
    with open_session(sandboxes, name, writing=True) as session:
        yield session.sandbox


@contextmanager
def _reading(sandboxes: Sandboxes, name: str = "a") -> Iterator[Sandbox]:
    with open_session(sandboxes, name, writing=False) as session:
        yield session.sandbox


def _sessions(sandboxes: Sandboxes, name: str = "a", api: str = "calwe") -> list[str]:
    with sandboxes.open(name, api, writing=False) as world:
        return [document.key for document in world.documents.list_all("session")]


def _add(sandboxes: Sandboxes, key: str, name: str = "a", api: str = "calwe") -> None:
    with sandboxes.open(name, api, writing=True) as world:
        world.documents.append(Document("session", key, {}))


def _kept(sandboxes: Sandboxes, snapshot: str, api: str = "calwe") -> list[str]:
    """The sessions that a snapshot of `a` has, read without taking it back."""
    with _reading(sandboxes) as sandbox:
        partitions = sandbox.transaction.worlds.get_partitions(sandbox.get_snapshot(snapshot).id)
        documents = sandbox.transaction.documents(partitions[api], lambda: 0)
        return [document.key for document in documents.list_first("session", 100)]


# Worlds


def test_a_sandbox_gives_the_worlds_of_all_its_apis(sandboxes: Sandboxes) -> None:
    with _writing(sandboxes) as sandbox:
        assert sandbox.open_world("calwe") is sandbox.open_world("calwe")
        assert sandbox.open_world("calwe").sandbox == "a"
        sandbox.open_world("calwe").documents.append(Document("session", "3", {}))
        sandbox.open_world("ekran").documents.remove("session", "1")
        sandbox.open_world("avaamo").documents.append(Document("session", "9", {}))
        assert sandbox.open_world("calwe").documents.get_size("session") == 3
    assert _sessions(sandboxes) == ["1", "2", "3"]
    assert _sessions(sandboxes, api="ekran") == ["2"]
    assert _sessions(sandboxes, api="avaamo") == ["9"]
    assert _sessions(sandboxes, "b") == ["1", "2"]


def test_a_document_that_fails_its_check_is_not_stored(store: Store, make: Make) -> None:
    def check(document: Document) -> None:
        if document.body.get("bad"):
            raise DocumentError(document, "it is bad")

    sandboxes = Sandboxes(store, make(checks={"calwe": check}))
    with _writing(sandboxes) as sandbox:
        with pytest.raises(DocumentError, match="it is bad"):
            sandbox.open_world("calwe").documents.append(Document("session", "3", {"bad": 1}))
        sandbox.open_world("ekran").documents.append(Document("session", "3", {"bad": 1}))
    assert _sessions(sandboxes) == ["1", "2"]
    assert _sessions(sandboxes, api="ekran") == ["1", "2", "3"]


def test_the_first_write_to_an_api_copies_its_partition_alone(
    sandboxes: Sandboxes, get_partitions: GetPartitions
) -> None:
    template = get_partitions("small-1", "template")
    with _writing(sandboxes):
        pass
    with _writing(sandboxes) as sandbox:
        assert get_partitions("a") == template
        sandbox.open_world("calwe").documents.append(Document("session", "3", {}))
    assert get_partitions("a")["ekran"] == template["ekran"]
    assert get_partitions("a")["calwe"] not in template.values()


def test_a_clock_that_is_set_is_shown_at_once_and_by_every_api(sandboxes: Sandboxes) -> None:
    with _writing(sandboxes) as sandbox:
        assert sandbox.open_world("calwe").now == MOMENT
        sandbox.set_clock(Clock.frozen_at(5))
        assert sandbox.record.clock == Clock.frozen_at(5)
        assert sandbox.open_world("calwe").now == 5
    for api in ("calwe", "ekran", "avaamo"):
        with sandboxes.open("a", api, writing=False) as world:
            assert world.now == 5
    with sandboxes.open("b", "calwe", writing=False) as world:
        assert world.now == MOMENT


# Reset


def test_a_reset_takes_everything_back_to_what_it_was_made_from(
    store: Store, make: Make, get_partitions: GetPartitions
) -> None:
    sandboxes = Sandboxes(store, make(tokens={"calwe": {"valid": ["t"]}}))
    _add(sandboxes, "3")
    _add(sandboxes, "4", api="avaamo")
    _add(sandboxes, "3", "b")
    with _writing(sandboxes) as sandbox:
        sandbox.set_clock(Clock.frozen_at(5))
        sandbox.reset()
        assert sandbox.open_world("calwe").documents.get_size("session") == 2
        assert sandbox.record.clock == Clock.frozen_at(MOMENT)
    assert get_partitions("a") == get_partitions("small-1", "template")
    for api, sessions in (("calwe", ["1", "2"]), ("ekran", ["1", "2"]), ("avaamo", [])):
        assert _sessions(sandboxes, api=api) == sessions
    with sandboxes.open("a", "calwe", writing=False) as world:
        assert (world.now, world.factory.seed) == (MOMENT, 7)
        assert world.tokens == Tokens(valid=("t",))
        assert world.documents.get_size("entry", "1") == 3
    assert _sessions(sandboxes, "b") == ["1", "2", "3"]


def test_after_a_reset_the_sandbox_writes_to_a_copy_of_its_own_again(
    sandboxes: Sandboxes,
) -> None:
    for _ in range(2):
        _add(sandboxes, "3")
        assert _sessions(sandboxes) == ["1", "2", "3"]
        assert _sessions(sandboxes, "b") == ["1", "2"]
        with _writing(sandboxes) as sandbox:
            sandbox.reset()
        assert _sessions(sandboxes) == ["1", "2"]


def test_a_reset_leaves_snapshots_name_and_age(sandboxes: Sandboxes, machine: Any) -> None:
    with _writing(sandboxes) as sandbox:
        sandbox.take_snapshot("now")
        before = sandbox.record
    machine.passes(60)
    with _writing(sandboxes) as sandbox:
        sandbox.reset()
        after = sandbox.record
        assert [record.name for record in sandbox.list_snapshots()] == ["now"]
    assert (after.id, after.name, after.created) == (before.id, "a", before.created)


def test_writing_and_resetting_in_one_breath_is_a_reset(sandboxes: Sandboxes) -> None:
    with _writing(sandboxes) as sandbox:
        sandbox.open_world("calwe").documents.append(Document("session", "3", {}))
        sandbox.reset()
        sandbox.open_world("calwe").documents.append(Document("session", "4", {}))
    assert _sessions(sandboxes) == ["1", "2", "4"]
    assert _sessions(sandboxes, "b") == ["1", "2"]


# Loading


def test_a_loaded_template_replaces_the_world(sandboxes: Sandboxes, make: Make) -> None:
    _add(sandboxes, "3")
    _add(sandboxes, "4", api="avaamo")
    other = make(
        "other-1", sessions="xy", seed=5, clock=Clock.frozen_at(9), tokens={"calwe": {"valid": []}}
    )
    with _writing(sandboxes) as sandbox:
        sandbox.load_template(other)
        record = sandbox.record
        assert (record.name, record.scenario, record.seed) == ("a", "other", 5)
        assert sandbox.open_world("calwe").documents.get_size("session") == 2
        assert sandbox.origin.name == "other-1"
    with sandboxes.open("a", "calwe", writing=False) as world:
        assert (world.now, world.factory.seed, world.tokens) == (9, 5, Tokens(valid=()))
    assert _sessions(sandboxes) == ["x", "y"]
    assert _sessions(sandboxes, api="ekran") == []
    assert _sessions(sandboxes, api="avaamo") == []
    assert _sessions(sandboxes, "b") == ["1", "2"]


def test_a_reset_leads_back_to_what_was_loaded_last(sandboxes: Sandboxes, make: Make) -> None:
    for name, sessions in (("other-1", "xy"), ("third-1", "z")):
        with _writing(sandboxes) as sandbox:
            sandbox.load_template(make(name, sessions=sessions))
    _add(sandboxes, "3")
    assert _sessions(sandboxes) == ["3", "z"]
    with _writing(sandboxes) as sandbox:
        sandbox.reset()
        assert sandbox.record.scenario == "third"
    assert _sessions(sandboxes) == ["z"]


def test_a_loaded_template_is_not_changed_by_its_sandbox(
    sandboxes: Sandboxes, make: Make, rows: Rows
) -> None:
    with _writing(sandboxes) as sandbox:
        sandbox.load_template(make("other-1", sessions="x"))
    _add(sandboxes, "y")
    with _writing(sandboxes, "b") as sandbox:
        sandbox.load_template(make("other-1", sessions="x"))
    assert _sessions(sandboxes, "b") == ["x"]
    assert _sessions(sandboxes, "a") == ["x", "y"]
    assert rows()["worlds"] == 5  # two templates, default, a, b


def test_a_scaled_clock_begins_with_each_load_and_each_reset(
    sandboxes: Sandboxes, make: Make, machine: Any
) -> None:
    scaled = make("other-1", clock=Clock(machine.moment, 1_000_000_000, 60.0))
    for act in (
        lambda sandbox: sandbox.load_template(scaled),
        lambda sandbox: sandbox.reset(),
        lambda sandbox: sandbox.load_template(scaled),
    ):
        with _writing(sandboxes) as sandbox:
            act(sandbox)
            assert sandbox.record.clock.now() == 1_000_000_000
        machine.passes(1)
        with sandboxes.open("a", "calwe", writing=False) as world:
            assert world.now == 1_060_000_000
        machine.passes(3600)


# Snapshots


def test_a_snapshot_is_the_world_as_it_was(sandboxes: Sandboxes, machine: Any) -> None:
    _add(sandboxes, "3")
    machine.passes(60)
    with _writing(sandboxes) as sandbox:
        sandbox.set_clock(Clock.frozen_at(5))
        taken = sandbox.take_snapshot("now")
        assert sandbox.get_snapshot("now") == taken
        assert sandbox.record.role == "sandbox"
    assert (taken.role, taken.owner, taken.name) == ("snapshot", "a", "now")
    assert (taken.scenario, taken.seed, taken.clock) == ("small", 7, Clock.frozen_at(5))
    assert (taken.created, taken.used) == (MOMENT + 60_000_000, MOMENT + 60_000_000)
    assert _kept(sandboxes, "now") == ["1", "2", "3"]
    assert _kept(sandboxes, "now", "ekran") == ["1", "2"]
    assert _sessions(sandboxes) == ["1", "2", "3"]


def test_putting_a_world_aside_copies_no_document(
    sandboxes: Sandboxes, rows: Rows, get_partitions: GetPartitions
) -> None:
    _add(sandboxes, "3")
    before = rows()
    for n in range(10):
        with _writing(sandboxes) as sandbox:
            sandbox.take_snapshot(f"n{n}")
    after = rows()
    assert {**after, "worlds": 0, "world_partitions": 0} == {
        **before,
        "worlds": 0,
        "world_partitions": 0,
    }
    assert get_partitions("n9", "snapshot", "a") == get_partitions("a")
    _add(sandboxes, "4")
    assert rows()["documents"] == after["documents"] + 7
    _add(sandboxes, "5")
    assert rows()["documents"] == after["documents"] + 8


@pytest.mark.parametrize(
    "write",
    [
        lambda documents: documents.append(Document("session", "4", {})),
        lambda documents: documents.replace(Document("session", "1", {"new": 1})),
        lambda documents: documents.remove("session", "1"),
        lambda documents: documents.clear(),
    ],
    ids=["append", "replace", "remove", "clear"],
)
def test_a_snapshot_is_not_touched_by_what_is_written_later(
    sandboxes: Sandboxes, write: Callable[[Any], None]
) -> None:
    _add(sandboxes, "3")
    with _writing(sandboxes) as sandbox:
        sandbox.take_snapshot("now")
    with sandboxes.open("a", "calwe", writing=True) as world:
        write(world.documents)
    assert _kept(sandboxes, "now") == ["1", "2", "3"]
    with _writing(sandboxes) as sandbox:
        sandbox.restore_snapshot("now")
    with sandboxes.open("a", "calwe", writing=False) as world:
        assert world.documents.get("session", "1").body == {"api": "calwe", "n": 1}
        assert world.documents.get_size("session") == 3
        assert world.documents.get_size("entry", "1") == 3


def test_a_snapshot_is_not_touched_by_what_is_written_in_the_same_breath(
    sandboxes: Sandboxes,
) -> None:
    with _writing(sandboxes) as sandbox:
        sandbox.open_world("calwe").documents.append(Document("session", "3", {}))
        sandbox.take_snapshot("one")
        sandbox.open_world("calwe").documents.append(Document("session", "4", {}))
        sandbox.take_snapshot("two")
        sandbox.open_world("calwe").documents.append(Document("session", "5", {}))
    assert _kept(sandboxes, "one") == ["1", "2", "3"]
    assert _kept(sandboxes, "two") == ["1", "2", "3", "4"]
    assert _sessions(sandboxes) == ["1", "2", "3", "4", "5"]


def test_restoring_takes_everything_back(
    sandboxes: Sandboxes, make: Make, get_partitions: GetPartitions
) -> None:
    _add(sandboxes, "3")
    with _writing(sandboxes) as sandbox:
        sandbox.set_clock(Clock.frozen_at(5))
        sandbox.take_snapshot("now")
        taken = get_partitions("a")
    _add(sandboxes, "4")
    _add(sandboxes, "4", api="avaamo")
    with _writing(sandboxes) as sandbox:
        sandbox.load_template(
            make("other-1", sessions="x", seed=9, tokens={"calwe": {"required": True}})
        )
        sandbox.restore_snapshot("now")
        assert sandbox.open_world("calwe").documents.get_size("session") == 3
        record = sandbox.record
    assert (record.name, record.scenario, record.seed, record.tokens) == ("a", "small", 7, {})
    assert get_partitions("a") == taken
    assert _sessions(sandboxes) == ["1", "2", "3"]
    assert _sessions(sandboxes, api="avaamo") == []
    with sandboxes.open("a", "calwe", writing=False) as world:
        assert (world.now, world.factory.seed, world.tokens) == (5, 7, Tokens())


def test_restoring_and_writing_does_not_touch_the_snapshot(sandboxes: Sandboxes) -> None:
    with _writing(sandboxes) as sandbox:
        sandbox.take_snapshot("now")
    for _ in range(2):
        _add(sandboxes, "3")
        assert _sessions(sandboxes) == ["1", "2", "3"]
        assert _kept(sandboxes, "now") == ["1", "2"]
        with _writing(sandboxes) as sandbox:
            sandbox.restore_snapshot("now")
        assert _sessions(sandboxes) == ["1", "2"]
    with _writing(sandboxes) as sandbox:
        sandbox.restore_snapshot("now")
        sandbox.open_world("calwe").documents.append(Document("session", "4", {}))
    assert _sessions(sandboxes) == ["1", "2", "4"]
    assert _kept(sandboxes, "now") == ["1", "2"]


def test_after_restoring_a_reset_leads_back_to_what_the_snapshot_came_from(
    sandboxes: Sandboxes, make: Make
) -> None:
    _add(sandboxes, "3")
    with _writing(sandboxes) as sandbox:
        sandbox.take_snapshot("now")
        sandbox.load_template(make("other-1", sessions="x"))
        sandbox.take_snapshot("then")
    for snapshot, sessions in (("now", ["1", "2"]), ("then", ["x"])):
        with _writing(sandboxes) as sandbox:
            sandbox.restore_snapshot(snapshot)
            sandbox.reset()
        assert _sessions(sandboxes) == sessions


def test_two_snapshots_of_one_world_are_two(sandboxes: Sandboxes) -> None:
    with _writing(sandboxes) as sandbox:
        sandbox.take_snapshot("one")
        sandbox.take_snapshot("two")
    _add(sandboxes, "3")
    with _writing(sandboxes) as sandbox:
        sandbox.take_snapshot("three")
        sandbox.delete_snapshot("one")
    assert _kept(sandboxes, "two") == ["1", "2"]
    assert _kept(sandboxes, "three") == ["1", "2", "3"]
    while sandboxes.clean_up():
        pass
    for snapshot, sessions in (("two", ["1", "2"]), ("three", ["1", "2", "3"])):
        with _writing(sandboxes) as sandbox:
            sandbox.restore_snapshot(snapshot)
        assert _sessions(sandboxes) == sessions


def test_a_name_that_is_taken_is_refused_unless_it_is_to_be_replaced(
    sandboxes: Sandboxes,
) -> None:
    with _writing(sandboxes) as sandbox:
        sandbox.take_snapshot("now")
    _add(sandboxes, "3")
    with pytest.raises(TakenNameError) as raised, _writing(sandboxes) as sandbox:
        sandbox.take_snapshot("now")
    assert str(raised.value) == (
        "The sandbox 'a' has a snapshot 'now' already; take it with 'replace', "
        "or under another name"
    )
    assert _kept(sandboxes, "now") == ["1", "2"]
    with _writing(sandboxes) as sandbox:
        sandbox.take_snapshot("now", replacing=True)
        sandbox.take_snapshot("then", replacing=True)
        assert [record.name for record in sandbox.list_snapshots()] == ["now", "then"]
    assert _kept(sandboxes, "now") == ["1", "2", "3"]


@pytest.mark.parametrize("name", ["", "a b", "@x", "a/b", "x" * 65])
def test_a_name_that_is_none_is_refused(sandboxes: Sandboxes, make: Make, name: str) -> None:
    sandboxes.ensure("a")
    refused = pytest.raises(SandboxNameError, match="cannot be a snapshot's name")
    with refused, _writing(sandboxes) as sandbox:
        sandbox.take_snapshot(name)
    with refused, _writing(sandboxes) as sandbox:
        sandbox.import_snapshot(name, make("other-1", sessions="x"))
    with _reading(sandboxes) as sandbox:
        assert sandbox.list_snapshots() == []


def test_a_sandbox_has_no_more_snapshots_than_it_may(store: Store, make: Make) -> None:
    sandboxes = Sandboxes(store, make(), Settings(max_snapshots=2))
    with _writing(sandboxes) as sandbox:
        sandbox.take_snapshot("one")
        sandbox.take_snapshot("two")
    for act in (
        lambda sandbox: sandbox.take_snapshot("three"),
        lambda sandbox: sandbox.take_snapshot("three", replacing=True),
        lambda sandbox: sandbox.import_snapshot("three", make("other-1", sessions="x")),
    ):
        with pytest.raises(QuotaError) as raised, _writing(sandboxes) as sandbox:
            act(sandbox)
        assert str(raised.value) == (
            "The sandbox 'a' has 2 snapshots, which is as many as it may have; delete one, "
            "or start the server with a larger --max-snapshots"
        )
    with _writing(sandboxes) as sandbox:
        sandbox.take_snapshot("two", replacing=True)
        sandbox.delete_snapshot("one")
        sandbox.take_snapshot("three")
        assert [record.name for record in sandbox.list_snapshots()] == ["two", "three"]
    with _writing(sandboxes, "b") as sandbox:
        sandbox.take_snapshot("one")


def test_snapshots_come_the_oldest_first(sandboxes: Sandboxes, machine: Any) -> None:
    for name in ("c", "a", "b"):
        with _writing(sandboxes) as sandbox:
            sandbox.take_snapshot(name)
        machine.passes(1)
    with _writing(sandboxes) as sandbox:
        assert [record.name for record in sandbox.list_snapshots()] == ["c", "a", "b"]
        sandbox.take_snapshot("c", replacing=True)
        assert [record.name for record in sandbox.list_snapshots()] == ["a", "b", "c"]


def test_snapshots_of_one_moment_come_by_name(sandboxes: Sandboxes, machine: Any) -> None:
    with _writing(sandboxes) as sandbox:
        for name in ("c", "a", "b"):
            sandbox.take_snapshot(name)
        assert [record.name for record in sandbox.list_snapshots()] == ["a", "b", "c"]
    assert machine.moment == MOMENT


def test_each_sandbox_has_its_own_snapshots(sandboxes: Sandboxes) -> None:
    for name in ("a", "b"):
        _add(sandboxes, name, name)
        with _writing(sandboxes, name) as sandbox:
            sandbox.take_snapshot("now")
    with _writing(sandboxes, "a") as sandbox:
        sandbox.delete_snapshot("now")
    with _writing(sandboxes, "b") as sandbox:
        sandbox.reset()
        sandbox.restore_snapshot("now")
    assert _sessions(sandboxes, "b") == ["1", "2", "b"]


@pytest.mark.parametrize(
    "act",
    [
        lambda sandbox, name: sandbox.get_snapshot(name),
        lambda sandbox, name: sandbox.restore_snapshot(name),
        lambda sandbox, name: sandbox.delete_snapshot(name),
    ],
    ids=["snapshot", "restore", "forget"],
)
def test_an_unknown_snapshot_is_refused_with_the_nearest(
    sandboxes: Sandboxes, act: Callable[[Sandbox, str], object]
) -> None:
    def reason(name: str) -> str:
        with pytest.raises(UnknownNameError) as raised, _writing(sandboxes) as sandbox:
            act(sandbox, name)
        return str(raised.value)

    with _writing(sandboxes, "b") as sandbox:
        sandbox.take_snapshot("somewhere-else")
    assert reason("x") == "The sandbox 'a' has no snapshot 'x'; none is known"
    with _writing(sandboxes) as sandbox:
        sandbox.take_snapshot("before-payment")
    assert reason("before-paiment") == (
        "The sandbox 'a' has no snapshot 'before-paiment'; did you mean 'before-payment'?"
    )
    assert reason("x") == "The sandbox 'a' has no snapshot 'x'; known: 'before-payment'"


def test_deleting_a_snapshot_leaves_the_world(sandboxes: Sandboxes, rows: Rows) -> None:
    _add(sandboxes, "3")
    before = rows()
    with _writing(sandboxes) as sandbox:
        sandbox.take_snapshot("now")
        sandbox.delete_snapshot("now")
        assert sandbox.list_snapshots() == []
    while sandboxes.clean_up():
        pass
    assert rows() == before
    assert _sessions(sandboxes) == ["1", "2", "3"]
    _add(sandboxes, "4")
    assert _sessions(sandboxes) == ["1", "2", "3", "4"]


# What comes from somewhere else


def test_a_template_can_be_imported_as_a_snapshot(
    sandboxes: Sandboxes, make: Make, machine: Any
) -> None:
    machine.passes(60)
    with _writing(sandboxes) as sandbox:
        kept = sandbox.import_snapshot(
            "brought", make("file-1", sessions="xy", seed=5, clock=Clock.frozen_at(9))
        )
        assert sandbox.get_snapshot("brought") == kept
        assert sandbox.open_world("calwe").documents.get_size("session") == 2
    assert (kept.role, kept.owner, kept.name, kept.scenario) == ("snapshot", "a", "brought", "file")
    assert (kept.created, kept.used) == (MOMENT + 60_000_000, MOMENT + 60_000_000)
    assert _sessions(sandboxes) == ["1", "2"]
    with _writing(sandboxes) as sandbox:
        sandbox.restore_snapshot("brought")
        assert (sandbox.record.seed, sandbox.record.clock) == (5, Clock.frozen_at(9))
    _add(sandboxes, "z")
    assert _sessions(sandboxes) == ["x", "y", "z"]
    assert _kept(sandboxes, "brought") == ["x", "y"]
    with _writing(sandboxes) as sandbox:
        sandbox.reset()
    assert _sessions(sandboxes) == ["x", "y"]


def test_an_imported_snapshot_replaces_one_of_the_same_name(
    sandboxes: Sandboxes, make: Make
) -> None:
    with _writing(sandboxes) as sandbox:
        sandbox.take_snapshot("now")
        sandbox.import_snapshot("now", make("file-1", sessions="x"))
        assert len(sandbox.list_snapshots()) == 1
    assert _kept(sandboxes, "now") == ["x"]


def test_a_scaled_clock_of_a_snapshot_imported_later_shows_its_moment(
    sandboxes: Sandboxes, make: Make, machine: Any
) -> None:
    def populate(_: object) -> None:
        machine.passes(5)

    for name in ("one", "two"):
        template = make("file-1", populate, clock=Clock(machine.moment, 1_000_000_000, 60.0))
        with _writing(sandboxes) as sandbox:
            sandbox.import_snapshot(name, template)
        machine.passes(3600)
        with _writing(sandboxes) as sandbox:
            sandbox.restore_snapshot(name)
            assert sandbox.record.clock.now() == 1_000_000_000


# Clocks taken up again


@pytest.mark.parametrize(
    ("clock", "at_once", "later"),
    [
        (Clock(), MOMENT + 3_600_000_000, MOMENT + 3_610_000_000),
        (Clock.frozen_at(5), 5, 5),
        (Clock.frozen_at(0), 0, 0),
        (
            Clock(real=MOMENT, virtual=MOMENT - 1_000),
            MOMENT + 3_600_000_000 - 1_000,
            MOMENT + 3_610_000_000 - 1_000,
        ),
        (Clock(MOMENT, 1_000_000_000, 60.0), 1_600_000_000, 2_200_000_000),
        (Clock(MOMENT, 1_000_000_000, 0.5), 1_005_000_000, 1_010_000_000),
    ],
    ids=["real", "frozen", "frozen at the epoch", "shifted", "fast", "slow"],
)
def test_a_clock_is_taken_up_where_it_belongs(
    sandboxes: Sandboxes, machine: Any, clock: Clock, at_once: int, later: int
) -> None:
    with _writing(sandboxes) as sandbox:
        sandbox.set_clock(clock)
    machine.passes(10)
    with _writing(sandboxes) as sandbox:
        sandbox.take_snapshot("now")
    with _writing(sandboxes) as sandbox:
        sandbox.set_clock(Clock.frozen_at(77))
    machine.passes(3590)
    with _writing(sandboxes) as sandbox:
        sandbox.restore_snapshot("now")
        assert sandbox.record.clock.mode == clock.mode
    with sandboxes.open("a", "calwe", writing=False) as world:
        assert world.now == at_once
    machine.passes(10)
    with sandboxes.open("a", "calwe", writing=False) as world:
        assert world.now == later


def test_a_snapshot_of_a_restored_world_remembers_what_that_showed(
    sandboxes: Sandboxes, machine: Any
) -> None:
    with _writing(sandboxes) as sandbox:
        sandbox.set_clock(Clock(machine.moment, 1_000_000_000, 60.0))
        sandbox.take_snapshot("one")
    machine.passes(3600)
    with _writing(sandboxes) as sandbox:
        sandbox.restore_snapshot("one")
    machine.passes(10)
    with _writing(sandboxes) as sandbox:
        sandbox.take_snapshot("two")
    machine.passes(3600)
    with _writing(sandboxes) as sandbox:
        sandbox.restore_snapshot("two")
        assert sandbox.record.clock.now() == 1_600_000_000
        sandbox.restore_snapshot("one")
        assert sandbox.record.clock.now() == 1_000_000_000


# Whole, or not at all


def _failing(world: Callable[[str], World]) -> None:
    world("calwe").documents.append(Document("session", "x", {}))
    raise Stop


@pytest.mark.parametrize(
    "act",
    [
        lambda sandbox, _: sandbox.reset(),
        lambda sandbox, _: sandbox.restore_snapshot("now"),
        lambda sandbox, _: sandbox.take_snapshot("another"),
        lambda sandbox, _: sandbox.take_snapshot("now", replacing=True),
        lambda sandbox, _: sandbox.delete_snapshot("now"),
        lambda sandbox, make: sandbox.load_template(make("other-1", sessions="x")),
        lambda sandbox, make: sandbox.load_template(make("other-1", _failing)),
        lambda sandbox, make: sandbox.import_snapshot("now", make("other-1", sessions="x")),
        lambda sandbox, make: sandbox.import_snapshot("now", make("other-1", _failing)),
        lambda sandbox, _: sandbox.set_clock(Clock.frozen_at(9)),
        lambda sandbox, _: sandbox.open_world("calwe").documents.clear(),
    ],
    ids=[
        "reset", "restore", "take", "replace", "forget", "load", "load what fails", "keep",
        "keep what fails", "clock", "write",
    ],
)  # fmt: skip
def test_a_failed_load_leaves_the_old_world(
    sandboxes: Sandboxes,
    make: Make,
    rows: Rows,
    get_partitions: GetPartitions,
    act: Callable[[Sandbox, Make], object],
) -> None:
    with _writing(sandboxes) as sandbox:
        sandbox.take_snapshot("now")
        sandbox.set_clock(Clock.frozen_at(5))
    _add(sandboxes, "3")
    before, holding = rows(), get_partitions("a")
    with pytest.raises(Stop), _writing(sandboxes) as sandbox:
        record = sandbox.record
        act(sandbox, make)
        raise Stop
    assert rows() == before
    assert get_partitions("a") == holding
    assert get_partitions("now", "snapshot", "a") == get_partitions("small-1", "template")
    with _reading(sandboxes) as sandbox:
        assert sandbox.record == record
        assert [kept.name for kept in sandbox.list_snapshots()] == ["now"]
    assert _sessions(sandboxes) == ["1", "2", "3"]
    assert _kept(sandboxes, "now") == ["1", "2"]
    _add(sandboxes, "4")
    assert _sessions(sandboxes) == ["1", "2", "3", "4"]


def test_a_load_that_fails_and_is_caught_leaves_the_old_world(
    sandboxes: Sandboxes, make: Make, rows: Rows
) -> None:
    _add(sandboxes, "3")
    before = rows()
    with _writing(sandboxes) as sandbox:
        with pytest.raises(Stop):
            sandbox.load_template(make("other-1", _failing))
        assert sandbox.open_world("calwe").documents.get_size("session") == 3
        assert sandbox.record.scenario == "small"
    while sandboxes.clean_up():
        pass
    assert rows() == before
    assert _sessions(sandboxes) == ["1", "2", "3"]


# Interaction whole, or not at all


def _seen(sandboxes: Sandboxes) -> tuple[str, int, int, tuple[str, ...], tuple[str, ...]]:
    """All that a reader can see of `a` in one transaction, one thing after the other."""
    with _reading(sandboxes) as sandbox:
        calwe, ekran = sandbox.open_world("calwe"), sandbox.open_world("ekran")
        return (
            sandbox.record.scenario,
            calwe.now,
            calwe.factory.seed,
            tuple(item.key for item in calwe.documents.list_all("session")),
            tuple(item.key for item in ekran.documents.list_all("session")),
        )


SMALL = ("small", MOMENT, 7, ("1", "2"), ("1", "2"))
OTHER = ("other", 9, 5, ("x", "y"), ())
OWN = ("small", 8, 7, ("1", "2", "3"), ("1", "2", "3"))


def _other(make: Make) -> Template:
    return make("other-1", sessions="xy", seed=5, clock=Clock.frozen_at(9))


def test_a_reader_sees_the_world_that_was_when_it_began(sandboxes: Sandboxes, make: Make) -> None:
    sandboxes.ensure("a")
    with _reading(sandboxes) as sandbox:
        calwe, ekran = sandbox.open_world("calwe"), sandbox.open_world("ekran")
        assert calwe.documents.get_size("session") == 2
        with _writing(sandboxes) as writing:
            writing.open_world("calwe").documents.append(Document("session", "3", {}))
            writing.load_template(_other(make))
        assert [item.key for item in calwe.documents.list_all("session")] == ["1", "2"]
        assert [item.key for item in ekran.documents.list_all("session")] == ["1", "2"]
    assert _seen(sandboxes) == OTHER


def test_uncommitted_writes_are_not_visible_to_others(sandboxes: Sandboxes, make: Make) -> None:
    sandboxes.ensure("a")
    assert _seen(sandboxes) == SMALL
    with _writing(sandboxes) as sandbox:
        sandbox.load_template(_other(make))
        assert _seen(sandboxes) == SMALL
    assert _seen(sandboxes) == OTHER


@pytest.mark.parametrize("is_shared", [True, False], ids=["one store", "two stores"])
def test_of_worlds_that_come_and_go_a_reader_sees_each_whole(
    tmp_path: Path, make: Make, is_shared: bool
) -> None:
    path = tmp_path / "s.sqlite"
    with closing(FileStore(path)) as store, closing(FileStore(path)) as other:
        sandboxes = Sandboxes(store, make())
        sandboxes.ensure("a")
        reading = sandboxes if is_shared else Sandboxes(other, make())
        has_begun, is_over = threading.Event(), threading.Event()
        seen: set[Any] = set()
        raised: list[BaseException] = []

        def look() -> None:
            try:
                while not is_over.is_set():
                    seen.add(_seen(reading))
                    has_begun.set()
            except BaseException as error:
                raised.append(error)
                has_begun.set()

        readers = [threading.Thread(target=look) for _ in range(2)]
        for reader in readers:
            reader.start()
        has_begun.wait()
        try:
            for _ in range(10):
                with _writing(sandboxes) as sandbox:
                    sandbox.load_template(_other(make))
                with _writing(sandboxes) as sandbox:
                    sandbox.load_template(make())
                with _writing(sandboxes) as sandbox:
                    for api in ("calwe", "ekran"):
                        sandbox.open_world(api).documents.append(Document("session", "3", {}))
                    sandbox.set_clock(Clock.frozen_at(8))
                with _writing(sandboxes) as sandbox:
                    sandbox.take_snapshot("own", replacing=True)
                    sandbox.reset()
                with _writing(sandboxes) as sandbox:
                    sandbox.restore_snapshot("own")
                sandboxes.clean_up()
        finally:
            is_over.set()
            for reader in readers:
                reader.join()
        assert raised == []
        assert seen <= {SMALL, OTHER, OWN}
        assert _seen(sandboxes) == _seen(reading) == OWN


def test_writers_that_come_between_lose_nothing(sandboxes: Sandboxes) -> None:
    """Each takes a snapshot of what it has just written; every one has what its taker wrote."""
    barrier = threading.Barrier(4)
    raised: list[BaseException] = []

    def act(n: int) -> None:
        try:
            barrier.wait()
            for k in range(5):
                key = f"{n}-{k}"
                with _writing(sandboxes) as sandbox:
                    sandbox.open_world("calwe").documents.append(Document("session", key, {}))
                    sandbox.take_snapshot(key)
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=act, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []
    assert len(_sessions(sandboxes)) == 22
    with _reading(sandboxes) as sandbox:
        names = [record.name for record in sandbox.list_snapshots()]
    assert len(names) == 20
    sizes = sorted(len(_kept(sandboxes, name)) for name in names)
    assert sizes == list(range(3, 23))
    assert all(name in _kept(sandboxes, name) for name in names)


@pytest.mark.parametrize("name", ["default", "a", "A-z_0.9", "..", "x" * 64])
def test_a_name_of_letters_digits_dots_and_dashes_is_taken(name: str) -> None:
    assert check_name(name) == name
    assert check_name(name, "snapshot") == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x" * 65,
        "@small-1",
        "../x",
        "a/b",
        "a b",
        "a\n",
        "\na",
        "a\x00",
        "جلسة",
        "²",
        "a;b",
        "%",
    ],
)
def test_any_other_name_is_refused(name: str) -> None:
    with pytest.raises(SandboxNameError):
        check_name(name)


def test_a_refusal_names_the_name_but_not_all_of_it() -> None:
    with pytest.raises(SandboxNameError) as raised:
        check_name("x" * 10_000)
    assert str(raised.value) == (
        f"'{'x' * 64}' cannot be a sandbox's name: use 1 to 64 letters, digits, '.', '_', '-'"
    )


def test_a_refusal_says_what_cannot_be_called_that() -> None:
    with pytest.raises(SandboxNameError) as raised:
        check_name("a b", "snapshot")
    assert str(raised.value) == (
        "'a b' cannot be a snapshot's name: use 1 to 64 letters, digits, '.', '_', '-'"
    )


def test_a_request_that_names_no_sandbox_gets_the_default_one() -> None:
    assert check_name(DEFAULT) == "default"
