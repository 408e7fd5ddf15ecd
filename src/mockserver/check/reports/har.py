"""Writes the exchanges of a run as HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/).

Fields that begin with `_` are our own: an entry's API, phase and operation, and the moment by the
deployment's clock, which in a mock can differ from this machine's. ADR 031: why not by harfile.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote

from mockserver import __version__
from mockserver.check.target.redaction import Mask
from mockserver.check.target.target import Target
from mockserver.check.validation.verdict import Verdict
from mockserver.clock import format_moment
from mockserver.contract import Exchange, Headers, Request, Response

_SAFE = "/:@!$&'()*+,;=~-._"
_UNKNOWN = -1
"""The value of HAR for an unknown size and for a time that does not apply."""

_COMMENT = (
    "Secrets are redacted. The whole time of an entry is in `wait`: connecting, waiting and reading "
    "were not measured separately."
)
_UNTIMED = "The time was not measured."


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
    results, base = verdict.results, target.url.rstrip("/") + verdict.base
    if results is None:
        return
    kept = [
        *zip(results.traffic, results.moments, strict=True),
        *(((results.phase, "", exchange), moment) for exchange, moment in results.unmatched),
    ]
    for (phase, operation, exchange), moment in kept:
        timing = exchange.response.timing
        began = moment if timing is None else timing.began
        own = {
            "_api": verdict.api,
            "_phase": phase,
            "_operation": operation,
            "_moment": format_moment(moment),
        }
        yield began, {**_make_entry(exchange, began, base, mask), **own}


def _make_entry(exchange: Exchange, began: int, base: str, mask: Mask) -> dict[str, Any]:
    timing = exchange.response.timing
    took = 0 if timing is None else timing.took / 1_000
    entry = {
        "startedDateTime": format_moment(began),
        "time": took,
        "request": _make_request(exchange.request, base, mask),
        "response": _make_response(exchange.response, mask),
        "cache": {},
        "timings": {
            "blocked": _UNKNOWN,
            "dns": _UNKNOWN,
            "connect": _UNKNOWN,
            "ssl": _UNKNOWN,
            "send": 0,
            "wait": took,
            "receive": 0,
        },
    }
    return entry if timing else {**entry, "comment": _UNTIMED}


def _make_request(request: Request, base: str, mask: Mask) -> dict[str, Any]:
    query = mask.text(request.query)
    url = mask.text(base) + quote(mask.text(request.path), safe=_SAFE + Mask.placeholder)
    record = {
        "method": request.method,
        "url": f"{url}?{query}" if query else url,
        "httpVersion": "HTTP/1.1",
        "cookies": [_pair(name, Mask.placeholder) for name in request.cookies if name],
        "headers": _make_headers(request.headers, mask),
        "queryString": [
            _pair(name, value) for name, value in parse_qsl(query, keep_blank_values=True)
        ],
        "headersSize": _UNKNOWN,
        "bodySize": len(request.body),
    }
    if request.body:
        record["postData"] = _make_body(request.headers, request.body, mask, "_encoding")
    return record


def _make_response(response: Response, mask: Mask) -> dict[str, Any]:
    content = _make_body(response.headers, response.body, mask, "encoding")
    return {
        "status": response.status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [_pair(name, Mask.placeholder) for name in _cookie_names(response.headers)],
        "headers": _make_headers(response.headers, mask),
        "content": {"size": len(response.body), **content},
        "redirectURL": mask.text(response.headers.get("location") or ""),
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN,
    }


def _make_body(headers: Headers, body: bytes, mask: Mask, encoding: str) -> dict[str, Any]:
    """A body as text, or in base64 where it is no text; HAR has no `encoding` for a request."""
    media_type = mask.text(headers.get("content-type") or "")
    try:
        return {"mimeType": media_type, "text": mask.text(body.decode("utf-8"))}
    except UnicodeDecodeError:
        # One character for each byte, so that secrets in it are found.
        masked = mask.text(body.decode("latin-1")).encode("latin-1")
        text = b64encode(masked).decode("ascii")
        return {"mimeType": media_type, "text": text, encoding: "base64"}


def _make_headers(headers: Headers, mask: Mask) -> list[dict[str, str]]:
    return [_pair(name, mask.header(name, value)) for name, value in headers.fields]


def _cookie_names(headers: Headers) -> Iterable[str]:
    return (
        value.partition("=")[0].strip() for name, value in headers.fields if name == "set-cookie"
    )


def _pair(name: str, value: str) -> dict[str, str]:
    return {"name": name, "value": value}
