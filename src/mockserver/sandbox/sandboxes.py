"""All sandboxes of a store: made on first use, limited in number, removed when idle."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Protocol

from mockserver.clock import SECOND, machine_now, steady_now
from mockserver.errors import CancelledError, QuotaError, StoreError
from mockserver.sandbox.sandbox import DEFAULT, check_name
from mockserver.sandbox.template import (
    OpenBatch,
    Template,
    finish_template,
    get_or_add_template,
    make_draft,
    make_opener,
    make_record,
)
from mockserver.sandbox.world import MAX_COPIED, DocumentCheck, World
from mockserver.settings import Settings
from mockserver.store import BUSY_SECONDS, Role, Store, Transaction, WorldRecord

_log = logging.getLogger("mockserver")
_START_SECONDS = 60
_TEMPLATE_SECONDS = 600
"""How long an unused template stays that is the origin of no world."""
_CREATION = "@sandboxes"
"""A name that who makes a sandbox locks, so that there are never too many. No sandbox has it."""
_MAX_WORLDS_REMOVED = 50
_MAX_ROWS_REMOVED = 300
_MAX_ROWS_COPIED = 1_000
_PAUSE_SECONDS = 0.003
"""A pause in which others, who ask every two milliseconds, get the lock of a file."""


class SandboxJournal(Protocol):
    """The journal of all sandboxes. Every entry has a position, after those that were written."""

    def get_last_position(self) -> int:
        """The position of the newest entry, or 0."""

    def delete_some(self, sandbox: str, last: int) -> bool:
        """Delete some entries of a sandbox up to a position; whether there may be more."""


class Sandboxes:
    """All sandboxes of a store; new ones are made from the template. The settings limit them.

    With a journal, the entries of each that is removed are deleted after the transaction.
    """

    def __init__(
        self,
        store: Store,
        template: Template,
        settings: Settings | None = None,
        journal: SandboxJournal | None = None,
    ) -> None:
        self.template = template
        self.settings = settings or Settings()
        self._store = store
        self._journal = journal
        self._used: dict[str, int] = {}
        # Another replica that starts may be populating the template.
        seconds = _START_SECONDS if store.is_remote else BUSY_SECONDS
        with store.wait_for_transaction(writing=True, alone=True, seconds=seconds) as transaction:
            origin = get_or_add_template(transaction, template)
            default = self.get_or_create(transaction, DEFAULT)
            if default.origin != origin.id:
                _log.warning(
                    "The store keeps its worlds: '%s' is of the scenario '%s' "
                    "until another is loaded.",
                    DEFAULT,
                    default.scenario,
                )
            # No client could use a sandbox while no server ran.
            transaction.worlds.note_use_of_all(steady_now())

    @contextmanager
    def open(
        self, name: str, api: str, *, writing: bool, url: str = "", may_block: bool = True
    ) -> Iterator[World]:
        """The world of a sandbox for one API, in one transaction. A missing sandbox is made.

        Raises SandboxNameError and QuotaError. Unless it `may_block`, a first write that takes long
        raises WouldBlockError.
        """
        self.note_use(name)
        with self._store.transaction(
            writing=writing, sandbox=name, is_long=may_block
        ) as transaction:
            world = World.open(
                transaction,
                "sandbox",
                name,
                api,
                self.template.checks,
                may_block=may_block,
                url=url,
                documented_only=self.settings.documented_only,
            )
            if world:
                yield world
                return
        self.ensure(name)
        with self.open(name, api, writing=writing, url=url, may_block=may_block) as world:
            yield world

    def prepare(self, template: Template, is_cancelled: Callable[[], bool]) -> None:
        """Make the record of a template in many small transactions: others can write meanwhile.

        Raises CancelledError, and what populating the template raises.
        """
        with self._store.wait_for_transaction(writing=False) as transaction:
            if transaction.worlds.get("template", template.name):
                return
        with self._store.wait_for_transaction(writing=True) as transaction:
            draft = transaction.worlds.add(make_draft(make_record(template)), {})
        with self._populating(draft, template.populate, template.checks, is_cancelled) as finishing:
            finish_template(finishing, draft, template.name)

    def replace_template(self, template: Template) -> None:
        """Make new sandboxes from another template, which has been prepared.

        Those that were made from the present one stay as they are, and are reset to the other.
        """
        with self._store.wait_for_transaction(writing=True, alone=True) as transaction:
            worlds, new = transaction.worlds, get_or_add_template(transaction, template)
            worlds.update(replace(new, used=steady_now()))
            if old := worlds.get("template", self.template.name):
                worlds.replace_origin(old.id, new.id)
        self.template = template

    def extend(
        self, name: str, populate: Callable[[OpenBatch], None], is_cancelled: Callable[[], bool]
    ) -> bool:
        """Add documents to the world of a sandbox, likewise; False if others wrote to it meanwhile.

        Then nothing was added. Raises CancelledError, QuotaError, and what `populate` raises.
        """
        with self._store.wait_for_transaction(writing=True, sandbox=name) as transaction:
            worlds, record = transaction.worlds, self.get_or_create(transaction, name)
            worlds.freeze(record.id)  # who writes gets other partitions
            before = worlds.get_partitions(record.id)
            draft = worlds.add(make_draft(record), before)
        with self._populating(draft, populate, self.template.checks, is_cancelled) as finishing:
            finishing.lock(name)
            worlds, now = finishing.worlds, finishing.worlds.get("sandbox", name)
            is_same = now is not None and worlds.get_partitions(now.id) == before
            if now and is_same:
                worlds.set_partitions(now.id, worlds.get_partitions(draft.id))
            worlds.remove(draft)
        return is_same

    def separate(
        self, role: Role, name: str, api: str, is_cancelled: Callable[[], bool] = lambda: False
    ) -> None:
        """Give a world its own copy of documents that it shares, before it writes to them.

        They are copied in many small transactions, in which others can write. A few documents are
        left to be copied by the first write. Raises CancelledError.
        """
        with self._store.wait_for_transaction(writing=True) as transaction:
            opened = transaction.worlds.get_with_partition(role, name, api)
            if opened is None:
                return
            record, source, is_frozen = opened
            partitions = transaction.partitions
            if not (source and is_frozen and partitions.has_more_than(source, MAX_COPIED)):
                return
            copying = partitions.begin_copy(source)
            draft = transaction.worlds.add(make_draft(record), {api: copying.target})

        def copy() -> None:
            has_more = True
            while has_more:
                with self._open_batch(draft, is_cancelled, writing=True) as transaction:
                    has_more = transaction.partitions.copy_some(copying, _MAX_ROWS_COPIED)
                time.sleep(_PAUSE_SECONDS)  # in which others get the lock

        with self._drafting(draft, copy) as finishing:
            finishing.lock(name)
            worlds, now = finishing.worlds, finishing.worlds.get(role, name)
            by_api = worlds.get_partitions(now.id) if now else {}
            if now and by_api.get(api) == source:
                worlds.set_partitions(now.id, {**by_api, api: copying.target})
            worlds.remove(draft)

    @contextmanager
    def _populating(
        self,
        draft: WorldRecord,
        populate: Callable[[OpenBatch], None],
        checks: Mapping[str, DocumentCheck],
        is_cancelled: Callable[[], bool],
    ) -> Iterator[Transaction]:
        """Populate a draft; then a transaction to finish it, and without one it is removed."""
        separated: set[str] = set()

        @contextmanager
        def open_batch(
            *, writing: bool = True, written: Iterable[str] = ()
        ) -> Iterator[Callable[[str], World]]:
            for api in {*written} - separated:
                self.separate("draft", draft.name, api, is_cancelled)
                separated.add(api)
            with self._open_batch(draft, is_cancelled, writing=writing) as transaction:
                yield make_opener(transaction, draft, checks)

        with self._drafting(draft, lambda: populate(open_batch)) as transaction:
            yield transaction

    @contextmanager
    def _open_batch(
        self, draft: WorldRecord, is_cancelled: Callable[[], bool], *, writing: bool
    ) -> Iterator[Transaction]:
        """One of the transactions in which a draft is populated. Raises CancelledError."""
        if is_cancelled():
            raise CancelledError("The client has left, or the server is stopping.")
        with self._store.wait_for_transaction(writing=writing) as transaction:
            if writing:
                transaction.worlds.update(replace(draft, used=steady_now()))
            yield transaction

    @contextmanager
    def _drafting(self, draft: WorldRecord, fill: Callable[[], None]) -> Iterator[Transaction]:
        """Fill a draft; then a transaction to finish it. If one of them fails, it is removed."""
        try:
            fill()
            with self._store.wait_for_transaction(writing=True) as transaction:
                yield transaction
        except BaseException:
            with self._store.wait_for_transaction(writing=True) as transaction:
                transaction.worlds.remove(draft)
            raise

    def wait_for_transaction(self, *, writing: bool) -> AbstractContextManager[Transaction]:
        """A transaction with all sandboxes, for which this thread waits."""
        return self._store.wait_for_transaction(writing=writing)

    def get_record(self, name: str) -> WorldRecord | None:
        with self._store.transaction(writing=False) as transaction:
            return transaction.worlds.get("sandbox", name)

    def get_seed(self, name: str) -> int:
        """The seed of a sandbox, or of the template if there is no such sandbox."""
        return (self.get_record(name) or self.template).seed

    @contextmanager
    def open_record(self, name: str) -> Iterator[tuple[Transaction, WorldRecord]]:
        """The record of a sandbox, in a transaction that may write. A missing sandbox is made.

        Raises SandboxNameError, QuotaError and StoreBusyError.
        """
        self.note_use(name)
        with self._store.transaction(writing=True, sandbox=name) as transaction:
            yield transaction, self.get_or_create(transaction, name)

    def ensure(self, name: str) -> None:
        """Make a sandbox unless it exists. Raises SandboxNameError and QuotaError."""
        self.note_use(name)
        if self.get_record(name) is None:
            with self._store.transaction(writing=True, sandbox=name) as transaction:
                self.get_or_create(transaction, name)

    def get_or_create(self, transaction: Transaction, name: str) -> WorldRecord:
        """The sandbox of that name, which is made unless it exists. Raises QuotaError."""
        known = transaction.worlds.get("sandbox", name)
        return known or self.create(transaction, name, self.template)

    def create(self, transaction: Transaction, name: str, template: Template) -> WorldRecord:
        """Make a sandbox of a template. Raises QuotaError, and what populating it raises."""
        self._make_room(transaction)
        worlds, origin = transaction.worlds, get_or_add_template(transaction, template)
        worlds.update(replace(origin, used=steady_now()))
        return worlds.add(_make_record(origin, name), worlds.get_partitions(origin.id))

    def _make_room(self, transaction: Transaction) -> None:
        """Remove idle and unchanged sandboxes if there are as many as may be. Raises QuotaError."""
        worlds, limit = transaction.worlds, self.settings.max_sandboxes
        transaction.lock(_CREATION)
        if worlds.count("sandbox") < limit:
            return
        transaction.worlds.note_uses(dict(self._used))
        self._remove_listed(transaction, partial(self._list_idle, transaction))
        if worlds.count("sandbox") >= limit:
            # Those that were only read: at their next use, they are made again as they are. So a
            # client cannot keep others from making sandboxes by naming many.
            new = _make_record(get_or_add_template(transaction, self.template), DEFAULT)
            self._remove_listed(
                transaction, partial(worlds.list_unchanged, new, _MAX_WORLDS_REMOVED)
            )
        if worlds.count("sandbox") >= limit:
            raise QuotaError(
                f"There are {limit} sandboxes, which is as many as there may be; delete some, "
                "or start the server with a larger --max-sandboxes or a shorter --idle-expiry"
            )

    def _remove_listed(
        self, transaction: Transaction, list_worlds: Callable[[], list[WorldRecord]]
    ) -> None:
        """Remove sandboxes of a list, but none that another transaction writes to."""
        names = [record.name for record in list_worlds() if record.name != DEFAULT]
        free = {name for name in names if transaction.try_lock(name)}
        # One that was written to before it was locked is not in the list any more.
        records = list_worlds() if free else []
        self.remove(transaction, [record for record in records if record.name in free])

    def remove(self, transaction: Transaction, records: Sequence[WorldRecord]) -> None:
        """Remove worlds; with a sandbox go its snapshots and, after the commit, its journal."""
        for record in records:
            transaction.worlds.remove(record)
        names = [record.name for record in records if record.role == "sandbox"]
        if names and self._journal:
            with suppress(StoreError):  # a journal that cannot be read keeps no sandbox
                transaction.removals.add(names, self._journal.get_last_position())

    def delete_journals(self, sandbox: str | None = None) -> bool:
        """One step of deleting the journals of removed sandboxes, or of those of one name.

        Returns whether there may be more. Any process goes on where another one ended (ADR 040).
        """
        if self._journal is None:
            return False
        with self._store.transaction(writing=False) as transaction:
            removal = transaction.removals.get_first(sandbox)
        if removal is None:
            return False
        if not self._journal.delete_some(removal.sandbox, removal.last):
            with self._store.wait_for_transaction(writing=True) as transaction:
                transaction.removals.delete(removal)
        return True

    def note_use(self, name: str) -> None:
        """Note that a sandbox is used now. Raises SandboxNameError."""
        self._used[check_name(name)] = steady_now()

    def clean_up(self) -> bool:
        """One step of cleanup: idle sandboxes, unused templates, unreferenced documents.

        Returns whether there may be more to remove.
        """
        used = dict(self._used)  # a copy: other threads note uses meanwhile
        if used:
            with self._store.transaction(writing=True) as transaction:
                transaction.worlds.note_uses(used)
            # Forget the uses that are in the store now, but none that were noted since.
            for name, moment in used.items():
                latest = self._used.pop(name, moment)
                if latest != moment:
                    self._used.setdefault(name, latest)
        with self._store.transaction(writing=False) as transaction:
            if not any(self._list_unused(transaction)) and not transaction.partitions.has_garbage():
                return False
        with self._store.transaction(writing=True, alone=True) as transaction:
            # There is no other writer, who could come to reference what is unreferenced now.
            transaction.worlds.note_uses(dict(self._used))
            lists = self._list_unused(transaction)
            self.remove(transaction, [*chain.from_iterable(lists)])
            has_more = [len(records) >= _MAX_WORLDS_REMOVED - 1 for records in lists]
            return any([*has_more, transaction.partitions.collect_garbage(_MAX_ROWS_REMOVED)])

    def _list_unused(self, transaction: Transaction) -> list[list[WorldRecord]]:
        """Some worlds that were not used for long, by their role, of those that may be removed."""
        unused = transaction.worlds.list_unused
        before = steady_now() - _TEMPLATE_SECONDS * SECOND
        lists = [
            (self._list_idle(transaction), DEFAULT),
            (unused("template", before, _MAX_WORLDS_REMOVED), self.template.name),
            (unused("draft", before, _MAX_WORLDS_REMOVED), ""),
        ]
        return [[it for it in records if it.name != kept] for records, kept in lists]

    def _list_idle(self, transaction: Transaction) -> list[WorldRecord]:
        if not self.settings.idle_expiry:
            return []
        before = steady_now() - self.settings.idle_expiry * SECOND
        return transaction.worlds.list_unused("sandbox", before, _MAX_WORLDS_REMOVED)


def _make_record(origin: WorldRecord, name: str) -> WorldRecord:
    """A new sandbox of a template."""
    clock = origin.clock.resume(origin.created)
    return replace(
        origin,
        role="sandbox",
        name=name,
        origin=origin.id,
        clock=clock,
        began=clock.now(),
        created=machine_now(),
        used=steady_now(),
    )
