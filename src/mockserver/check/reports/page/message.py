"""A request or an answer laid out for a page, with the places that a finding speaks of marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from mockserver.check.reports.page.highlights import Suspects, suspects
from mockserver.check.reports.page.json_lines import Layout, Line, Piece, read_json
from mockserver.check.reports.page.text import cut
from mockserver.check.target.redaction import Mask
from mockserver.check.validation.finding import Finding
from mockserver.contract import Contract, Exchange, Headers, Request, Response, Unmatched

__all__ = ["Field", "Message", "request_of", "response_of"]

_LINES, _LONGEST = 40, 300


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter or a header; `mark` is `wrong`, `missing` or nothing."""

    place: str
    name: str
    value: str
    mark: str = ""


@dataclass(frozen=True)
class Message:
    """A request or an answer: its first line, its parameters, its headers, its body."""

    start: tuple[tuple[str, str], ...]
    parameters: tuple[Field, ...]
    headers: tuple[Field, ...]
    body: tuple[Line, ...]
    size: str = ""

    @property
    def has_marked_headers(self) -> bool:
        """Whether a header is what is spoken of."""
        return any(header.mark for header in self.headers)


def request_of(finding: Finding, exchange: Exchange, contract: Contract, mask: Mask) -> Message:
    """The request of a finding's exchange."""
    request = exchange.request
    value = _value(request.body)
    marked = suspects(finding, "request", value, contract)
    path = mask.text(contract.base + request.path)
    return Message(
        start=(
            (request.method, _mark(marked, "method")),
            (path, "" if marked.name else _mark(marked, "path")),
        ),
        parameters=tuple(_parameters(request, contract, marked, mask)),
        headers=tuple(_headers(request.headers, marked, mask)),
        body=tuple(_body(request, value, marked, mask)),
        size=_size(request.body),
    )


def response_of(finding: Finding, exchange: Exchange, contract: Contract, mask: Mask) -> Message:
    """The answer of a finding's exchange."""
    response = exchange.response
    value = _value(response.body)
    marked = suspects(finding, "response", value, contract)
    status = f"{response.status} {_phrase(response.status)}".strip()
    return Message(
        start=((status, _mark(marked, "status")),),
        parameters=(),
        headers=tuple(_headers(response.headers, marked, mask)),
        body=tuple(_body(response, value, marked, mask)),
        size=_size(response.body),
    )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _size(body: bytes) -> str:
    return f"{len(body):,} bytes" if body else ""


def _mark(marked: Suspects, part: str, name: str = "") -> str:
    is_meant = marked.part == part and marked.name.lower() == name.lower()
    return "wrong" if is_meant else ""


def _parameters(
    request: Request, contract: Contract, marked: Suspects, mask: Mask
) -> Iterator[Field]:
    found = contract.match(request.method, request.path)
    path: Mapping[str, str] = {} if isinstance(found, Unmatched) else found[1]
    query = parse_qsl(request.query, keep_blank_values=True, errors="replace")
    for place, pairs in (("path", path.items()), ("query", query)):
        yield from _fields(place, pairs, marked, mask)
    if marked.is_absent and marked.part in ("path", "query", "cookie"):
        yield Field(marked.part, marked.name, "is missing", "missing")


def _fields(
    place: str, pairs: Iterable[tuple[str, str]], marked: Suspects, mask: Mask
) -> Iterator[Field]:
    for name, value in pairs:
        shown = cut(mask.text(value), _LONGEST)
        yield Field(place, mask.text(name), shown, _mark(marked, place, name))


def _headers(headers: Headers, marked: Suspects, mask: Mask) -> Iterator[Field]:
    is_header = marked.part in ("header", "headers")
    for name, value in headers.fields:
        mark = _mark(marked, marked.part, name) if is_header else ""
        yield Field("header", name, cut(mask.header(name, value), _LONGEST), mark)
    if is_header and headers.get(marked.name) is None:
        yield Field("header", marked.name, "is missing", "missing")


_NOT_JSON = object()


def _value(body: bytes) -> Any:
    """A body's value as JSON, where it has one."""
    try:
        return read_json(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return _NOT_JSON


def _body(message: Request | Response, value: Any, marked: Suspects, mask: Mask) -> Iterator[Line]:
    if value is not _NOT_JSON:
        yield from Layout(mask, marked.wrong, marked.missing).lines(value)
        return
    mark = _mark(marked, "body", marked.name)
    text = mask.text(message.body.decode("utf-8", "replace"))
    lines = text.splitlines()
    for line in lines[:_LINES]:
        yield Line(0, (Piece("text", cut(line, _LONGEST)),), mark)
    if len(lines) > _LINES:
        yield Line(0, (Piece("note", f"… {len(lines) - _LINES:,} more lines"),))
