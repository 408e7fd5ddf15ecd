"""HTTP requests that a test's fakes do not catch: httpx's requests over the standard library.

respx, pytest-httpx and a test that patches httpx itself replace httpx's clients or the way in which
they connect. They are meant for the app under test, not for the control API of the mock.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from http.client import (
    BadStatusLine,
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
    RemoteDisconnected,
)
from pathlib import Path

import httpx

from mockserver.errors import ClientError

MOST_BYTES = 512 * 2**20
"""The largest body of a response; a snapshot may be as large as the body of a request."""
_ILLEGAL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]|^[ \t]|[ \t]$")
"""What the value of a header field cannot have (RFC 9110, 5.5)."""


class Http:
    """Sends requests with the same header fields, over a transport. Raises what httpx raises."""

    def __init__(self, transport: httpx.BaseTransport, headers: Mapping[bytes, bytes]) -> None:
        self._transport, self._headers = transport, headers
        self.is_closed = False

    def request(
        self,
        method: str,
        url: str,
        content: bytes | None,
        headers: Mapping[bytes, bytes],
        timeout: float | None,
    ) -> httpx.Response:
        """Send a request, and read the whole response; `timeout` is in seconds."""
        request = httpx.Request(
            method,
            url,
            content=content,
            headers={**self._headers, **headers},
            extensions={"timeout": httpx.Timeout(timeout).as_dict()},
        )
        response = self._transport.handle_request(request)
        response.request = request
        response.read()
        return response

    def close(self) -> None:
        """Close the transport."""
        self.is_closed = True
        self._transport.close()


class Transport(httpx.BaseTransport):
    """One connection for each request, to the server itself: no proxy of the environment is used.

    So threads share nothing, and no request is sent on a connection that the server is closing.
    `ca_file` has the certificates to trust; by default SSL_CERT_FILE names such a file, or they are
    the usual ones.
    """

    def __init__(self, ca_file: Path | None = None) -> None:
        self._ca_file = ca_file
        self._context: ssl.SSLContext | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and read the whole response. Raises httpx.TransportError."""
        connection = self._make_connection(request)
        try:
            _connect(connection)
            _send(connection, request)
            try:
                response = connection.getresponse()
                body = httpx.ByteStream(_read(response))
            except TimeoutError as error:
                raise httpx.ReadTimeout(str(error)) from None
            except RemoteDisconnected as error:
                is_plain = request.url.scheme == "http"
                hint = "; if it speaks HTTPS, its URL begins with https" if is_plain else ""
                raise httpx.RemoteProtocolError(f"{error}{hint}") from None
            except BadStatusLine as error:
                line = str(error).strip()
                raise httpx.RemoteProtocolError(f"illegal status line '{line}'") from None
            except (OSError, HTTPException) as error:
                raise httpx.RemoteProtocolError(str(error)) from None
            return httpx.Response(response.status, headers=response.getheaders(), stream=body)
        finally:
            connection.close()

    def _make_connection(self, request: httpx.Request) -> HTTPConnection:
        host, port = request.url.raw_host.decode("ascii"), request.url.port
        timeout = request.extensions["timeout"]["connect"]
        if request.url.scheme == "http":
            return HTTPConnection(host, port or 80, timeout=timeout)
        # Made at the first use: to load the certificates takes longer than a request.
        self._context = self._context or self._make_context()
        return HTTPSConnection(host, port or 443, timeout=timeout, context=self._context)

    def _make_context(self) -> ssl.SSLContext:
        """Raises ClientError."""
        file = self._ca_file
        try:
            return ssl.create_default_context(cafile=file) if file else httpx.create_ssl_context()
        except (OSError, ValueError) as error:
            named = f"'{file}'" if file else "the file that SSL_CERT_FILE names"
            reason = getattr(error, "strerror", None) or error
            raise ClientError(
                f"The certificates in {named} cannot be used: {reason}; give them in PEM."
            ) from error


def _read(response: HTTPResponse) -> bytes:
    """The body, which is not encoded, since no request accepts an encoding."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise httpx.DecodingError("its body is encoded, which no request asked for")
    # With a number, a body that is cut off would be taken for whole.
    body = response.read(MOST_BYTES + 1) if response.length is None else b""
    if max(len(body), response.length or 0) > MOST_BYTES:
        raise httpx.DecodingError(f"its body has more than {MOST_BYTES} bytes")
    return body or response.read()


def _connect(connection: HTTPConnection) -> None:
    try:
        connection.connect()
    except TimeoutError as error:
        raise httpx.ConnectTimeout(str(error)) from None
    except ssl.SSLCertVerificationError as error:
        raise httpx.ConnectError(error.verify_message) from error
    except ssl.SSLError as error:
        reason = f"it does not speak HTTPS as this client does ({error.reason})"
        raise httpx.ConnectError(f"{reason}; if it speaks HTTP, its URL begins with http") from None
    except OSError as error:
        raise httpx.ConnectError(str(error)) from None


def _send(connection: HTTPConnection, request: httpx.Request) -> None:
    target = request.url.raw_path.decode("ascii")
    connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in [*request.headers.raw, (b"Connection", b"close")]:
        if _ILLEGAL.search(value):
            raise httpx.LocalProtocolError("A header field has an illegal value.")
        connection.putheader(name, value)
    try:
        connection.endheaders(request.read())
    except TimeoutError as error:
        raise httpx.WriteTimeout(str(error)) from None
    except OSError as error:
        raise httpx.WriteError(str(error)) from None
