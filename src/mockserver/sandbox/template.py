"""Templates: what sandboxes are made from, and their record in the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from mockserver.clock import Clock, machine_now, steady_now
from mockserver.sandbox.world import DocumentCheck, World
from mockserver.store import Transaction, WorldRecord


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
    record = worlds.add(
        WorldRecord(
            role="template",
            name=template.name,
            scenario=template.scenario,
            seed=template.seed,
            clock=template.clock,
            tokens=dict(template.tokens),
            created=machine_now(),
            used=steady_now(),
        ),
        {},
    )

    @cache
    def open_world(api: str) -> World:
        world = World.open(transaction, "template", template.name, api, template.checks)
        assert world is not None  # noqa: S101 - it has just been added
        return world

    try:
        template.populate(open_world)
    except BaseException:
        worlds.remove(record)
        raise
    worlds.freeze(record.id)
    return record
