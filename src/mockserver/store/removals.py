"""Sandboxes that were removed, and whose exchanges are still to be deleted from the journal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa

from mockserver.store.tables import removals

_row = removals.c


class Removal(NamedTuple):
    """The removal of a sandbox; `last` is the position of the newest exchange at that time.

    A sandbox that is made with the same name later has exchanges at later positions only.
    """

    id: int
    sandbox: str
    last: int


class Removals:
    """The removals, inside one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, sandboxes: Iterable[str], last: int) -> None:
        """Add the removals of sandboxes, of which there is one at least."""
        rows = [{"sandbox": name, "last": last} for name in sandboxes]
        self._connection.execute(sa.insert(removals), rows)

    def get_first(self, sandbox: str | None = None) -> Removal | None:
        """The oldest removal, or the oldest one of a sandbox."""
        query = sa.select(removals).order_by(_row.id).limit(1)
        if sandbox is not None:
            query = query.where(_row.sandbox == sandbox)
        row = self._connection.execute(query).first()
        return Removal(*row) if row else None

    def delete(self, removal: Removal) -> None:
        """Delete a removal: the exchanges of its sandbox are deleted."""
        self._connection.execute(sa.delete(removals).where(_row.id == removal.id))
