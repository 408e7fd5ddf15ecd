"""What holds of every honest deployment of the changelog, beyond the schema."""

from mockserver.apis.avaamo.laws import page, period, reading, refusals
from mockserver.law import laws

__all__ = ["LAWS"]

LAWS = (*laws(page), *laws(period), *laws(reading), *laws(refusals))
"""All of them, room by room."""
