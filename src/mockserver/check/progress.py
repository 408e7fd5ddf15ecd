"""How a run goes on: what is told to whoever watches it, while it is still running."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

__all__ = ["Progress", "ProgressEvent", "Stage", "unwatched"]


class ProgressEvent(Enum):
    """What happens to a stage of a run."""

    BEGINS = "begins"
    RECORDS = "records"
    ENDS = "ends"


@dataclass
class Stage:
    """One phase over one API: how many exchanges it has recorded, and how many new findings."""

    api: str
    phase: str
    requests: int = 0
    findings: int = 0


Progress = Callable[[ProgressEvent, Stage], None]
"""Is told of each event, after the stage has counted it; of each exchange too, so it is quick."""


def unwatched(_: ProgressEvent, __: Stage) -> None:
    """Nobody watches."""
