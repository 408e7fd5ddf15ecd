"""The socket of the server: opened before the slow start, to report a taken port at once."""

from __future__ import annotations

import errno
import os
import socket

from starlette.types import Scope

from mockserver.errors import SettingError
from mockserver.settings import Settings

_BACKLOG = 2048


def listen(settings: Settings) -> socket.socket:
    """Open the socket. Raises SettingError for an address or port that cannot be used."""
    host, port = settings.host, settings.port
    try:
        info = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it cannot be a host's name"
        raise SettingError(f"'{host}' is no address to listen on: {reason}.") from error
    listener = socket.socket(info[0], info[1])
    if os.name == "posix":  # elsewhere this would let two servers share a port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(info[4])
        listener.listen(_BACKLOG)  # of a taken port, `bind` may succeed, but not this
    except OSError as error:
        listener.close()
        raise SettingError(_explain(host, port, error)) from error
    return listener


def make_url(listener: socket.socket) -> str:
    """The URL of a socket; of one that listens everywhere, that of the loopback address."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104
    return f"http://{format_authority(host, port)}"


def format_authority(host: str, port: int | None) -> str:
    """A host and a port in the spelling of a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def get_scheme(scope: Scope) -> str:
    """The scheme of a request's URL: a proxy may say `wss` of what it wanted to upgrade."""
    return str(scope["scheme"]).replace("ws", "http")


def _explain(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken. Choose another with --port, or 0 for a free one."
    if error.errno == errno.EACCES:
        return f"Port {port} is not yours to listen on. Choose one above 1023 with --port."
    return f"{host}:{port} cannot be listened on: {error.strerror}."
