"""Ids by what they are good for."""

from __future__ import annotations

import pytest

from mockserver.kind import Kind, has_value
from mockserver.sandbox import KnownId, Sandboxes
from mockserver.sandbox.ids import find_ids
from mockserver.store import Document

KEYED = Kind("session", {}, key=lambda body: body.get("id", ""))
USEFUL = Kind(
    "session",
    {},
    key=lambda body: body.get("id", ""),
    label="name",
    uses={"open": has_value("status", "OPEN"), "old": lambda row, _, now: (row.at or 0) < now},
)


@pytest.fixture
def filled(sandboxes: Sandboxes) -> Sandboxes:
    with sandboxes.open("a", "calwe", writing=True) as world:
        world.documents.clear()
        for n, status in enumerate(("OPEN", "CLOSED", "OPEN", "OPEN"), start=1):
            body = {"id": f"s{n}", "status": status, "name": f"Name {n}"}
            world.documents.append(Document("session", f"s{n}", body, owner="o", at=n * 10))
    return sandboxes


def test_so_many_ids_are_found_of_each_use_with_their_owner_and_name(filled: Sandboxes) -> None:
    with filled.open("a", "calwe", writing=False) as world:
        assert list(find_ids([USEFUL], world.documents, 30, 2)) == [
            KnownId("session", "s1", "o", "Name 1", "open"),
            KnownId("session", "s3", "o", "Name 3", "open"),
            KnownId("session", "s1", "o", "Name 1", "old"),
            KnownId("session", "s2", "o", "Name 2", "old"),
        ]


def test_of_a_kind_without_uses_any_ids_are_found_and_of_one_without_ids_none(
    filled: Sandboxes,
) -> None:
    with filled.open("a", "calwe", writing=False) as world:
        assert list(find_ids([KEYED], world.documents, 30, 1)) == [
            KnownId("session", "s1", "o", "", "")
        ]
        assert list(find_ids([Kind("session", {})], world.documents, 30, 1)) == []
