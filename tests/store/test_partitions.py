"""Partitions: the documents of one API, copied, filled, compared, and deleted when unreferenced."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from mockserver.clock import Clock
from mockserver.store import (
    NO_PARTITION,
    Collection,
    Difference,
    Document,
    Documents,
    Store,
    Transaction,
    WorldRecord,
)


@pytest.fixture
def transaction(store: Store) -> Iterator[Transaction]:
    with store.transaction(writing=True) as transaction:
        yield transaction


def _never() -> int:
    raise AssertionError("this is only read")


def _written(transaction: Transaction, partition: int) -> Documents:
    return transaction.documents(partition, lambda: partition)


def _read(transaction: Transaction, partition: int) -> Documents:
    return transaction.documents(partition, _never)


def _made(transaction: Transaction, *documents: Document) -> int:
    """A partition with these documents."""
    partition = transaction.partitions.create()
    _written(transaction, partition).extend(documents)
    return partition


def _sessions(transaction: Transaction, **bodies: int) -> int:
    return _made(transaction, *(Document("session", key, {"n": n}) for key, n in bodies.items()))


def _world(transaction: Transaction, name: str, *partitions: int) -> WorldRecord:
    """A sandbox that holds these."""
    record = WorldRecord("sandbox", name, "a scenario", 1, Clock(), {}, 0, 0)
    return transaction.worlds.add(record, {str(one): one for one in partitions})


def _keys(documents: Iterable[Document]) -> list[str]:
    return [document.key for document in documents]


@pytest.fixture
def rows(query: Callable[..., list[tuple[Any, ...]]]) -> Callable[[], dict[str, int]]:
    """Says how many rows each table of what partitions hold has."""

    def rows() -> dict[str, int]:
        tables = ("partitions", "documents", "collections")
        return {table: query(f"SELECT count(*) FROM {table}")[0][0] for table in tables}

    return rows


# Making


def test_a_new_partition_has_nothing_in_it(transaction: Transaction) -> None:
    partition = transaction.partitions.create()
    assert partition != NO_PARTITION
    assert list(transaction.partitions.list_collections(partition)) == []
    assert _read(transaction, partition).page_in_order("session", None, 0, 10) == ([], 0)


def test_each_new_partition_is_another(transaction: Transaction) -> None:
    assert len({transaction.partitions.create() for _ in range(5)}) == 5


def test_nowhere_there_is_nothing(transaction: Transaction) -> None:
    _sessions(transaction, a=1)
    assert list(transaction.partitions.list_collections(NO_PARTITION)) == []
    assert _read(transaction, NO_PARTITION).list_all("session") == []


# Copying


def test_copying_takes_one_partition_with_its_order_and_its_counters(
    transaction: Transaction,
) -> None:
    partition = transaction.partitions.create()
    source = _written(transaction, partition)
    source.extend(Document("entry", key, {"it": key}, "1", 5, 6) for key in "cab")
    source.remove("entry", "a")
    other = _sessions(transaction, x=1)
    target = transaction.partitions.copy(partition)
    copy = _written(transaction, target)
    assert copy.list_page("entry", "1", 0, 5) == (
        [
            Document("entry", "c", {"it": "c"}, "1", 5, 6),
            Document("entry", "b", {"it": "b"}, "1", 5, 6),
        ],
        2,
    )
    assert copy.get_size("session") == 0
    copy.append(Document("entry", "d", {}, "1", 5))
    assert _keys(copy.list_by_owner("entry", "1")) == ["c", "b", "d"]
    assert copy.get_sizes("entry") == {"1": 3}
    assert source.get_sizes("entry") == {"1": 2}
    assert _keys(source.list_by_owner("entry", "1")) == ["c", "b"]
    assert _keys(_read(transaction, other).list_all("session")) == ["x"]


def test_a_copy_goes_on_numbering_where_the_source_was(transaction: Transaction) -> None:
    partition = _made(transaction, *(Document("entry", "", {"n": n}, "1") for n in range(3)))
    _written(transaction, partition).remove("entry", "1/3")
    copy = _written(transaction, transaction.partitions.copy(partition))
    copy.append(Document("entry", "", {"n": 3}, "1"))
    assert _keys(copy.list_by_owner("entry", "1")) == ["1/1", "1/2", "1/4"]


def test_copying_nothing_gives_nothing(transaction: Transaction) -> None:
    copies = [transaction.partitions.copy(transaction.partitions.create())]
    copies.append(transaction.partitions.copy(NO_PARTITION))
    for copy in copies:
        assert list(transaction.partitions.list_collections(copy)) == []
        assert _read(transaction, copy).get_sizes("session") == {}


def test_a_copy_of_what_is_frozen_is_not_frozen(transaction: Transaction) -> None:
    partition = _sessions(transaction, a=1)
    frozen = _world(transaction, "frozen", partition)
    transaction.worlds.freeze(frozen.id)
    copy = transaction.partitions.copy(partition)
    _world(transaction, "copying", copy)
    assert transaction.worlds.get_with_partition("sandbox", "frozen", str(partition))[1:] == (
        partition,
        True,
    )
    assert transaction.worlds.get_with_partition("sandbox", "copying", str(copy))[1:] == (
        copy,
        False,
    )


# Content


CONTENT = [
    Collection(
        "entry",
        "1",
        7,
        {
            2: Document("entry", "1/2", {"z": 1, "a": "سارة"}, "1", 5, None),
            6: Document("entry", "own", {"nested": [1, 2.5, None]}, "1", None, 9),
        },
    ),
    Collection("entry", "2", 3, {}),
    Collection("session", "", 1, {1: Document("session", "1", {})}),
]


def test_content_comes_back_as_it_was_filled_in(transaction: Transaction) -> None:
    partition = transaction.partitions.create()
    _written(transaction, partition).fill(CONTENT)
    found = list(transaction.partitions.list_collections(partition))
    assert found == CONTENT
    assert list(found[0].documents[2].body) == ["z", "a"]
    again = transaction.partitions.create()
    _written(transaction, again).fill(found)
    assert list(transaction.partitions.list_collections(again)) == CONTENT
    assert list(transaction.partitions.find_differences(partition, again)) == []


def test_filled_documents_can_be_read_and_changed(
    transaction: Transaction,
) -> None:
    partition = transaction.partitions.create()
    _written(transaction, partition).fill(CONTENT)
    documents = _written(transaction, partition)
    assert documents.get_sizes("entry") == {"1": 2, "2": 0}
    documents.extend(Document("entry", "", {}, owner, 6) for owner in ("1", "2"))
    assert _keys(documents.list_by_owner("entry", "1")) == ["own", "1/2", "1/8"]
    assert _keys(documents.list_by_owner("entry", "2")) == ["2/4"]
    assert documents.get_sizes("entry") == {"1": 3, "2": 1}


def test_a_collection_in_which_no_number_was_given_yet_can_be_filled_in_and_written_to(
    transaction: Transaction,
) -> None:
    partition = transaction.partitions.create()
    _written(transaction, partition).fill([Collection("entry", "1", 0, {})])
    documents = _written(transaction, partition)
    documents.append(Document("entry", "", {}, "1"))
    assert _keys(documents.list_by_owner("entry", "1")) == ["1/1"]
    assert documents.get_sizes("entry") == {"1": 1}


def test_filling_in_nothing_leaves_nothing(transaction: Transaction) -> None:
    partition = transaction.partitions.create()
    _written(transaction, partition).fill([])
    assert list(transaction.partitions.list_collections(partition)) == []


def test_content_has_what_was_written_with_the_gaps_that_removals_left(
    transaction: Transaction,
) -> None:
    partition = _made(
        transaction,
        Document("session", "b", {}),
        Document("entry", "", {"n": 1}, "2", 9),
        Document("entry", "", {"n": 2}, "1", 8),
        Document("entry", "", {"n": 3}, "2", 7),
        Document("session", "a", {}),
    )
    _written(transaction, partition).remove("entry", "2/1")
    _written(transaction, partition).remove("entry", "1/1")
    assert list(transaction.partitions.list_collections(partition)) == [
        Collection("entry", "1", 1, {}),
        Collection(
            "entry",
            "2",
            2,
            {2: Document("entry", "2/2", {"n": 3}, "2", 7, None)},
        ),
        Collection(
            "session",
            "",
            2,
            {1: Document("session", "b", {}), 2: Document("session", "a", {})},
        ),
    ]


# Pages


@pytest.fixture
def paged(transaction: Transaction) -> int:
    """A partition whose documents came in another order than their owners and moments."""
    return _made(
        transaction,
        Document("entry", "e", {}, "2", 1),
        Document("entry", "a", {}, "1", 9),
        Document("note", "n", {}, "1", 3),
        Document("entry", "d", {}, "2", 0),
        Document("entry", "c", {}, "1", 5),
        Document("entry", "b", {}, "10", 4),
    )


@pytest.mark.parametrize(
    ("owner", "offset", "limit", "keys"),
    [
        (None, 0, 10, ["a", "c", "b", "e", "d"]),
        (None, 0, 2, ["a", "c"]),
        (None, 2, 2, ["b", "e"]),
        (None, 4, 2, ["d"]),
        (None, 5, 2, []),
        (None, 0, 0, []),
        ("1", 0, 10, ["a", "c"]),
        ("1", 1, 10, ["c"]),
        ("2", 0, 1, ["e"]),
        ("3", 0, 10, []),
        ("", 0, 10, []),
    ],
)
def test_a_page_comes_in_the_order_of_owners_then_of_coming(
    transaction: Transaction,
    paged: int,
    owner: str | None,
    offset: int,
    limit: int,
    keys: list[str],
) -> None:
    page, total = _read(transaction, paged).page_in_order("entry", owner, offset, limit)
    assert _keys(page) == keys
    assert total == {None: 5, "1": 2, "2": 2}.get(owner, 0)


def test_a_page_has_whole_documents(transaction: Transaction) -> None:
    document = Document("entry", "a", {"it": [1]}, "1", 5, 6)
    partition = _made(transaction, document)
    assert _read(transaction, partition).page_in_order("entry", "1", 0, 5) == ([document], 1)


def test_the_documents_of_all_owners_are_counted(transaction: Transaction, paged: int) -> None:
    documents = _written(transaction, paged)
    assert [documents.get_total_size(kind) for kind in ("entry", "note", "other")] == [5, 1, 0]
    documents.remove("note", "n")
    documents.append(Document("entry", "f", {}))
    assert [documents.get_total_size(kind) for kind in ("entry", "note")] == [6, 0]


# Differences


def test_a_partition_does_not_differ_from_itself_nor_from_its_copy(
    transaction: Transaction,
) -> None:
    partition = _sessions(transaction, a=1, b=2)
    copy = transaction.partitions.copy(partition)
    assert list(transaction.partitions.find_differences(partition, partition)) == []
    assert list(transaction.partitions.find_differences(partition, copy)) == []
    assert list(transaction.partitions.find_differences(copy, partition)) == []


def test_differences_are_listed_from_either_side(transaction: Transaction) -> None:
    before = _sessions(transaction, same=1, changed=2, gone=3, gone_too=4)
    after = _sessions(transaction, new=6, changed=5, same=1, another=7)
    assert list(transaction.partitions.find_differences(before, after)) == [
        Difference("session", "changed", {"n": 2}, {"n": 5}),
        Difference("session", "gone", {"n": 3}, None),
        Difference("session", "gone_too", {"n": 4}, None),
        Difference("session", "another", None, {"n": 7}),
        Difference("session", "new", None, {"n": 6}),
    ]
    assert list(transaction.partitions.find_differences(after, before)) == [
        Difference("session", "another", {"n": 7}, None),
        Difference("session", "changed", {"n": 5}, {"n": 2}),
        Difference("session", "new", {"n": 6}, None),
        Difference("session", "gone", None, {"n": 3}),
        Difference("session", "gone_too", None, {"n": 4}),
    ]


def test_all_documents_differ_from_no_partition(transaction: Transaction) -> None:
    partition = _sessions(transaction, a=1)
    differences = transaction.partitions.find_differences
    assert list(differences(NO_PARTITION, partition)) == [
        Difference("session", "a", None, {"n": 1})
    ]
    assert list(differences(partition, NO_PARTITION)) == [
        Difference("session", "a", {"n": 1}, None)
    ]
    assert list(differences(NO_PARTITION, NO_PARTITION)) == []


def test_the_same_key_in_two_kinds_is_two_documents(transaction: Transaction) -> None:
    before = _made(transaction, Document("session", "1", {"n": 1}))
    after = _made(transaction, Document("entry", "1", {"n": 1}))
    assert list(transaction.partitions.find_differences(before, after)) == [
        Difference("session", "1", {"n": 1}, None),
        Difference("entry", "1", None, {"n": 1}),
    ]


def test_an_empty_body_is_not_an_absent_one(transaction: Transaction) -> None:
    before = _made(transaction, Document("session", "1", {}))
    after = _made(transaction, Document("session", "1", {"n": None}))
    assert list(transaction.partitions.find_differences(before, after)) == [
        Difference("session", "1", {}, {"n": None})
    ]
    assert list(transaction.partitions.find_differences(NO_PARTITION, before)) == [
        Difference("session", "1", None, {})
    ]


def test_other_partitions_are_left_out_of_a_comparison(transaction: Transaction) -> None:
    before, after = _sessions(transaction, a=1), _sessions(transaction, a=1)
    _sessions(transaction, a=2, b=3)
    assert list(transaction.partitions.find_differences(before, after)) == []


# Sweeping


def _collect_all(store: Store, limit: int) -> int:
    """Sweep to the end, a transaction a step; how many steps there were."""
    for steps in range(1, 1000):
        with store.transaction(writing=True) as transaction:
            if not transaction.partitions.collect_garbage(limit):
                return steps
    raise AssertionError("sweeping does not come to an end")


def test_garbage_collection_without_garbage_ends_at_once(
    store: Store, rows: Callable[[], dict[str, int]]
) -> None:
    with store.transaction(writing=True) as transaction:
        _world(transaction, "a", _sessions(transaction, a=1))
    assert _collect_all(store, 10) == 1
    assert rows() == {"partitions": 1, "documents": 1, "collections": 1}


def test_only_unreferenced_partitions_are_deleted(
    store: Store, rows: Callable[[], dict[str, int]]
) -> None:
    with store.transaction(writing=True) as transaction:
        kept = _sessions(transaction, a=1, b=2)
        unreferenced = [_sessions(transaction, a=n, c=n) for n in range(3)]
        shared = _sessions(transaction, d=4)
        gone = _world(transaction, "gone", *unreferenced, shared)
        _world(transaction, "here", kept, shared)
        transaction.worlds.remove(gone)
    _collect_all(store, 100)
    assert rows() == {"partitions": 2, "documents": 3, "collections": 2}
    with store.transaction(writing=False) as transaction:
        assert _keys(_read(transaction, kept).list_all("session")) == ["a", "b"]
        assert _keys(_read(transaction, shared).list_all("session")) == ["d"]
        for partition in unreferenced:
            assert list(transaction.partitions.list_collections(partition)) == []


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 7, 100])
def test_garbage_collection_deletes_up_to_the_limit_and_ends(
    store: Store, rows: Callable[[], dict[str, int]], limit: int
) -> None:
    with store.transaction(writing=True) as transaction:
        for n in range(2):
            documents = [Document("entry", "", {}, str(owner), n) for owner in range(3)] * 2
            _made(transaction, *documents)
        held = _made(transaction, Document("entry", "", {}, "1"))
        _world(transaction, "a", held)
    left = rows()
    assert left == {"partitions": 3, "documents": 13, "collections": 7}
    steps = 0
    more = True
    while more:
        with store.transaction(writing=True) as transaction:
            more = transaction.partitions.collect_garbage(limit)
        before, left = left, rows()
        assert before["documents"] - left["documents"] <= limit
        assert before["collections"] - left["collections"] <= limit
        assert before["partitions"] - left["partitions"] <= 1
        steps += 1
        assert steps < 50
    assert left == {"partitions": 1, "documents": 1, "collections": 1}


def test_an_unreferenced_frozen_partition_is_deleted_too(
    store: Store, rows: Callable[[], dict[str, int]]
) -> None:
    with store.transaction(writing=True) as transaction:
        world = _world(transaction, "a", _sessions(transaction, a=1))
        transaction.worlds.freeze(world.id)
        transaction.worlds.remove(world)
    _collect_all(store, 10)
    assert rows() == {"partitions": 0, "documents": 0, "collections": 0}


def test_a_partition_that_a_world_replaces_is_deleted(
    store: Store, rows: Callable[[], dict[str, int]]
) -> None:
    with store.transaction(writing=True) as transaction:
        old, new = _sessions(transaction, a=1), _sessions(transaction, b=2)
        world = _world(transaction, "a", old)
        transaction.worlds.set_partitions(world.id, {str(old): new})
    _collect_all(store, 10)
    assert rows() == {"partitions": 1, "documents": 1, "collections": 1}


def test_a_reader_still_sees_rows_that_are_deleted_meanwhile(
    store: Store, rows: Callable[[], dict[str, int]]
) -> None:
    with store.transaction(writing=True) as transaction:
        partition = _sessions(transaction, a=1, b=2)
        world = _world(transaction, "a", partition)
    with store.transaction(writing=False) as reading:
        assert _keys(_read(reading, partition).list_all("session")) == ["a", "b"]
        with store.transaction(writing=True) as transaction:
            transaction.worlds.remove(world)
        _collect_all(store, 1)
        assert _keys(_read(reading, partition).list_all("session")) == ["a", "b"]
    assert rows() == {"partitions": 0, "documents": 0, "collections": 0}
