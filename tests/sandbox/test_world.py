"""A world: its tokens, its one moment, its random numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mockserver.clock import Clock
from mockserver.sandbox import Sandboxes, Template, Tokens, World
from mockserver.store import Document, Store, WorldRecord

MOMENT = 1_755_786_600_000_000  # 2025-08-21T14:30:00Z

Make = Callable[..., Template]


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
def test_which_credentials_are_accepted(
    valid: tuple[str, ...] | None, credential: str, accepted: bool
) -> None:
    assert Tokens(valid=valid).accepts(credential) is accepted


@pytest.mark.parametrize(
    ("setting", "tokens"),
    [
        ({}, Tokens(valid=None, required=False)),
        ({"valid": []}, Tokens(valid=(), required=False)),
        ({"valid": ["a", "b"], "required": False}, Tokens(valid=("a", "b"), required=False)),
        ({"required": True}, Tokens(valid=None, required=True)),
    ],
)
def test_tokens_are_what_a_scenario_writes_down(setting: dict[str, Any], tokens: Tokens) -> None:
    assert Tokens.from_setting(setting) == tokens


def test_each_api_has_its_own_tokens(store: Store, make: Make) -> None:
    tokens = {"calwe": {"valid": []}, "ekran": {"required": True}}
    sandboxes = Sandboxes(store, make(tokens=tokens))
    with sandboxes.open("a", "calwe", writing=False) as world:
        assert world.tokens == Tokens(valid=(), required=False)
    with sandboxes.open("a", "ekran", writing=False) as world:
        assert world.tokens == Tokens(valid=None, required=True)


# What a record makes


def test_a_world_is_what_its_record_says(store: Store) -> None:
    record = WorldRecord(
        role="sandbox",
        name="a",
        scenario="small",
        seed=7,
        clock=Clock.frozen_at(5),
        tokens={"calwe": {"valid": ["t"]}},
        created=1,
        used=2,
    )
    with store.transaction(writing=True) as transaction:
        transaction.worlds.add(record, {})
        settings = {"url": "http://x/y", "documented_only": True}
        world = World.open(transaction, "sandbox", "a", "calwe", {}, **settings)
        other = World.open(transaction, "sandbox", "a", "ekran", {})
        assert World.open(transaction, "template", "a", "calwe", {}) is None
    assert (world.sandbox, world.now, world.factory.seed) == ("a", 5, 7)
    assert (world.tokens, other.tokens) == (Tokens(valid=("t",)), Tokens())
    assert (world.url, world.documented_only) == ("http://x/y", True)
    assert (other.url, other.documented_only) == ("", False)


# A world's moment


def test_a_world_has_one_moment(store: Store, make: Make) -> None:
    sandboxes = Sandboxes(store, make(clock=Clock()))
    with sandboxes.open("a", "calwe", writing=False) as world:
        first = world.now
        assert [world.now for _ in range(1000)] == [first] * 1000


def test_stopping_a_world_at_a_moment_leaves_the_world_itself(sandboxes: Sandboxes) -> None:
    with sandboxes.open("a", "calwe", writing=True) as world:
        assert world.now == MOMENT
        earlier = world.freeze_at(MOMENT - 60_000_000)
        assert (earlier.now, world.now) == (MOMENT - 60_000_000, MOMENT)
        earlier.documents.append(Document("session", "3", {}))
        assert world.documents.get_size("session") == 3


def test_a_world_of_another_clock_does_not_remember_the_moment(sandboxes: Sandboxes) -> None:
    with sandboxes.open("a", "calwe", writing=False) as world:
        assert world.now == MOMENT
        assert replace(world, clock=Clock.frozen_at(5)).now == 5
