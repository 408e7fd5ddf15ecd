"""The socket to listen on: had at once, or refused in a sentence, before anything heavy is done."""

from __future__ import annotations

import errno
import os
import socket

from mockserver.errors import SettingError
from mockserver.settings import Settings

__all__ = ["format_authority", "listen", "make_url"]

_BACKLOG = 2048


def listen(settings: Settings) -> socket.socket:
    """The socket to listen on. Raises SettingError, in a sentence, when there is none to be had."""
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
        listener.listen(_BACKLOG)  # a port that somebody listens on can be bound, but not this
    except OSError as error:
        listener.close()
        raise SettingError(_refusal(host, port, error)) from error
    return listener


def make_url(listener: socket.socket) -> str:
    """A URL that works when clicked."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104
    return f"http://{format_authority(host, port)}"


def format_authority(host: str, port: int | None) -> str:
    """A host and a port as a URL has them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken. Choose another with --port, or 0 for a free one."
    if error.errno == errno.EACCES:
        return f"Port {port} is not yours to listen on. Choose one above 1023 with --port."
    return f"{host}:{port} cannot be listened on: {error.strerror}."
