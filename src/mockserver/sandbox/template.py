"""Templates: what sandboxes are made from, and their record in the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.clock import Clock, machine_now
from mockserver.sandbox.world import World
from mockserver.store import Document, Transaction, WorldRecord

DocumentCheck = Callable[[Document], None]
"""Raises DocumentError for a document that must not be stored."""


@dataclass(frozen=True)
class Template:
    """What sandboxes are made from.

    `name` is another one whenever the template would make another world. `populate` is called once,
    with a function that returns the world of an API, to which it adds documents. `checks` has a
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
    """The record of a template, which is populated if the store does not have it yet.

    Its partitions are frozen: the sandboxes made from it share them until they write. Raises what
    `populate` raises.
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
    opened: dict[str, World] = {}
    partitions: dict[str, int] = {}

    def open_world(api: str) -> World:
        if api not in opened:
            partitions[api] = partition = transaction.partitions.create()
            documents = transaction.documents(
                partition, lambda: partition, template.checks.get(api)
            )
            opened[api] = World.from_record(record, api, documents)
        return opened[api]

    template.populate(open_world)
    record = worlds.add(record, partitions)
    worlds.freeze(record.id)
    return record
