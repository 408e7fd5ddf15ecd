"""What sandboxes are made from, and the template that a template becomes in the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.clock import Clock, machine_now
from mockserver.sandbox.world import World
from mockserver.store import Document, Transaction, WorldRecord

__all__ = ["DocumentCheck", "Template", "accept_any", "get_or_add_template"]

DocumentCheck = Callable[[Document], None]
"""Raises for a document that must not be stored."""


@dataclass(frozen=True)
class Template:
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
    checks: Mapping[str, DocumentCheck] = field(default_factory=dict)


def get_or_add_template(transaction: Transaction, template: Template) -> WorldRecord:
    """The template of a template: the one that is there, else a new one.

    Its partitions are frozen: every sandbox made from it holds them until it writes. Raises what
    populating raises.
    """
    worlds = transaction.worlds
    known = worlds.get("template", template.name)
    if known:
        return known
    now = machine_now()
    record = WorldRecord(
        role="template",
        name=template.name,
        scenario=template.scenario,
        seed=template.seed,
        clock=template.clock,
        tokens=dict(template.tokens),
        created=now,
        used=now,
    )
    made: dict[str, World] = {}
    held: dict[str, int] = {}

    def world(api: str) -> World:
        if api not in made:
            held[api] = partition = transaction.partitions.create()
            check = template.checks.get(api, accept_any)
            documents = transaction.documents(partition, lambda: partition, check)
            made[api] = World.from_record(record, api, documents)
        return made[api]

    template.populate(world)
    record = worlds.add(record, held)
    worlds.freeze(record.id)
    return record


def accept_any(_: Document) -> None:
    """Everything may be stored."""
