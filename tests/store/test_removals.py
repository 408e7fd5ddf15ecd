"""Removals of sandboxes, and the exchanges that they delete from the journal, in both stores."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from mockserver.errors import StoreError
from mockserver.store import Store

from .conftest import Stop


def make_exchange(id: str, sandbox: str) -> dict[str, Any]:
    values = {"at": 0, "operation": "", "status": 200, "is_violating": False, "content": b"{}"}
    return {"id": id, "sandbox": sandbox, **values}


def list_removals(store: Store) -> list[tuple[str, int]]:
    """The removals, which are deleted one after another."""
    found = []
    while True:
        with store.transaction(writing=True) as transaction:
            removal = transaction.removals.get_first()
            if removal is None:
                return found
            found.append((removal.sandbox, removal.last))
            transaction.removals.delete(removal)


def test_removals_are_found_in_their_order_and_by_the_sandbox(store: Store) -> None:
    with store.transaction(writing=True) as transaction:
        transaction.removals.add(["one", "other"], 2**40)
        transaction.removals.add(["one"], 2**40 + 1)
    with store.transaction(writing=False) as transaction:
        removal = transaction.removals.get_first("other")
        assert removal
        assert (removal.sandbox, removal.last) == ("other", 2**40)
        assert transaction.removals.get_first("none") is None
    assert list_removals(store) == [("one", 2**40), ("other", 2**40), ("one", 2**40 + 1)]


def test_who_ends_a_removal_that_another_process_has_ended_ends_no_later_one(store: Store) -> None:
    with store.transaction(writing=True) as transaction:
        transaction.removals.add(["one"], 5)
        removal = transaction.removals.get_first()
        assert removal
        transaction.removals.delete(removal)
    with store.transaction(writing=True) as transaction:
        transaction.removals.add(["other"], 6)
        transaction.removals.delete(removal)
    assert list_removals(store) == [("other", 6)]


def test_a_removal_that_is_undone_is_none(store: Store) -> None:
    with pytest.raises(Stop), store.transaction(writing=True) as transaction:
        transaction.removals.add(["one"], 5)
        raise Stop
    assert list_removals(store) == []


def test_the_exchanges_of_a_sandbox_are_deleted_in_steps_up_to_a_position(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.store.journal._MAX_DELETED", 2)
    with closing(store.open_journal(10)) as journal:
        assert journal.get_last_position() == 0
        journal.add([make_exchange(f"1-{n}", "one") for n in range(4)])
        journal.add([make_exchange("1-4", "other")])
        last = journal.get_last_position()
        journal.add([make_exchange("1-5", "one")])
        assert journal.delete_some("one", last)
        assert journal.count("one") == 3
        assert journal.delete_some("one", last)
        assert not journal.delete_some("one", last)
        assert (journal.count("one"), journal.count("other")) == (1, 1)
        assert journal.get("1-5")


def test_exchanges_come_after_a_position_although_the_newest_ones_are_deleted(
    make_store: Callable[[], Store],
) -> None:
    with closing(make_store().open_journal(10)) as journal:
        journal.add([make_exchange("1-1", "one")])
        last = journal.get_last_position()
        assert not journal.delete_some("one", last)
    with closing(make_store().open_journal(10)) as again:
        again.add([make_exchange("2-1", "one")])
        assert again.get_last_position() > last


def test_a_journal_that_is_damaged_is_an_error(store: Store) -> None:
    with closing(store.open_journal(10)) as journal:
        with journal._begin() as connection:
            connection.exec_driver_sql("DROP TABLE exchanges")
        with pytest.raises(StoreError):
            journal.get_last_position()
        with pytest.raises(StoreError):
            journal.delete_some("one", 1)
