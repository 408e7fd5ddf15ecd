"""A call: one request to one operation, on its way from the router to the handler and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.api import Api
from mockserver.contract import Operation, Request
from mockserver.sandbox import World

__all__ = ["CALL", "Call"]

CALL = "mockserver.call"
"""Where the call stands in an ASGI scope and in a WSGI environ."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


@dataclass
class Call:
    """One request to one operation; `world` and `arguments` are there when the handler runs."""

    api: Api
    operation: Operation
    request: Request
    path_values: Mapping[str, str]
    sandbox: str
    url: str
    world: World | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_writing(self) -> bool:
        """Whether the operation may change state: HTTP's safe methods may not."""
        return self.operation.method not in _SAFE
