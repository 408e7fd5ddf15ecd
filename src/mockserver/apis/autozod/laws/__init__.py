"""What holds of every honest deployment of the session logs, beyond the schema."""

from mockserver.apis.autozod.laws import accounts, agreement, days, passing, ranges, repetition
from mockserver.law import laws

__all__ = ["LAWS"]

LAWS = (
    *laws(accounts),
    *laws(days),
    *laws(passing),
    *laws(ranges),
    *laws(repetition),
    *laws(agreement),
)
"""All of them, room by room."""
