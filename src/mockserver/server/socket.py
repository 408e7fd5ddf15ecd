"""The sockets of the server: opened before the slow start, to report a taken port at once."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from typing import Any

from mockserver.errors import SettingError
from mockserver.settings import Settings

_BACKLOG = 2048
_NO_ADDRESS = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


@contextmanager
def listen(settings: Settings) -> Iterator[list[socket.socket]]:
    """Open a socket for each address of the host, all on one port; `localhost` may have two.

    Raises SettingError for an address or port that cannot be used.
    """
    host, port = settings.host.removeprefix("[").removesuffix("]"), settings.port
    listeners: list[socket.socket] = []
    with ExitStack() as stack:
        for family, address in _resolve(host, port):
            chosen = listeners[0].getsockname()[1] if listeners else port
            try:
                listener = _open(family, (address[0], chosen, *address[2:]))
            except OSError as error:
                # A machine without IPv6 may have the name of an IPv6 address.
                if listeners and error.errno in _NO_ADDRESS:
                    continue
                raise SettingError(_explain(host, chosen, error)) from error
            listeners.append(stack.enter_context(listener))
        yield listeners


def _resolve(host: str, port: int) -> list[tuple[socket.AddressFamily, Any]]:
    """The addresses of a host, those of IPv4 first."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it cannot be a host's name"
        raise SettingError(f"'{host}' is no address to listen on: {reason}.") from error
    addresses = dict.fromkeys((family, address) for family, _, _, _, address in found)
    return sorted(addresses, key=lambda it: it[0] != socket.AF_INET)


def _open(family: socket.AddressFamily, address: Any) -> socket.socket:
    listener = socket.socket(family)
    try:
        if os.name == "posix":  # elsewhere this would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)  # of a taken port, `bind` may succeed, but not this
    except OSError:
        listener.close()
        raise
    return listener


def make_url(listener: socket.socket, settings: Settings) -> str:
    """The URL of a server; of one that listens everywhere, that of the loopback address."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104
    return f"{settings.scheme}://{format_authority(host, port)}{settings.base_path}"


def describe_reach(listeners: Iterable[socket.socket]) -> str:
    """Where other machines reach these sockets; empty where none does."""
    found = [listener.getsockname()[:2] for listener in listeners]
    shown = []
    for host, port in found:
        if ip_address(host).is_unspecified:
            shown.append(f"every address of this machine ({format_authority(host, port)})")
        elif not is_loopback(host):
            shown.append(format_authority(host, port))
    return " and ".join(shown)


def is_loopback(address: str) -> bool:
    """Whether a client with this address is on this machine."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback


def format_authority(host: str, port: int | None) -> str:
    """A host and a port in the spelling of a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _explain(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken. Choose another with --port, or 0 for a free one."
    if error.errno == errno.EACCES:
        return f"Port {port} is not allowed for this user. Choose one above 1023 with --port."
    if error.errno in _NO_ADDRESS:
        return f"'{host}' is no address of this machine; give one that is, such as 127.0.0.1."
    return f"{format_authority(host, port)} cannot be listened on: {error.strerror}."
