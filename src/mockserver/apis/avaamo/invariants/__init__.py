"""What holds of every honest deployment of the changelog, beyond the schema."""

from mockserver.apis.avaamo.invariants import page, period, reading, refusals
from mockserver.invariant import invariants

__all__ = ["INVARIANTS"]

INVARIANTS = (*invariants(page), *invariants(period), *invariants(reading), *invariants(refusals))
"""All of them, room by room."""
