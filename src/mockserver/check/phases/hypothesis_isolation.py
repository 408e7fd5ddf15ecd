"""Secludes Hypothesis from the program that runs it, and from the folder in which that runs.

It takes texts and numbers from every module of the program that is not installed from a package,
and so the same seed would give other requests from the command line than from pytest, and others
again in somebody's own project. And it keeps what it knows of Unicode in the folder where it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import configuration
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from mockserver.settings import variable

__all__ = ["secluded"]


@contextmanager
def secluded() -> Iterator[None]:
    """Inside the block Hypothesis has its own constants alone, and a folder in the user's cache.

    There is no setting for the first, so that this reaches into Hypothesis; a test would notice if
    that were of no use any more.
    """
    provider: Any = providers.HypothesisProvider
    constants = vars(provider)["_local_constants"]
    home = configuration.storage_directory(intent_to_write=False).path
    provider._local_constants = Constants()
    providers.CONSTANTS_CACHE.cache.clear()
    configuration.set_hypothesis_home_dir(_folder(home))
    try:
        yield
    finally:
        provider._local_constants = constants
        providers.CONSTANTS_CACHE.cache.clear()
        configuration.set_hypothesis_home_dir(home)


def _folder(home: Path) -> Path:
    """Where things are kept: as the environment says, else in the user's cache."""
    if variable("HYPOTHESIS_STORAGE_DIRECTORY"):
        return home
    try:
        cache = variable("XDG_CACHE_HOME") or Path.home() / ".cache"
    except RuntimeError:  # nobody's home
        return home
    return Path(cache) / "mockserver" / "hypothesis"
