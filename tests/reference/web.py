"""The choices about HTTP that neither avaamo's nor autozod's document makes, in one place."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

# Both documents show one 200 answer in JSON, and say nothing else about HTTP.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "json": ("compact", "pretty", "escaped", "slashes"),
    "key_order": ("document", "sorted"),
    "content_type": ("plain", "charset", "upper_charset"),
    "headers": ("none", "express", "rails"),
    "gzip": ("never", "when_accepted"),
    "connection": ("kept", "closed"),
    "head": ("as_get", "404", "405", "501"),
    "options": ("405", "404", "204", "cors"),
    "method": ("405_allow", "405", "404", "501"),
    "slash": ("404", "redirect", "same"),
    "case_of_path": ("exact", "ignored"),
    "accept": ("ignored", "406"),
    "unknown_parameters": ("ignored", "refused"),
    "repeated": ("last", "first", "refused"),
    "spaces": ("trimmed", "kept"),
    "empty_value": ("absent", "refused"),
    "control_characters": ("kept", "refused"),
    "token_check": ("first", "last"),
    "no_token": ("401", "403", "400", "401_challenge"),
    "wrong_token": ("401", "403"),
    "bad_status": ("400", "422"),
    "refusal_body": ("error", "errors", "message", "problem", "html", "text", "empty"),
}

HEADERS: Mapping[str, list[tuple[str, str]]] = {
    "none": [],
    "express": [
        ("X-Powered-By", "Express"),
        ("Access-Control-Allow-Origin", "*"),
        ("X-RateLimit-Limit", "6000"),
        ("X-RateLimit-Remaining", "5999"),
        ("Vary", "Accept-Encoding"),
    ],
    "rails": [
        ("Set-Cookie", "_session=c2VjcmV0; path=/; HttpOnly; SameSite=Lax"),
        ("Set-Cookie", "locale=ar; path=/"),
        ("Cache-Control", "max-age=0, private, must-revalidate"),
        ("Content-Security-Policy", "default-src 'self'"),
        ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
        ("X-Request-Id", "5f0c8d1e-6d0a-4c58-9d0b-2b5c0a3c9a11"),
        ("X-Runtime", "0.012345"),
    ],
}


class Refusal(Exception):
    """A request that the server does not serve."""

    def __init__(
        self, status: int, message: str, headers: Iterable[tuple[str, str]] = (), code: str = ""
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, list(headers)
        self.code = code or HTTPStatus(status).phrase.lower().replace(" ", "_")


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes
    content_type: str = ""


@dataclass
class Response:
    status: int
    body: object
    content_type: str = "application/json"
    headers: list[tuple[str, str]] = field(default_factory=list)


def read_choices(
    known: Mapping[str, tuple[str, ...]], choices: Mapping[str, str] | None
) -> dict[str, str]:
    chosen = {name: values[0] for name, values in known.items()}
    for name, value in (choices or {}).items():
        if value not in known.get(name, ()):
            raise ValueError(f"no choice {name}={value}; known: {name}={known.get(name)}")
        chosen[name] = value
    return chosen


def read_parameters(
    request: Request, known: Iterable[str], choices: Mapping[str, str]
) -> dict[str, str]:
    """Give each parameter's one value; an absent parameter has none."""
    values: dict[str, str] = {}
    for name, raw in request.query:
        value = raw.strip() if choices["spaces"] == "trimmed" else raw
        if name not in known:
            if choices["unknown_parameters"] == "refused":
                raise Refusal(int(choices["bad_status"]), f"Unknown parameter: {name}")
            continue
        if choices["control_characters"] == "refused" and any(ord(char) < 32 for char in value):
            raise Refusal(400, f"Malformed value of {name}")
        if name in values and choices["repeated"] == "refused":
            raise Refusal(int(choices["bad_status"]), f"{name} is given twice")
        if name not in values or choices["repeated"] == "last":
            values[name] = value
    for name in [name for name, value in values.items() if not value]:
        if choices["empty_value"] == "refused":
            raise Refusal(int(choices["bad_status"]), f"{name} is empty")
        del values[name]
    return values


def write_json(value: object, choices: Mapping[str, str]) -> bytes:
    sort = choices["key_order"] == "sorted"
    match choices["json"]:
        case "pretty":
            text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=sort) + "\n"
        case "escaped":
            text = json.dumps(value, sort_keys=sort)
        case other:
            text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort)
            text = text.replace("/", "\\/") if other == "slashes" else text
    return text.encode()


