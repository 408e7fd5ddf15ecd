"""What an HTTP server decides below its API: methods, headers, encodings, errors of no document.

No vendor's document says anything about them, so each is a choice of any reference server.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication

HTTP_CHOICES: Mapping[str, tuple[str, ...]] = {
    "json": ("raw", "escaped", "pretty"),  # `\/` and \u escapes are the same JSON
    "charset": ("none", "utf-8", "UTF-8"),
    "keys": ("documented", "sorted", "reversed"),  # a JSON object has no order
    "headers": ("plain", "cookies", "caching", "security"),
    "gzip": ("never", "accepted"),
    "connection": ("kept", "closed"),
    "head": ("served", "405", "404", "501"),
    "options": ("200", "204", "405", "404", "501"),
    "other_methods": ("405", "405-without-allow", "404", "501"),
    "trailing_slash": ("served", "redirected", "404"),
    "repeated": ("last", "first", "400"),  # the same query parameter twice
    "limits": ("none", "413-and-414"),  # a body of 1 MiB, a URL of 2000 characters
    "characters": ("any", "400"),  # control characters, and bytes that are no UTF-8
    "throttle": ("none", "limited"),  # 429 beyond 40 requests in a second
    "refusal_body": ("message", "html", "empty", "problem", "text"),  # errors of no document
}
HEADERS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "plain": (),
    "cookies": (
        ("Set-Cookie", "XSRF-TOKEN=eyJpdiI6; path=/; samesite=lax"),
        ("Set-Cookie", "session=eyJpdiI7; path=/; httponly; samesite=lax"),
        ("Cache-Control", "no-cache, private"),
        ("X-Powered-By", "PHP/8.2.12"),
        ("Access-Control-Allow-Origin", "*"),
    ),
    "caching": (("Cache-Control", "max-age=0, must-revalidate"), ("Vary", "Accept-Encoding")),
    "security": (
        ("X-RateLimit-Limit", "60"),
        ("X-RateLimit-Remaining", "59"),
        ("Content-Security-Policy", "default-src 'none'"),
        ("Strict-Transport-Security", "max-age=31536000"),
        ("X-Content-Type-Options", "nosniff"),
    ),
}
Query = list[tuple[str, str]]


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Query
    headers: Mapping[str, str]
    body: bytes
    origin: str

    @property
    def url(self) -> str:
        return self.origin + self.path

    def get(self, name: str, repeated: str) -> str | None:
        """The value of a query parameter, the first or the last of several."""
        values = [value for key, value in self.query if key == name]
        return values[0 if repeated == "first" else -1] if values else None


@dataclass(frozen=True)
class Reply:
    """A response: `body` is made JSON, `content` is sent as it is."""

    status: int
    body: Any = None
    content: bytes | None = None
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = field(default=())


# An API: the methods of a path with the function that answers each; None where there is no path.
Routes = Callable[[str], Mapping[str, Callable[[Request], Reply]] | None]


def refuse(form: str, status: int, message: str, **headers: str) -> Reply:
    """A refusal that no document describes."""
    extra = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    match form:
        case "html":
            page = f"<!DOCTYPE html><html><title>{status}</title><h1>{message}</h1></html>"
            return Reply(status, None, page.encode(), "text/html; charset=UTF-8", extra)
        case "empty":
            return Reply(status, None, b"", "", extra)
        case "text":
            return Reply(status, None, message.encode(), "text/plain", extra)
        case "problem":
            problem = {"type": "about:blank", "title": message, "status": status}
            return Reply(status, problem, None, "application/problem+json", extra)
    return Reply(status, {"message": message}, None, "application/json", extra)


def encode_json(value: object, form: str) -> bytes:
    if form == "pretty":
        return json.dumps(value, ensure_ascii=False, indent=4).encode("utf-8", "replace")
    text = json.dumps(value, ensure_ascii=form == "escaped", separators=(",", ":"))
    return (text.replace("/", "\\/") if form == "escaped" else text).encode("utf-8", "replace")


def order_keys(value: Any, order: str) -> Any:
    if isinstance(value, list):
        return [order_keys(item, order) for item in value]
    if not isinstance(value, dict) or order == "documented":
        return value
    names = sorted(value) if order == "sorted" else list(value)[::-1]
    return {name: order_keys(value[name], order) for name in names}


def read_request(environ: Mapping[str, Any]) -> Request:
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    headers["content-type"] = environ.get("CONTENT_TYPE") or ""
    return Request(
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"),
        query=parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True),
        headers=headers,
        body=environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)),
        origin=f"http://{headers.get('host', '127.0.0.1')}",
    )


def make_wsgi_app(
    routes: Routes, choices: Mapping[str, str], now: Callable[[], datetime]
) -> WSGIApplication:
    form = choices["refusal_body"]
    lock = Lock()
    recent: list[datetime] = []

    def is_throttled() -> bool:
        moment = now()
        recent[:] = [at for at in recent if at > moment - timedelta(seconds=1)]
        recent.append(moment)
        return choices["throttle"] == "limited" and len(recent) > 40

    def respond(request: Request) -> Reply:
        if is_throttled():
            return refuse(form, 429, "Too Many Attempts.", Retry_After="1")
        sent = [request.path, *(text for pair in request.query for text in pair)]
        if choices["limits"] != "none" and len(request.body) >= 2**20:
            return refuse(form, 413, "Request Entity Too Large")
        if choices["limits"] != "none" and sum(map(len, sent)) > 2000:
            return refuse(form, 414, "Request-URI Too Long")
        if choices["characters"] == "400" and re.search("[\x00-\x1f\x7f\ufffd]", "".join(sent)):
            return refuse(form, 400, "Bad Request")
        path = request.path
        if path.endswith("/") and len(path) > 1 and choices["trailing_slash"] != "404":
            path = path[:-1]
        methods = routes(path)
        if methods is None:
            return refuse(form, 404, "The route could not be found.")
        if path != request.path and choices["trailing_slash"] == "redirected":
            return refuse(form, 301, "Moved Permanently", Location=request.origin + path)
        names = [name for name, _ in request.query]
        if choices["repeated"] == "400" and len(names) != len(set(names)):
            return refuse(form, 400, "A parameter is repeated.")
        allow = ", ".join([*methods, *(["HEAD"] if choices["head"] == "served" else [])])
        method = request.method
        if method == "HEAD":
            method = "GET" if choices["head"] == "served" else method
        if method in methods:
            return methods[method](request)
        rule = choices[method.lower() if method in ("HEAD", "OPTIONS") else "other_methods"]
        if method == "OPTIONS" and rule in ("200", "204"):
            return Reply(int(rule), None, b"", "", (("Allow", allow + ", OPTIONS"),))
        extra = {} if rule != "405" else {"Allow": allow}
        return refuse(form, int(rule[:3]), f"The {method} method is not supported.", **extra)

    def app(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        request = read_request(environ)
        with lock:
            reply = respond(request)
        content = reply.content
        if content is None:
            content = encode_json(order_keys(reply.body, choices["keys"]), choices["json"])
        headers = [*HEADERS[choices["headers"]], *reply.headers]
        status = reply.status
        if reply.content_type:
            suffix = "" if choices["charset"] == "none" else f"; charset={choices['charset']}"
            whole = reply.content_type.startswith("text/html")
            headers.append(("Content-Type", reply.content_type + ("" if whole else suffix)))
        if choices["headers"] == "caching" and status == 200:
            tag = f'W/"{hashlib.sha256(content).hexdigest()[:16]}"'
            headers.append(("ETag", tag))
            if request.method == "GET" and request.headers.get("if-none-match") == tag:
                status, content = 304, b""
        if choices["gzip"] == "accepted" and "gzip" in request.headers.get("accept-encoding", ""):
            content = gzip.compress(content, mtime=0) if content else content
            headers += [("Content-Encoding", "gzip")] if content else []
        if choices["connection"] == "closed":
            headers.append(("Connection", "close"))
        if status not in (204, 304):
            headers.append(("Content-Length", str(len(content))))
        start_response(f"{status} {HTTPStatus(status).phrase}", headers)
        return [b"" if request.method == "HEAD" else content]

    return app


def call(
    app: WSGIApplication, method: str, target: str, body: bytes = b"", **headers: str
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body of a response, without a connection: for tests."""
    path, _, query = target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": query,
        "HTTP_HOST": "example.com",
        "CONTENT_TYPE": headers.pop("Content_Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    } | {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(
        status: str, fields: list[tuple[str, str]], exc_info: object = None, /
    ) -> Callable[[bytes], object]:
        del exc_info
        started.append((status, fields))
        return io.BytesIO().write

    content = b"".join(app(environ, start_response))
    return int(started[0][0][:3]), started[0][1], content
