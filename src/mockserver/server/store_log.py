"""The log of what is wrong with the store."""

from __future__ import annotations

import logging

from mockserver.clock import SECOND, read_monotonic
from mockserver.errors import StoreError

REPEAT_SECONDS = 60
"""How long a sentence is not logged again."""

_log = logging.getLogger("mockserver")


class StoreLog:
    """Logs each sentence once a minute: a full disk, which may have the log, fails every request.

    There is no traceback, because the place in the code says nothing of the store.
    """

    def __init__(self) -> None:
        self._logged: dict[str, int] = {}

    def write(self, error: StoreError) -> None:
        sentence, now = str(error), read_monotonic()
        if (
            now - self._logged.get(sentence, now - REPEAT_SECONDS * SECOND)
            < REPEAT_SECONDS * SECOND
        ):
            return
        self._logged[sentence] = now
        _log.error("%s", sentence)
