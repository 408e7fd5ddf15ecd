"""What holds of every honest deployment of the sessions, beyond the schema."""

from mockserver.apis.ekran.invariants import bounds, narrowing, repetition, selection, sessions
from mockserver.invariant import invariants

__all__ = ["INVARIANTS"]

INVARIANTS = (
    *invariants(sessions),
    *invariants(bounds),
    *invariants(selection),
    *invariants(narrowing),
    *invariants(repetition),
)
"""All of them, room by room."""
