"""How a client reaches the server: what trusted proxies say of it, and the base path."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from ipaddress import ip_address, ip_network
from urllib.parse import unquote_to_bytes

from msgspec import Struct
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.contract import Headers
from mockserver.server.responses import make_problem, make_refusal_response, send_response
from mockserver.server.urls import PREFIX, is_authority

_MAX_LENGTH = 8_192
"""A field that is longer is ignored: it takes time to read, and no proxy needs it."""
_PAIR = re.compile(r'[ \t]*(?:([\w!#$%&\'*+.^`|~-]+)=("(?:[^"\\]|\\.)*"|[^\s",;]+))?[ \t]*([;,]|$)')
_SCHEME = re.compile(r"https?|wss?", re.IGNORECASE)
_PORT = re.compile(r"[0-9]{1,5}")
_OWN_PORT = re.compile(r":[0-9]*$")
_NODE = re.compile(r"\[([^]]+)\](?::([0-9]{1,5}))?|([^:]+):([0-9]{1,5})|(.+)")
_SEGMENTS = re.compile(
    r"(?:/(?!\.{1,2}(?:/|$))(?:[A-Za-z0-9._~!$&'()*+;=:@-]|%[0-9A-Fa-f]{2})+)*/?"
)
_DEFAULT_PORTS = {"http": 80, "https": 443}

Address = tuple[str, int]


class Forwarding:
    """Reads the header fields of trusted proxies, and removes the base path from the path.

    It comes first, so that everything else sees the client, the scheme and the host that the
    client means, and the paths of the contracts. A request outside the base path goes to
    `outside`.
    """

    def __init__(
        self, app: ASGIApp, trusted: Collection[str], base_path: str, outside: ASGIApp
    ) -> None:
        """`trusted` are addresses and networks; `base_path` is empty, or like `/mock`."""
        self._app = app
        self._networks = [ip_network(network) for network in trusted]
        self._base_path = base_path
        self._segments = base_path.encode().split(b"/")
        self._outside = outside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return  # lifespans are handled before, and there are no WebSockets
        if self._networks and scope["client"] and self._is_trusted(scope["client"][0]):
            scope = self._forward(scope)
        if not self._base_path:
            await self._app(scope, receive, send)
            return
        # By segments as they were sent: a slash that is encoded separates none.
        segments = scope["raw_path"].split(b"/")
        own = len(self._segments)
        if [unquote_to_bytes(segment) for segment in segments[:own]] == self._segments:
            scope = {
                **scope,
                "path": scope["path"][len(self._base_path) :] or "/",
                "raw_path": b"/" + b"/".join(segments[own:]),
                PREFIX: scope.get(PREFIX, "") + self._base_path,
            }
            await self._app(scope, receive, send)
        else:
            await self._outside(scope, receive, send)

    def _is_trusted(self, host: str) -> bool:
        try:
            address = ip_address(host)
        except ValueError:
            return False
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in network for network in self._networks)

    def _forward(self, scope: Scope) -> Scope:
        """The scope of the request as the client has sent it to the first trusted proxy."""
        headers = Headers.decode(scope["headers"])
        said = read_forwarded(headers, self._is_trusted)
        # In place, because uvicorn logs the client of its own scope.
        if said.client:
            scope["client"] = said.client
        if said.scheme:
            scope["scheme"] = said.scheme
        host = said.host
        if said.port and not _OWN_PORT.search(host):
            name = host or _OWN_PORT.sub("", headers.get("host") or "")
            is_default = said.port == _DEFAULT_PORTS[scope["scheme"]]
            if is_authority(name):
                host = name if is_default else f"{name}:{said.port}"
        if host:
            fields = [field for field in scope["headers"] if field[0] != b"host"]
            scope = {**scope, "headers": [(b"host", host.encode()), *fields]}
        return {**scope, PREFIX: said.prefix} if said.prefix else scope


class Outside:
    """Responds to requests outside the base path."""

    def __init__(self, base_path: str) -> None:
        self._base_path = base_path

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        path = scope["path"]
        detail = (
            f"There is nothing at '{path}': this server lies below '{self._base_path}'. "
            f"Write '{self._base_path}{path}'."
        )
        await send_response(make_refusal_response(make_problem(404, detail)), send)


class Forwarded(Struct, frozen=True):
    """What trusted proxies say of the client's request; empty where they say nothing valid."""

    client: Address | None = None
    scheme: str = ""
    host: str = ""
    port: int = 0
    prefix: str = ""


