"""An exchange: a request and its response as they crossed the wire; what violates a contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, BinaryIO

from msgspec import Struct

from mockserver.json_pointer import split_pointer

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""The methods that change nothing (RFC 9110, section 9.2.1)."""

TOO_MANY_REQUESTS = 429
GATEWAY_ERRORS = frozenset({502, 503, 504})
"""The statuses of a server that is down, or of a gateway before it."""


class Headers:
    """The header fields of one message, in their order; names are case-insensitive."""

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self.fields = tuple((name.lower(), value) for name, value in fields)

    @classmethod
    def decode(cls, fields: Iterable[tuple[bytes, bytes]]) -> Headers:
        """The fields as they were sent."""
        headers = cls()
        headers.fields = tuple(
            [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in fields]
        )
        return headers

    def extended(self, *fields: tuple[str, str]) -> Headers:
        """These fields and more, whose names are in lower case."""
        headers = Headers()
        headers.fields = (*self.fields, *fields)
        return headers

    def get(self, name: str) -> str | None:
        """The field's value, several joined as HTTP says, or None without the field.

        The separator is a comma (RFC 9110, section 5.3); a semicolon between cookies, which
        HTTP/2 may split (RFC 9113, section 8.2.3).
        """
        wanted = name.lower()
        values = [value for field, value in self.fields if field == wanted]
        if not values:
            return None
        return ("; " if wanted == "cookie" else ", ").join(values)

    @cached_property
    def media_type(self) -> str:
        """The content type without its parameters, in lower case; empty when none was sent."""
        return essence(self.get("content-type") or "")


@dataclass(frozen=True)
class Request:
    """A request of a client. `path` is percent-decoded and below the contract's base.

    A body that need not be held in memory is a `stream`, and `body` is empty.
    """

    method: str
    path: str
    query: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    stream: BinaryIO | None = None

    @cached_property
    def cookies(self) -> Mapping[str, str]:
        """The cookies by name, their values as they were sent; of one name, the first."""
        found: dict[str, str] = {}
        for part in (self.headers.get("cookie") or "").split(";"):
            name, _, value = part.strip().partition("=")
            found.setdefault(name, value)
        return found


class Timing(Struct, frozen=True):
    """When a request was sent, and how long it took until the response was complete.

    Both by the client's clock, in microseconds; `began` is since the epoch.
    """

    began: int
    took: int


@dataclass(frozen=True)
class Response:
    """A response of a server, with its timing where the client measured it.

    `written` is a body that was written as JSON, and its value: where it is the response's own
    body, the value need not be read again.
    """

    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    timing: Timing | None = field(default=None, compare=False)
    written: tuple[bytes, Any] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Exchange:
    """A request and its response."""

    request: Request
    response: Response


@dataclass(frozen=True, slots=True)
class Violation:
    """What violates a contract at one place.

    `location` is a JSON Pointer into the exchange, such as `/request/query/per_page` or
    `/response/body/data/0/date`; `rule` a JSON Pointer into the contract, as a URI fragment;
    `code` the keyword that is violated; `value` the value there; `message` one sentence;
    `evidence` why the contract says so. The `severity` is `error`, or `warning` for what the
    contract does not forbid and is probably a mistake.
    """

    location: str
    rule: str
    code: str
    value: Any
    message: str
    evidence: str
    severity: str = "error"

    @property
    def parameter(self) -> str:
        """The parameter of the request that it is about; empty when it is about anything else."""
        match split_pointer(self.location):
            case ["request", "path" | "query" | "header" | "cookie", name, *_]:
                return name
        return ""

    def __str__(self) -> str:
        return f"{self.location}: {self.message} ({self.rule}, {self.evidence})"


def essence(content_type: str) -> str:
    """A content type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def normalize_content_type(content_type: str) -> str:
    """A content type with its parameters in one spelling: `text/html;charset=utf-8`."""
    return ";".join(part.strip().lower() for part in content_type.split(";"))
