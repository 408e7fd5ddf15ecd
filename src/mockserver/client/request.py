"""How a request is written: the server's URL, names in a path, a body."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from mockserver.errors import ClientError

__all__ = ["Content", "address", "as_json", "as_yaml", "target"]

_SUCH_AS = "Write it like http://127.0.0.1:4010."


@dataclass(frozen=True, slots=True)
class Content:
    """The body of a request, and its content type."""

    data: bytes
    type: str


def address(url: str) -> str:
    """The URL of a server, without a slash at its end. Raises ClientError when it is none."""
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ClientError(f"'{url}' is no URL: {error}. {_SUCH_AS}") from None
    if parts.scheme not in ("http", "https") or not parts.host or (parts.port or 1) > 65535:
        raise ClientError(f"'{url}' is not the URL of a server. {_SUCH_AS}")
    if parts.query or parts.fragment or parts.userinfo:
        raise ClientError(f"The URL of a server has no '?', '#' and '@' in it. {_SUCH_AS}")
    return str(parts).rstrip("/")


def target(path: tuple[str, ...], query: Mapping[str, Any]) -> str:
    """A path, each of its names encoded whole, and a query; what is None is left out of it."""
    given = {name: value for name, value in query.items() if value is not None}
    # What is no Unicode goes out as it came in, for the server to refuse.
    search = urlencode(given, doseq=True, quote_via=quote, errors="surrogatepass")
    return "".join(f"/{_segment(name)}" for name in path) + (f"?{search}" if search else "")


def _segment(name: str) -> str:
    if not name:
        raise ClientError("A name that is empty names nothing; give the whole name.")
    # A path of dots would be taken for a way upwards, and another thing asked for.
    encoded = quote(name, safe="", errors="surrogatepass")
    return encoded if encoded.strip(".") else encoded.replace(".", "%2E")


def as_json(value: Any) -> Content:
    """A body of JSON: an aware datetime is a moment in it, a timedelta so many seconds.

    Raises ClientError for what JSON has no word for.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_plain)
    except (TypeError, ValueError, RecursionError) as error:
        raise ClientError(f"That cannot be written as JSON: {error}.") from None
    return Content(text.encode("utf-8", "surrogatepass"), "application/json")


def as_yaml(source: bytes) -> Content:
    """A body of YAML."""
    return Content(source, "application/yaml")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{value!r:.80} is neither JSON, nor a datetime, nor a timedelta")


def _moment(value: datetime) -> str:
    if value.utcoffset() is None:
        raise TypeError(
            f"the datetime {value.isoformat()} has no time zone; give it one, such as tzinfo=UTC"
        )
    return value.isoformat()
