"""Worlds: templates, sandboxes and snapshots, what the store knows of each, what each holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import ANY

import pytest
from sqlalchemy.exc import IntegrityError, NoResultFound

from mockserver.clock import Clock
from mockserver.store import Document, Store, Transaction, WorldRecord

from .conftest import make_record, open_documents


@pytest.fixture
def transaction(store: Store) -> Iterator[Transaction]:
    with store.transaction(writing=True) as transaction:
        yield transaction


def _sessions(transaction: Transaction, number: int) -> int:
    """A partition with so many documents."""
    partition = transaction.partitions.create()
    open_documents(transaction, partition).extend(
        Document("session", str(n), {}) for n in range(1, number + 1)
    )
    return partition


def _names(records: list[WorldRecord]) -> list[str]:
    return [record.name for record in records]


# Records


def test_a_world_comes_back_as_it_was_put(store: Store) -> None:
    with store.transaction(writing=True) as transaction:
        template = transaction.worlds.add(make_record("t", role="template", seed=0, tokens={}), {})
        sandbox = transaction.worlds.add(make_record("s", origin=template.id), {})
        snapshot = transaction.worlds.add(
            make_record("now", role="snapshot", owner="s", origin=template.id, clock=Clock()), {}
        )
    assert template == make_record("t", role="template", seed=0, tokens={}, id=template.id)
    assert len({template.id, sandbox.id, snapshot.id}) == 3
    with store.transaction(writing=False) as transaction:
        worlds = transaction.worlds
        assert worlds.get("template", "t") == template
        assert worlds.get("sandbox", "s") == sandbox
        assert worlds.get("snapshot", "now", "s") == snapshot
        assert [worlds.get_by_id(one.id) for one in (template, sandbox, snapshot)] == [
            template,
            sandbox,
            snapshot,
        ]


def test_a_world_is_found_in_its_role_and_its_owner_and_nowhere_else(
    transaction: Transaction,
) -> None:
    worlds = transaction.worlds
    worlds.add(make_record("one"), {})
    worlds.add(make_record("one", role="snapshot", owner="one"), {})
    assert worlds.get("template", "one") is None
    assert worlds.get("snapshot", "one") is None
    assert worlds.get("snapshot", "one", "two") is None
    assert worlds.get("sandbox", "one", "one") is None
    assert worlds.get("sandbox", "One") is None
    assert worlds.get("sandbox", "one").role == "sandbox"
    assert worlds.get("snapshot", "one", "one").role == "snapshot"


def test_a_name_can_be_used_in_each_role_and_for_each_owner(transaction: Transaction) -> None:
    places: list[dict[str, Any]] = [
        {"role": "sandbox"},
        {"role": "template"},
        {"role": "snapshot", "owner": "a"},
        {"role": "snapshot", "owner": "b"},
    ]
    made = [transaction.worlds.add(make_record("x", **place), {}).id for place in places]
    assert len(set(made)) == 4


@pytest.mark.parametrize(
    "place",
    [{"role": "sandbox"}, {"role": "template"}, {"role": "snapshot", "owner": "a"}],
    ids=["sandbox", "template", "snapshot"],
)
def test_a_name_that_is_taken_is_refused(
    store: Store, query: Callable[..., list[tuple[Any, ...]]], place: dict[str, Any]
) -> None:
    with store.transaction(writing=True) as transaction:
        transaction.worlds.add(make_record("x", **place), {})
    with pytest.raises(IntegrityError), store.transaction(writing=True) as transaction:
        transaction.worlds.add(make_record("x", **place, seed=5), {"calwe": 1})
    assert query("SELECT count(*) FROM worlds") == [(1,)]
    assert query("SELECT count(*) FROM world_partitions") == [(0,)]


def test_a_missing_world_is_none(transaction: Transaction) -> None:
    with pytest.raises(NoResultFound):
        transaction.worlds.get_by_id(1)


def test_updating_a_world_changes_no_other(transaction: Transaction) -> None:
    worlds = transaction.worlds
    one, other = worlds.add(make_record("a"), {}), worlds.add(make_record("b"), {})
    changed = replace(
        one, scenario="b", seed=0, clock=Clock(1, 2, 3.5), tokens={}, origin=other.id, used=9
    )
    worlds.update(changed)
    assert worlds.get("sandbox", "a") == changed
    assert worlds.get("sandbox", "b") == other


def test_updating_a_world_leaves_its_partitions(transaction: Transaction) -> None:
    made = transaction.worlds.add(make_record("a"), {"calwe": 5})
    transaction.worlds.update(replace(made, seed=1))
    assert transaction.worlds.get_partitions(made.id) == {"calwe": 5}


def test_all_of_a_role_and_an_owner_come_by_name(transaction: Transaction) -> None:
    worlds = transaction.worlds
    for name in ("b", "a", "B", "a-1"):
        worlds.add(make_record(name), {})
        worlds.add(make_record(name, role="snapshot", owner="a"), {})
    worlds.add(make_record("c", role="snapshot", owner="b"), {})
    worlds.add(make_record("t", role="template"), {})
    assert _names(worlds.list_all("sandbox")) == ["B", "a", "a-1", "b"]
    assert _names(worlds.list_all("snapshot", "a")) == ["B", "a", "a-1", "b"]
    assert _names(worlds.list_all("snapshot", "b")) == ["c"]
    assert _names(worlds.list_all("snapshot")) == []
    assert _names(worlds.list_all("template")) == ["t"]


def test_worlds_are_counted_by_role_and_owner(transaction: Transaction) -> None:
    worlds = transaction.worlds
    assert (worlds.count("sandbox"), worlds.count_by_owner("snapshot")) == (0, {})
    for name in ("a", "b"):
        worlds.add(make_record(name), {})
        worlds.add(make_record(name, role="snapshot", owner="a"), {})
    worlds.add(make_record("c", role="snapshot", owner="b"), {})
    worlds.add(make_record("t", role="template"), {})
    assert worlds.count("sandbox") == 2
    assert worlds.count("template") == 1
    assert worlds.count("snapshot") == 0
    assert worlds.count("snapshot", "a") == 2
    assert worlds.count("snapshot", "nobody") == 0
    assert worlds.count_by_owner("snapshot") == {"a": 2, "b": 1}
    assert worlds.count_by_owner("sandbox") == {"": 2}


# Holding


def test_a_world_has_its_first_partitions_until_they_are_replaced(
    transaction: Transaction,
) -> None:
    worlds = transaction.worlds
    one = worlds.add(make_record("a"), {"calwe": 1, "ekran": 2})
    other = worlds.add(make_record("b"), {"calwe": 1})
    assert worlds.get_partitions(one.id) == {"calwe": 1, "ekran": 2}
    worlds.set_partitions(one.id, {"calwe": 3, "avaamo": 4})
    assert worlds.get_partitions(one.id) == {"calwe": 3, "avaamo": 4}
    worlds.set_partitions(one.id, {})
    assert worlds.get_partitions(one.id) == {}
    assert worlds.get_partitions(other.id) == {"calwe": 1}


def test_a_world_without_partitions_has_none(transaction: Transaction) -> None:
    assert transaction.worlds.get_partitions(1) == {}


def test_removing_a_world_takes_its_documents_and_no_others(store: Store) -> None:
    with store.transaction(writing=True) as transaction:
        held = {
            name: {api: _sessions(transaction, 1) for api in ("calwe", "ekran")} for name in "ab"
        }
        made = {name: transaction.worlds.add(make_record(name), held[name]) for name in "ab"}
        transaction.worlds.remove(made["a"])
        assert transaction.worlds.get("sandbox", "a") is None
        assert transaction.worlds.get_partitions(made["a"].id) == {}
        while transaction.partitions.collect_garbage(100):
            pass
        for api in ("calwe", "ekran"):
            assert open_documents(transaction, held["a"][api]).list_all("session") == []
            assert open_documents(transaction, held["a"][api]).get_size("session") == 0
            assert open_documents(transaction, held["b"][api]).get_size("session") == 1
            assert len(open_documents(transaction, held["b"][api]).list_all("session")) == 1
        assert transaction.worlds.get("sandbox", "b") == made["b"]
        assert transaction.worlds.get_partitions(made["b"].id) == held["b"]


def test_removing_what_is_not_there_removes_nothing(transaction: Transaction) -> None:
    made = transaction.worlds.add(make_record("a"), {"calwe": 1})
    transaction.worlds.remove(replace(made, id=made.id + 1))
    assert transaction.worlds.get("sandbox", "a") == made
    assert transaction.worlds.get_partitions(made.id) == {"calwe": 1}


# Opening


def test_a_sandbox_is_opened_with_its_partition_for_an_api(transaction: Transaction) -> None:
    worlds = transaction.worlds
    own, frozen = transaction.partitions.create(), transaction.partitions.create()
    template = worlds.add(make_record("s", role="template"), {"ekran": frozen})
    worlds.freeze(template.id)
    made = worlds.add(make_record("s"), {"calwe": own, "ekran": frozen})
    worlds.add(make_record("s", role="snapshot", owner="s"), {"avaamo": own})
    assert worlds.get_with_partition("sandbox", "s", "calwe") == (made, own, False)
    assert worlds.get_with_partition("sandbox", "s", "ekran") == (made, frozen, True)
    assert worlds.get_with_partition("sandbox", "s", "avaamo") == (made, None, False)


def test_a_world_is_opened_by_its_role(transaction: Transaction) -> None:
    transaction.worlds.add(make_record("t", role="template"), {"calwe": 1})
    transaction.worlds.add(make_record("n", role="snapshot", owner="t"), {"calwe": 1})
    assert transaction.worlds.get_with_partition("template", "t", "calwe")[1:] == (1, False)
    assert transaction.worlds.get_with_partition("sandbox", "t", "calwe") is None
    assert transaction.worlds.get_with_partition("sandbox", "n", "calwe") is None
    assert transaction.worlds.get_with_partition("sandbox", "nobody", "calwe") is None


def test_freezing_a_world_freezes_its_partitions_only(transaction: Transaction) -> None:
    worlds = transaction.worlds
    parts = [transaction.partitions.create() for _ in range(3)]
    one = worlds.add(make_record("a"), {"calwe": parts[0], "ekran": parts[1]})
    worlds.add(make_record("b"), {"calwe": parts[1], "ekran": parts[2]})
    worlds.freeze(one.id)
    worlds.freeze(one.id)
    assert worlds.get_with_partition("sandbox", "a", "calwe")[1:] == (parts[0], True)
    assert worlds.get_with_partition("sandbox", "a", "ekran")[1:] == (parts[1], True)
    assert worlds.get_with_partition("sandbox", "b", "calwe")[1:] == (parts[1], True)
    assert worlds.get_with_partition("sandbox", "b", "ekran")[1:] == (parts[2], False)


# Sizes


def test_sizes_count_the_documents_of_every_api(transaction: Transaction) -> None:
    worlds = transaction.worlds
    shared, own = _sessions(transaction, 3), _sessions(transaction, 2)
    open_documents(transaction, own).append(Document("entry", "", {}, "1"))
    one = worlds.add(make_record("a"), {"calwe": shared, "ekran": own})
    other = worlds.add(make_record("b"), {"calwe": shared})
    empty = worlds.add(make_record("c"), {"calwe": transaction.partitions.create()})
    nothing = worlds.add(make_record("d"), {})
    assert worlds.get_sizes([one.id, other.id, empty.id, nothing.id, 99]) == {
        one.id: 6,
        other.id: 3,
        empty.id: 0,
        nothing.id: 0,
        99: 0,
    }
    assert worlds.get_sizes(iter([other.id])) == {other.id: 3}
    assert worlds.get_sizes([]) == {}


# Last uses


def test_a_use_is_written_down_and_never_goes_back(transaction: Transaction) -> None:
    worlds = transaction.worlds
    for name in ("a", "b", "c"):
        worlds.add(make_record(name, used=100), {})
    worlds.note_uses({"a": 101, "b": 99, "nobody": 500})
    worlds.note_uses({})
    assert [record.used for record in worlds.list_all("sandbox")] == [101, 100, 100]
    worlds.note_uses({"a": 5, "c": 10**18})
    assert [record.used for record in worlds.list_all("sandbox")] == [101, 100, 10**18]
    assert worlds.get("sandbox", "nobody") is None


def test_a_use_is_a_sandboxs_and_of_nothing_else_with_its_name(transaction: Transaction) -> None:
    worlds = transaction.worlds
    worlds.add(make_record("a", used=100), {})
    template = worlds.add(make_record("a", role="template", used=100), {})
    snapshot = worlds.add(make_record("a", role="snapshot", owner="a", used=100), {})
    worlds.note_uses({"a": 200})
    assert worlds.get_by_id(template.id).used == 100
    assert worlds.get_by_id(snapshot.id).used == 100
    assert worlds.get("sandbox", "a") == replace(
        make_record("a", used=200), id=worlds.get("sandbox", "a").id
    )


def test_worlds_last_used_before_a_moment_are_unused(transaction: Transaction) -> None:
    worlds = transaction.worlds
    for name, used in (("old", 99), ("then", 100), ("new", 101)):
        worlds.add(make_record(name, used=used), {})
        worlds.add(make_record(name, role="template", used=used), {})
    assert _names(worlds.list_unused("sandbox", 99, 9)) == []
    assert _names(worlds.list_unused("sandbox", 100, 9)) == ["old"]
    assert _names(worlds.list_unused("sandbox", 102, 9)) == ["old", "then", "new"]
    assert _names(worlds.list_unused("sandbox", 102, 2)) == ["old", "then"]
    assert {record.role for record in worlds.list_unused("template", 102, 9)} == {"template"}


# Origins


def test_a_template_that_is_the_origin_of_a_world_is_in_use(
    transaction: Transaction,
) -> None:
    worlds = transaction.worlds
    one = worlds.add(make_record("one", role="template"), {})
    other = worlds.add(make_record("other", role="template"), {})
    sandbox = worlds.add(make_record("s", origin=one.id), {})
    snapshot = worlds.add(make_record("n", role="snapshot", owner="s", origin=other.id), {})
    later = 2 * 10**15
    assert worlds.list_unused("template", later, 9) == []
    worlds.remove(snapshot)
    assert worlds.list_unused("template", later, 9) == [other]
    worlds.update(replace(sandbox, origin=other.id))
    assert worlds.list_unused("template", later, 9) == [one]
    worlds.remove(sandbox)
    assert worlds.list_unused("template", later, 9) == [one, other]
    assert worlds.list_unused("template", later, 1) == [one]


# Snapshots


def test_removing_a_sandbox_removes_its_snapshots_and_nothing_else(
    transaction: Transaction,
) -> None:
    worlds = transaction.worlds
    sandbox = worlds.add(make_record("a"), {"calwe": 1})
    worlds.add(make_record("b"), {"calwe": 1})
    for owner in ("a", "b"):
        for name in ("one", "two", "a"):
            worlds.add(make_record(name, role="snapshot", owner=owner), {"calwe": 2})
    worlds.remove(sandbox)
    assert worlds.count_by_owner("snapshot") == {"b": 3}
    assert worlds.get("sandbox", "a") is None
    assert worlds.get_partitions(sandbox.id) == {}
    assert worlds.get_partitions(worlds.get("sandbox", "b").id) == {"calwe": 1}
    assert worlds.get_partitions(worlds.get("snapshot", "one", "b").id) == {"calwe": 2}


def test_the_response_before_is_exchanged_for_the_last_one(transaction: Transaction) -> None:
    worlds = transaction.worlds
    one, other = (worlds.add(make_record(name), {}) for name in ("one", "other"))
    assert worlds.exchange_response(one.id, "stale", "a", b"1") is None
    assert worlds.exchange_response(one.id, "stale", "a", b"2") == b"1"
    assert worlds.exchange_response(one.id, "stale", "b", b"3") is None
    assert worlds.exchange_response(one.id, "old", "a", b"4") is None
    assert worlds.exchange_response(other.id, "stale", "a", b"5") is None
    worlds.forget_responses(one.id, "stale")
    assert worlds.exchange_response(one.id, "stale", "a", b"6") is None
    assert worlds.exchange_response(one.id, "old", "a", b"7") == b"4"
    worlds.forget_responses(one.id)
    assert worlds.exchange_response(one.id, "old", "a", b"8") is None
    worlds.remove(other)
    again = worlds.add(make_record("other"), {})
    assert worlds.exchange_response(again.id, "stale", "a", b"9") is None


def test_a_world_remembers_a_hundred_responses(transaction: Transaction) -> None:
    worlds = transaction.worlds
    one, other = (worlds.add(make_record(name), {}) for name in ("one", "other"))
    worlds.exchange_response(other.id, "stale", "0", b"other")
    for n in range(102):
        worlds.exchange_response(one.id, "stale", str(n), b"%d" % n)
    # Each exchange adds one more, and the oldest two are gone.
    assert worlds.exchange_response(one.id, "stale", "2", b"again") == b"2"
    assert worlds.exchange_response(one.id, "stale", "1", b"again") is None
    assert worlds.exchange_response(other.id, "stale", "0", b"") == b"other"


def test_the_states_of_faults_are_stored_alone(transaction: Transaction) -> None:
    world = transaction.worlds.add(make_record("one", faults="[]", began=7), {})
    transaction.worlds.set_fault_states(world.id, "{}")
    assert transaction.worlds.get("sandbox", "one") == replace(world, fault_states="{}")


def test_variants_are_counted_by_world_and_operation(transaction: Transaction) -> None:
    worlds = transaction.worlds
    worlds.add(make_record("one", faults="[]", began=7), {})
    worlds.add(make_record("other"), {})

    def count(name: str, operation: str) -> int:
        record = worlds.get("sandbox", name)
        assert record
        before = worlds.count_variant(record, operation)
        assert worlds.get("sandbox", name) == replace(record, variants=ANY)
        return before

    counted = ["calwe.list", "calwe.list", "ekran.list", "calwe.list"]
    assert [count("one", operation) for operation in counted] == [0, 1, 0, 2]
    assert count("other", "calwe.list") == 0
