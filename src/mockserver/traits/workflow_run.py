"""A workflow that is run: the operation that it calls, and with what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from mockserver.invariant import Caller, Interaction
from mockserver.traits.declarations import Traits
from mockserver.traits.listing import at

Arguments = Mapping[str, Any]


class WorkflowRun(Struct, frozen=True):
    """A workflow that is run: the operation that it calls, and the arguments of every request.

    `others` are arguments with which it is called too, for comparison, and `elsewhere` those with
    which the operation, or the one whose list it adds to, is about something else.
    """

    own: Traits
    call: Caller
    arguments: Arguments
    others: Sequence[Arguments] = ()
    elsewhere: Sequence[Arguments] = ()

    def send(self, **more: Any) -> Interaction:
        """Call the operation with more arguments; None leaves one out."""
        given = {**self.arguments, **more}
        given = {key: value for key, value in given.items() if value is not None}
        return self.call(self.own.operation.id, **given)

    def read_rows(self, **more: Any) -> list[Any]:
        """The rows of a response; none where it is no list."""
        rows = at(self.send(**more).response_body, self.own.rows or "")
        return rows if isinstance(rows, list) else []


Steps = Callable[[WorkflowRun], None]
