"""What sandboxes and snapshots can be called."""

from __future__ import annotations

import re

from mockserver.errors import SandboxNameError

__all__ = ["DEFAULT", "check_name"]

DEFAULT = "default"
"""The sandbox of a request that names none."""

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


def check_name(name: str, what: str = "sandbox") -> str:
    """The name, if a sandbox, or something else, can be called that. Raises SandboxNameError."""
    if not _NAME.fullmatch(name):
        raise SandboxNameError(
            f"'{name[:64]}' cannot be a {what}'s name: use 1 to 64 letters, digits, '.', '_', '-'"
        )
    return name
