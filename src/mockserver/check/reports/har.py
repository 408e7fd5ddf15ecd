"""The report for tools that show traffic: the exchanges of a run as a log in HAR 1.2.

http://www.softwareishard.com/blog/har-12-spec/ is what it follows. What is our own begins with `_`:
an entry's phase and operation, and the deployment's own moment, which in a mock need not be ours.
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
from mockserver.clock import written
from mockserver.contract import Exchange, Headers, Request, Response

__all__ = ["as_har"]

_SAFE = "/:@!$&'()*+,;=~-._"
_UNKNOWN = -1
"""What HAR says of a size that nobody counted, and of a time that does not apply."""

_COMMENT = (
    "Secrets are masked. An entry's time is all in `wait`: what went before the answer and what it "
    "took to read it were not measured apart."
)
_UNTIMED = "Nobody measured how long this took."


def as_har(verdicts: Sequence[Verdict], target: Target, mask: Mask) -> bytes:
    """The traffic of a run, the oldest first; of a very long one the newest."""
    entries = [entry for verdict in verdicts for entry in _entries(verdict, target, mask)]
    entries.sort(key=lambda entry: entry[0])
    log = {
        "version": "1.2",
        "creator": {"name": "mockserver", "version": __version__},
        "entries": [entry for _, entry in entries],
        "comment": _COMMENT,
    }
    text = json.dumps({"log": log}, ensure_ascii=False, indent=1)
    # Half a character, which no UTF-8 can carry, is told as a question mark.
    return text.encode("utf-8", "replace")


def _entries(verdict: Verdict, target: Target, mask: Mask) -> Iterator[tuple[int, dict[str, Any]]]:
    results, base = verdict.results, target.url.rstrip("/") + verdict.base
    if results is None:
        return
    kept = [
        *zip(results.traffic, results.moments, strict=True),
        *(
            ((results.phase, "", exchange), moment)
            for exchange, moment in results.unmatched_exchanges
        ),
    ]
    for (phase, operation, exchange), moment in kept:
        timing = exchange.response.timing
        began = moment if timing is None else timing.began
        own = {
            "_api": verdict.api,
            "_phase": phase,
            "_operation": operation,
            "_moment": written(moment),
        }
        yield began, {**_entry(exchange, began, base, mask), **own}


def _entry(exchange: Exchange, began: int, base: str, mask: Mask) -> dict[str, Any]:
    timing = exchange.response.timing
    took = 0 if timing is None else timing.took / 1_000
    entry = {
        "startedDateTime": written(began),
        "time": took,
        "request": _request(exchange.request, base, mask),
        "response": _response(exchange.response, mask),
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


def _request(request: Request, base: str, mask: Mask) -> dict[str, Any]:
    query = mask.text(request.query)
    url = mask.text(base) + quote(mask.text(request.path), safe=_SAFE + Mask.placeholder)
    shown = {
        "method": request.method,
        "url": f"{url}?{query}" if query else url,
        "httpVersion": "HTTP/1.1",
        "cookies": [_pair(name, Mask.placeholder) for name in request.cookies if name],
        "headers": _headers(request.headers, mask),
        "queryString": [
            _pair(name, value) for name, value in parse_qsl(query, keep_blank_values=True)
        ],
        "headersSize": _UNKNOWN,
        "bodySize": len(request.body),
    }
    if request.body:
        shown["postData"] = _content(request.headers, request.body, mask, "_encoding")
    return shown


def _response(response: Response, mask: Mask) -> dict[str, Any]:
    content = _content(response.headers, response.body, mask, "encoding")
    return {
        "status": response.status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [_pair(name, Mask.placeholder) for name in _set_cookies(response.headers)],
        "headers": _headers(response.headers, mask),
        "content": {"size": len(response.body), **content},
        "redirectURL": mask.text(response.headers.get("location") or ""),
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN,
    }


def _content(headers: Headers, body: bytes, mask: Mask, encoding: str) -> dict[str, Any]:
    """A body as text, or in base64 where it is none; HAR has no word for that in a request."""
    media_type = mask.text(headers.get("content-type") or "")
    try:
        return {"mimeType": media_type, "text": mask.text(body.decode("utf-8"))}
    except UnicodeDecodeError:
        # A character for each byte, so that a secret is found among them.
        masked = mask.text(body.decode("latin-1")).encode("latin-1")
        text = b64encode(masked).decode("ascii")
        return {"mimeType": media_type, "text": text, encoding: "base64"}


def _headers(headers: Headers, mask: Mask) -> list[dict[str, str]]:
    return [_pair(name, mask.header(name, value)) for name, value in headers.fields]


def _set_cookies(headers: Headers) -> Iterable[str]:
    return (
        value.partition("=")[0].strip() for name, value in headers.fields if name == "set-cookie"
    )


def _pair(name: str, value: str) -> dict[str, str]:
    return {"name": name, "value": value}
