"""A temporary folder that is certain to go, whatever moment a signal picks."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path

__all__ = ["TemporaryFolder"]


class TemporaryFolder:
    """A folder of this process's own: it goes when it is removed, or when the process ends.

    `tempfile.TemporaryDirectory` makes its folder first and arranges for the removal afterwards; a
    signal between the two leaves the folder behind.
    """

    def __init__(self, prefix: str) -> None:
        self.path = Path(tempfile.gettempdir()) / f"{prefix}{os.urandom(8).hex()}"
        self._remove = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)
        self.path.mkdir(mode=0o700)

    def remove(self) -> None:
        """Remove it and all that is in it; a second time does nothing."""
        self._remove()
