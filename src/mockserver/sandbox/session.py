"""A session: all sandboxes in one transaction, and one of them to work on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from mockserver.errors import (
    CancelledError,
    StoreBusyError,
    StoreError,
    TakenNameError,
    UnknownNameError,
    suggest_nearest,
)
from mockserver.sandbox.sandbox import DEFAULT, Sandbox, check_name
from mockserver.sandbox.sandboxes import Sandboxes
from mockserver.sandbox.template import OpenBatch, Template
from mockserver.sandbox.world import World
from mockserver.store import Transaction, WorldRecord

_MAX_EXTENSIONS = 3


class SandboxSession:
    """All sandboxes in one transaction, which begins when the first of its methods needs it."""

    def __init__(
        self,
        sandboxes: Sandboxes,
        name: str,
        stack: ExitStack,
        *,
        writing: bool,
        may_block: bool = True,
        is_cancelled: Callable[[], bool],
    ) -> None:
        self._sandboxes = sandboxes
        self._name = name
        self._stack = stack
        self._writing = writing
        self._may_block = may_block
        self._is_cancelled = is_cancelled
        self._transaction: Transaction | None = None
        self._sandbox: Sandbox | None = None
        self.deleted: list[str] = []
        """The names of the sandboxes that were deleted."""

    def prepare(self, template: Template) -> None:
        """Make the record of a template before the transaction begins, in many small ones.

        Raises CancelledError, and what populating the template raises.
        """
        self._sandboxes.prepare(template, self._is_cancelled)

    def extend(self, populate: Callable[[OpenBatch], None]) -> None:
        """Add documents to the world of the sandbox, likewise, or in one if others write to it.

        Raises CancelledError, QuotaError, and what `populate` raises.
        """
        for _ in range(_MAX_EXTENSIONS):
            if self._sandboxes.extend(self._name, populate, self._is_cancelled):
                return
        populate(self._open_batch)

    @contextmanager
    def _open_batch(
        self, *, writing: bool = True, written: Iterable[str] = ()
    ) -> Iterator[Callable[[str], World]]:
        del writing, written  # all batches are in the transaction of the session
        if self._is_cancelled():
            raise CancelledError("The client has left, or the server is stopping.")
        yield self.sandbox.open_world

    # No cached properties: in Python 3.11, those of all sessions have one lock, and both wait.

    @property
    def transaction(self) -> Transaction:
        if self._transaction is None:
            # A session may have taken long before this: it waits for the lock itself.
            self._transaction = self._stack.enter_context(
                self._sandboxes.wait_for_transaction(writing=self._writing)
            )
        return self._transaction

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox to work on, which a writing session makes unless it exists.

        Raises SandboxNameError and QuotaError, and UnknownNameError in a session that reads.
        """
        if self._sandbox is None:
            self._sandbox = self._open_sandbox()
        return self._sandbox

    def _open_sandbox(self) -> Sandbox:
        sandboxes = self._sandboxes
        if self._writing:
            self.transaction.lock(self._name)
        record = (
            sandboxes.get_or_create(self.transaction, check_name(self._name))
            if self._writing
            else self.get_sandbox(self._name)
        )
        sandboxes.note_use(self._name)
        return self._make_sandbox(record)

    @property
    def name(self) -> str:
        """The name of the sandbox to work on, which need not be there yet."""
        return self._name

    def find_sandbox(self, name: str) -> Sandbox | None:
        """The sandbox of that name, if there is one."""
        record = self.transaction.worlds.get("sandbox", name)
        return self._make_sandbox(record) if record else None

    def _make_sandbox(self, record: WorldRecord) -> Sandbox:
        checks, limit = self._sandboxes.template.checks, self._sandboxes.settings.max_snapshots
        return Sandbox(self.transaction, record, checks, limit, may_block=self._may_block)

    def list_sandboxes(self) -> list[WorldRecord]:
        return self.transaction.worlds.list_all("sandbox")

    def get_sandbox(self, name: str) -> WorldRecord:
        """The sandbox of that name. Raises UnknownNameError with the nearest name."""
        record = self.transaction.worlds.get("sandbox", check_name(name))
        if record is None:
            known = [sandbox.name for sandbox in self.list_sandboxes()]
            raise UnknownNameError(f"There is no sandbox '{name}'; {suggest_nearest(name, known)}")
        return record

    def create_sandbox(self, name: str, template: Template) -> WorldRecord:
        """Make a sandbox of a template.

        Raises SandboxNameError, TakenNameError, QuotaError, and what populating raises.
        """
        self.transaction.lock(name)
        if self.transaction.worlds.get("sandbox", check_name(name)):
            raise TakenNameError(
                f"There is a sandbox '{name}' already; delete it, or load a scenario into it"
            )
        return self._sandboxes.create(self.transaction, name, template)

    def delete_sandbox(self, name: str) -> None:
        """Delete a sandbox and its snapshots, if there is one of that name.

        It may have been deleted to make room, which its user cannot know. Raises SandboxNameError
        and TakenNameError.
        """
        if name == DEFAULT:
            raise TakenNameError(f"The sandbox '{DEFAULT}' cannot be deleted; reset it")
        self.transaction.lock(name)
        record = self.transaction.worlds.get("sandbox", check_name(name))
        if record:
            self._sandboxes.remove(self.transaction, [record])
            self.deleted.append(name)


@contextmanager
def open_session(
    sandboxes: Sandboxes,
    name: str,
    *,
    writing: bool,
    may_block: bool = True,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[SandboxSession]:
    """A session with the sandbox of that name. An exception undoes everything that was written.

    Work that takes long ends with CancelledError when it `is_cancelled`. Unless it `may_block`, the
    first write to a world with many documents raises WouldBlockError.
    """
    with ExitStack() as stack:
        session = SandboxSession(
            sandboxes, name, stack, writing=writing, may_block=may_block, is_cancelled=is_cancelled
        )
        yield session
    # The cleanup would do it, but the client may use a sandbox of the same name next.
    with suppress(StoreBusyError, StoreError):  # which the cleanup reports
        for deleted in session.deleted:
            while sandboxes.delete_journals(deleted):
                pass
