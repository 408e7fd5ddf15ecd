"""JSON Pointers: written, taken apart, followed."""

from __future__ import annotations

from typing import Any

__all__ = ["escape", "step", "tokens"]


def escape(token: str | int) -> str:
    """A reference token, as a pointer has it."""
    return str(token).replace("~", "~0").replace("/", "~1")


def tokens(pointer: str) -> list[str]:
    """The reference tokens of a pointer, a leading `#` left out."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def step(node: Any, token: str) -> Any:
    """What a token leads to. Raises LookupError, TypeError or ValueError when to nothing."""
    return node[int(token)] if isinstance(node, list) else node[token]
