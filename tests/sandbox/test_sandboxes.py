"""Sandboxes: made on first use, sharing until they write, limited in number, gone when idle."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from mockserver.clock import Clock
from mockserver.errors import QuotaError, SandboxNameError, StoreBusyError
from mockserver.sandbox import DEFAULT, Sandboxes, Template, Tokens, World, open_session
from mockserver.settings import Settings
from mockserver.store import Document, FileStore, Store, driver
from mockserver.store.partitions import Partitions
from mockserver.store.worlds import Worlds

MOMENT = 1_755_786_600_000_000  # 2025-08-21T14:30:00Z

Make = Callable[..., Template]
Rows = Callable[[], dict[str, int]]
GetPartitions = Callable[..., dict[str, int]]


class Stop(Exception):
    """What a block raises to be stopped."""


def _sessions(sandboxes: Sandboxes, name: str, api: str = "calwe") -> list[str]:
    with sandboxes.open(name, api, writing=False) as world:
        return [document.key for document in world.documents.list_all("session")]


def _add(sandboxes: Sandboxes, name: str, key: str, api: str = "calwe") -> None:
    with sandboxes.open(name, api, writing=True) as world:
        world.documents.append(Document("session", key, {}))


def _names(store: Store) -> list[str]:
    """The sandboxes that there are."""
    with store.transaction(writing=False) as transaction:
        return [record.name for record in transaction.worlds.list_all("sandbox")]


def _used(store: Store, name: str) -> int:
    with store.transaction(writing=False) as transaction:
        return transaction.worlds.get("sandbox", name).used


def _clean_up_all(sandboxes: Sandboxes) -> int:
    """Clean up until there is no more; the number of steps."""
    for times in range(1, 1000):
        if not sandboxes.clean_up():
            return times
    raise AssertionError("cleanup does not come to an end")


def _only_here(changed: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    """A change for the thread of a test: the servers of other tests clean up in theirs."""
    thread = threading.get_ident()
    return lambda *arguments: (changed if threading.get_ident() == thread else original)(*arguments)


# Making


def test_a_sandbox_is_made_of_the_template_on_first_use(
    store: Store, make: Make, machine: Any
) -> None:
    sandboxes = Sandboxes(store, make(tokens={"calwe": {"valid": ["a"]}}))
    machine.passes(60)
    with sandboxes.open("a", "calwe", writing=False, url="http://x/y") as world:
        assert world.sandbox == "a"
        assert world.now == MOMENT
        assert world.factory.seed == 7
        assert world.tokens == Tokens(valid=("a",))
        assert world.url == "http://x/y"
        assert world.documented_only is False
        assert world.documents.get_size("session") == 2
        assert world.documents.list_page("entry", "1", 2, 5)[0][0].body == {"n": 2}
    with store.transaction(writing=False) as transaction:
        record = transaction.worlds.get("sandbox", "a")
        template = transaction.worlds.get("template", "small-1")
    assert (record.scenario, record.seed, record.clock) == ("small", 7, Clock.frozen_at(MOMENT))
    assert record.origin == template.id
    assert (record.created, record.used) == (MOMENT + 60_000_000, MOMENT + 60_000_000)


def test_the_default_sandbox_is_there_from_the_beginning(store: Store, make: Make) -> None:
    Sandboxes(store, make())
    assert _names(store) == ["default"]


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements that this thread executes, by SQLAlchemy or by the driver itself."""
    executed: list[str] = []
    run, own = driver.run, threading.get_ident()

    def add(sql: str) -> None:
        # A server of other tests, which runs in a thread of this process, cleans up every second.
        if threading.get_ident() == own:
            executed.append(sql)

    def run_noted(connection: Connection, sql: str, parameters: Any = ()) -> Any:
        add(sql)
        return run(connection, sql, parameters)

    def note(_connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
        add(sql)

    monkeypatch.setattr(driver, "run", run_noted)
    event.listen(Engine, "before_cursor_execute", note)
    yield executed
    event.remove(Engine, "before_cursor_execute", note)


def test_a_start_executes_the_same_with_much_in_the_store_and_reads_no_documents(
    make_store: Callable[[], Store], make: Make, executed: list[str]
) -> None:
    before = Sandboxes(make_store(), make())
    executed.clear()
    Sandboxes(make_store(), make())
    with_little = list(executed)
    for n in range(20):
        with before.open(f"s{n}", "calwe", writing=True) as world:
            world.documents.extend(Document("entry", "", {}, "1", n) for n in range(50))

    executed.clear()
    Sandboxes(make_store(), make())
    assert executed == with_little
    reading = [sql for sql in executed if sql.startswith("SELECT")]
    assert reading
    assert not [sql for sql in reading if "documents" in sql or "collections" in sql]


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
@pytest.mark.parametrize("writing", [True, False])
def test_a_name_that_is_none_is_refused_and_makes_nothing(
    store: Store, sandboxes: Sandboxes, name: str, writing: bool
) -> None:
    with pytest.raises(SandboxNameError), sandboxes.open(name, "calwe", writing=writing):
        pass
    with pytest.raises(SandboxNameError):
        sandboxes.ensure(name)
    sandboxes.clean_up()
    assert _names(store) == ["default"]


def test_an_api_that_the_scenario_says_nothing_of_is_an_empty_world(sandboxes: Sandboxes) -> None:
    assert _sessions(sandboxes, "a", "avaamo") == []
    with sandboxes.open("a", "avaamo", writing=False) as world:
        assert world.tokens == Tokens(valid=None, required=False)
    _add(sandboxes, "a", "1", "avaamo")
    assert _sessions(sandboxes, "a", "avaamo") == ["1"]
    assert _sessions(sandboxes, "b", "avaamo") == []


def test_every_world_has_documented_only(store: Store, make: Make) -> None:
    sandboxes = Sandboxes(store, make(), Settings(documented_only=True))
    with sandboxes.open("a", "calwe", writing=False) as world:
        assert world.documented_only is True


def test_a_sandbox_that_has_the_templates_name_is_not_the_template(
    sandboxes: Sandboxes,
) -> None:
    _add(sandboxes, "small-1", "3")
    assert _sessions(sandboxes, "small-1") == ["1", "2", "3"]
    assert _sessions(sandboxes, "a") == ["1", "2"]


def test_populating_that_fails_leaves_no_template_behind(
    store: Store, make: Make, rows: Rows
) -> None:
    def populate(world: Callable[[str], World]) -> None:
        world("calwe").documents.append(Document("session", "1", {}))
        raise Stop

    with pytest.raises(Stop):
        Sandboxes(store, make(populate=populate))
    assert (rows()["worlds"], rows()["documents"]) == (0, 0)
    assert _sessions(Sandboxes(store, make()), "a") == ["1", "2"]


def test_another_template_makes_new_sandboxes_and_leaves_the_old_ones(
    store: Store, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    old = Sandboxes(store, make("small-1"))
    assert _sessions(old, "old") == ["1", "2"]
    with caplog.at_level(logging.WARNING, "mockserver"):
        new = Sandboxes(store, make("other-1", sessions="x"))
    assert _sessions(new, "new") == ["x"]
    assert _sessions(new, "old") == ["1", "2"]
    assert _sessions(new, DEFAULT) == ["1", "2"]
    assert caplog.messages == [
        "The store keeps its worlds: 'default' is of the scenario 'small' until another is loaded."
    ]


def test_the_same_template_again_is_not_logged(
    store: Store, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    Sandboxes(store, make())
    Sandboxes(store, make())
    assert caplog.messages == []


def test_a_sandbox_of_a_scaled_template_begins_with_what_the_template_showed(
    store: Store, make: Make, machine: Any
) -> None:
    sandboxes = Sandboxes(store, make(clock=Clock(machine.moment, 1_000_000_000, 60.0)))
    machine.passes(3600)
    with sandboxes.open("a", "calwe", writing=False) as world:
        assert world.now == 1_000_000_000
    machine.passes(1)
    with sandboxes.open("a", "calwe", writing=False) as world:
        assert world.now == 1_060_000_000


@pytest.mark.parametrize(
    ("clock", "later"),
    [
        (Clock(), MOMENT + 3_600_000_000),
        (Clock.frozen_at(5), 5),
        (Clock(real=MOMENT, virtual=MOMENT - 9), MOMENT + 3_600_000_000 - 9),
    ],
    ids=["real", "frozen", "shifted"],
)
def test_a_sandbox_of_any_other_template_has_its_clock(
    store: Store, make: Make, machine: Any, clock: Clock, later: int
) -> None:
    sandboxes = Sandboxes(store, make(clock=clock))
    machine.passes(3600)
    with sandboxes.open("a", "calwe", writing=False) as world:
        assert world.now == later


def test_the_seed_of_a_missing_sandbox_is_that_of_the_template(store: Store, make: Make) -> None:
    sandboxes = Sandboxes(store, make(seed=7))
    with store.transaction(writing=True) as transaction:
        record = transaction.worlds.get("sandbox", DEFAULT)
        transaction.worlds.update(replace(record, seed=5))
    assert (sandboxes.get_seed(DEFAULT), sandboxes.get_seed("nobody")) == (5, 7)
    assert _names(store) == ["default"]


# Isolation


def test_a_write_is_seen_in_its_own_sandbox_only(sandboxes: Sandboxes) -> None:
    assert _sessions(sandboxes, "b") == ["1", "2"]
    _add(sandboxes, "a", "3")
    assert _sessions(sandboxes, "a") == ["1", "2", "3"]
    assert _sessions(sandboxes, "b") == ["1", "2"]
    assert _sessions(sandboxes, "c") == ["1", "2"]
    _add(sandboxes, "b", "4")
    assert _sessions(sandboxes, "a") == ["1", "2", "3"]
    assert _sessions(sandboxes, "b") == ["1", "2", "4"]
    assert _sessions(sandboxes, "c") == ["1", "2"]


def test_names_that_differ_in_case_are_two_sandboxes(sandboxes: Sandboxes) -> None:
    _add(sandboxes, "a", "3")
    assert _sessions(sandboxes, "A") == ["1", "2"]


def test_reading_copies_nothing(
    sandboxes: Sandboxes, rows: Rows, get_partitions: GetPartitions
) -> None:
    for name in ("a", "b", "c"):
        assert _sessions(sandboxes, name) == ["1", "2"]
    template = get_partitions("small-1", "template")
    assert sorted(template) == ["calwe", "ekran"]
    assert (
        get_partitions("a")
        == get_partitions("b")
        == get_partitions("c")
        == get_partitions("default")
        == template
    )
    assert (rows()["partitions"], rows()["documents"]) == (2, 10)


def test_the_first_write_copies_one_api_and_goes_on_sharing_the_others(
    sandboxes: Sandboxes, rows: Rows, get_partitions: GetPartitions
) -> None:
    _add(sandboxes, "a", "3")
    template, own = get_partitions("small-1", "template"), get_partitions("a")
    assert own["ekran"] == template["ekran"]
    assert own["calwe"] != template["calwe"]
    assert (rows()["partitions"], rows()["documents"]) == (3, 16)
    assert _sessions(sandboxes, "a", "ekran") == ["1", "2"]
    _add(sandboxes, "a", "4", "ekran")
    assert get_partitions("a")["calwe"] == own["calwe"]
    assert get_partitions("a")["ekran"] != template["ekran"]
    assert (rows()["partitions"], rows()["documents"]) == (4, 22)
    assert _sessions(sandboxes, "a", "ekran") == ["1", "2", "4"]
    assert _sessions(sandboxes, "a", "calwe") == ["1", "2", "3"]
    assert _sessions(sandboxes, "b", "ekran") == ["1", "2"]
    assert get_partitions("b") == get_partitions("small-1", "template") == template


def test_later_writes_copy_nothing_more(
    sandboxes: Sandboxes, rows: Rows, get_partitions: GetPartitions
) -> None:
    _add(sandboxes, "a", "3")
    own, before = get_partitions("a"), rows()
    for key in ("4", "5", "6"):
        _add(sandboxes, "a", key)
    assert get_partitions("a") == own
    assert rows() == {**before, "documents": before["documents"] + 3}


def test_a_copy_keeps_bodies_order_and_counters(sandboxes: Sandboxes) -> None:
    with sandboxes.open("a", "calwe", writing=True) as world:
        world.documents.append(Document("entry", "", {"n": 3}, "1", 3))
        found, size = world.documents.list_page("entry", "1", 0, 30)
    assert ([document.body["n"] for document in found], size) == ([0, 1, 2, 3], 4)
    with sandboxes.open("b", "calwe", writing=False) as world:
        assert world.documents.get_size("entry", "1") == 3


def test_a_transaction_reads_what_it_wrote_although_it_read_the_template_first(
    sandboxes: Sandboxes,
) -> None:
    with sandboxes.open("a", "calwe", writing=True) as world:
        assert world.documents.get_size("session") == 2
        world.documents.append(Document("session", "3", {}))
        assert world.documents.get_size("session") == 3
        assert world.documents.get("session", "3") is not None


@pytest.mark.parametrize(
    ("write", "left"),
    [
        (lambda documents: documents.remove("session", "1"), ["2"]),
        (lambda documents: documents.clear(), []),
        (lambda documents: documents.replace(Document("session", "1", {"new": 1})), ["1", "2"]),
    ],
    ids=["remove", "clear", "replace"],
)
def test_no_kind_of_write_reaches_the_template(
    sandboxes: Sandboxes, write: Callable[[Any], None], left: list[str]
) -> None:
    with sandboxes.open("a", "calwe", writing=True) as world:
        write(world.documents)
    assert _sessions(sandboxes, "a") == left
    with sandboxes.open("b", "calwe", writing=False) as world:
        assert [document.body for document in world.documents.list_all("session")] == [
            {"api": "calwe", "n": 1},
            {"api": "calwe", "n": 2},
        ]


def test_a_sandbox_that_was_emptied_stays_empty(sandboxes: Sandboxes) -> None:
    with sandboxes.open("a", "calwe", writing=True) as world:
        world.documents.clear()
    assert _sessions(sandboxes, "a") == []
    _add(sandboxes, "a", "9")
    assert _sessions(sandboxes, "a") == ["9"]


def test_a_write_that_raises_leaves_the_sandbox_sharing(
    sandboxes: Sandboxes, rows: Rows, get_partitions: GetPartitions
) -> None:
    assert _sessions(sandboxes, "a") == ["1", "2"]
    before = rows()
    with pytest.raises(Stop), sandboxes.open("a", "calwe", writing=True) as world:
        world.documents.append(Document("session", "3", {}))
        raise Stop
    assert rows() == before
    assert get_partitions("a") == get_partitions("small-1", "template")
    assert _sessions(sandboxes, "a") == ["1", "2"]
    _add(sandboxes, "a", "4")
    assert _sessions(sandboxes, "a") == ["1", "2", "4"]


def test_writes_survive_a_restart(tmp_path: Path, make: Make) -> None:
    path = tmp_path / "kept.sqlite"
    store = FileStore(path)
    sandboxes = Sandboxes(store, make())
    _add(sandboxes, "a", "3")
    assert _sessions(sandboxes, "b") == ["1", "2"]
    store.close()
    store = FileStore(path)
    sandboxes = Sandboxes(store, make())
    assert _sessions(sandboxes, "a") == ["1", "2", "3"]
    assert _sessions(sandboxes, "b") == ["1", "2"]
    store.close()


# Many at once


def _at_once(number: int, act: Callable[[int], object]) -> list[BaseException]:
    """Let so many threads act together; what they raised."""
    barrier = threading.Barrier(number)
    raised: list[BaseException] = []

    def run(n: int) -> None:
        try:
            barrier.wait()
            act(n)
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_many_can_make_one_sandbox_at_once(sandboxes: Sandboxes) -> None:
    raised = _at_once(8, lambda _: _sessions(sandboxes, "new"))
    assert raised == []
    assert _sessions(sandboxes, "new") == ["1", "2"]


def test_many_can_write_to_one_new_sandbox_at_once(sandboxes: Sandboxes) -> None:
    raised = _at_once(8, lambda n: _add(sandboxes, "new", str(10 + n)))
    assert raised == []
    expected = ["1", "2", "10", "11", "12", "13", "14", "15", "16", "17"]
    assert _sessions(sandboxes, "new") == expected
    with sandboxes.open("new", "calwe", writing=False) as world:
        assert world.documents.get_size("session") == 10
        assert len(world.documents.list_by_owner("session", "")) == 10


def test_many_can_write_to_sandboxes_of_their_own_at_once(sandboxes: Sandboxes) -> None:
    raised = _at_once(8, lambda n: _add(sandboxes, f"s{n}", "3"))
    assert raised == []
    assert [_sessions(sandboxes, f"s{n}") for n in range(8)] == [["1", "2", "3"]] * 8


def test_two_stores_on_one_file_make_one_sandbox_at_once(tmp_path: Path, make: Make) -> None:
    stores = [FileStore(tmp_path / "one.sqlite") for _ in range(2)]
    both = [Sandboxes(store, make()) for store in stores]
    raised = _at_once(8, lambda n: _add(both[n % 2], "new", str(10 + n)))
    assert raised == []
    expected = ["1", "2", "10", "11", "12", "13", "14", "15", "16", "17"]
    assert [_sessions(one, "new") for one in both] == [expected, expected]
    for store in stores:
        store.close()


# Cleanup: last uses


def test_cleanup_stores_the_last_uses(store: Store, sandboxes: Sandboxes, machine: Any) -> None:
    _sessions(sandboxes, "a")
    for use in (
        lambda: _sessions(sandboxes, "a"),
        lambda: _add(sandboxes, "a", str(machine.moment)),
        lambda: sandboxes.ensure("a"),
    ):
        machine.passes(60)
        use()
        used = machine.moment
        machine.passes(5)
        assert _used(store, "a") < used
        sandboxes.clean_up()
        assert _used(store, "a") == used


def test_an_unused_sandbox_has_its_last_use_unchanged(
    store: Store, sandboxes: Sandboxes, machine: Any
) -> None:
    _sessions(sandboxes, "a")
    sandboxes.clean_up()
    machine.passes(60)
    _sessions(sandboxes, "b")
    sandboxes.clean_up()
    sandboxes.clean_up()
    assert (_used(store, "a"), _used(store, "b")) == (MOMENT, MOMENT + 60_000_000)


def test_a_use_that_could_not_be_stored_is_stored_later(
    tmp_path: Path, make: Make, machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.store.file_store.BUSY_SECONDS", 0)
    store, other = FileStore(tmp_path / "s.sqlite"), FileStore(tmp_path / "s.sqlite")
    sandboxes = Sandboxes(store, make(), Settings(idle_expiry=100))
    _sessions(sandboxes, "a")
    machine.passes(90)
    _sessions(sandboxes, "a")
    with other.transaction(writing=True), pytest.raises(StoreBusyError):
        sandboxes.clean_up()
    machine.passes(90)
    sandboxes.clean_up()
    assert _names(store) == ["a", "default"]
    assert _used(store, "a") == MOMENT + 90_000_000
    store.close()
    other.close()


def test_a_use_during_cleanup_is_stored_by_the_next_one(
    store: Store, make: Make, machine: Any
) -> None:
    sandboxes = Sandboxes(store, make(), Settings(idle_expiry=100))
    _sessions(sandboxes, "a")
    look = Partitions.has_garbage

    def use_and_look(*arguments: Any) -> bool:
        machine.passes(90)
        with sandboxes.open("a", "calwe", writing=False):
            pass
        return look(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Partitions, "has_garbage", _only_here(use_and_look, look))
        sandboxes.clean_up()
    assert _used(store, "a") == MOMENT
    machine.passes(90)
    sandboxes.clean_up()
    assert _names(store) == ["a", "default"]
    assert _used(store, "a") == MOMENT + 90_000_000


def test_others_come_while_it_is_written_down_who_was_used(
    tmp_path: Path, make: Make, machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.store.file_store.BUSY_SECONDS", 0)
    store = FileStore(tmp_path / "s.sqlite")
    sandboxes = Sandboxes(store, make(), Settings(max_sandboxes=4, idle_expiry=60))
    touch = Worlds.note_uses
    numbers = count()

    def touch_while_somebody_comes(worlds: Worlds, used: Mapping[str, int]) -> None:
        for _ in used:
            with suppress(StoreBusyError):  # it is noted, and has to come again
                sandboxes.ensure(f"new-{next(numbers)}")
        touch(worlds, used)

    for name in ("a", "b"):
        _sessions(sandboxes, name)
    machine.passes(60)
    _sessions(sandboxes, "a")
    monkeypatch.setattr(Worlds, "note_uses", _only_here(touch_while_somebody_comes, touch))
    sandboxes.clean_up()
    machine.passes(1)
    _sessions(sandboxes, "c")
    _sessions(sandboxes, "d")
    assert _names(store) == ["a", "c", "d", "default"]
    store.close()


# Cleanup: expiry


def test_a_sandbox_that_is_idle_for_longer_than_it_may_goes(
    store: Store, make: Make, machine: Any
) -> None:
    sandboxes = Sandboxes(store, make(), Settings(idle_expiry=60))
    _add(sandboxes, "a", "3")
    machine.passes(30)
    _add(sandboxes, "b", "3")
    machine.passes(30)
    sandboxes.clean_up()
    assert _names(store) == ["a", "b", "default"]
    machine.passes(1)
    sandboxes.clean_up()
    assert _names(store) == ["b", "default"]
    machine.passes(30)
    sandboxes.clean_up()
    assert _names(store) == ["default"]
    assert _sessions(sandboxes, "a") == ["1", "2"]


def test_a_sandbox_that_is_used_does_not_go(store: Store, make: Make, machine: Any) -> None:
    sandboxes = Sandboxes(store, make(), Settings(idle_expiry=60))
    _add(sandboxes, "a", "3")
    for _ in range(5):
        machine.passes(59)
        _sessions(sandboxes, "a")
        sandboxes.clean_up()
    assert _sessions(sandboxes, "a") == ["1", "2", "3"]


@pytest.mark.parametrize("days", [2, -2, 3650])
def test_a_machine_whose_clock_is_set_makes_no_sandbox_idle(
    store: Store, make: Make, machine: Any, days: int
) -> None:
    sandboxes = Sandboxes(store, make(), Settings(idle_expiry=60))
    _add(sandboxes, "a", "3")
    machine.is_set_ahead(days * 86_400)
    sandboxes.clean_up()
    assert _sessions(sandboxes, "a") == ["1", "2", "3"]
    machine.passes(61)
    sandboxes.clean_up()
    assert _names(store) == ["default"]


def test_the_default_sandbox_never_goes(store: Store, make: Make, machine: Any) -> None:
    sandboxes = Sandboxes(store, make(), Settings(idle_expiry=1))
    _add(sandboxes, DEFAULT, "3")
    machine.passes(10**9)
    sandboxes.clean_up()
    assert _names(store) == ["default"]
    assert _sessions(sandboxes, DEFAULT) == ["1", "2", "3"]


def test_without_a_limit_none_goes(store: Store, make: Make, machine: Any) -> None:
    sandboxes = Sandboxes(store, make(), Settings(idle_expiry=0))
    _add(sandboxes, "a", "3")
    machine.passes(10**9)
    sandboxes.clean_up()
    assert _sessions(sandboxes, "a") == ["1", "2", "3"]


def test_a_sandbox_that_goes_takes_its_snapshots_and_its_documents(
    store: Store, make: Make, machine: Any, rows: Rows
) -> None:
    sandboxes = Sandboxes(store, make(), Settings(idle_expiry=60))
    before = rows()
    _add(sandboxes, "a", "3")
    with open_session(sandboxes, "a", writing=True) as session:
        session.sandbox.take_snapshot("now")
    _add(sandboxes, "a", "4")
    machine.passes(61)
    _clean_up_all(sandboxes)
    assert rows() == before


def test_the_time_for_which_no_server_ran_does_not_count(
    tmp_path: Path, make: Make, machine: Any
) -> None:
    path = tmp_path / "kept.sqlite"
    store = FileStore(path)
    _add(Sandboxes(store, make(), Settings(idle_expiry=60)), "a", "3")
    store.close()
    machine.passes(10**8)
    store = FileStore(path)
    sandboxes = Sandboxes(store, make(), Settings(idle_expiry=60))
    sandboxes.clean_up()
    machine.passes(60)
    sandboxes.clean_up()
    assert _names(store) == ["a", "default"]
    machine.passes(1)
    sandboxes.clean_up()
    assert _names(store) == ["default"]
    store.close()


def test_an_idle_sandbox_that_is_used_before_cleanup_stays(
    store: Store, make: Make, machine: Any
) -> None:
    sandboxes = Sandboxes(store, make(), Settings(idle_expiry=60))
    _add(sandboxes, "a", "3")
    sandboxes.clean_up()
    machine.passes(1000)
    assert _sessions(sandboxes, "a") == ["1", "2", "3"]
    sandboxes.clean_up()
    assert _sessions(sandboxes, "a") == ["1", "2", "3"]


def test_many_that_are_idle_go_in_small_steps(
    store: Store, make: Make, machine: Any, rows: Rows
) -> None:
    sandboxes = Sandboxes(store, make(), Settings(idle_expiry=60))
    before = rows()
    for n in range(120):
        sandboxes.ensure(f"s{n}")
        machine.passes(0.1)
    machine.passes(61)
    sandboxes.ensure("new")
    assert sandboxes.clean_up() is True
    assert 70 <= len(_names(store)) < 122
    _clean_up_all(sandboxes)
    assert _names(store) == ["default", "new"]
    assert rows() == {**before, "worlds": 3, "world_partitions": 6}


# Cleanup: how many there may be


def test_the_number_of_sandboxes_is_limited(store: Store, make: Make) -> None:
    sandboxes = Sandboxes(store, make(), Settings(max_sandboxes=3))
    _add(sandboxes, "a", "3")
    _add(sandboxes, "b", "3")
    for attempt in (
        lambda: _sessions(sandboxes, "c"),
        lambda: _add(sandboxes, "c", "3"),
        lambda: sandboxes.ensure("c"),
    ):
        with pytest.raises(QuotaError) as raised:
            attempt()
        assert str(raised.value) == (
            "There are 3 sandboxes, which is as many as there may be; delete some, or start the "
            "server with a larger --max-sandboxes or a shorter --idle-expiry"
        )
    assert _names(store) == ["a", "b", "default"]
    assert _sessions(sandboxes, "a") == ["1", "2", "3"]
    assert _sessions(sandboxes, DEFAULT) == ["1", "2"]


def test_those_that_are_idle_make_room_for_one_more(store: Store, make: Make, machine: Any) -> None:
    sandboxes = Sandboxes(store, make(), Settings(max_sandboxes=3, idle_expiry=60))
    _add(sandboxes, "a", "3")
    machine.passes(31)
    _add(sandboxes, "b", "3")
    machine.passes(30)
    _add(sandboxes, "c", "3")
    assert _names(store) == ["b", "c", "default"]
    with pytest.raises(QuotaError):
        _sessions(sandboxes, "d")


def test_a_used_sandbox_is_not_removed_for_a_new_one_before_its_use_is_stored(
    store: Store, make: Make, machine: Any
) -> None:
    sandboxes = Sandboxes(store, make(), Settings(max_sandboxes=3, idle_expiry=60))
    _add(sandboxes, "a", "3")
    _add(sandboxes, "b", "3")
    machine.passes(61)
    _sessions(sandboxes, "a")
    _sessions(sandboxes, "b")
    with pytest.raises(QuotaError):
        _sessions(sandboxes, "c")
    assert _names(store) == ["a", "b", "default"]


def test_sandboxes_beyond_a_lower_limit_stay(store: Store, make: Make) -> None:
    before = Sandboxes(store, make())
    for name in ("a", "b", "c"):
        _add(before, name, "3")
    after = Sandboxes(store, make(), Settings(max_sandboxes=2))
    after.clean_up()
    assert _sessions(after, "a") == ["1", "2", "3"]
    with pytest.raises(QuotaError):
        _sessions(after, "d")


def test_of_many_that_want_the_last_place_one_gets_it(store: Store, make: Make) -> None:
    sandboxes = Sandboxes(store, make(), Settings(max_sandboxes=2))
    raised = _at_once(6, lambda n: _add(sandboxes, f"s{n}", "3"))
    assert [type(error) for error in raised] == [QuotaError] * 5
    assert len(_names(store)) == 2


def test_those_that_were_only_read_make_room_for_one_more(
    store: Store, make: Make, machine: Any
) -> None:
    sandboxes = Sandboxes(store, make(), Settings(max_sandboxes=7))
    _add(sandboxes, "written", "3")
    with open_session(sandboxes, "clock", writing=True) as session:
        session.sandbox.set_clock(Clock.frozen_at(5))
    with open_session(sandboxes, "kept", writing=True) as session:
        session.sandbox.take_snapshot("one")
    with open_session(sandboxes, DEFAULT, writing=True) as session:
        session.create_sandbox("other", make("other-1", sessions="x"))
    for n in range(20):
        machine.passes(1)
        assert _sessions(sandboxes, f"read-{n}") == ["1", "2"]
        assert _sessions(sandboxes, "read-0") == ["1", "2"]
    changed = ["clock", "default", "kept", "other"]
    assert _names(store) == [*changed, "read-0", "read-19", "written"]


def test_what_requests_asked_for_themselves_changes_no_sandbox(store: Store, make: Make) -> None:
    """Counters are kept for the rules of a world; without rules, they are those of `Prefer`."""
    sandboxes = Sandboxes(store, make(), Settings(max_sandboxes=3))
    for name, rules in (("asked", ""), ("ruled", "[]")):
        with open_session(sandboxes, name, writing=True) as session:
            session.sandbox.set_faults(rules, '{"x":{}}')
    with sandboxes.open("asked", "calwe", writing=True) as world:
        assert world.count_variant("calwe.list") == 0
    assert _sessions(sandboxes, "new") == ["1", "2"]
    assert _names(store) == ["default", "new", "ruled"]


# Cleanup: unreferenced partitions


def test_cleanup_without_unreferenced_rows_ends_at_once_and_deletes_nothing(
    sandboxes: Sandboxes, rows: Rows
) -> None:
    for name in ("a", "b"):
        _add(sandboxes, name, "3")
    before = rows()
    assert sandboxes.clean_up() is False
    assert rows() == before


def test_unreferenced_partitions_are_deleted_in_small_steps(
    store: Store, make: Make, machine: Any, rows: Rows
) -> None:
    def populate(world: Callable[[str], World]) -> None:
        documents = (Document("entry", "", {"n": n}, str(n % 500)) for n in range(1_500))
        world("calwe").documents.extend(documents)

    sandboxes = Sandboxes(store, make(populate=populate), Settings(idle_expiry=60))
    before = rows()
    for name in ("a", "b"):
        _add(sandboxes, name, "3")
    assert rows()["documents"] == 4_502
    machine.passes(61)
    assert sandboxes.clean_up() is True
    swept = 4_502 - rows()["documents"]
    assert 0 < swept < 1_500
    assert _names(store) == ["default"]
    assert _clean_up_all(sandboxes) > 5
    assert rows() == before
    assert _sessions(sandboxes, "a") == []
    with sandboxes.open("a", "calwe", writing=False) as world:
        assert world.documents.get_size("entry", "7") == 3
        assert len(world.documents.list_all("entry")) == 1_500


# Cleanup: templates


def test_a_template_is_deleted_when_it_is_the_origin_of_no_world(
    store: Store, make: Make, machine: Any, rows: Rows
) -> None:
    sandboxes = Sandboxes(store, make())
    before = rows()
    with open_session(sandboxes, "a", writing=True) as session:
        session.sandbox.load_template(make("other-1", sessions="xyz"))
        session.sandbox.take_snapshot("now")
        session.sandbox.load_template(make("third-1", sessions="pq"))
    machine.passes(601)
    _clean_up_all(sandboxes)
    with store.transaction(writing=False) as transaction:
        names = [record.name for record in transaction.worlds.list_all("template")]
    assert names == ["other-1", "small-1", "third-1"]  # the snapshot leads back to one of them
    with open_session(sandboxes, "a", writing=True) as session:
        session.sandbox.reset()
        session.sandbox.delete_snapshot("now")
    _clean_up_all(sandboxes)
    with store.transaction(writing=False) as transaction:
        names = [record.name for record in transaction.worlds.list_all("template")]
    assert names == ["small-1", "third-1"]
    with open_session(sandboxes, "a", writing=True) as session:
        session.delete_sandbox("a")
    _clean_up_all(sandboxes)
    assert rows() == before


def test_many_templates_go_in_small_steps(
    store: Store, make: Make, machine: Any, rows: Rows
) -> None:
    sandboxes = Sandboxes(store, make())
    before = rows()
    for n in range(60):
        with open_session(sandboxes, "a", writing=True) as session:
            session.sandbox.load_template(make(f"other-{n}", sessions="x"))
    with open_session(sandboxes, "a", writing=True) as session:
        session.delete_sandbox("a")
    machine.passes(601)
    assert sandboxes.clean_up() is True
    assert 10 <= rows()["worlds"] < 62
    _clean_up_all(sandboxes)
    assert rows() == before


def test_a_template_that_was_used_a_moment_ago_stays(
    store: Store, make: Make, machine: Any
) -> None:
    # A suite that loads its scenario in each test, and deletes the sandbox after it.
    sandboxes = Sandboxes(store, make())
    calls: list[str] = []

    def populate(world: Callable[[str], World]) -> None:
        calls.append("populate")
        world("calwe").documents.append(Document("session", "x", {}))

    for _ in range(3):
        with open_session(sandboxes, "a", writing=True) as session:
            session.sandbox.load_template(make("other-1", populate))
        with open_session(sandboxes, "a", writing=True) as session:
            session.delete_sandbox("a")
        machine.passes(599)
        _clean_up_all(sandboxes)
    assert calls == ["populate"]
    machine.passes(2)
    _clean_up_all(sandboxes)
    with store.transaction(writing=False) as transaction:
        assert transaction.worlds.get("template", "other-1") is None


def test_the_unused_template_of_the_server_stays(store: Store, make: Make, machine: Any) -> None:
    Sandboxes(store, make("other-1", sessions="x"))
    sandboxes = Sandboxes(store, make("small-1"))
    machine.passes(10**6)
    _clean_up_all(sandboxes)
    with store.transaction(writing=False) as transaction:
        names = [record.name for record in transaction.worlds.list_all("template")]
    assert names == ["other-1", "small-1"]
    assert _sessions(sandboxes, "new") == ["1", "2"]
    assert _sessions(sandboxes, DEFAULT) == ["x"]


def test_another_template_is_that_of_new_sandboxes_and_of_those_that_are_reset(
    store: Store, make: Make
) -> None:
    sandboxes = Sandboxes(store, make())
    _add(sandboxes, "old", "3")
    with open_session(sandboxes, "own", writing=True) as session:
        session.sandbox.load_template(make("other-1", sessions="89"))

    changed = make("small-2", sessions="45")
    sandboxes.prepare(changed, lambda: False)
    sandboxes.replace_template(changed)

    assert _sessions(sandboxes, "old") == ["1", "2", "3"]
    assert _sessions(sandboxes, "new") == ["4", "5"]
    for name, keys in (("old", ["4", "5"]), (DEFAULT, ["4", "5"]), ("own", ["8", "9"])):
        with open_session(sandboxes, name, writing=True) as session:
            session.sandbox.reset()
        assert _sessions(sandboxes, name) == keys