def read_forwarded(headers: Headers, is_trusted: Callable[[str], bool]) -> Forwarded:
    """What proxies say of a request whose peer is a trusted proxy.

    Each proxy adds to the end. So the last element is the peer's; the one before it is believed if
    the last one says that it came from a trusted proxy, and so on. What clients and strangers have
    written before is never read.
    """
    prefixes = _read_list(headers, "x-forwarded-prefix")
    names = ("for", "proto", "host", "port")
    lists = {name: _read_list(headers, f"x-forwarded-{name}") for name in names}
    # X-Forwarded-*, if there is any, is all that is read: most proxies write these fields, and pass
    # on a `Forwarded` that the client has written (docs/proxies.md).
    if any(lists.values()):
        client, number = _find_client(lists["for"], is_trusted)
        texts = [_get_nth_last(lists[name], number) for name in names[1:]]
    else:
        elements = _parse_forwarded(headers.get("forwarded") or "")
        client, number = _find_client([it.get("for", "") for it in elements], is_trusted)
        added = elements[-number:]
        texts = [next((it[name] for it in added if it.get(name)), "") for name in ("proto", "host")]
        texts.append("")
    scheme, host, port = texts
    return Forwarded(
        client=client,
        # A proxy says `wss` of a request that it wanted to upgrade.
        scheme=scheme.lower().replace("ws", "http") if _SCHEME.fullmatch(scheme) else "",
        host=host if is_authority(host) else "",
        port=int(port) if _PORT.fullmatch(port) and 0 < int(port) < 65_536 else 0,
        prefix=_join_prefixes(prefixes[-number:]),
    )


def _find_client(
    nodes: Sequence[str], is_trusted: Callable[[str], bool]
) -> tuple[Address | None, int]:
    """The client, if a trusted proxy names it, and how many elements trusted proxies have added."""
    client, number = None, 0
    for node in reversed(nodes):
        address = _parse_node(node)
        number += 1
        client = address or client
        if not address or not is_trusted(address[0]):
            break
    return client, max(number, 1)


def _parse_node(text: str) -> Address | None:
    """The address and the port, or 0, of a node such as `192.0.2.1`, or `[2001:db8::1]:4711`."""
    found = _NODE.fullmatch(text)
    if not found:
        return None
    bracketed, first_port, named, second_port, bare = found.groups()
    try:
        host = str(ip_address(bracketed or named or bare))
    except ValueError:
        return None
    return host, int(first_port or second_port or 0)


def _read_list(headers: Headers, name: str) -> list[str]:
    value = headers.get(name) or ""
    if not value or len(value) > _MAX_LENGTH:
        return []
    return [item.strip(" \t") for item in value.split(",")]


def _get_nth_last(items: Sequence[str], number: int) -> str:
    """The first one that trusted proxies have added: some add to a list, others replace it."""
    return items[-min(number, len(items))] if items else ""


def _parse_forwarded(value: str) -> list[dict[str, str]]:
    """The elements of a field `Forwarded` (RFC 7239, section 4), none if it is malformed."""
    if len(value) > _MAX_LENGTH:
        return []
    elements: list[dict[str, str]] = [{}]
    for name, text, separator in _split_pairs(value):
        if name in elements[-1] or separator == "malformed":
            return []
        if name:
            elements[-1][name] = text
        if separator == ",":
            elements.append({})
    return [element for element in elements if element]


def _split_pairs(value: str) -> Iterator[tuple[str, str, str]]:
    """The name in lower case, the value and the separator behind each pair."""
    position = 0
    while found := _PAIR.match(value, position):
        name, text, separator = found.groups(default="")
        if text.startswith('"'):
            text = re.sub(r"\\(.)", r"\1", text[1:-1])
        yield name.lower(), text, separator
        position = found.end()
        if not separator:
            return
    yield "", "", "malformed"


def _join_prefixes(prefixes: Sequence[str]) -> str:
    """The path that proxies have removed, one after the other; empty if one is malformed."""
    if not all(_SEGMENTS.fullmatch(prefix) for prefix in prefixes):
        return ""
    return "".join(prefix.rstrip("/") for prefix in prefixes)
