"""A kind says what the store must know of a document, and what its body looks like."""

from __future__ import annotations

import pytest

from mockserver.contract import Schemas
from mockserver.kind import MOMENT, Kind, closed_object
from mockserver.store import Document


def test_a_kind_says_what_the_store_must_know() -> None:
    kind = Kind(
        name="entry",
        schema={},
        key=lambda body: str(body["id"]),
        owner=lambda body: body["of"],
        at=lambda body: body["from"],
        until=lambda body: body["to"],
    )
    body = {"id": 7, "of": "x", "from": 1, "to": None}
    assert kind.document(body) == Document("entry", "7", body, owner="x", at=1, is_open=True)
    assert kind.document(body, key="other").key == "other"


def test_a_kind_that_says_nothing_has_no_key_no_owner_and_no_moments() -> None:
    assert Kind("thing", {}).document({"a": 1}) == Document("thing", "", {"a": 1}, "", None, None)
    assert list(Kind("thing", {}).check({})) == []


def test_a_closed_object_has_its_properties_and_no_others() -> None:
    schema = Schemas({}).compile_inline(closed_object({"a": {"type": "integer"}}, ["a"]))
    assert schema.accepts({"a": 1})
    assert not schema.accepts({"a": 1, "b": 2})
    assert not schema.accepts({})
    assert Schemas({}).compile_inline(closed_object({"a": {}})).accepts({})


@pytest.mark.parametrize("text", MOMENT.examples)
def test_a_moment_is_one_that_a_clock_can_show(text: str) -> None:
    assert MOMENT.check(text)


@pytest.mark.parametrize("text", [*MOMENT.counterexamples, "2025-08-21", "", "now"])
def test_anything_else_is_no_moment(text: str) -> None:
    assert not MOMENT.check(text)
