"""URLs of this server as its clients know them, in the links of responses."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

from starlette.types import Scope

from mockserver.server.middleware.sandbox import get_path_prefix
from mockserver.server.socket import format_authority

PREFIX = "mockserver.prefix"
"""The key in an ASGI scope of the path that stands before the server's own paths."""

_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
# Longer than 259 characters is no host and port, and would take 150 milliseconds to compare.
_HOST = re.compile(
    rf"(?!.{{260}})({_LABEL}(\.{_LABEL})*\.?|\[[0-9A-Fa-f:.]+\])(:(?P<port>[0-9]{{1,5}}))?"
)


@lru_cache(maxsize=256)
def is_authority(text: str) -> bool:
    """Whether a text is a host, or a host and a port."""
    found = _HOST.fullmatch(text)
    return found is not None and int(found["port"] or 0) < 65_536


def make_link(scope: Scope, path: str) -> str:
    """The URL of a path of this server, as the client of this request has to write it.

    It leads to the sandbox that the request's path names. An invalid Host is replaced by the
    server's address.
    """
    sent = next((value for name, value in scope["headers"] if name == b"host"), b"")
    host = sent.decode("latin-1")
    if not is_authority(host):
        host = format_authority(*(scope.get("server") or ("localhost", 80)))
    return f"{scope['scheme']}://{host}{make_path(scope, path)}"


def make_path(scope: Scope, path: str) -> str:
    """The same without scheme and host, for the pages of this server."""
    quoted = quote(get_path_prefix(scope) + path, safe="/:@!$&()*+,;=~")
    return f"{scope.get(PREFIX, '')}{quoted}"
