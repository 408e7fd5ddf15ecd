"""Names for sandboxes: readable ones, of which no two are alike on a server that many share."""

from __future__ import annotations

import os
import re
from itertools import count

from mockserver.clock import machine_now

__all__ = ["unique_name"]

_LONGEST = 64
_OTHERS = re.compile(r"[^A-Za-z0-9._]+")
_numbers = count()


def unique_name(label: str) -> str:
    """A name that says what a sandbox is for, and that nobody else has.

    `label` is any text, such as a test's name. What follows it tells this process from others of
    this machine, this run from others, and this name from those before it.
    """
    mark = f"{machine_now():x}.{os.getpid():x}.{next(_numbers)}"
    readable = _OTHERS.sub("-", label)[: _LONGEST - len(mark) - 1].strip("-.")
    return f"{readable or 'sandbox'}-{mark}"
