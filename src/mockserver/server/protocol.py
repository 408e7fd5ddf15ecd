"""HTTP/1.1 only: `Upgrade` headers are ignored, as RFC 9110 allows (ADR 021).

The parser stops at an `Upgrade` and loses the body of the request. Java's client and `curl --http2`
send one with every request.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_UPGRADE = re.compile(rb"^upgrade(?=[ \t]*:)", re.IGNORECASE | re.MULTILINE)
_MAX_HEAD = 256 * 1024
"""The maximum size of the request line and the header fields, in bytes."""


class Http1Protocol(HttpToolsProtocol):
    """uvicorn's protocol, without `Upgrade` headers, and with a limit for the size of the head."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Called by uvicorn for a new connection."""
        self._head = 0
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Rename `Upgrade` headers, and check the size of the head."""
        if self._head >= 0:
            self._head += len(data)
            if self._head > _MAX_HEAD and b"\r\n\r\n" not in data:
                self.send_400_response("The header of the request is too large.")
                return
            head, end, body = data.partition(b"\r\n\r\n")
            data = _UPGRADE.sub(b"x-upgrade", head) + end + body
        super().data_received(data)

    def on_headers_complete(self) -> Any:
        """Called by the parser at the end of the head."""
        self._head = -1
        return super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Called by the parser at the end of the body; the next request begins."""
        self._head = 0
        super().on_message_complete()
