"""Which sandbox a request names: by a header, or by what stood before its path."""

from __future__ import annotations

from starlette.types import Scope

from mockserver.errors import BadRequest, SandboxNameError
from mockserver.sandbox import DEFAULT, check_name

__all__ = ["SANDBOX", "SANDBOX_PREFIX", "prefix_of", "requested_sandbox"]

SANDBOX_PREFIX = "/__sandbox__/"
SANDBOX = "mockserver.sandbox"
"""Where the name that stood before the path is in an ASGI scope."""


def requested_sandbox(scope: Scope) -> str:
    """The sandbox that the header names, else the path, else the default one. Raises BadRequest."""
    named = [value for name, value in scope["headers"] if name == b"x-mock-sandbox"]
    name = b", ".join(named).decode("utf-8", "replace") if named else scope.get(SANDBOX)
    try:
        return DEFAULT if name is None else check_name(name)
    except SandboxNameError as error:
        raise BadRequest(str(error)) from error


def prefix_of(scope: Scope) -> str:
    """What was taken off the path: links in an answer must have it again."""
    name = scope.get(SANDBOX)
    return "" if name is None else f"{SANDBOX_PREFIX}{name}"
