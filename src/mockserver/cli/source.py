"""What a command is given to read: a file, or stdin."""

from __future__ import annotations

import sys
from pathlib import Path

from mockserver.errors import ClientError

__all__ = ["read"]


def read(file: str) -> bytes:
    """The content of a file, or of stdin where it is `-`. Raises ClientError."""
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise ClientError(f"'{file}' cannot be read: {error.strerror}.") from None
