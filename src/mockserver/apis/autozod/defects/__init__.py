"""What Autozod could get wrong: each a way in which an account of an agent's time does not hold."""

from mockserver.apis.autozod.defects import days, figures, ranges, refusals, shape
from mockserver.defect import defects

__all__ = ["DEFECTS"]

DEFECTS = (
    *defects(shape),
    *defects(figures),
    *defects(days),
    *defects(ranges),
    *defects(refusals),
)
"""All of them, room by room."""
