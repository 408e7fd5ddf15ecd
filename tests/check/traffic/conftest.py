"""Recordings."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from mockserver.check.traffic.recording import RecordedCall, Recording, read_recording


@pytest.fixture
def recording(tmp_path: Path) -> Callable[..., Recording]:
    """Reads a new HAR with some entries, and what else its log has."""
    numbers = count()

    def read(*entries: Any, **log: Any) -> Recording:
        path = tmp_path / f"{next(numbers)}a.har"
        path.write_text(json.dumps({"log": {"version": "1.2", **log, "entries": entries}}))
        return read_recording(path)

    return read


@pytest.fixture
def calls(recording: Callable[..., Recording]) -> Callable[..., list[RecordedCall]]:
    """Reads the calls of a new HAR with some entries."""

    def read(*entries: Any, **log: Any) -> list[RecordedCall]:
        return recording(*entries, **log).calls

    return read
