"""Writes the exchanges of a run as HAR 1.2.

Our own fields of an entry: its API, phase and operation, and the moment by the deployment's clock,
which in a mock can differ from this machine's.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Any

from mockserver.check.reports.text import format_url
from mockserver.check.target.target import Target
from mockserver.check.validation.verdict import Verdict
from mockserver.clock import format_moment
from mockserver.contract import Headers, Request, Response
from mockserver.redaction import PLACEHOLDER, Mask
from mockserver.traffic.har_writer import (
    make_body,
    make_entry,
    make_request,
    make_response,
    write_log,
)

_COMMENT = (
    "Secrets are redacted. The whole time of an entry is in `wait`: connecting, waiting and "
    "reading were not measured separately."
)


def write_har(verdicts: Sequence[Verdict], target: Target, mask: Mask) -> bytes:
    """Write the traffic of a run, oldest first; of a very long run the newest part.

    The requests of several workers overlap: they are in the order of one.
    """
    entries = [entry for verdict in verdicts for entry in _make_entries(verdict, target, mask)]
    if target.workers == 1:
        entries.sort(key=lambda entry: entry[0])
    return write_log((entry for _, entry in entries), _COMMENT)


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
        request = _make_request(exchange.request, base, mask)
        response = _make_response(exchange.response, mask)
        more = {} if timing else {"comment": "The time was not measured."}
        more |= {"_api": verdict.api, "_phase": phase, "_operation": operation}
        more["_moment"] = format_moment(moment)
        yield began, make_entry(began, took, request, response, **more)


def _make_request(request: Request, base: str, mask: Mask) -> dict[str, Any]:
    return make_request(
        method=mask.text(request.method),
        url=format_url(request, base, mask),
        query=mask.query(request.query),
        headers=_redact_headers(request.headers, mask),
        size=len(request.body),
        body=_make_body(request, mask, "_encoding"),
        cookies=[(mask.text(name), PLACEHOLDER) for name in request.cookies if name],
    )


def _make_response(response: Response, mask: Mask) -> dict[str, Any]:
    cookies = [value for name, value in response.headers.fields if name == "set-cookie"]
    names = [cookie.partition("=")[0].strip() for cookie in cookies]
    return make_response(
        status=response.status,
        headers=_redact_headers(response.headers, mask),
        content={"size": len(response.body), **_make_body(response, mask, "encoding")},
        location=mask.text(response.headers.get("location") or ""),
        cookies=[(mask.text(name), PLACEHOLDER) for name in names],
    )


def _make_body(message: Request | Response, mask: Mask, base64_field: str) -> dict[str, Any]:
    media_type = mask.text(message.headers.get("content-type") or "")
    try:
        text = mask.body(message.body.decode("utf-8"), message.headers.media_type)
        return make_body(media_type, text)
    except UnicodeDecodeError:
        # One character for each byte, so that secrets in it are found.
        masked = mask.text(message.body.decode("latin-1")).encode("latin-1")
        return make_body(media_type, b64encode(masked).decode("ascii"), base64_field)


def _redact_headers(headers: Headers, mask: Mask) -> list[tuple[str, str]]:
    return [(mask.text(name), mask.header(name, value)) for name, value in headers.fields]
