"""JSON as a body has it: strict, and with whole numbers of any length."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import orjson

__all__ = ["read_json", "skim_json"]

_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
_LONG = b"0" * 19
"""No shorter run of digits can name a whole number beyond 64 bits."""


skim_json: Callable[[bytes], Any] = orjson.loads
"""The value of a JSON text, faster, whole numbers beyond 64 bits rounded. Raises ValueError."""


def read_json(body: bytes) -> Any:
    """The value of a JSON text. Raises ValueError, with the reason."""
    value = skim_json(body)
    return _exactly(body) if _LONG in body.translate(_ZEROS) else value


def _exactly(body: bytes) -> Any:
    """The value of a text that orjson takes, but whose longest numbers it rounds."""
    try:
        return json.loads(body)
    except RecursionError:
        raise ValueError("it is nested too deeply for its long numbers to be read") from None
