"""A call: one request to one operation, on its way from the router to the handler and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from starlette.types import Scope

from mockserver.api import Api
from mockserver.contract import SAFE_METHODS, Operation, Request
from mockserver.server.naming import get_sandbox_name

__all__ = ["CALL", "Call", "Service"]

CALL = "mockserver.call"
"""Where the call stands in an ASGI scope and in a WSGI environ."""


@dataclass
class Call:
    """One request to one operation; `context` and `arguments` are there when the handler runs."""

    api: Api
    operation: Operation
    request: Request
    path_values: Mapping[str, str]
    scope: Scope
    url: str
    context: Any = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def sandbox(self) -> str:
        """The sandbox that the request names. Raises BadRequest."""
        return get_sandbox_name(self.scope)

    @property
    def is_writing(self) -> bool:
        """Whether the operation may change state: HTTP's safe methods may not."""
        return self.operation.method not in SAFE_METHODS


@dataclass(frozen=True)
class Service:
    """An API as it is served: what its handlers are given in hand, and who may call.

    `open_context` opens it for the length of one transaction; `authorise` raises an HttpError for a call that
    has no right to what it asks.
    """

    api: Api
    open_context: Callable[[Call], AbstractContextManager[Any]]
    authorise: Callable[[Call], None]
