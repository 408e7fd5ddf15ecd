"""What Autozod could get wrong: each a way in which an account of an agent's time does not hold."""

from mockserver.apis.autozod.mutations import days, figures, ranges, refusals, shape
from mockserver.mutation import mutations

__all__ = ["MUTATIONS"]

MUTATIONS = (
    *mutations(shape),
    *mutations(figures),
    *mutations(days),
    *mutations(ranges),
    *mutations(refusals),
)
"""All of them, room by room."""
