"""Sandboxes: isolated worlds that share what they were made from until they write."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockserver.clock import Clock
from mockserver.errors import SandboxNameError
from mockserver.sandbox import DEFAULT, Blueprint, Sandboxes, Tokens, World, check_name
from mockserver.store import Document, Store

MOMENT = 1_755_786_600_000_000  # 2025-08-21T14:30:00Z


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store.sqlite")
    yield store
    store.close()


def _populate(world: Callable[[str], World]) -> None:
    for api in ("calwe", "ekran"):
        documents = world(api).documents
        documents.extend(Document("session", str(n), {"api": api, "n": n}) for n in (1, 2))
        documents.extend(Document("entry", "", {"n": n}, "1", n) for n in range(3))


def _blueprint(
    name: str = "small-1",
    populate: Callable[[Callable[[str], World]], None] = _populate,
    clock: Clock | None = None,
    tokens: Mapping[str, Any] | None = None,
) -> Blueprint:
    return Blueprint(
        name=name,
        scenario="small",
        seed=7,
        clock=Clock.frozen_at(MOMENT) if clock is None else clock,
        tokens=tokens or {},
        populate=populate,
    )


@pytest.fixture
def sandboxes(store: Store) -> Sandboxes:
    return Sandboxes(store, _blueprint())


def _sessions(sandboxes: Sandboxes, name: str, api: str = "calwe") -> list[str]:
    with sandboxes.open(name, api, writing=False) as world:
        return [document.key for document in world.documents.all("session")]


def _add(sandboxes: Sandboxes, name: str, key: str, api: str = "calwe") -> None:
    with sandboxes.open(name, api, writing=True) as world:
        world.documents.append(Document("session", key, {}))


def _owners_of_rows(store: Store) -> list[tuple[str, str]]:
    """Which sandboxes have rows of which APIs."""
    connection = sqlite3.connect(store.path)
    rows = connection.execute("SELECT DISTINCT sandbox, api FROM documents ORDER BY 1, 2")
    found = rows.fetchall()
    connection.close()
    return found


class Stop(Exception):
    """What a block raises to be stopped."""


# Names


@pytest.mark.parametrize("name", ["default", "a", "A-z_0.9", "..", "x" * 64])
def test_a_name_of_letters_digits_dots_and_dashes_is_taken(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x" * 65,
        "@small-1",
        "../x",
        "a/b",
        "a b",
        "a\n",
        "\na",
        "a\x00",
        "جلسة",
        "²",
        "a;b",
        "%",
    ],
)
def test_any_other_name_is_refused_and_makes_nothing(store: Store, name: str) -> None:
    sandboxes = Sandboxes(store, _blueprint())
    with pytest.raises(SandboxNameError), sandboxes.open(name, "calwe", writing=True):
        pass
    with store.transaction(writing=False) as transaction:
        assert name == "@small-1" or transaction.sandbox(name) is None


def test_a_refusal_names_the_name_but_not_all_of_it() -> None:
    with pytest.raises(SandboxNameError) as raised:
        check_name("x" * 10_000)
    assert str(raised.value) == (
        f"'{'x' * 64}' cannot be a sandbox's name: use 1 to 64 letters, digits, '.', '_', '-'"
    )


# Making


def test_a_sandbox_is_made_on_first_use_of_what_the_blueprint_says(store: Store) -> None:
    sandboxes = Sandboxes(store, _blueprint(tokens={"calwe": {"valid": ["a"]}}))
    with sandboxes.open(DEFAULT, "calwe", writing=False, url="http://x/y") as world:
        assert world.sandbox == "default"
        assert world.now == MOMENT
        assert world.factory.seed == 7
        assert world.tokens == Tokens(valid=("a",))
        assert world.url == "http://x/y"
        assert world.documented_only is False
        assert world.documents.size("session") == 2
        assert world.documents.page("entry", "1", 2, 5)[0][0].body == {"n": 2}
    with store.transaction(writing=False) as transaction:
        record = transaction.sandbox("default")
        assert (record.scenario, record.seed, record.own) == ("small", 7, frozenset())


def test_an_api_that_the_scenario_says_nothing_of_is_an_empty_world(sandboxes: Sandboxes) -> None:
    assert _sessions(sandboxes, "a", "avaamo") == []
    with sandboxes.open("a", "avaamo", writing=False) as world:
        assert world.tokens == Tokens(valid=None, required=False)


def test_documented_only_is_told_to_every_world(store: Store) -> None:
    sandboxes = Sandboxes(store, _blueprint(), documented_only=True)
    with sandboxes.open("a", "calwe", writing=False) as world:
        assert world.documented_only is True


def test_the_template_cannot_be_opened(sandboxes: Sandboxes) -> None:
    with pytest.raises(SandboxNameError), sandboxes.open("@small-1", "calwe", writing=False):
        pass


def test_the_blueprint_populates_once_for_all_who_share_the_file(store: Store) -> None:
    calls: list[str] = []

    def populate(world: Callable[[str], World]) -> None:
        calls.append("populate")
        _populate(world)

    for _ in range(2):
        sandboxes = Sandboxes(store, _blueprint(populate=populate))
    assert calls == ["populate"]
    assert _sessions(sandboxes, "a") == ["1", "2"]


def test_populating_sees_one_world_an_api(store: Store) -> None:
    def populate(world: Callable[[str], World]) -> None:
        assert world("calwe") is world("calwe")
        assert world("calwe") is not world("ekran")
        world("calwe").documents.append(Document("session", "1", {}))
        assert world("calwe").documents.size("session") == 1

    assert _sessions(Sandboxes(store, _blueprint(populate=populate)), "a") == ["1"]


def test_populating_that_fails_leaves_no_template_behind(store: Store) -> None:
    def populate(world: Callable[[str], World]) -> None:
        _populate(world)
        raise Stop

    with pytest.raises(Stop):
        Sandboxes(store, _blueprint(populate=populate))
    assert _owners_of_rows(store) == []
    assert _sessions(Sandboxes(store, _blueprint()), "a") == ["1", "2"]


def test_another_blueprint_makes_new_sandboxes_and_leaves_the_old_ones(store: Store) -> None:
    old = Sandboxes(store, _blueprint("small-1"))
    assert _sessions(old, "old") == ["1", "2"]

    def populate(world: Callable[[str], World]) -> None:
        world("calwe").documents.append(Document("session", "new", {}))

    new = Sandboxes(store, _blueprint("small-2", populate))
    assert _sessions(new, "new") == ["new"]
    assert _sessions(new, "old") == ["1", "2"]


# Isolation


def test_a_write_is_seen_in_its_own_sandbox_only(sandboxes: Sandboxes) -> None:
    assert _sessions(sandboxes, "b") == ["1", "2"]
    _add(sandboxes, "a", "3")
    assert _sessions(sandboxes, "a") == ["1", "2", "3"]
    assert _sessions(sandboxes, "b") == ["1", "2"]
    assert _sessions(sandboxes, "c") == ["1", "2"]
    _add(sandboxes, "b", "4")
    assert _sessions(sandboxes, "a") == ["1", "2", "3"]
    assert _sessions(sandboxes, "b") == ["1", "2", "4"]
    assert _sessions(sandboxes, "c") == ["1", "2"]


def test_names_that_differ_in_case_are_two_sandboxes(sandboxes: Sandboxes) -> None:
    _add(sandboxes, "a", "3")
    assert _sessions(sandboxes, "A") == ["1", "2"]


def test_reading_copies_nothing(store: Store, sandboxes: Sandboxes) -> None:
    for name in ("a", "b", "c"):
        assert _sessions(sandboxes, name) == ["1", "2"]
    assert _owners_of_rows(store) == [("@small-1", "calwe"), ("@small-1", "ekran")]


def test_the_first_write_copies_one_api_and_goes_on_sharing_the_others(
    store: Store, sandboxes: Sandboxes
) -> None:
    _add(sandboxes, "a", "3")
    assert _owners_of_rows(store) == [
        ("@small-1", "calwe"),
        ("@small-1", "ekran"),
        ("a", "calwe"),
    ]
    assert _sessions(sandboxes, "a", "ekran") == ["1", "2"]
    _add(sandboxes, "a", "4", "ekran")
    assert _sessions(sandboxes, "a", "ekran") == ["1", "2", "4"]
    assert _sessions(sandboxes, "a", "calwe") == ["1", "2", "3"]
    assert _sessions(sandboxes, "b", "ekran") == ["1", "2"]


def test_a_copy_keeps_bodies_order_and_counters(sandboxes: Sandboxes) -> None:
    with sandboxes.open("a", "calwe", writing=True) as world:
        world.documents.append(Document("entry", "", {"n": 3}, "1", 3))
        found, size = world.documents.page("entry", "1", 0, 30)
    assert ([document.body["n"] for document in found], size) == ([0, 1, 2, 3], 4)
    with sandboxes.open("b", "calwe", writing=False) as world:
        assert world.documents.size("entry", "1") == 3


def test_a_transaction_reads_what_it_wrote_although_it_read_the_template_first(
    sandboxes: Sandboxes,
) -> None:
    with sandboxes.open("a", "calwe", writing=True) as world:
        assert world.documents.size("session") == 2
        world.documents.append(Document("session", "3", {}))
        assert world.documents.size("session") == 3
        assert world.documents.get("session", "3") is not None


@pytest.mark.parametrize(
    ("write", "left"),
    [
        (lambda documents: documents.remove("session", "1"), ["2"]),
        (lambda documents: documents.clear(), []),
        (lambda documents: documents.replace(Document("session", "1", {"new": 1})), ["1", "2"]),
    ],
    ids=["remove", "clear", "replace"],
)
def test_no_kind_of_write_reaches_the_template(
    sandboxes: Sandboxes, write: Callable[[Any], None], left: list[str]
) -> None:
    with sandboxes.open("a", "calwe", writing=True) as world:
        write(world.documents)
    assert _sessions(sandboxes, "a") == left
    with sandboxes.open("b", "calwe", writing=False) as world:
        assert [document.body for document in world.documents.all("session")] == [
            {"api": "calwe", "n": 1},
            {"api": "calwe", "n": 2},
        ]


def test_a_sandbox_that_was_emptied_stays_empty(sandboxes: Sandboxes) -> None:
    with sandboxes.open("a", "calwe", writing=True) as world:
        world.documents.clear()
    assert _sessions(sandboxes, "a") == []
    _add(sandboxes, "a", "9")
    assert _sessions(sandboxes, "a") == ["9"]


def test_a_write_that_raises_leaves_the_sandbox_sharing(store: Store, sandboxes: Sandboxes) -> None:
    with pytest.raises(Stop), sandboxes.open("a", "calwe", writing=True) as world:
        world.documents.append(Document("session", "3", {}))
        raise Stop
    assert _owners_of_rows(store) == [("@small-1", "calwe"), ("@small-1", "ekran")]
    assert _sessions(sandboxes, "a") == ["1", "2"]
    _add(sandboxes, "a", "4")
    assert _sessions(sandboxes, "a") == ["1", "2", "4"]


def test_what_was_written_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite"
    store = Store(path)
    sandboxes = Sandboxes(store, _blueprint())
    _add(sandboxes, "a", "3")
    assert _sessions(sandboxes, "b") == ["1", "2"]
    store.close()
    store = Store(path)
    sandboxes = Sandboxes(store, _blueprint())
    assert _sessions(sandboxes, "a") == ["1", "2", "3"]
    assert _sessions(sandboxes, "b") == ["1", "2"]
    store.close()


# Many at once


def _at_once(number: int, act: Callable[[int], None]) -> list[BaseException]:
    """Let so many threads act together; what they raised."""
    barrier = threading.Barrier(number)
    raised: list[BaseException] = []

    def run(n: int) -> None:
        try:
            barrier.wait()
            act(n)
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_many_can_make_one_sandbox_at_once(sandboxes: Sandboxes) -> None:
    raised = _at_once(8, lambda _: _sessions(sandboxes, "new"))
    assert raised == []
    assert _sessions(sandboxes, "new") == ["1", "2"]


def test_many_can_write_to_one_new_sandbox_at_once(sandboxes: Sandboxes) -> None:
    raised = _at_once(8, lambda n: _add(sandboxes, "new", str(10 + n)))
    assert raised == []
    expected = ["1", "2", "10", "11", "12", "13", "14", "15", "16", "17"]
    assert _sessions(sandboxes, "new") == expected
    with sandboxes.open("new", "calwe", writing=False) as world:
        assert world.documents.size("session") == 10
        assert len(world.documents.of_owner("session", "")) == 10


def test_many_can_write_to_sandboxes_of_their_own_at_once(sandboxes: Sandboxes) -> None:
    raised = _at_once(8, lambda n: _add(sandboxes, f"s{n}", "3"))
    assert raised == []
    assert [_sessions(sandboxes, f"s{n}") for n in range(8)] == [["1", "2", "3"]] * 8


# Tokens


@pytest.mark.parametrize(
    ("valid", "credential", "accepted"),
    [
        (None, "anything", True),
        (None, "مفتاح", True),
        (None, "", False),
        (None, "   ", False),
        (None, "\t\n", False),
        (None, "invalid", False),
        (None, "Invalid", True),
        (("a", "b"), "b", True),
        (("a", "b"), "c", False),
        (("a", "b"), "A", False),
        (("invalid",), "invalid", False),
        ((), "anything", False),
    ],
)
def test_which_credentials_open_the_door(
    valid: tuple[str, ...] | None, credential: str, accepted: bool
) -> None:
    assert Tokens(valid=valid).accepts(credential) is accepted


def test_each_api_has_its_own_tokens(store: Store) -> None:
    tokens = {"calwe": {"valid": []}, "ekran": {"required": True}}
    sandboxes = Sandboxes(store, _blueprint(tokens=tokens))
    with sandboxes.open("a", "calwe", writing=False) as world:
        assert world.tokens == Tokens(valid=(), required=False)
    with sandboxes.open("a", "ekran", writing=False) as world:
        assert world.tokens == Tokens(valid=None, required=True)


# A world's moment


def test_a_world_has_one_moment_however_often_it_is_asked(store: Store) -> None:
    sandboxes = Sandboxes(store, _blueprint(clock=Clock()))
    with sandboxes.open("a", "calwe", writing=False) as world:
        first = world.now
        assert [world.now for _ in range(1000)] == [first] * 1000


def test_stopping_a_world_at_a_moment_leaves_the_world_itself(sandboxes: Sandboxes) -> None:
    with sandboxes.open("a", "calwe", writing=True) as world:
        assert world.now == MOMENT
        earlier = world.at(MOMENT - 60_000_000)
        assert (earlier.now, world.now) == (MOMENT - 60_000_000, MOMENT)
        earlier.documents.append(Document("session", "3", {}))
        assert world.documents.size("session") == 3


def test_a_world_of_another_clock_does_not_remember_the_moment(sandboxes: Sandboxes) -> None:
    with sandboxes.open("a", "calwe", writing=False) as world:
        assert world.now == MOMENT
        assert replace(world, clock=Clock.frozen_at(5)).now == 5
