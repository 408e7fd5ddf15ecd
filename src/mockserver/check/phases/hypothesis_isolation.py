"""Isolates Hypothesis from the program that runs it, and from the current folder.

Hypothesis takes constants from every loaded module that is not installed from a package, so that
the same seed would give other requests from the command line than from pytest. And it keeps its
tables of Unicode in the current folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from hypothesis import configuration
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from mockserver.settings import variable


@contextmanager
def isolate_hypothesis() -> Iterator[None]:
    """Run a block in which Hypothesis has its own constants alone, and a folder of the user.

    There is no setting for the first, so that this reaches into Hypothesis; a test notices when
    that has no effect any more.
    """
    provider: Any = providers.HypothesisProvider
    constants = vars(provider)["_local_constants"]
    home = configuration.storage_directory(intent_to_write=False).path
    provider._local_constants = Constants()
    providers.CONSTANTS_CACHE.cache.clear()
    with suppress(RuntimeError):  # there is no home folder
        if not variable("HYPOTHESIS_STORAGE_DIRECTORY"):
            cache = Path(variable("XDG_CACHE_HOME") or Path.home() / ".cache")
            configuration.set_hypothesis_home_dir(cache / "mockserver" / "hypothesis")
    try:
        yield
    finally:
        provider._local_constants = constants
        providers.CONSTANTS_CACHE.cache.clear()
        configuration.set_hypothesis_home_dir(home)
