"""Worlds that are made in many transactions: others write meanwhile, and nothing half is seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.errors import CancelledError, WouldBlockError
from mockserver.sandbox import OpenBatch, Sandboxes, Template, open_session
from mockserver.sandbox.template import make_draft
from mockserver.store import Document, Store

Make = Callable[..., Template]
Rows = Callable[[], dict[str, int]]


class Stop(Exception):
    """What populating raises to be stopped."""


def never() -> bool:
    return False


def fill(*keys: str, between: Callable[[], object] = lambda: None) -> Callable[[OpenBatch], None]:
    """Adds sessions in a batch each, and does something between the batches."""

    def populate(open_batch: OpenBatch) -> None:
        for key in keys:
            with open_batch() as open_world:
                open_world("calwe").documents.append(Document("session", key, {}))
            between()

    return populate


def read(sandboxes: Sandboxes, name: str) -> list[str]:
    with sandboxes.open(name, "calwe", writing=False) as world:
        return [document.key for document in world.documents.list_all("session")]


def write(sandboxes: Sandboxes, name: str, key: str) -> None:
    with sandboxes.open(name, "calwe", writing=True) as world:
        world.documents.append(Document("session", key, {}))


def make_template(make: Make, populate: Callable[[OpenBatch], None], name: str = "b-1") -> Template:
    return replace(make(name), populate=populate)


def load(sandboxes: Sandboxes, name: str, template: Template) -> None:
    with open_session(sandboxes, name, writing=True) as session:
        session.prepare(template)
        session.sandbox.load_template(template)


def clean_up(sandboxes: Sandboxes) -> None:
    while sandboxes.clean_up():
        pass


def test_others_write_while_a_template_is_made(sandboxes: Sandboxes, make: Make) -> None:
    between = iter("345")
    populate = fill("x", "y", "z", between=lambda: write(sandboxes, "other", next(between)))

    load(sandboxes, "a", make_template(make, populate))
    assert read(sandboxes, "a") == ["x", "y", "z"]
    assert read(sandboxes, "other") == ["1", "2", "3", "4", "5"]


def test_a_template_that_is_made_is_not_made_again(sandboxes: Sandboxes, make: Make) -> None:
    load(sandboxes, "a", make_template(make, fill("x")))
    load(sandboxes, "b", make_template(make, fill("not called")))
    assert read(sandboxes, "b") == ["x"]


def test_of_two_that_make_the_same_template_the_first_counts(
    sandboxes: Sandboxes, make: Make, rows: Rows
) -> None:
    first = make_template(make, fill("first"))
    second = make_template(make, fill("x", between=lambda: sandboxes.prepare(first, never)))

    load(sandboxes, "a", second)
    assert read(sandboxes, "a") == ["first"]
    clean_up(sandboxes)
    assert rows()["documents"] == 10 + 1


@pytest.mark.parametrize("is_cancelled", [True, False])
def test_what_is_not_finished_leaves_nothing(
    sandboxes: Sandboxes, make: Make, rows: Rows, is_cancelled: bool
) -> None:
    before, states = rows(), iter([False, is_cancelled])

    def stop() -> None:
        if not is_cancelled:
            raise Stop

    template = make_template(make, fill("x", "y", between=stop))
    with pytest.raises(CancelledError if is_cancelled else Stop):
        sandboxes.prepare(template, lambda: next(states))
    clean_up(sandboxes)
    assert rows() == before


def test_a_draft_that_nobody_finishes_is_removed(
    store: Store, sandboxes: Sandboxes, rows: Rows, machine: Any
) -> None:
    before = rows()
    with store.transaction(writing=True) as transaction:
        template = transaction.worlds.get("template", "small-1")
        assert template
        transaction.worlds.add(make_draft(template), {})

    clean_up(sandboxes)
    assert rows()["worlds"] == before["worlds"] + 1
    machine.passes(601)
    clean_up(sandboxes)
    assert rows() == before


# What is added to a world


def extend(sandboxes: Sandboxes, populate: Callable[[OpenBatch], None]) -> None:
    with open_session(sandboxes, "a", writing=True) as session:
        session.extend(populate)


def test_what_is_added_is_seen_at_once_when_all_of_it_is_there(
    sandboxes: Sandboxes, rows: Rows
) -> None:
    seen: list[list[str]] = []
    extend(sandboxes, fill("x", "y", between=lambda: seen.append(read(sandboxes, "a"))))

    assert seen == [["1", "2"], ["1", "2"]]
    assert read(sandboxes, "a") == ["1", "2", "x", "y"]
    clean_up(sandboxes)
    assert rows()["worlds"] == 3  # the template, `default` and `a`
    with open_session(sandboxes, "a", writing=True) as session:
        session.sandbox.reset()
    assert read(sandboxes, "a") == ["1", "2"]


def test_who_writes_meanwhile_loses_nothing(sandboxes: Sandboxes, rows: Rows) -> None:
    keys = iter("345678")
    populate = fill("x", "y", between=lambda: write(sandboxes, "a", next(keys)))

    assert not sandboxes.extend("a", populate, never)
    assert read(sandboxes, "a") == ["1", "2", "3", "4"]
    clean_up(sandboxes)
    assert rows()["documents"] == 10 + 7  # `ekran` is shared, `calwe` was copied by the writer


def test_after_some_attempts_what_is_added_is_one_transaction(sandboxes: Sandboxes) -> None:
    attempts: list[int] = []

    def populate(open_batch: OpenBatch) -> None:
        attempts.append(1)
        if len(attempts) <= 3:
            write(sandboxes, "a", f"{len(attempts)}th")
        with open_batch() as open_world:
            open_world("calwe").documents.append(Document("session", "x", {}))

    extend(sandboxes, populate)
    assert read(sandboxes, "a") == ["1", "2", "x", "1th", "2th", "3th"]


def test_what_is_cancelled_adds_nothing(sandboxes: Sandboxes) -> None:
    states = iter([False])

    def populate(open_batch: OpenBatch) -> None:
        for n in range(2):
            with open_batch() as open_world:
                open_world("calwe").documents.append(Document("session", f"x{n}", {}))

    with (
        pytest.raises(CancelledError),
        open_session(
            sandboxes, "a", writing=True, is_cancelled=lambda: next(states, True)
        ) as session,
    ):
        session.extend(populate)
    assert read(sandboxes, "a") == ["1", "2"]


# Copies before a first write


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """Two documents are many, and are copied one by one; what is called in the pauses between."""
    pauses: list[Callable[[], object]] = []

    def pause(_: float) -> None:
        if pauses:
            pauses.pop(0)()

    monkeypatch.setattr("mockserver.sandbox.world.MAX_COPIED", 1)
    monkeypatch.setattr("mockserver.sandbox.sandboxes.MAX_COPIED", 1)
    monkeypatch.setattr("mockserver.sandbox.sandboxes._MAX_ROWS_COPIED", 1)
    monkeypatch.setattr("mockserver.sandbox.sandboxes.time", SimpleNamespace(sleep=pause))
    return pauses


def write_soon(sandboxes: Sandboxes, name: str, key: str) -> None:
    with sandboxes.open(name, "calwe", writing=True, may_block=False) as world:
        world.documents.append(Document("session", key, {}))


def test_many_documents_are_copied_in_steps_before_the_first_write(
    sandboxes: Sandboxes, pauses: list[Callable[[], object]], rows: Rows
) -> None:
    sandboxes.ensure("a")
    pauses += [lambda: write(sandboxes, "other", "3"), lambda: clean_up(sandboxes)]
    with pytest.raises(WouldBlockError) as raised:
        write_soon(sandboxes, "a", "3")
    assert (raised.value.sandbox, raised.value.api) == ("a", "calwe")

    sandboxes.separate("sandbox", "a", "calwe")
    assert pauses == []
    write_soon(sandboxes, "a", "4")
    with sandboxes.open("a", "calwe", writing=False) as world:
        assert [it.key for it in world.documents.list_page("entry", "1", 0, 9)[0]] == [
            "1/1",
            "1/2",
            "1/3",
        ]
        assert world.documents.get_size("session") == 3
        assert world.documents.get_last_number("entry", "1") == 3
    assert read(sandboxes, "a") == ["1", "2", "4"]
    assert read(sandboxes, "other") == ["1", "2", "3"]
    assert read(sandboxes, "new") == ["1", "2"]
    assert rows()["worlds"] == 5  # the template, `default` and those three: no draft


@pytest.mark.parametrize(
    ("meanwhile", "keys", "documents"),
    [
        ("reset", ["1", "2"], 10 + 5),  # it shares the same ones again: the copy is its own
        ("written", ["1", "2", "9"], 10 + 6),
        ("deleted", ["1", "2"], 10),
    ],
)
def test_a_copy_is_for_a_sandbox_that_still_shares_what_was_copied(
    sandboxes: Sandboxes,
    pauses: list[Callable[[], object]],
    rows: Rows,
    meanwhile: str,
    keys: list[str],
    documents: int,
) -> None:
    sandboxes.ensure("a")

    def interfere() -> None:
        with open_session(sandboxes, "a", writing=True) as session:
            if meanwhile == "deleted":
                session.delete_sandbox("a")
            else:
                session.sandbox.open_world("calwe").documents.append(Document("session", "9", {}))
            if meanwhile == "reset":
                session.sandbox.reset()

    pauses.append(interfere)
    sandboxes.separate("sandbox", "a", "calwe")
    clean_up(sandboxes)
    assert read(sandboxes, "a") == keys
    assert rows()["worlds"] == 3  # the template, `default` and `a`
    assert rows()["documents"] == documents


@pytest.mark.usefixtures("pauses")
def test_nothing_is_copied_for_a_world_of_its_own_or_a_missing_one(
    sandboxes: Sandboxes, rows: Rows
) -> None:
    write(sandboxes, "a", "3")
    before = rows()
    sandboxes.separate("sandbox", "a", "calwe")
    sandboxes.separate("sandbox", "b", "calwe")
    assert rows() == before


@pytest.mark.usefixtures("pauses")
def test_a_copy_that_is_cancelled_leaves_nothing(sandboxes: Sandboxes, rows: Rows) -> None:
    sandboxes.ensure("a")
    before = rows()
    states = iter([False, False])
    with pytest.raises(CancelledError):
        sandboxes.separate("sandbox", "a", "calwe", lambda: next(states, True))
    clean_up(sandboxes)
    assert rows() == before


def test_others_write_while_a_world_is_copied_that_is_added_to(
    sandboxes: Sandboxes, pauses: list[Callable[[], object]]
) -> None:
    def populate(open_batch: OpenBatch) -> None:
        for key in "34":
            with open_batch(written=["calwe"]) as open_world:
                open_world("calwe").documents.append(Document("session", key, {}))

    pauses.append(lambda: write(sandboxes, "other", "3"))
    assert sandboxes.extend("a", populate, never)
    assert pauses == []
    assert read(sandboxes, "a") == ["1", "2", "3", "4"]
    assert read(sandboxes, "other") == ["1", "2", "3"]
