"""A world's clock, from outside: read, stopped, moved, let run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from mockserver.client.request import as_json
from mockserver.client.responses import ClockState
from mockserver.client.transport import Connection

__all__ = ["Clock", "Duration", "Moment"]

Moment = str | datetime
"""ISO 8601, without a zone in UTC; or an aware datetime."""

Duration = float | str | timedelta
"""Seconds, or a text such as `3h`, `-30m`, `1d 2h 5s` or `PT3H`, or a timedelta."""


class Clock:
    """The clock of the client's sandbox; every method gives what it shows afterwards."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self) -> ClockState:
        """What it shows."""
        return self._connection.ask(ClockState, "GET", "clock")

    def freeze(self, at: Moment | None = None) -> ClockState:
        """Stop it, at a moment or at the present one."""
        return self._set("freeze", {} if at is None else {"at": at})

    def unfreeze(self) -> ClockState:
        """Let it run again, a second a second, from the moment that it shows."""
        return self._connection.ask(ClockState, "POST", "clock", "unfreeze")

    def advance(self, by: Duration) -> ClockState:
        """Put it forward, or back; a stopped clock stays stopped."""
        return self._set("advance", {"by": by})

    def shift(self, by: Duration) -> ClockState:
        """Let it run so far from the machine's clock; by 0 it is real."""
        return self._set("shift", {"by": by})

    def rate(self, rate: float) -> ClockState:
        """Let so many seconds pass in a second, from the moment that it shows."""
        return self._set("rate", {"rate": rate})

    def _set(self, verb: str, body: dict[str, Any]) -> ClockState:
        return self._connection.ask(ClockState, "POST", "clock", verb, content=as_json(body))
