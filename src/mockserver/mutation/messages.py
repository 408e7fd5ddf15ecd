"""Requests and responses with one part replaced."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

import orjson

from mockserver.contract import Headers, Request, Response

Message = TypeVar("Message", Request, Response)


def parse_body(message: Request | Response) -> Any:
    """The JSON of a message, a value of the caller's own."""
    return orjson.loads(message.body)


def get_query(request: Request, name: str) -> str | None:
    """A parameter of a request's query; of several with one name the last."""
    return dict(parse_qsl(request.query, keep_blank_values=True)).get(name)


def with_query(request: Request, **parameters: str | None) -> Request:
    """The request with other parameters in its query; None removes one."""
    pairs = parse_qsl(request.query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if name not in parameters]
    new = [(name, value) for name, value in parameters.items() if value is not None]
    return replace(request, query=urlencode([*kept, *new], quote_via=quote))


def with_header(message: Message, name: str, value: str | None) -> Message:
    """The message with another value of a header field; None removes the field."""
    fields = [field for field in message.headers.fields if field[0] != name.lower()]
    if value is not None:
        fields.append((name.lower(), value))
    return replace(message, headers=Headers(fields))


def with_status(response: Response, status: int) -> Response:
    """The response with another status."""
    return replace(response, status=status)


def with_json(response: Response, body: Any, status: int | None = None) -> Response:
    """The response with another JSON body, serialised as the mock does, and another status."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return with_body(with_status(response, status or response.status), text)


def with_body(response: Response, text: str, content_type: str | None = None) -> Response:
    """The response with another text as its body, and another content type where given."""
    if content_type is not None:
        response = with_header(response, "content-type", content_type)
    return replace(response, body=text.encode())


def to_html(response: Response) -> Response:
    """The response as an HTML page that says its status."""
    page = f"<!DOCTYPE html><html><body><h1>{response.status}</h1></body></html>"
    return with_body(response, page, "text/html; charset=utf-8")
