"""What holds of every honest deployment of the session log, beyond the schema."""

from mockserver.apis.calwe.laws import entries, envelope, paginator, reading, writing
from mockserver.law import laws

__all__ = ["LAWS"]

LAWS = (
    *laws(envelope),
    *laws(paginator),
    *laws(entries),
    *laws(reading),
    *laws(writing),
)
"""All of them, room by room."""
