"""What sandboxes are made from, and the template that a blueprint becomes in the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.clock import Clock, machine_now
from mockserver.sandbox.world import World
from mockserver.store import Document, Transaction, WorldRecord

__all__ = ["Blueprint", "Check", "anything", "template"]

Check = Callable[[Document], None]
"""Raises for a document that must not be stored."""


@dataclass(frozen=True)
class Blueprint:
    """What a sandbox is made from.

    `name` says what it is, and changes whenever it would make another world; `populate` is called
    once, with a function that gives the world of an API to put documents into. `checks` has a
    function for each API that raises for a document which must not be stored, then or later.
    """

    name: str
    scenario: str
    seed: int
    clock: Clock
    tokens: Mapping[str, Any]
    populate: Callable[[Callable[[str], World]], None]
    checks: Mapping[str, Check] = field(default_factory=dict)


def template(transaction: Transaction, blueprint: Blueprint) -> WorldRecord:
    """The template of a blueprint: the one that is there, else a new one.

    Its partitions are frozen: every sandbox made from it holds them until it writes. Raises what
    populating raises.
    """
    worlds = transaction.worlds
    known = worlds.get("template", blueprint.name)
    if known:
        return known
    now = machine_now()
    record = WorldRecord(
        role="template",
        name=blueprint.name,
        scenario=blueprint.scenario,
        seed=blueprint.seed,
        clock=blueprint.clock,
        tokens=dict(blueprint.tokens),
        created=now,
        used=now,
    )
    made: dict[str, World] = {}
    held: dict[str, int] = {}

    def world(api: str) -> World:
        if api not in made:
            held[api] = partition = transaction.partitions.make()
            check = blueprint.checks.get(api, anything)
            documents = transaction.documents(partition, lambda: partition, check)
            made[api] = World.of(record, api, documents)
        return made[api]

    blueprint.populate(world)
    record = worlds.add(record, held)
    worlds.freeze(record.id)
    return record


def anything(_: Document) -> None:
    """Everything may be stored."""
