"""The session: all the sandboxes in one transaction, and one of them to act on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property

from mockserver.errors import StoreBusyError, TakenNameError, UnknownNameError, suggest_nearest
from mockserver.sandbox.name import DEFAULT, check_name
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.sandboxes import Sandboxes, remove
from mockserver.sandbox.template import Template
from mockserver.store import Transaction, WorldRecord

__all__ = ["SandboxSession", "WorldSize", "open_session"]


_TRIES = 10


@dataclass(frozen=True, slots=True)
class WorldSize:
    """How many documents and how many snapshots a world has."""

    documents: int
    snapshots: int


class SandboxSession:
    """All the sandboxes in one transaction, which begins with the first thing that is asked."""

    def __init__(self, sandboxes: Sandboxes, name: str, stack: ExitStack, *, writing: bool) -> None:
        self._sandboxes = sandboxes
        self._name = name
        self._stack = stack
        self._writing = writing

    @cached_property
    def transaction(self) -> Transaction:
        """The transaction."""
        return self._stack.enter_context(self._sandboxes.transaction(writing=self._writing))

    @cached_property
    def sandbox(self) -> Sandbox:
        """The one to act on, made if it is not there.

        Raises SandboxNameError, QuotaError and StoreBusyError.
        """
        sandboxes = self._sandboxes
        sandboxes.note_use(self._name)
        # Only a writing transaction makes a sandbox, so that a refused request leaves none.
        make = self._writing
        record = (
            sandboxes.get_or_create(self.transaction, self._name) if make else self._made_before()
        )
        return Sandbox(
            self.transaction, record, sandboxes.template.checks, sandboxes.limits.snapshots
        )

    def _made_before(self) -> WorldRecord:
        """The sandbox, made by another transaction than this one, which only reads.

        Between the two somebody may delete it, and then it is made once more.
        """
        for _ in range(_TRIES):
            self._sandboxes.ensure(self._name)
            found = self.transaction.worlds.get("sandbox", self._name)
            if found:
                return found
            self._stack.close()
            del self.transaction
        raise StoreBusyError(f"The sandbox '{self._name}' is deleted whenever it is made.")

    def list_sandboxes(self) -> list[WorldRecord]:
        """Every sandbox, by name."""
        return self.transaction.worlds.list_all("sandbox")

    def get_sandbox(self, name: str) -> WorldRecord:
        """The sandbox of that name. Raises UnknownNameError with the nearest one."""
        return self._get_record(check_name(name))

    def create_sandbox(self, name: str, template: Template) -> WorldRecord:
        """Make a sandbox of a template.

        Raises SandboxNameError, TakenNameError, QuotaError, and what populating raises.
        """
        if self.transaction.worlds.get("sandbox", check_name(name)):
            raise TakenNameError(
                f"There is a sandbox '{name}' already; delete it, or load a scenario into it"
            )
        return self._sandboxes.create(self.transaction, name, template)

    def delete_sandbox(self, name: str) -> None:
        """Delete a sandbox and its snapshots. Raises UnknownNameError and TakenNameError."""
        if name == DEFAULT:
            raise TakenNameError(f"The sandbox '{DEFAULT}' cannot be deleted; reset it")
        remove(self.transaction, self.get_sandbox(name))

    def get_sizes(self, records: Iterable[WorldRecord]) -> dict[int, WorldSize]:
        """How large each of these worlds is, by its id."""
        records = list(records)
        worlds = self.transaction.worlds
        documents = worlds.get_sizes(record.id for record in records)
        snapshots = worlds.count_by_owner("snapshot")
        return {
            record.id: WorldSize(documents[record.id], snapshots.get(record.name, 0))
            for record in records
        }

    def _get_record(self, name: str) -> WorldRecord:
        found = self.transaction.worlds.get("sandbox", name)
        if found is None:
            known = [record.name for record in self.list_sandboxes()]
            raise UnknownNameError(f"There is no sandbox '{name}'; {suggest_nearest(name, known)}")
        return found


@contextmanager
def open_session(sandboxes: Sandboxes, name: str, *, writing: bool) -> Iterator[SandboxSession]:
    """The session with a sandbox to act on.

    What was done is kept when the block ends, and forgotten when it raises.
    """
    with ExitStack() as stack:
        yield SandboxSession(sandboxes, name, stack, writing=writing)