def write_refusal(refusal: Refusal, choices: Mapping[str, str]) -> Response:
    body: object
    content_type = "application/json"
    match choices["refusal_body"]:
        case "error":
            body = {"error": refusal.message}
        case "errors":
            body = {"errors": [{"code": refusal.code, "detail": refusal.message}]}
        case "message":
            body = {"status": refusal.status, "message": refusal.message, "data": None}
        case "success_false":
            body = {"success": False, "message": refusal.message}
        case "success_false_data":
            body = {"success": False, "data": {}, "error": {"code": refusal.code}}
        case "problem":
            content_type = "application/problem+json"
            body = {"type": "about:blank", "title": refusal.message, "status": refusal.status}
        case "html":
            content_type = "text/html; charset=utf-8"
            body = f"<!doctype html><title>{refusal.status}</title><p>Sorry</p>".encode()
        case "text":
            content_type, body = "text/plain", refusal.message.encode()
        case _:
            content_type, body = "", b""
    return Response(refusal.status, body, content_type, refusal.headers)


def make_wsgi_app(
    path: str,
    choices: Mapping[str, str],
    handle: Callable[[Request], Response],
    aliases: Collection[str] = (),
) -> WSGIApplication:
    """Serve `GET path`; every other request is the choices' matter."""

    def respond(request: Request) -> Response:
        here = request.path
        if choices["case_of_path"] == "ignored" and here.lower() == path.lower():
            here = path
        if here == path + "/" and choices["slash"] != "404":
            if choices["slash"] == "redirect":
                raise Refusal(301, "Moved", [("Location", path)])
            here = path
        if here != path and here not in aliases:
            raise Refusal(404, "Not Found")
        if request.method == "OPTIONS" and choices["options"] in {"204", "cors"}:
            cors = [("Access-Control-Allow-Methods", "GET"), ("Access-Control-Allow-Origin", "*")]
            more = cors if choices["options"] == "cors" else []
            return Response(204, b"", "", [("Allow", "GET, HEAD, OPTIONS"), *more])
        wanted = {"HEAD": choices["head"], "OPTIONS": choices["options"]}
        served = request.method == "GET" or wanted.get(request.method) == "as_get"
        if not served:
            status, _, allow = wanted.get(request.method, choices["method"]).partition("_")
            raise Refusal(
                int(status), HTTPStatus(int(status)).phrase, [("Allow", "GET")] if allow else []
            )
        accepted = request.headers.get("accept", "*/*")
        if choices["accept"] == "406" and not re.search(r"\*/\*|application/(json|\*)", accepted):
            raise Refusal(406, "Not Acceptable")
        return handle(request)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = read_request(environ)
        try:
            response = respond(request)
        except Refusal as refusal:
            response = write_refusal(refusal, choices)
        content_type = response.content_type
        if content_type == "application/json":
            suffix = {"plain": "", "charset": "; charset=utf-8", "upper_charset": ";charset=UTF-8"}
            content_type += suffix[choices["content_type"]]
        body = response.body
        content = body if isinstance(body, bytes) else write_json(body, choices)
        headers = [*response.headers, *HEADERS[choices["headers"]]]
        if choices["headers"] != "none":
            headers.append(("ETag", f'W/"{hashlib.sha256(content).hexdigest()[:16]}"'))
        if choices["gzip"] == "when_accepted" and content:
            headers.append(("Vary", "Accept-Encoding"))
            if "gzip" in request.headers.get("accept-encoding", ""):
                content = gzip.compress(content, mtime=0)
                headers.append(("Content-Encoding", "gzip"))
        if choices["connection"] == "closed":
            headers.append(("Connection", "close"))
        if content_type:
            headers.append(("Content-Type", content_type))
        if response.status != 204:
            headers.append(("Content-Length", str(len(content))))
        start_response(f"{response.status} {HTTPStatus(response.status).phrase}", headers)
        return [] if request.method == "HEAD" else [content]

    return app


def read_request(environ: WSGIEnvironment) -> Request:
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    length = environ.get("CONTENT_LENGTH") or "0"
    body = environ["wsgi.input"].read(int(length)) if length.isdigit() else b""
    return Request(
        environ["REQUEST_METHOD"],
        environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace"),
        parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True),
        headers,
        body,
        environ.get("CONTENT_TYPE", ""),
    )
