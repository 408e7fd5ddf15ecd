"""Templates: what sandboxes are made from, and their record in the store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Protocol

from mockserver.clock import Clock, machine_now, steady_now
from mockserver.sandbox.world import DocumentCheck, World
from mockserver.store import Transaction, WorldRecord


class OpenBatch(Protocol):
    """Opens a batch of writes: a context manager with a function that returns the world of an API.

    A batch may be a transaction of its own. What takes long should be done between batches, or in
    one that is not `writing`. `written` are APIs that are written to, if they are known.
    """

    def __call__(
        self, *, writing: bool = True, written: Iterable[str] = ()
    ) -> AbstractContextManager[Callable[[str], World]]: ...


@dataclass(frozen=True)
class Template:
    """What sandboxes are made from.

    `name` is another one whenever the template would make another world. `populate` is called once,
    to add documents in one batch or several. `checks` has a function for each API that raises for a
    document which must not be stored, then or later. `faults` is the text of the rules of faults.
    """

    name: str
    scenario: str
    seed: int
    clock: Clock
    tokens: Mapping[str, Any]
    populate: Callable[[OpenBatch], None]
    checks: Mapping[str, DocumentCheck] = field(default_factory=dict)
    validation: str = "strict"
    faults: str = ""


def get_or_add_template(transaction: Transaction, template: Template) -> WorldRecord:
    """The record of a template, which is populated if the store does not have it yet.

    Its partitions are frozen: the sandboxes made from it share them until they write. Raises what
    `populate` raises.
    """
    worlds = transaction.worlds
    known = worlds.get("template", template.name)
    if known is None:
        transaction.lock(f"@{template.name}")  # no sandbox has such a name
        known = worlds.get("template", template.name)
    if known:
        return known
    record = worlds.add(make_record(template), {})
    open_world = make_opener(transaction, record, template.checks)

    @contextmanager
    def open_batch(
        *, writing: bool = True, written: Iterable[str] = ()
    ) -> Iterator[Callable[[str], World]]:
        del writing, written  # all batches are in this transaction
        yield open_world

    try:
        template.populate(open_batch)
    except BaseException:
        worlds.remove(record)
        raise
    worlds.freeze(record.id)
    return record


def make_record(template: Template) -> WorldRecord:
    """The record of a template, before it is in the store."""
    return WorldRecord(
        role="template",
        name=template.name,
        scenario=template.scenario,
        seed=template.seed,
        clock=template.clock,
        tokens=dict(template.tokens),
        validation=template.validation,
        faults=template.faults,
        created=machine_now(),
        used=steady_now(),
    )


def make_draft(record: WorldRecord) -> WorldRecord:
    """A world that is like another one and has a name that no other draft has."""
    name = f"{record.name}-{os.urandom(8).hex()}"
    return replace(record, role="draft", name=name, used=steady_now())


def finish_template(transaction: Transaction, draft: WorldRecord, name: str) -> None:
    """Make a template of a draft, unless somebody else has made it meanwhile."""
    transaction.lock(f"@{name}")
    worlds = transaction.worlds
    if worlds.get("template", name):
        worlds.remove(draft)
        return
    worlds.freeze(draft.id)
    worlds.update(replace(draft, role="template", name=name, used=steady_now()))


def make_opener(
    transaction: Transaction, record: WorldRecord, checks: Mapping[str, DocumentCheck]
) -> Callable[[str], World]:
    """A function that returns the world of an API in a template or a draft."""

    @cache
    def open_world(api: str) -> World:
        world = World.open(transaction, record.role, record.name, api, checks)
        assert world is not None  # noqa: S101 - it has been added
        return world

    return open_world
