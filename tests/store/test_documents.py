"""Documents of one API in one world: pages, time ranges, overlapping intervals, writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from mockserver.errors import DocumentError
from mockserver.store import Document, Documents, Store, Transaction


@pytest.fixture
def transaction(store: Store) -> Iterator[Transaction]:
    with store.transaction(writing=True) as transaction:
        yield transaction


@pytest.fixture
def documents(transaction: Transaction) -> Documents:
    return _new(transaction)


def _new(transaction: Transaction) -> Documents:
    """The documents of a new partition, which no world references."""
    partition = transaction.partitions.create()
    return transaction.documents(partition, lambda: partition)


def _keys(documents: Iterable[Document]) -> list[str]:
    return [document.key for document in documents]


def _entries(documents: Documents, owner: str, *keys: str) -> None:
    documents.extend(Document("entry", key, {"key": key}, owner=owner) for key in keys)


def _moments(documents: Documents, owner: str, **moments: int) -> None:
    documents.extend(Document("entry", key, {}, owner, at) for key, at in moments.items())


# One document


def test_a_document_comes_back_as_it_was_put(documents: Documents) -> None:
    body = {"name": "سارة", "nested": {"list": [1, 2.5, None, True]}, "z": 1, "a": 2}
    documents.append(Document("session", "7", body, owner="o", at=-5, until=2**62))
    found = documents.get("session", "7")
    assert found == Document("session", "7", body, owner="o", at=-5, until=2**62)
    assert list(found.body) == ["name", "nested", "z", "a"]


def test_a_document_without_moments_has_none(documents: Documents) -> None:
    documents.append(Document("session", "7", {}))
    assert documents.get("session", "7") == Document("session", "7", {}, "", None, None)


def test_an_unknown_key_has_no_document(documents: Documents) -> None:
    documents.append(Document("session", "7", {}))
    assert documents.get("session", "8") is None
    assert documents.get("entry", "7") is None


@pytest.mark.parametrize("key", ["'; DROP TABLE documents; --", "%", "_", "جلسة", " 7 ", "a/b"])
def test_a_key_is_only_ever_text(documents: Documents, key: str) -> None:
    documents.append(Document("session", key, {"it": key}))
    documents.append(Document("session", "7", {}))
    assert documents.get("session", key) == Document("session", key, {"it": key})


def test_keys_that_differ_in_case_or_in_leading_zeros_differ(documents: Documents) -> None:
    documents.extend(Document("session", key, {"it": key}) for key in ("a", "A", "1", "01"))
    assert [documents.get("session", key).body["it"] for key in ("a", "A", "1", "01")] == [
        "a",
        "A",
        "1",
        "01",
    ]


def test_a_key_that_is_taken_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError), store.transaction(writing=True) as transaction:
        documents = _new(transaction)
        documents.append(Document("session", "7", {}))
        documents.append(Document("session", "7", {}))


# Pages


def test_pages_come_in_the_order_of_their_coming(documents: Documents) -> None:
    _entries(documents, "1", "c", "a", "b", "e", "d")
    assert _keys(documents.list_page("entry", "1", 0, 2)[0]) == ["c", "a"]
    assert _keys(documents.list_page("entry", "1", 2, 2)[0]) == ["b", "e"]
    assert _keys(documents.list_page("entry", "1", 4, 2)[0]) == ["d"]
    assert documents.list_page("entry", "1", 2, 2)[1] == 5
    every = ["c", "a", "b", "e", "d"]
    for offset in range(5):  # from either end
        for limit in (1, 2, 3, 5, 9):
            found, _ = documents.list_page("entry", "1", offset, limit)
            assert _keys(found) == every[offset : offset + limit]


@pytest.mark.parametrize("offset", [3, 4, 10**6, 2**63 - 1, 2**63, 10**40])
def test_a_page_past_the_end_is_empty_and_still_says_how_many_there_are(
    documents: Documents, offset: int
) -> None:
    _entries(documents, "1", "a", "b", "c")
    assert documents.list_page("entry", "1", offset, 2) == ([], 3)


def test_a_page_past_the_end_is_empty_after_something_was_removed(documents: Documents) -> None:
    _entries(documents, "1", "a", "b", "c")
    documents.remove("entry", "a")
    assert documents.list_page("entry", "1", 2, 2) == ([], 2)
    assert documents.list_page("entry", "1", 10**40, 2) == ([], 2)


def test_an_owner_of_nothing_has_an_empty_page(documents: Documents) -> None:
    assert documents.list_page("entry", "1", 0, 30) == ([], 0)
    assert documents.list_by_owner("entry", "1") == []


def test_pages_skip_the_gaps_that_removals_leave(documents: Documents) -> None:
    _entries(documents, "1", "a", "b", "c", "d", "e", "f")
    for key in ("a", "d"):
        documents.remove("entry", key)
    assert documents.list_page("entry", "1", 0, 2)[1] == 4
    assert _keys(documents.list_page("entry", "1", 0, 2)[0]) == ["b", "c"]
    assert _keys(documents.list_page("entry", "1", 2, 2)[0]) == ["e", "f"]
    assert _keys(documents.list_page("entry", "1", 1, 2)[0]) == ["c", "e"]


def test_a_document_added_after_a_removal_is_the_last(documents: Documents) -> None:
    _entries(documents, "1", "a", "b", "c")
    documents.remove("entry", "c")
    _entries(documents, "1", "d", "e")
    found, size = documents.list_page("entry", "1", 0, 10)
    assert (_keys(found), size) == (["a", "b", "d", "e"], 4)
    assert _keys(documents.list_page("entry", "1", 3, 1)[0]) == ["e"]


def test_documents_can_be_added_after_all_were_removed(documents: Documents) -> None:
    _entries(documents, "1", "a", "b")
    for key in ("a", "b"):
        documents.remove("entry", key)
    assert documents.list_page("entry", "1", 0, 10) == ([], 0)
    _entries(documents, "1", "c")
    found, size = documents.list_page("entry", "1", 0, 10)
    assert (_keys(found), size) == (["c"], 1)


def test_a_deep_page_is_the_right_one(documents: Documents) -> None:
    _entries(documents, "1", *(str(n) for n in range(5000)))
    assert _keys(documents.list_page("entry", "1", 4997, 30)[0]) == ["4997", "4998", "4999"]
    documents.remove("entry", "2500")
    found, size = documents.list_page("entry", "1", 4997, 30)
    assert (_keys(found), size) == (["4998", "4999"], 4999)


def test_owners_and_kinds_have_pages_of_their_own(documents: Documents) -> None:
    documents.extend(
        [
            Document("entry", "a", {}, owner="1"),
            Document("entry", "b", {}, owner="2"),
            Document("note", "c", {}, owner="1"),
            Document("entry", "d", {}, owner="1"),
            Document("entry", "e", {}),
        ]
    )
    assert _keys(documents.list_by_owner("entry", "1")) == ["a", "d"]
    assert _keys(documents.list_by_owner("entry", "2")) == ["b"]
    assert _keys(documents.list_by_owner("note", "1")) == ["c"]
    assert _keys(documents.list_by_owner("entry", "")) == ["e"]


def test_documents_without_a_key_get_a_unique_one(documents: Documents) -> None:
    documents.extend(Document("entry", "", {"n": n}, owner="1") for n in range(3))
    documents.extend(Document("entry", "", {"n": n}, owner="2") for n in range(3, 5))
    second = documents.list_by_owner("entry", "1")[1]
    documents.remove(second.kind, second.key)
    documents.append(Document("entry", "", {"n": 5}, owner="1"))
    found = [*documents.list_by_owner("entry", "1"), *documents.list_by_owner("entry", "2")]
    assert [document.body["n"] for document in found] == [0, 2, 5, 3, 4]
    assert len(set(_keys(found))) == 5


# Time ranges


def _page_newest(
    documents: Documents, owners: list[str], since: int | None, upto: int | None
) -> list[str]:
    """The keys of a page that has all of them."""
    return _keys(documents.page_newest("entry", owners, since, upto, 0, 10)[0])


def test_the_newest_come_first_and_the_bounds_are_included(documents: Documents) -> None:
    _moments(documents, "x", a=10, b=20, c=30, d=40)
    assert _page_newest(documents, ["x"], 20, 30) == ["c", "b"]
    assert _page_newest(documents, ["x"], 21, 29) == []
    assert _page_newest(documents, ["x"], None, 20) == ["b", "a"]
    assert _page_newest(documents, ["x"], 30, None) == ["d", "c"]
    assert _page_newest(documents, ["x"], None, None) == ["d", "c", "b", "a"]
    assert _page_newest(documents, ["x"], 30, 20) == []


def test_of_one_moment_the_greatest_key_comes_first_and_numbers_count_as_numbers(
    documents: Documents,
) -> None:
    documents.extend(
        Document("entry", key, {}, "x", at)
        for key, at in [("9", 5), ("100", 5), ("10", 5), ("8", 6), ("99", 5)]
    )
    assert _page_newest(documents, ["x"], None, None) == [
        "8",
        "100",
        "99",
        "10",
        "9",
    ]


def test_equal_moments_are_paged_without_a_repeat(documents: Documents) -> None:
    documents.extend(Document("entry", str(n), {}, "x", 5) for n in range(8, 13))
    pages = [documents.page_newest("entry", ["x"], 5, 5, offset, 2) for offset in (0, 2, 4, 6)]
    assert [_keys(page) for page, _ in pages] == [["12", "11"], ["10", "9"], ["8"], []]
    assert [total for _, total in pages] == [5, 5, 5, 5]


def test_every_page_of_the_newest_is_read_from_either_end(documents: Documents) -> None:
    documents.extend(Document("entry", str(n), {}, "xy"[n % 2], n // 3) for n in range(1, 12))
    pages = [documents.page_newest("entry", ["x", "y"], 1, 3, n, 3)[0] for n in range(10)]
    assert [_keys(page) for page in pages] == [
        ["11", "10", "9"],
        ["10", "9", "8"],
        ["9", "8", "7"],
        ["8", "7", "6"],
        ["7", "6", "5"],
        ["6", "5", "4"],
        ["5", "4", "3"],
        ["4", "3"],
        ["3"],
        [],
    ]


def test_the_newest_up_to_a_moment_are_not_counted(documents: Documents) -> None:
    _moments(documents, "x", a=10, b=20, c=30, d=40)
    assert _keys(documents.list_newest("entry", ["x"], 30, 2)) == ["c", "b"]
    assert _keys(documents.list_newest("entry", ["x"], None, 1)) == ["d"]


def test_the_newest_of_some_owners_leave_the_others_out(documents: Documents) -> None:
    _moments(documents, "x", a=1, b=4)
    _moments(documents, "y", c=2)
    _moments(documents, "z", d=3)
    assert _page_newest(documents, ["x", "y"], None, None) == ["b", "c", "a"]
    assert _page_newest(documents, ["w"], None, None) == []
    assert _page_newest(documents, [], None, None) == []


@pytest.mark.parametrize(
    ("since", "upto", "number"),
    [
        (None, None, 5),
        (None, 20, 3),
        (None, 19, 1),
        (None, 9, 0),
        (None, 100, 5),
        (20, None, 4),
        (20, 20, 2),
        (21, 39, 1),
        (10, 40, 5),
        (40, 10, 0),
        (41, None, 0),
    ],
)
def test_counting_includes_both_bounds(
    documents: Documents, since: int | None, upto: int | None, number: int
) -> None:
    _moments(documents, "x", a=10, b=20, c=30)
    _moments(documents, "y", d=20, e=40)
    _moments(documents, "z", f=20)
    assert documents.count("entry", ["x", "y"], since, upto) == number


def test_counting_knows_what_was_removed(documents: Documents) -> None:
    _moments(documents, "x", a=10, b=20, c=30)
    documents.remove("entry", "b")
    assert documents.count("entry", ["x"], None, None) == 2
    assert documents.count("entry", ["x"], None, 20) == 1
    assert documents.count("entry", ["x"], 20, 20) == 0


def test_documents_of_a_kind_are_listed_by_moment_then_by_key(documents: Documents) -> None:
    documents.extend(
        Document("entry", key, {}, owner, at)
        for key, owner, at in [("10", "x", 5), ("9", "y", 5), ("1", "x", 7), ("2", "y", 3)]
    )
    documents.append(Document("note", "n", {}, "x", 1))
    assert _keys(documents.list_all("entry")) == ["2", "9", "10", "1"]


# Intervals


@pytest.mark.parametrize(
    ("start", "end", "keys"),
    [
        (None, None, ["early", "long", "late", "open"]),
        (100, 200, ["long"]),
        (50, None, ["long", "late", "open"]),  # `early` ends at 50, which is not after it
        (49, None, ["early", "long", "late", "open"]),
        (None, 10, []),  # `early` begins at 10, which is not before it
        (None, 11, ["early"]),
        (300, 300, ["late"]),  # a point strictly inside
        (310, 400, ["open"]),  # `late` ends at 310
        (250, 280, []),  # `long` ends at 250, and `late` begins at 280
        (400, None, ["open"]),
        (400, 350, ["open"]),  # backwards: it began before 350 and is open after 400
        (350, 300, []),
    ],
)
def test_intervals_overlap_strictly(
    documents: Documents, start: int | None, end: int | None, keys: list[str]
) -> None:
    documents.extend(
        Document("duty", key, {}, "x", at, until, is_open=until is None)
        for key, at, until in [
            ("open", 320, None),
            ("long", 20, 250),
            ("late", 280, 310),
            ("early", 10, 50),
        ]
    )
    assert _keys(documents.list_overlapping("duty", "x", start, end)) == keys
    assert documents.list_overlapping("duty", "y", start, end) == []


@pytest.mark.parametrize("end", [*(4**n for n in range(9, 26)), *(4**n + 1 for n in range(9, 26))])
def test_intervals_of_every_length_overlap_what_lies_in_them(
    documents: Documents, end: int
) -> None:
    begin = -(end // 3)
    documents.extend(
        [
            Document("duty", "whole", {}, "x", begin, end),
            Document("duty", "before", {}, "x", begin - end, begin),
            Document("duty", "after", {}, "x", end, 2 * end),
        ]
    )
    assert _keys(documents.list_overlapping("duty", "x", begin, end)) == ["whole"]
    assert _keys(documents.list_overlapping("duty", "x", end - 1, end)) == ["whole"]
    assert _keys(documents.list_overlapping("duty", "x", None, None)) == [
        "before",
        "whole",
        "after",
    ]


def test_what_is_no_interval_overlaps_nothing(documents: Documents) -> None:
    documents.append(Document("duty", "a", {}, "x", 10))
    assert documents.list_overlapping("duty", "x", None, None) == []


def test_intervals_of_one_beginning_come_by_key_as_numbers(documents: Documents) -> None:
    documents.extend(Document("duty", key, {}, "x", 10, 20) for key in ("10", "9", "100"))
    assert _keys(documents.list_overlapping("duty", "x", None, None)) == ["9", "10", "100"]


def test_a_document_that_never_began_overlaps_nothing(documents: Documents) -> None:
    documents.append(Document("duty", "a", {}, "x", is_open=True))
    assert documents.list_overlapping("duty", "x", None, None) == []


def test_first_and_last_lie_strictly_between(documents: Documents) -> None:
    _moments(documents, "x", a=10, b=20, c=30, d=40)
    _moments(documents, "y", e=20)
    _moments(documents, "z", f=10, g=40)
    owners = ["x", "y", "z", "nobody"]
    assert documents.get_time_spans("entry", owners, 10, 40) == {"x": (20, 30), "y": (20, 20)}
    assert documents.get_time_spans("entry", owners, 9, None) == {
        "x": (10, 40),
        "y": (20, 20),
        "z": (10, 40),
    }
    assert documents.get_time_spans("entry", ["y"], None, 21) == {"y": (20, 20)}
    assert documents.get_time_spans("entry", owners, None, 10) == {}
    assert documents.get_time_spans("entry", owners, 30, 20) == {}
    assert documents.get_time_spans("entry", [], None, None) == {}


def test_first_and_last_of_a_great_many_owners(documents: Documents) -> None:
    _moments(documents, "39999", a=10, b=20)
    owners = [str(n) for n in range(40_000)]
    assert documents.get_time_spans("entry", owners, None, None) == {"39999": (10, 20)}


# Keys


def test_without_documents_there_is_no_greatest_key(documents: Documents) -> None:
    documents.append(Document("note", "5", {}))
    assert documents.get_greatest_key("entry") is None


def test_the_greatest_key_is_the_greatest_number(documents: Documents) -> None:
    _entries(documents, "1", "9", "100", "99", "10")
    assert documents.get_greatest_key("entry") == "100"
    documents.remove("entry", "100")
    assert documents.get_greatest_key("entry") == "99"


# Counters


def test_sizes_follow_every_write(documents: Documents) -> None:
    assert documents.get_size("entry", "1") == 0
    _entries(documents, "1", "a", "b")
    documents.append(Document("entry", "c", {}, owner="1"))
    documents.append(Document("entry", "d", {}, owner="2"))
    documents.append(Document("note", "e", {}, owner="1"))
    assert documents.get_size("entry", "1") == 3
    assert documents.get_sizes("entry") == {"1": 3, "2": 1}
    documents.remove("entry", "b")
    assert documents.get_size("entry", "1") == 2
    documents.replace(Document("entry", "a", {"new": 1}, owner="1"))
    assert documents.get_sizes("entry") == {"1": 2, "2": 1}
    documents.clear()
    assert documents.get_size("entry", "1") == 0
    assert documents.get_sizes("entry") == {}
    _entries(documents, "1", "a")
    assert documents.get_size("entry", "1") == 1


def test_removing_what_is_not_there_counts_nothing(documents: Documents) -> None:
    _entries(documents, "1", "a", "b")
    documents.remove("entry", "a")
    documents.remove("entry", "a")
    documents.remove("entry", "nothing")
    assert documents.get_size("entry", "1") == 1


def test_a_removal_counts_for_the_owner_it_had_and_for_no_other(documents: Documents) -> None:
    _entries(documents, "1", "a", "b")
    _entries(documents, "2", "c")
    documents.append(Document("note", "a", {}, owner="1"))
    documents.remove("entry", "a")
    assert documents.get_sizes("entry") == {"1": 1, "2": 1}
    assert documents.get_sizes("note") == {"1": 1}
    assert documents.list_page("entry", "1", 1, 5) == ([], 1)


def test_extending_takes_owners_and_kinds_in_any_order(documents: Documents) -> None:
    documents.extend(
        iter(
            [
                Document("entry", "a", {}, owner="1"),
                Document("note", "b", {}, owner="1"),
                Document("entry", "c", {}, owner="2"),
                Document("entry", "d", {}, owner="1"),
            ]
        )
    )
    _entries(documents, "1", "e")
    assert _keys(documents.list_by_owner("entry", "1")) == ["a", "d", "e"]
    assert documents.get_sizes("entry") == {"1": 3, "2": 1}
    assert documents.get_sizes("note") == {"1": 1}


def test_extending_by_nothing_changes_nothing(documents: Documents) -> None:
    documents.extend([])
    assert documents.get_sizes("entry") == {}


# Replacing


def test_documents_come_in_the_order_of_their_moments_and_of_their_coming(
    documents: Documents,
) -> None:
    for key, at in (("late", 9), ("early", 3), ("late too", 9), ("between", 5)):
        documents.append(Document("entry", key, {}, owner="1", at=at))
    assert _keys(documents.list_page("entry", "1", 0, 3)[0]) == ["early", "between", "late"]
    assert _keys(documents.list_page("entry", "1", 3, 3)[0]) == ["late too"]


def test_a_replaced_document_has_its_place_and_owner_unchanged(documents: Documents) -> None:
    for key in ("a", "b", "c"):
        documents.append(Document("entry", key, {"key": key}, owner="1", at=5))
    documents.replace(Document("entry", "b", {"new": True}, owner="2", at=5, until=6))
    assert _keys(documents.list_by_owner("entry", "1")) == ["a", "b", "c"]
    assert documents.get("entry", "b") == Document("entry", "b", {"new": True}, "1", 5, 6)
    assert documents.get("entry", "a") == Document("entry", "a", {"key": "a"}, "1", 5)
    assert documents.get_sizes("entry") == {"1": 3}


def test_a_replacement_can_close_and_open_an_interval(documents: Documents) -> None:
    documents.append(Document("duty", "a", {}, "x", 10, is_open=True))
    documents.replace(Document("duty", "a", {}, "x", 10, 20))
    assert documents.list_overlapping("duty", "x", 20, None) == []
    documents.replace(Document("duty", "a", {}, "x", 10, is_open=True))
    assert _keys(documents.list_overlapping("duty", "x", 20, None)) == ["a"]
    assert documents.get("duty", "a") == Document("duty", "a", {}, "x", 10, is_open=True)


def test_replacing_what_is_not_there_makes_nothing(documents: Documents) -> None:
    documents.replace(Document("entry", "a", {}, owner="1"))
    assert documents.get("entry", "a") is None
    assert documents.get_size("entry", "1") == 0


# Places


def _never() -> int:
    raise AssertionError("this is only read")


def test_partitions_do_not_see_each_other(transaction: Transaction) -> None:
    partitions = [transaction.partitions.create() for _ in range(3)]
    for n, partition in enumerate(partitions):
        documents = transaction.documents(partition, lambda partition=partition: partition)
        documents.append(Document("session", "1", {"it": n}))
    for n, partition in enumerate(partitions):
        documents = transaction.documents(partition, _never)
        assert documents.get("session", "1").body == {"it": n}
        assert documents.get_size("session") == 1
        assert len(documents.list_all("session")) == 1


def test_clearing_leaves_other_partitions_alone(transaction: Transaction) -> None:
    here, there = transaction.partitions.create(), transaction.partitions.create()
    for partition in (here, there):
        documents = transaction.documents(partition, lambda partition=partition: partition)
        documents.append(Document("session", "1", {}))
    transaction.documents(here, lambda: here).clear()
    assert transaction.documents(here, _never).list_all("session") == []
    assert transaction.documents(here, _never).get_size("session") == 0
    assert transaction.documents(there, _never).get_size("session") == 1
    assert transaction.documents(there, _never).get("session", "1") is not None


@pytest.mark.parametrize(
    "write",
    [
        lambda documents: documents.append(Document("session", "new", {})),
        lambda documents: documents.extend([Document("session", "new", {})]),
        lambda documents: documents.replace(Document("session", "1", {})),
        lambda documents: documents.remove("session", "1"),
        lambda documents: documents.clear(),
    ],
    ids=["append", "extend", "replace", "remove", "clear"],
)
def test_the_first_write_claims_a_partition_and_goes_there(
    transaction: Transaction, write: Callable[..., Any]
) -> None:
    base = transaction.partitions.create()
    transaction.documents(base, lambda: base).append(Document("session", "1", {"it": "base"}))
    claimed: list[int] = []

    def claim() -> int:
        claimed.append(transaction.partitions.copy(base))
        return claimed[-1]

    documents = transaction.documents(base, claim)
    documents.get("session", "1")
    documents.list_page("session", "", 0, 5)
    assert claimed == []
    write(documents)
    assert len(claimed) == 1
    documents.append(Document("session", "another", {}))
    assert len(claimed) == 1
    unchanged = transaction.documents(base, _never)
    assert unchanged.list_all("session") == [Document("session", "1", {"it": "base"})]
    assert unchanged.get_size("session") == 1


def test_after_a_write_the_claimed_partition_is_the_one_that_is_read(
    transaction: Transaction,
) -> None:
    base, mine = transaction.partitions.create(), transaction.partitions.create()
    transaction.documents(base, lambda: base).append(Document("session", "1", {}))
    documents = transaction.documents(base, lambda: mine)
    documents.append(Document("session", "2", {}))
    assert [document.key for document in documents.list_all("session")] == ["2"]


# Checking


def test_a_document_that_is_refused_is_not_stored_and_neither_are_those_beside_it(
    transaction: Transaction,
) -> None:
    def check(document: Document) -> None:
        if document.body.get("bad"):
            raise DocumentError(document, "it is bad")

    partition = transaction.partitions.create()
    documents = transaction.documents(partition, lambda: partition, check)
    documents.append(Document("session", "1", {"good": 1}))
    with pytest.raises(DocumentError, match="it is bad"):
        documents.extend([Document("session", "2", {}), Document("session", "3", {"bad": 1})])
    with pytest.raises(DocumentError, match="it is bad"):
        documents.replace(Document("session", "1", {"bad": 1}))
    assert documents.list_all("session") == [Document("session", "1", {"good": 1})]
    assert documents.get_size("session") == 1


def test_the_last_number_is_known_after_everything_was_removed(documents: Documents) -> None:
    assert documents.get_last_number("entry", "a") == 0
    documents.extend(Document("entry", "", {}, owner="a") for _ in range(3))
    for key in ("a/1", "a/3"):
        documents.remove("entry", key)

    assert documents.get_last_number("entry", "a") == 3
    assert (documents.get_last_number("entry", "b"), documents.get_last_number("other", "a")) == (
        0,
        0,
    )
