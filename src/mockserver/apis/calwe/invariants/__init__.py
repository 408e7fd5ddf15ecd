"""What holds of every honest deployment of the session log, beyond the schema."""

from mockserver.apis.calwe.invariants import entries, envelope, paginator, reading, writing
from mockserver.invariant import invariants

__all__ = ["INVARIANTS"]

INVARIANTS = (
    *invariants(envelope),
    *invariants(paginator),
    *invariants(entries),
    *invariants(reading),
    *invariants(writing),
)
"""All of them, room by room."""
