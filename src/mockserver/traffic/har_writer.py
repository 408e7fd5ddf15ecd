"""Writes HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/).

Fields that begin with `_` are our own. ADR 031: why not by harfile.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from mockserver import __version__
from mockserver.clock import format_moment

UNKNOWN = -1
"""The value of HAR for an unknown size and for a time that does not apply."""

Pairs = Iterable[tuple[str, str]]


def write_log(entries: Iterable[dict[str, Any]], comment: str) -> bytes:
    """A whole file."""
    log = {
        "version": "1.2",
        "creator": {"name": "mockserver", "version": __version__},
        "entries": list(entries),
        "comment": comment,
    }
    text = json.dumps({"log": log}, ensure_ascii=False, indent=1)
    # A lone surrogate, which UTF-8 cannot carry, becomes a question mark.
    return text.encode("utf-8", "replace")


def make_entry(
    began: int, took: float, request: dict[str, Any], response: dict[str, Any], **more: Any
) -> dict[str, Any]:
    """An exchange that began at a moment in microseconds and took so many milliseconds."""
    absent = dict.fromkeys(("blocked", "dns", "connect", "ssl"), UNKNOWN)
    return {
        "startedDateTime": format_moment(began),
        "time": took,
        "request": request,
        "response": response,
        "cache": {},
        "timings": {**absent, "send": 0, "wait": took, "receive": 0},
        **more,
    }


def make_request(
    method: str,
    url: str,
    query: str,
    headers: Pairs,
    size: int,
    body: dict[str, Any],
    cookies: Pairs = (),
) -> dict[str, Any]:
    """A request; `body` counts where there is one, by its size."""
    record = {
        "method": method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": make_pairs(cookies),
        "headers": make_pairs(headers),
        "queryString": make_pairs(parse_qsl(query, keep_blank_values=True)),
        "headersSize": UNKNOWN,
        "bodySize": size,
    }
    return {**record, "postData": body} if size else record


def make_response(
    status: int,
    headers: Pairs,
    content: dict[str, Any],
    location: str,
    size: int = UNKNOWN,
    cookies: Pairs = (),
) -> dict[str, Any]:
    """A response; `size` is that of its body on the wire."""
    return {
        "status": status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": make_pairs(cookies),
        "headers": make_pairs(headers),
        "content": content,
        "redirectURL": location,
        "headersSize": UNKNOWN,
        "bodySize": size,
    }


def make_body(media_type: str, text: str, base64_field: str = "") -> dict[str, Any]:
    """A body as text, or in base64, which the named field says; HAR has none for a request."""
    body = {"mimeType": media_type, "text": text}
    return {**body, base64_field: "base64"} if base64_field else body


def make_pairs(pairs: Pairs) -> list[dict[str, str]]:
    """Names and values."""
    return [{"name": name, "value": value} for name, value in pairs]
