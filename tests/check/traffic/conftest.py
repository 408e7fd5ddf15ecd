"""Recorded calls."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from mockserver.check.traffic.recording import RecordedCall, read_calls


@pytest.fixture
def calls(tmp_path: Path) -> Callable[..., list[RecordedCall]]:
    """Reads the calls of a new HAR with some entries."""
    numbers = count()

    def read(*entries: Any) -> list[RecordedCall]:
        path = tmp_path / f"{next(numbers)}a.har"
        path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
        return list(read_calls(path))

    return read
