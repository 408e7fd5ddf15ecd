"""Formats a request as a URL and as a curl command, its secrets redacted."""

from __future__ import annotations

import shlex
from urllib.parse import quote

from mockserver.check.target.redaction import Mask
from mockserver.contract import Request

_OWN = frozenset({"host", "content-length", "accept-encoding", "connection", "user-agent"})
_SAFE = "/:@!$&'()*+,;=~-._"


def format_url(request: Request, base_url: str, mask: Mask) -> str:
    """Format the URL of a request, its path percent-encoded."""
    url = base_url.rstrip("/") + quote(request.path, safe=_SAFE)
    return mask.text(f"{url}?{request.query}" if request.query else url)


def format_curl(request: Request, base_url: str, mask: Mask) -> str:
    """Format the command; redacted values have to be filled in before it is run."""
    words = ["curl", "-s", "-i"]
    if {".", ".."} & {*request.path.split("/")}:
        words.append("--path-as-is")
    if request.method != "GET" or request.body:
        words += ["-X", request.method]
    words.append(format_url(request, base_url, mask))
    for name, value in request.headers.fields:
        if name not in _OWN:
            words += ["-H", f"{name}: {mask.header(name, value)}"]
    if request.body:
        words += ["--data-binary", mask.text(request.body.decode("utf-8", "backslashreplace"))]
    return " ".join(shlex.quote(word) for word in words)
