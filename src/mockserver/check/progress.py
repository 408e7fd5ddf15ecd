"""The progress of a run: what is reported while it is still running."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


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
"""Is called for each event, after the stage has counted it; for each exchange too, so be quick."""


def ignore_progress(_: ProgressEvent, __: Stage) -> None:
    """Report nothing."""
