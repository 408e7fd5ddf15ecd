"""What Calwe could get wrong: each a way in which an answer, or the log, is not as it says."""

from mockserver.apis.calwe.mutations import entries, envelope, paginator, refusals, writing
from mockserver.mutation import mutations

__all__ = ["MUTATIONS"]

MUTATIONS = (
    *mutations(envelope),
    *mutations(paginator),
    *mutations(entries),
    *mutations(writing),
    *mutations(refusals),
)
"""All of them, room by room."""
