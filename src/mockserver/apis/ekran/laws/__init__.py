"""What holds of every honest deployment of the sessions, beyond the schema."""

from mockserver.apis.ekran.laws import bounds, narrowing, repetition, selection, sessions
from mockserver.law import laws

__all__ = ["LAWS"]

LAWS = (
    *laws(sessions),
    *laws(bounds),
    *laws(selection),
    *laws(narrowing),
    *laws(repetition),
)
"""All of them, room by room."""
