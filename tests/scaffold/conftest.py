"""A document of a library: a collection of books, and a status page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml


@pytest.fixture
def library() -> dict[str, Any]:
    text = Path(__file__).with_name("library.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    return document
