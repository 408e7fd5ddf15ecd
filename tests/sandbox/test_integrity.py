"""Rules between documents: unique keys, parents, times, and keys that the store assigns."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from mockserver.errors import DocumentError, TakenNameError
from mockserver.kind import Kind
from mockserver.sandbox import integrity
from mockserver.scenarios.scenario import Location
from mockserver.store import Document, Documents, FileStore

SESSION = Kind(
    "session",
    {},
    key=lambda body: body["id"],
    at=lambda body: body["from"],
    until=lambda body: body["to"],
)
ACTIVITY = Kind(
    "activity", {}, owner=lambda body: body["session"], parent="session", at=lambda body: body["at"]
)
KINDS = {kind.name: kind for kind in (SESSION, ACTIVITY)}
OUTSIDE = "it lies outside its session 'a'"


def session(id: str = "a", start: int | None = 10, end: int | None = 20) -> Document:
    return SESSION.document({"id": id, "from": start, "to": end})


def activity(at: int | None, owner: str = "a", key: str = "") -> Document:
    return ACTIVITY.document({"session": owner, "at": at}, key=key)


def find(*documents: Document, stored: tuple[Document, ...] = ()) -> list[tuple[int, str]]:
    known = {(document.kind, document.key): document for document in stored}
    new = integrity.NewDocuments[int](KINDS)
    at_once = [(n, reason) for n, it in enumerate(documents) if (reason := new.add(it, n))]
    return [*at_once, *new.find_faults(lambda *place: known.get(place))]


@pytest.mark.parametrize(
    ("at", "start", "end", "is_within"),
    [
        (10, 10, 20, True),
        (20, 10, 20, True),
        (9, 10, 20, False),
        (21, 10, 20, False),
        (99, 10, None, True),
        (9, 10, None, False),
        (5, None, 20, True),
        (None, 10, 20, True),
        (10, 10, 10, True),
    ],
)
def test_a_document_lies_within_the_time_of_its_parent(
    at: int | None, start: int | None, end: int | None, is_within: bool
) -> None:
    expected = [] if is_within else OUTSIDE
    faults = find(session(start=start, end=end), activity(at))
    assert [reason for _, reason in faults] == ([expected] if expected else [])
    assert [n for n, _ in faults] == ([1] if expected else [])


def test_a_document_needs_its_parent_and_a_key_of_its_own() -> None:
    assert find(activity(12, "b"), session(), session()) == [
        (2, "there is another session with the key 'a'"),
        (0, "there is no session 'b' in this scenario"),
    ]


def test_the_garbage_collector_does_not_look_at_documents_that_wait_for_their_parent() -> None:
    """A snapshot file has all entries of a session before the session."""
    new = integrity.NewDocuments[Location](KINDS)
    before = len(gc.get_objects())
    for n in range(1_000):
        assert not new.add(activity(12, key=str(n)), Location("file", n, "field"))
    assert len(gc.get_objects()) - before < 100
    assert len(list(new.find_faults())) == 1_000


def test_documents_without_a_key_are_no_duplicates() -> None:
    assert find(session(), activity(12), activity(12)) == []


def test_stored_documents_are_parents_and_have_their_keys() -> None:
    stored = (session(),)
    assert find(activity(12), stored=stored) == []
    assert find(activity(21), stored=stored) == [(0, OUTSIDE)]
    # An activity belongs to the new session, if there is one.
    assert find(activity(80), session(end=90), stored=stored) == []


def test_a_snapshot_s_document_has_the_key_and_the_owner_of_its_body() -> None:
    moved = Document("session", "b", {"id": "a"}, owner="x")
    assert list(integrity.find_misplacement(SESSION, moved, "y")) == [
        "its key is 'b', and its body says 'a'",
        "it belongs to 'x', and stands with those of 'y'",
    ]
    assert list(integrity.find_misplacement(SESSION, session(), "")) == []


def test_a_key_that_the_store_will_assign_is_found() -> None:
    documents = [
        activity(1, key="a/3"),
        activity(1, key="a/4"),
        activity(1, key="x"),
        session("b/9"),
    ]
    assert [
        list(integrity.find_future_key(KINDS[it.kind], it, {("activity", "a"): 3}))
        for it in documents
    ] == [[], ["its key 'a/4' is one that another activity is going to have"], [], []]


@pytest.fixture
def documents(tmp_path: Any) -> Any:
    store = FileStore(tmp_path / "s.sqlite")
    with store.transaction(writing=True) as transaction:
        partition = transaction.partitions.create()
        documents = transaction.documents(partition, lambda: partition)
        documents.extend([session(), session("empty"), activity(12), activity(18)])
        yield documents
    store.close()


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (session("b"), "The key in the path is 'x', and the body's is 'b'"),
        (activity(12, "b"), "There is no session 'b' for it to belong to"),
        (activity(21), "It lies outside its session 'a'"),
        (session(end=15), "Its activity 'a/2' would lie outside it; move that first"),
        (activity(12, key="a/4"), "'a/4' is the key that the activity 4 of 'a' is going to have"),
        (activity(12, key="b/1"), "'b/1' is the key that the activity 1 of 'b' is going to have"),
    ],
)
def test_a_new_version_that_does_not_fit_is_refused(
    documents: Documents, document: Document, reason: str
) -> None:
    if "in the path" in reason:
        document = SESSION.document(document.body, key="x")
    with pytest.raises(DocumentError) as raised:
        integrity.check_new_version(KINDS, document, document.body, documents)
    assert str(raised.value).startswith(reason)


@pytest.mark.parametrize(
    "document",
    [session(start=5), activity(15, key="a/1"), activity(15, key="a/3"), activity(15, key="own")],
)
def test_a_new_version_that_fits_is_accepted(documents: Documents, document: Document) -> None:
    integrity.check_new_version(KINDS, document, document.body, documents)


def test_a_parent_is_deleted_with_its_children_only(documents: Documents) -> None:
    with pytest.raises(TakenNameError) as raised:
        integrity.delete_document(KINDS, session(), documents, cascade=False)
    assert str(raised.value) == (
        "The session 'a' has 2 of the kind 'activity'; delete those first, or say cascade=true"
    )
    integrity.delete_document(KINDS, session("empty"), documents, cascade=False)
    integrity.delete_document(KINDS, session(), documents, cascade=True)
    assert [documents.get_sizes(name) for name in KINDS] == [
        {"": 0},
        {"a": 0},
    ]
