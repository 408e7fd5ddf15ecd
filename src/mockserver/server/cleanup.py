"""Tends the sandboxes while the server runs: idle ones go, and what nobody holds is swept up."""

from __future__ import annotations

import asyncio
import logging

from mockserver.errors import StoreBusyError
from mockserver.sandbox import Sandboxes

__all__ = ["clean_up_sandboxes"]

_PERIOD_SECONDS = 1.0
_PAUSE_SECONDS = 0.002

_log = logging.getLogger("mockserver")


async def clean_up_sandboxes(sandboxes: Sandboxes) -> None:
    """Tend the sandboxes every second, in steps that let requests pass between them."""
    while True:
        await asyncio.sleep(_PERIOD_SECONDS)
        try:
            while sandboxes.clean_up():
                await asyncio.sleep(_PAUSE_SECONDS)
        except StoreBusyError:
            continue  # somebody else is at it
        except Exception:  # a server does not end because nobody tidied up
            _log.exception("The sandboxes could not be tended.")
