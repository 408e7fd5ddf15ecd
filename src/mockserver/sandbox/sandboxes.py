"""All the sandboxes of a store: made on first use, sharing until they write, gone when idle."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from mockserver.clock import SECOND, machine_now
from mockserver.errors import QuotaError
from mockserver.sandbox.name import DEFAULT, check_name
from mockserver.sandbox.sandbox import open_world
from mockserver.sandbox.template import Template, accept_any, get_or_add_template
from mockserver.sandbox.world import World
from mockserver.store import Store, Transaction, WorldRecord

__all__ = ["Limits", "Sandboxes", "remove"]

_log = logging.getLogger("mockserver")
_TEMPLATE_SECONDS = 600
"""How long a template stays that no world can be led back to."""
_WORLDS_AT_ONCE = 50
_SWEPT_ROWS = 300


@dataclass(frozen=True, slots=True)
class Limits:
    """How many sandboxes there may be, how many snapshots in one, and how long one may be idle.

    `idle` is in seconds; 0 means that none ever goes.
    """

    sandboxes: int = 2_000
    snapshots: int = 100
    idle: int = 86_400


class Sandboxes:
    """All the sandboxes of one store; new ones are made from the template."""

    def __init__(
        self,
        store: Store,
        template: Template,
        *,
        documented_only: bool = False,
        limits: Limits | None = None,
    ) -> None:
        self.template = template
        self.limits = limits or Limits()
        self._store = store
        self._documented_only = documented_only
        self._used: dict[str, int] = {}
        self._prepare()

    @contextmanager
    def open(self, name: str, api: str, *, writing: bool, url: str = "") -> Iterator[World]:
        """The world of a sandbox for one API, in one transaction; made if it is not there.

        What was written is kept when the block ends, and forgotten when it raises.
        Raises SandboxNameError, and QuotaError when one more may not be made.
        """
        self.note_use(name)
        with self._store.transaction(writing=writing) as transaction:
            opened = transaction.worlds.get_with_partition(name, api)
            if opened:
                record, partition, is_frozen = opened
                yield open_world(
                    transaction,
                    record,
                    api,
                    partition,
                    is_frozen=is_frozen,
                    check=self.template.checks.get(api, accept_any),
                    url=url,
                    documented_only=self._documented_only,
                )
                return
        self.ensure(name)
        with self.open(name, api, writing=writing, url=url) as world:
            yield world

    def note_use(self, name: str) -> None:
        """Note that a sandbox is used now. Raises SandboxNameError."""
        self._used[check_name(name)] = machine_now()

    @contextmanager
    def transaction(self, *, writing: bool) -> Iterator[Transaction]:
        """A transaction over everything there is."""
        with self._store.transaction(writing=writing) as transaction:
            yield transaction

    def get_seed(self, name: str) -> int:
        """The seed of a sandbox, or that of the template when there is none."""
        with self._store.transaction(writing=False) as transaction:
            record = transaction.worlds.get("sandbox", name)
        return record.seed if record else self.template.seed

    def mutations(self, name: str) -> tuple[str, ...]:
        """The mutations that are on in a sandbox; none where there is no such sandbox."""
        with self._store.transaction(writing=False) as transaction:
            record = transaction.worlds.get("sandbox", name)
        return tuple(record.mutations) if record else ()

    def clean_up(self) -> bool:
        """Let go what is idle, and sweep up some of what nobody holds; whether there is more."""
        with self._store.transaction(writing=True) as transaction:
            used = dict(self._used)  # in one step: other threads go on noting theirs
            transaction.worlds.note_uses(used)
            has_more = [
                self._expire(transaction),
                _drop_templates(transaction, self.template.name),
                transaction.partitions.collect_garbage(_SWEPT_ROWS),
            ]
        self._written_down(used)
        return any(has_more)

    def _written_down(self, used: Mapping[str, int]) -> None:
        """Forget the uses that the store knows of now, and none that came since."""
        for name, moment in used.items():
            latest = self._used.pop(name, moment)
            if latest != moment:
                self._used.setdefault(name, latest)

    def _prepare(self) -> None:
        with self._store.transaction(writing=True) as transaction:
            made = get_or_add_template(transaction, self.template)
            default = self.get_or_create(transaction, DEFAULT)
            if default.origin != made.id:
                _log.warning(
                    "The store keeps its worlds: '%s' is of the scenario '%s' "
                    "until another is loaded.",
                    DEFAULT,
                    default.scenario,
                )
            # The time for which no server ran is nobody's idleness.
            now = machine_now()
            names = [record.name for record in transaction.worlds.list_all("sandbox")]
            transaction.worlds.note_uses(dict.fromkeys(names, now))

    def ensure(self, name: str) -> None:
        """Make a sandbox if it is not there. Raises SandboxNameError and QuotaError."""
        self.note_use(name)
        with self._store.transaction(writing=False) as transaction:
            if transaction.worlds.get("sandbox", name):
                return
        with self._store.transaction(writing=True) as transaction:
            self.get_or_create(transaction, name)

    def get_or_create(self, transaction: Transaction, name: str) -> WorldRecord:
        """The sandbox of that name, made if it is not there. Raises QuotaError."""
        known = transaction.worlds.get("sandbox", name)
        return known or self.create(transaction, name, self.template)

    def create(self, transaction: Transaction, name: str, template: Template) -> WorldRecord:
        """Make a sandbox that is not there yet. Raises QuotaError, and what populating raises."""
        self._refuse_one_more(transaction)
        made = get_or_add_template(transaction, template)
        now = machine_now()
        transaction.worlds.update(replace(made, used=now))
        record = replace(
            made,
            role="sandbox",
            name=name,
            origin=made.id,
            clock=made.clock.resume(made.created),
            created=now,
            used=now,
        )
        return transaction.worlds.add(record, transaction.worlds.get_partitions(made.id))

    def _refuse_one_more(self, transaction: Transaction) -> None:
        most = self.limits.sandboxes
        if transaction.worlds.count("sandbox") < most:
            return
        self._expire(transaction)
        if transaction.worlds.count("sandbox") >= most:
            raise QuotaError(
                f"There are {most} sandboxes, which is as many as there may be; delete some, or "
                "start the server with a larger --max-sandboxes or a shorter --idle-expiry"
            )

    def _expire(self, transaction: Transaction) -> bool:
        """Let some of those go that are idle; whether there may be more of them."""
        if not self.limits.idle:
            return False
        before = machine_now() - self.limits.idle * SECOND
        transaction.worlds.note_uses(dict(self._used))
        idle = transaction.worlds.list_unused("sandbox", before, _WORLDS_AT_ONCE)
        for record in idle:
            if record.name != DEFAULT:
                remove(transaction, record)
        return len(idle) == _WORLDS_AT_ONCE


def remove(transaction: Transaction, sandbox: WorldRecord) -> None:
    """Remove a sandbox and its snapshots."""
    transaction.worlds.remove_snapshots(sandbox.name)
    transaction.worlds.remove(sandbox.id)


def _drop_templates(transaction: Transaction, kept: str) -> bool:
    """Drop some templates that nobody needs; whether there may be more of them."""
    before = machine_now() - _TEMPLATE_SECONDS * SECOND
    unreachable = transaction.worlds.list_unreferenced_templates(before, _WORLDS_AT_ONCE)
    for record in unreachable:
        if record.name != kept:
            transaction.worlds.remove(record.id)
    return len(unreachable) == _WORLDS_AT_ONCE
