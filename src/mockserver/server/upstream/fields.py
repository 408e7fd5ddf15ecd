"""Header fields on their way through a proxy: which are passed on (RFC 9110, section 7.6)."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable

from starlette.types import Scope

from mockserver.server.preference import remove_preferences

Fields = list[tuple[bytes, bytes]]

PSEUDONYM = b"mockserver-%s" % os.urandom(6).hex().encode()
"""The name of this process in `Via`, by which it recognises its own requests."""

_OF_A_CONNECTION = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"te",
        b"transfer-encoding",
        b"upgrade",
    }
)
_OF_THE_MOCK = b"x-mock-"


def list_end_to_end(fields: Iterable[tuple[bytes, bytes]]) -> Fields:
    """The fields that are not of one connection alone, as `Connection` and the standard say."""
    fields = list(fields)
    dropped = {
        name.strip().lower()
        for field, value in fields
        if field.lower() == b"connection"
        for name in value.split(b",")
    }
    # The length is that of the message, whatever `Connection` says.
    dropped = (dropped | _OF_A_CONNECTION) - {b"content-length"}
    return [field for field in fields if field[0].lower() not in dropped]


def make_request_fields(scope: Scope, host: bytes, *, has_body: bool, expects: bool) -> Fields:
    """The fields of a request to an upstream with that host.

    It has a body with the length that the client has said, or else in chunks. It `expects` a 100
    before it is sent.
    """
    sent: Fields = scope["headers"]
    dropped = {b"host", b"trailer", b"max-forwards"} | (set() if expects else {b"expect"})
    fields = [(b"host", host)]
    for name, value in list_end_to_end(sent):
        if name == b"prefer":
            value = remove_preferences(value)
            if not value:
                continue
        if name not in dropped and not name.startswith(_OF_THE_MOCK):
            fields.append((name, value))
    if has_body and not any(name == b"content-length" for name, _ in fields):
        fields.append((b"transfer-encoding", b"chunked"))
    forwards = read_max_forwards(scope)
    if forwards is not None:
        fields.append((b"max-forwards", str(forwards - 1).encode()))
    if any(name == b"te" and b"trailers" in value.lower() for name, value in sent):
        fields += [(b"te", b"trailers"), (b"connection", b"TE")]
    fields.append((b"via", b"%s %s" % (scope["http_version"].encode(), PSEUDONYM)))
    return fields


def make_response_fields(fields: Iterable[tuple[bytes, bytes]]) -> Fields:
    """The fields of an upstream's response, without what only this server says of itself."""
    fields = list(fields)
    # RFC 9112, section 6.3: a length beside a transfer coding is removed.
    has_coding = any(name.lower() == b"transfer-encoding" for name, _ in fields)
    return [
        (name, value)
        for name, value in list_end_to_end(fields)
        if not (has_coding and name.lower() == b"content-length")
        and not name.lower().startswith(_OF_THE_MOCK)
    ]


def list_trailers(fields: Iterable[tuple[bytes, bytes]]) -> Fields:
    """The trailer fields that may be passed on (RFC 9110, section 6.5.1)."""
    return [
        (name, value)
        for name, value in make_response_fields(fields)
        if name.lower() not in _NEVER_TRAILERS
    ]


_NEVER_TRAILERS: Collection[bytes] = {
    b"authorization",
    b"content-encoding",
    b"content-length",
    b"content-range",
    b"content-type",
    b"host",
    b"set-cookie",
    b"trailer",
}


def read_max_forwards(scope: Scope) -> int | None:
    """How often OPTIONS or TRACE may be forwarded (RFC 9110, section 7.6.2); None for any."""
    if scope["method"] not in ("OPTIONS", "TRACE"):
        return None
    values = [value for name, value in scope["headers"] if name == b"max-forwards"]
    return int(values[0]) if values and values[0].isdigit() and len(values[0]) < 10 else None


def is_own_request(scope: Scope) -> bool:
    """Whether this process has sent the request: its upstream is itself."""
    return any(name == b"via" and PSEUDONYM in value for name, value in scope["headers"])
