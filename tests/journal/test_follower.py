"""What a reader gets who follows a sandbox: each exchange once, in its order, whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from mockserver.errors import StoreError
from mockserver.journal import Exchange, Follower, Journal, JournalMessage

from .conftest import BrokenExchange, NotedExchange, add, ids, make_entry, storage_ids

_MIB = 1024 * 1024


def go_on(follower: Follower) -> list[str]:
    """The ids of what has come."""
    exchanges: Sequence[Exchange] = follower.take() if follower.is_collecting else follower.read()
    return ids(follower.make_entries(exchanges))


def follow(journal: Journal, after: str = "0-0", *, is_summary: bool = True) -> Follower:
    return Follower(journal, "default", after, is_summary=is_summary)


def test_a_summary_is_made_of_an_exchange_that_is_neither_made_an_entry_nor_written(
    open_journal: Callable[[int], Journal],
) -> None:
    journal = open_journal(10)
    made: list[str] = []
    with follow(journal) as follower:
        assert go_on(follower) == []
        assert follower.is_collecting
        sent = JournalMessage([("a", "b")], "body", size=4)
        for _ in range(2):
            journal.add("default", 0, NotedExchange(make_entry(journal, request=sent), made))
        add(journal, "other")
        summaries = follower.make_entries(follower.take())
        assert ids(summaries) == ["1-1", "1-2"]
        assert summaries[0].request == JournalMessage(size=4)
        assert go_on(follower) == []
    assert made == ["summary 1-1", "summary 1-2"]
    assert storage_ids(journal) == []
    # Who opens one of them has it whole.
    entry = journal.get("1-2")
    assert entry
    assert entry.request.body == "body"


def test_what_was_added_before_is_read_and_what_comes_while_it_is_read_is_there_once(
    open_journal: Callable[[int], Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = open_journal(10)
    for _ in range(3):
        add(journal)
    read = journal.list

    def add_and_read(*args: Any, **options: Any) -> Any:
        add(journal)
        found = read(*args, **options)
        add(journal)
        return found

    monkeypatch.setattr(journal, "list", add_and_read)
    with follow(journal, "1-1") as follower:
        assert go_on(follower) == ["1-2", "1-3", "1-4"]
        assert go_on(follower) == ["1-5"]


def test_a_reader_goes_on_after_a_summary_that_was_not_written(
    open_journal: Callable[[int], Journal],
) -> None:
    journal = open_journal(10)
    with follow(journal) as follower:
        go_on(follower)
        for _ in range(3):
            add(journal)
        assert go_on(follower) == ["1-1", "1-2", "1-3"]
    with follow(journal, "1-2") as follower:
        assert go_on(follower) == ["1-3"]


def test_the_exchanges_of_another_process_are_read_and_none_comes_twice_or_is_missed(
    open_journal: Callable[[int], Journal],
) -> None:
    journal = open_journal(10)
    with follow(journal) as follower:
        go_on(follower)
        add(journal)
        assert go_on(follower) == ["1-1"]
        other = open_journal(10)
        # They are written before the one that is known already.
        add(other)
        other.write()
        add(journal)
        assert not follower.is_collecting
        assert go_on(follower) == ["2-1", "1-2"]
        add(other)
        other.write()
        assert go_on(follower) == ["2-2"]
        other.close()
        add(journal)
        assert go_on(follower) == ["1-3"]
        add(journal)
        assert go_on(follower) == ["1-4"]


def test_exchanges_that_are_too_large_to_be_collected_are_read(
    open_journal: Callable[[int], Journal],
) -> None:
    journal = open_journal(10)
    with follow(journal) as follower:
        go_on(follower)
        add(journal, size=4 * _MIB)
        assert go_on(follower) == ["1-1"]
        for _ in range(3):
            add(journal, size=4 * _MIB)
        assert not follower.is_collecting
        assert go_on(follower) == ["1-2", "1-3", "1-4"]
        add(journal)
        assert follower.is_collecting
        assert go_on(follower) == ["1-5"]


def test_of_many_exchanges_the_newest_come_that_are_kept(
    open_journal: Callable[[int], Journal],
) -> None:
    journal = open_journal(3)
    with follow(journal) as follower:
        go_on(follower)
        for _ in range(5):
            add(journal)
        assert go_on(follower) == ["1-3", "1-4", "1-5"]


def test_what_was_deleted_does_not_come(open_journal: Callable[[int], Journal]) -> None:
    journal = open_journal(10)
    with follow(journal) as follower:
        go_on(follower)
        add(journal)
        journal.delete("default")
        add(journal)
        assert go_on(follower) == ["1-2"]


def test_what_cannot_be_written_comes_later(
    open_journal: Callable[[int], Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = open_journal(10)
    monkeypatch.setattr(journal, "_report", lambda _: None)
    assert journal._storage

    def fail_to_add(_: Any) -> None:
        raise StoreError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(journal._storage, "add", fail_to_add)
        add(journal)
        with follow(journal) as follower:
            assert go_on(follower) == []
            patch.undo()
            add(journal)
            assert go_on(follower) == ["1-1", "1-2"]


def test_an_exchange_of_which_nothing_can_be_made_costs_no_other(
    open_journal: Callable[[int], Journal], caplog: pytest.LogCaptureFixture
) -> None:
    journal = open_journal(10)
    with follow(journal) as follower:
        go_on(follower)
        journal.add("default", 0, BrokenExchange(journal.make_id()))
        add(journal)
        assert go_on(follower) == ["1-2"]
    assert "An exchange cannot be made into an entry" in caplog.text


def test_entries_are_read_whole_and_after_they_were_written(
    open_journal: Callable[[int], Journal],
) -> None:
    journal = open_journal(10)
    sent = JournalMessage([("a", "b")], "body", size=4)
    with follow(journal, is_summary=False) as follower:
        go_on(follower)
        assert not follower.is_collecting
        add(journal, request=sent)
        (entry,) = follower.make_entries(follower.read())
    assert entry.request == sent
    assert storage_ids(journal) == ["1-1"]


def test_nothing_is_collected_for_a_reader_who_has_left(
    open_journal: Callable[[int], Journal],
) -> None:
    journal = open_journal(10)
    with follow(journal) as first, follow(journal) as second:
        go_on(first)
        go_on(second)
        add(journal)
        assert go_on(first) == go_on(second) == ["1-1"]
    assert journal._collected == {}


def test_without_a_journal_nothing_comes() -> None:
    journal = Journal(None, lambda _: None)
    with follow(journal) as follower:
        add(journal)
        assert go_on(follower) == []
