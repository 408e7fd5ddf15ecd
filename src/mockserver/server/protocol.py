"""HTTP/1.1 and nothing else: an offer to speak another protocol is passed over, as RFC 9110 allows.

The parser below stops at such an offer and loses the request's body. Java's client makes one with
every request, and `curl --http2` too.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["Http1Protocol"]

_OFFER = re.compile(rb"^upgrade(?=[ \t]*:)", re.IGNORECASE | re.MULTILINE)
_MAX_HEAD = 256 * 1024
"""How many bytes the request line and the header fields may have."""


class Http1Protocol(HttpToolsProtocol):
    """uvicorn's protocol, which never sees an `Upgrade`, nor a head without an end."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has come."""
        self._head = 0
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Look at what belongs to a head, before it is parsed."""
        if self._head >= 0:
            self._head += len(data)
            if self._head > _MAX_HEAD and b"\r\n\r\n" not in data:
                self.send_400_response("The header of the request is too large.")
                return
            head, end, body = data.partition(b"\r\n\r\n")
            data = _OFFER.sub(b"x-upgrade", head) + end + body
        super().data_received(data)

    def on_headers_complete(self) -> Any:
        """The head is over."""
        self._head = -1
        return super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The next thing to come is another head."""
        self._head = 0
        super().on_message_complete()
