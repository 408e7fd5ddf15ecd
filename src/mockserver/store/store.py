"""A store: many worlds, read and written in transactions."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from sqlalchemy import Connection

from mockserver.clock import SECOND, read_monotonic
from mockserver.errors import StoreBusyError
from mockserver.store.check_runs import CheckRuns
from mockserver.store.document import Document
from mockserver.store.documents import Documents
from mockserver.store.journal import ExchangeStorage
from mockserver.store.partitions import Partitions
from mockserver.store.removals import Removals
from mockserver.store.worlds import Worlds

BUSY_SECONDS = 2
"""How long to wait for a lock that another transaction has."""
CONNECTIONS = 8
"""How many calls of a process to a database run at once, for requests."""
_PAUSE_SECONDS = 0.002


class Transaction:
    """One transaction: worlds, partitions, and the documents in those."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.worlds = Worlds(connection)

    @property
    def partitions(self) -> Partitions:
        return Partitions(self.connection)

    @property
    def check_runs(self) -> CheckRuns:
        return CheckRuns(self.connection)

    @property
    def removals(self) -> Removals:
        return Removals(self.connection)

    def documents(
        self,
        partition: int,
        claim: Callable[[], int],
        check: Callable[[Document], None] | None = None,
    ) -> Documents:
        return Documents(self.connection, partition, claim, check)

    def lock(self, name: str) -> None:
        """Wait until no other transaction has locked the name, and lock it until the end of this.

        What writes to a sandbox locks its name. Raises StoreBusyError when the transaction ends.
        """

    def try_lock(self, name: str) -> bool:
        """Lock a name unless another transaction has locked it; whether it is locked now."""
        del name
        return True


class Store(ABC):
    """Where the worlds are. Every replica and every process of a server may open the same one."""

    is_remote = False
    """Whether it is across a network, so that no event loop should wait for it."""

    @abstractmethod
    def transaction(
        self, *, writing: bool, sandbox: str = "", alone: bool = False, is_long: bool = False
    ) -> AbstractContextManager[Transaction]:
        """One consistent view of everything; what is written is committed at the end.

        If it is `writing`, nothing else writes meanwhile to the `sandbox` that is named or, if it
        is to be `alone`, to anything. One that `is_long` has statements that may take long.

        What was written is undone if the block raises. Raises StoreBusyError if another transaction
        has the lock, and StoreError if the store cannot be used at present.
        """

    @contextmanager
    def wait_for_transaction(
        self,
        *,
        writing: bool,
        sandbox: str = "",
        alone: bool = False,
        seconds: int = BUSY_SECONDS,
    ) -> Iterator[Transaction]:
        """A transaction that may take long, for which this thread waits so many seconds."""
        end = read_monotonic() + seconds * SECOND
        with ExitStack() as stack:
            while True:
                try:
                    transaction = stack.enter_context(
                        self.transaction(
                            writing=writing, sandbox=sandbox, alone=alone, is_long=True
                        )
                    )
                    break
                except StoreBusyError:
                    if read_monotonic() > end:
                        raise
                time.sleep(_PAUSE_SECONDS)
            yield transaction

    @abstractmethod
    def open_journal(self, kept: int) -> ExchangeStorage:
        """The journal beside the worlds, which keeps so many exchanges of each sandbox."""

    def stop_waiting(self) -> None:  # noqa: B027 - it need not do anything
        """From now on, a lock of another transaction raises StoreBusyError at once, if it can."""

    @abstractmethod
    def close(self) -> None: ...
