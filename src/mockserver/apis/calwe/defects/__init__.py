"""What Calwe could get wrong: each a way in which an answer, or the log, is not as it says."""

from mockserver.apis.calwe.defects import entries, envelope, paginator, refusals, writing
from mockserver.defect import defects

__all__ = ["DEFECTS"]

DEFECTS = (
    *defects(envelope),
    *defects(paginator),
    *defects(entries),
    *defects(writing),
    *defects(refusals),
)
"""All of them, room by room."""
