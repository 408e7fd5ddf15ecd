"""A template becomes a template in the store, once, and whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.clock import Clock
from mockserver.errors import DocumentError
from mockserver.sandbox import Sandboxes, Template, World
from mockserver.sandbox.template import get_or_add_template
from mockserver.store import Document, Store, WorldRecord

MOMENT = 1_755_786_600_000_000  # 2025-08-21T14:30:00Z

Make = Callable[..., Template]
Rows = Callable[[], dict[str, int]]
NOTHING = {"worlds": 0, "partitions": 0, "world_partitions": 0, "documents": 0, "collections": 0}


class Stop(Exception):
    """What populating raises to be stopped."""


def test_the_record_of_a_template_has_its_settings(store: Store, make: Make, machine: Any) -> None:
    machine.passes(5)
    clock = Clock(real=1, virtual=2, rate=0.5)
    template = make("big-9", clock=clock, seed=3, tokens={"calwe": {"required": True}})
    with store.transaction(writing=True) as transaction:
        made = get_or_add_template(transaction, template)
        assert transaction.worlds.get("template", "big-9") == made
    assert (made.role, made.name, made.owner, made.origin) == ("template", "big-9", "", None)
    assert (made.scenario, made.seed, made.clock) == ("big", 3, clock)
    assert made.tokens == {"calwe": {"required": True}}
    assert (made.created, made.used) == (MOMENT + 5_000_000, MOMENT + 5_000_000)


def test_a_template_has_a_frozen_partition_for_each_api_that_was_opened(
    store: Store, make: Make, rows: Rows, get_partitions: Any
) -> None:
    with store.transaction(writing=True) as transaction:
        made = get_or_add_template(transaction, make())
        assert transaction.worlds.get_sizes([made.id]) == {made.id: 10}
        sandbox = WorldRecord("sandbox", "s", "small", 7, made.clock, {}, 0, 0, origin=made.id)
        transaction.worlds.add(sandbox, transaction.worlds.get_partitions(made.id))
        assert transaction.worlds.get_with_partition("sandbox", "s", "calwe")[2] is True
        assert transaction.worlds.get_with_partition("sandbox", "s", "ekran")[2] is True
    assert sorted(get_partitions("small-1", "template")) == ["calwe", "ekran"]
    assert rows()["partitions"] == 2


def test_a_template_that_is_there_is_taken_as_it_is(store: Store, make: Make) -> None:
    with store.transaction(writing=True) as transaction:
        first = get_or_add_template(transaction, make())
    with store.transaction(writing=True) as transaction:
        again = get_or_add_template(transaction, make(seed=99, sessions="x"))
        assert again == first
        assert transaction.worlds.count("template") == 1
        other = get_or_add_template(transaction, make("other-1", sessions="x"))
        assert transaction.worlds.get_sizes([first.id, other.id]) == {first.id: 10, other.id: 1}


def test_a_template_is_populated_once_for_all_users_of_the_file(store: Store, make: Make) -> None:
    calls: list[str] = []

    def populate(world: Callable[[str], World]) -> None:
        calls.append("populate")
        world("calwe").documents.append(Document("session", "1", {}))

    for _ in range(2):
        sandboxes = Sandboxes(store, make(populate=populate))
    assert calls == ["populate"]
    with sandboxes.open("a", "calwe", writing=False) as world:
        assert world.documents.get_size("session") == 1


def test_populating_sees_one_world_an_api(store: Store, make: Make) -> None:
    def populate(world: Callable[[str], World]) -> None:
        assert world("calwe") is world("calwe")
        assert world("calwe") is not world("ekran")
        world("calwe").documents.append(Document("session", "1", {}))
        assert world("calwe").documents.get_size("session") == 1
        assert world("ekran").documents.get_size("session") == 0
        assert (world("calwe").now, world("calwe").factory.seed) == (MOMENT, 7)

    with store.transaction(writing=True) as transaction:
        made = get_or_add_template(transaction, make(populate=populate))
        assert transaction.worlds.get_sizes([made.id]) == {made.id: 1}


def test_a_template_without_documents_has_no_partitions(
    store: Store, make: Make, rows: Rows
) -> None:
    with store.transaction(writing=True) as transaction:
        get_or_add_template(transaction, make(populate=lambda _: None))
    assert rows() == {**NOTHING, "worlds": 1}


def test_populating_that_fails_leaves_nothing_behind(store: Store, make: Make, rows: Rows) -> None:
    def populate(world: Callable[[str], World]) -> None:
        world("calwe").documents.append(Document("session", "1", {}))
        raise Stop

    with pytest.raises(Stop), store.transaction(writing=True) as transaction:
        get_or_add_template(transaction, make(populate=populate))
    assert rows() == NOTHING
    with pytest.raises(Stop):
        Sandboxes(store, make(populate=populate))
    assert rows() == NOTHING
    with Sandboxes(store, make()).open("a", "calwe", writing=False) as world:
        assert world.documents.get_size("session") == 2


def test_what_an_api_refuses_is_no_part_of_a_template(store: Store, make: Make, rows: Rows) -> None:
    def check(document: Document) -> None:
        if document.body.get("n") == 2:
            raise DocumentError(document, "two is too many")

    with (
        pytest.raises(DocumentError, match="two is too many"),
        store.transaction(writing=True) as transaction,
    ):
        get_or_add_template(transaction, make(checks={"ekran": check}))
    assert rows() == NOTHING
