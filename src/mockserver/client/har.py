"""Writes exchanges of a journal as HAR 1.2.

Our own fields of an entry: its id in the journal, its API and operation, and the moment by the
clock of its world.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mockserver.client.responses import JournalEntry, JournalMessage
from mockserver.clock import format_moment, from_datetime
from mockserver.traffic.har_writer import (
    make_body,
    make_entry,
    make_request,
    make_response,
    write_log,
)

_COMMENT = "Secrets are redacted. The whole time of an entry is in `wait`."


def write_har(entries: Iterable[JournalEntry], url: str) -> bytes:
    """Write exchanges with a server at this URL."""
    return write_log((_make_entry(entry, url) for entry in entries), _COMMENT)


def _make_entry(entry: JournalEntry, url: str) -> dict[str, Any]:
    sent, received = entry.request, entry.response
    request = make_request(
        method=entry.method,
        url=url + entry.target,
        query=entry.query,
        headers=sent.headers,
        size=sent.size,
        body=_make_body(sent, "_encoding"),
    )
    response = make_response(
        status=entry.status,
        headers=received.headers,
        content={"size": received.size, **_make_body(received, "encoding")},
        location=dict(received.headers).get("location", ""),
        size=received.size,
    )
    own = {"_id": entry.id, "_api": entry.api, "_operation": entry.operation}
    if entry.world_at is not None:
        own["_moment"] = format_moment(from_datetime(entry.world_at))
    return make_entry(from_datetime(entry.at), entry.duration, request, response, **own)


def _make_body(message: JournalMessage, base64_field: str) -> dict[str, Any]:
    media_type = dict(message.headers).get("content-type", "")
    body = make_body(media_type, message.body, base64_field if message.is_base64 else "")
    if message.is_truncated:
        body["comment"] = f"The body is truncated: it has {message.size} bytes."
    return body
