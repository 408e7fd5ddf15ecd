"""Writes exchanges of a journal as HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/).

Fields that begin with `_` are our own: an entry's id in the journal, its API and operation, and the
moment by the clock of its world.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from mockserver import __version__
from mockserver.client.responses import JournalEntry, JournalMessage
from mockserver.clock import format_moment, from_datetime

_UNKNOWN = -1
"""The value of HAR for an unknown size and for a time that does not apply."""

_COMMENT = "Secrets are redacted. The whole time of an entry is in `wait`."


def write_har(entries: Iterable[JournalEntry], url: str) -> bytes:
    """Write exchanges with a server at this URL."""
    log = {
        "version": "1.2",
        "creator": {"name": "mockserver", "version": __version__},
        "entries": [_make_entry(entry, url) for entry in entries],
        "comment": _COMMENT,
    }
    text = json.dumps({"log": log}, ensure_ascii=False, indent=1)
    # A lone surrogate, which UTF-8 cannot carry, becomes a question mark.
    return text.encode("utf-8", "replace")


def _make_entry(entry: JournalEntry, url: str) -> dict[str, Any]:
    absent = dict.fromkeys(("blocked", "dns", "connect", "ssl"), _UNKNOWN)
    moment = None if entry.world_at is None else format_moment(from_datetime(entry.world_at))
    return {
        "startedDateTime": format_moment(from_datetime(entry.at)),
        "time": entry.duration,
        "request": _make_request(entry, url),
        "response": _make_response(entry),
        "cache": {},
        "timings": {**absent, "send": 0, "wait": entry.duration, "receive": 0},
        "_id": entry.id,
        "_api": entry.api,
        "_operation": entry.operation,
        **({"_moment": moment} if moment else {}),
    }


def _make_request(entry: JournalEntry, url: str) -> dict[str, Any]:
    query = parse_qsl(entry.query, keep_blank_values=True)
    record = {
        "method": entry.method,
        "url": url + entry.target,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _make_headers(entry.request),
        "queryString": [{"name": name, "value": value} for name, value in query],
        "headersSize": _UNKNOWN,
        "bodySize": entry.request.size,
    }
    if entry.request.size:
        record["postData"] = _make_body(entry.request, "_encoding")
    return record


def _make_response(entry: JournalEntry) -> dict[str, Any]:
    content = {"size": entry.response.size, **_make_body(entry.response, "encoding")}
    return {
        "status": entry.status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _make_headers(entry.response),
        "content": content,
        "redirectURL": dict(entry.response.headers).get("location", ""),
        "headersSize": _UNKNOWN,
        "bodySize": entry.response.size,
    }


def _make_body(message: JournalMessage, encoding: str) -> dict[str, Any]:
    """A body as text, or in base64 where it is no text; HAR has no `encoding` for a request."""
    media_type = dict(message.headers).get("content-type", "")
    body: dict[str, Any] = {"mimeType": media_type, "text": message.body}
    if message.is_base64:
        body[encoding] = "base64"
    if message.is_truncated:
        body["comment"] = f"The body is truncated: it has {message.size} bytes."
    return body


def _make_headers(message: JournalMessage) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in message.headers]
