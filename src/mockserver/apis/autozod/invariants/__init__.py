"""What holds of every honest deployment of the session logs, beyond the schema."""

from mockserver.apis.autozod.invariants import (
    accounts,
    agreement,
    days,
    passing,
    ranges,
    repetition,
)
from mockserver.invariant import invariants

__all__ = ["INVARIANTS"]

INVARIANTS = (
    *invariants(accounts),
    *invariants(days),
    *invariants(passing),
    *invariants(ranges),
    *invariants(repetition),
    *invariants(agreement),
)
"""All of them, room by room."""
