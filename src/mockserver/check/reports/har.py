"""Writes the exchanges of a run as HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/).

Fields that begin with `_` are our own: an entry's API, phase and operation, and the moment by the
deployment's clock, which in a mock can differ from this machine's. ADR 031: why not by harfile.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl

from mockserver import __version__
from mockserver.check.reports.text import format_url
from mockserver.check.target.target import Target
from mockserver.check.validation.verdict import Verdict
from mockserver.clock import format_moment
from mockserver.contract import Headers, Request, Response
from mockserver.redaction import PLACEHOLDER, Mask

_UNKNOWN = -1
"""The value of HAR for an unknown size and for a time that does not apply."""

_COMMENT = (
    "Secrets are redacted. The whole time of an entry is in `wait`: connecting, waiting and "
    "reading were not measured separately."
)


def write_har(verdicts: Sequence[Verdict], target: Target, mask: Mask) -> bytes:
    """Write the traffic of a run, oldest first; of a very long run the newest part."""
    entries = [entry for verdict in verdicts for entry in _make_entries(verdict, target, mask)]
    entries.sort(key=lambda entry: entry[0])
    log = {
        "version": "1.2",
        "creator": {"name": "mockserver", "version": __version__},
        "entries": [entry for _, entry in entries],
        "comment": _COMMENT,
    }
    text = json.dumps({"log": log}, ensure_ascii=False, indent=1)
    # A lone surrogate, which UTF-8 cannot carry, becomes a question mark.
    return text.encode("utf-8", "replace")


def _make_entries(
    verdict: Verdict, target: Target, mask: Mask
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The entries of an API, each with the moment of its request."""
    results, base = verdict.results, target.url.rstrip("/") + verdict.base
    if results is None:
        return
    mask = verdict.extend(mask)
    for phase, operation, exchange, moment in results.traffic:
        timing = exchange.response.timing
        began = moment if timing is None else timing.began
        took = 0 if timing is None else timing.took / 1_000
        absent = dict.fromkeys(("blocked", "dns", "connect", "ssl"), _UNKNOWN)
        yield (
            began,
            {
                "startedDateTime": format_moment(began),
                "time": took,
                "request": _make_request(exchange.request, base, mask),
                "response": _make_response(exchange.response, mask),
                "cache": {},
                "timings": {**absent, "send": 0, "wait": took, "receive": 0},
                **({} if timing else {"comment": "The time was not measured."}),
                "_api": verdict.api,
                "_phase": phase,
                "_operation": operation,
                "_moment": format_moment(moment),
            },
        )


def _make_request(request: Request, base: str, mask: Mask) -> dict[str, Any]:
    query = parse_qsl(mask.query(request.query), keep_blank_values=True)
    record = {
        "method": mask.text(request.method),
        "url": format_url(request, base, mask),
        "httpVersion": "HTTP/1.1",
        "cookies": [_make_pair(mask.text(name), PLACEHOLDER) for name in request.cookies if name],
        "headers": _make_headers(request.headers, mask),
        "queryString": [_make_pair(name, value) for name, value in query],
        "headersSize": _UNKNOWN,
        "bodySize": len(request.body),
    }
    if request.body:
        record["postData"] = _make_body(request, mask, "_encoding")
    return record


def _make_response(response: Response, mask: Mask) -> dict[str, Any]:
    cookies = [value for name, value in response.headers.fields if name == "set-cookie"]
    names = [cookie.partition("=")[0].strip() for cookie in cookies]
    return {
        "status": response.status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [_make_pair(mask.text(name), PLACEHOLDER) for name in names],
        "headers": _make_headers(response.headers, mask),
        "content": {"size": len(response.body), **_make_body(response, mask, "encoding")},
        "redirectURL": mask.text(response.headers.get("location") or ""),
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN,
    }


def _make_body(message: Request | Response, mask: Mask, encoding: str) -> dict[str, Any]:
    """A body as text, or in base64 where it is no text; HAR has no `encoding` for a request."""
    media_type = mask.text(message.headers.get("content-type") or "")
    try:
        text = mask.body(message.body.decode("utf-8"), message.headers.media_type)
        return {"mimeType": media_type, "text": text}
    except UnicodeDecodeError:
        # One character for each byte, so that secrets in it are found.
        masked = mask.text(message.body.decode("latin-1")).encode("latin-1")
        text = b64encode(masked).decode("ascii")
        return {"mimeType": media_type, "text": text, encoding: "base64"}


def _make_headers(headers: Headers, mask: Mask) -> list[dict[str, str]]:
    return [_make_pair(mask.text(name), mask.header(name, value)) for name, value in headers.fields]


def _make_pair(name: str, value: str) -> dict[str, str]:
    return {"name": name, "value": value}
