"""Which sandbox a request names: by a header, or by what stood before its path."""

from __future__ import annotations

from starlette.types import Scope

from mockserver.errors import BadRequest, SandboxNameError
from mockserver.sandbox import DEFAULT, check_name

__all__ = ["PATH_PREFIX", "SCOPE_KEY", "get_path_prefix", "get_sandbox_name"]

PATH_PREFIX = "/__sandbox__/"
SCOPE_KEY = "mockserver.sandbox"
"""Where the name that stood before the path is in an ASGI scope."""


def get_sandbox_name(scope: Scope) -> str:
    """The sandbox that the header names, else the path, else the default one. Raises BadRequest."""
    named = [value for name, value in scope["headers"] if name == b"x-mock-sandbox"]
    name = b", ".join(named).decode("utf-8", "replace") if named else scope.get(SCOPE_KEY)
    try:
        return DEFAULT if name is None else check_name(name)
    except SandboxNameError as error:
        raise BadRequest(str(error)) from error


def get_path_prefix(scope: Scope) -> str:
    """What was taken off the path: links in an answer must have it again."""
    name = scope.get(SCOPE_KEY)
    return "" if name is None else f"{PATH_PREFIX}{name}"
