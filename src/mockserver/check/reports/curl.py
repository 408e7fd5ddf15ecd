"""Formats a request as a curl command, its secrets redacted."""

from __future__ import annotations

import shlex
from urllib.parse import quote

from mockserver.check.target.redaction import Mask
from mockserver.contract import Request

_OWN = frozenset({"host", "content-length", "accept-encoding", "connection", "user-agent"})
_SAFE = "/:@!$&'()*+,;=~-._"


def format_curl(request: Request, base_url: str, mask: Mask) -> str:
    """Format the command; redacted values have to be filled in before it is run."""
    path = quote(request.path, safe=_SAFE)
    url = f"{base_url.rstrip('/')}{path}" + (f"?{request.query}" if request.query else "")
    words = ["curl", "-s", "-i"]
    if {".", ".."} & {*path.split("/")}:
        words.append("--path-as-is")
    if request.method != "GET" or request.body:
        words += ["-X", request.method]
    words.append(mask.text(url))
    for name, value in request.headers.fields:
        if name not in _OWN:
            words += ["-H", f"{name}: {mask.header(name, value)}"]
    if request.body:
        words += ["--data-binary", mask.text(request.body.decode("utf-8", "backslashreplace"))]
    return " ".join(shlex.quote(word) for word in words)
