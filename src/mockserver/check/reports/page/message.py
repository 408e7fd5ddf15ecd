"""Lays out a request or a response for a page, and marks what a finding is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from mockserver.check.reports.page.layout import (
    JsonLayout,
    Line,
    Piece,
    Place,
    read_json,
    shorten,
)
from mockserver.check.target.redaction import Mask
from mockserver.check.validation.finding import ContractRule, Finding
from mockserver.contract import Contract, Exchange, Headers, Request, Response, Unmatched
from mockserver.errors import ContractError
from mockserver.json_pointer import split_pointer, step

_LINES, _LONGEST = 40, 300
_ABOUT_STATUS = frozenset({"server-error", "refused", "example-refused"})


@dataclass(frozen=True)
class Highlights:
    """The parts of a request or a response that a finding is about.

    `part` is `status`, `method`, `path`, `query`, `header`, `headers`, `cookie`, `body` or empty,
    and `name` a parameter or a header. `wrong` and `missing` are places in a body.
    """

    part: str = ""
    name: str = ""
    is_absent: bool = False
    wrong: Sequence[Place] = ()
    missing: Mapping[Place, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter or a header; `mark` is `wrong`, `missing` or empty."""

    place: str
    name: str
    value: str
    mark: str = ""


@dataclass(frozen=True)
class Message:
    """A request or a response: its first line, its parameters, its headers, its body."""

    start: tuple[tuple[str, str], ...]
    parameters: tuple[Field, ...]
    headers: tuple[Field, ...]
    body: tuple[Line, ...]
    size: str = ""

    @property
    def has_marked_headers(self) -> bool:
        """Whether a header is marked."""
        return any(header.mark for header in self.headers)


def layout_request(finding: Finding, exchange: Exchange, contract: Contract, mask: Mask) -> Message:
    """Lay out the request of a finding's exchange."""
    request = exchange.request
    value = _parse_body(request.body)
    marked = find_highlights(finding, "request", value, contract)
    path = mask.text(contract.base + request.path)
    return Message(
        start=(
            (request.method, _mark(marked, "method")),
            (path, "" if marked.name else _mark(marked, "path")),
        ),
        parameters=tuple(_list_parameters(request, contract, marked, mask)),
        headers=tuple(_list_headers(request.headers, marked, mask)),
        body=tuple(_layout_body(request, value, marked, mask)),
        size=_format_size(request.body),
    )


def layout_response(
    finding: Finding, exchange: Exchange, contract: Contract, mask: Mask
) -> Message:
    """Lay out the response of a finding's exchange."""
    response = exchange.response
    value = _parse_body(response.body)
    marked = find_highlights(finding, "response", value, contract)
    status = f"{response.status} {_find_phrase(response.status)}".strip()
    return Message(
        start=((status, _mark(marked, "status")),),
        parameters=(),
        headers=tuple(_list_headers(response.headers, marked, mask)),
        body=tuple(_layout_body(response, value, marked, mask)),
        size=_format_size(response.body),
    )


def _find_phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _format_size(body: bytes) -> str:
    return f"{len(body):,} bytes" if body else ""


def _mark(marked: Highlights, part: str, name: str = "") -> str:
    is_meant = marked.part == part and marked.name.lower() == name.lower()
    return "wrong" if is_meant else ""


def _list_parameters(
    request: Request, contract: Contract, marked: Highlights, mask: Mask
) -> Iterator[Field]:
    found = contract.match(request.method, request.path)
    path: Mapping[str, str] = {} if isinstance(found, Unmatched) else found[1]
    query = parse_qsl(request.query, keep_blank_values=True, errors="replace")
    for place, pairs in (("path", path.items()), ("query", query)):
        yield from _make_fields(place, pairs, marked, mask)
    if marked.is_absent and marked.part in ("path", "query", "cookie"):
        yield Field(marked.part, marked.name, "is missing", "missing")


def _make_fields(
    place: str, pairs: Iterable[tuple[str, str]], marked: Highlights, mask: Mask
) -> Iterator[Field]:
    for name, value in pairs:
        shown = shorten(mask.text(value), _LONGEST)
        yield Field(place, mask.text(name), shown, _mark(marked, place, name))


def _list_headers(headers: Headers, marked: Highlights, mask: Mask) -> Iterator[Field]:
    is_header = marked.part in ("header", "headers")
    for name, value in headers.fields:
        mark = _mark(marked, marked.part, name) if is_header else ""
        yield Field("header", name, shorten(mask.header(name, value), _LONGEST), mark)
    if is_header and headers.get(marked.name) is None:
        yield Field("header", marked.name, "is missing", "missing")


_NOT_JSON = object()


def _parse_body(body: bytes) -> Any:
    """The value of a JSON body."""
    try:
        return read_json(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return _NOT_JSON


def _layout_body(
    message: Request | Response, value: Any, marked: Highlights, mask: Mask
) -> Iterator[Line]:
    if value is not _NOT_JSON:
        yield from JsonLayout(mask, marked.wrong, marked.missing).make_lines(value)
        return
    mark = _mark(marked, "body", marked.name)
    text = mask.text(message.body.decode("utf-8", "replace"))
    lines = text.splitlines()
    for line in lines[:_LINES]:
        yield Line(0, (Piece("text", shorten(line, _LONGEST)),), mark)
    if len(lines) > _LINES:
        yield Line(0, (Piece("note", f"… {len(lines) - _LINES:,} more lines"),))


def find_highlights(finding: Finding, half: str, body: Any, contract: Contract) -> Highlights:
    """The highlights of a `request` or a `response` with this body."""
    match split_pointer(finding.location) if finding.location.startswith("/") else []:
        case [where, "body", *path] if where == half:
            return _highlight_body(finding, path, body, contract)
        case [where, part, *names] if where == half:
            is_absent = finding.code == "required"
            return Highlights(part, names[0] if names else "", is_absent)
        case [] if half == "response" and finding.code in _ABOUT_STATUS:
            return Highlights("status")
    return Highlights()


def _highlight_body(finding: Finding, path: list[str], body: Any, contract: Contract) -> Highlights:
    place, value = _follow(path, body)
    source = finding.source
    pointer = source.pointer if isinstance(source, ContractRule) else ""
    if finding.code == "required" and isinstance(value, dict):
        required = _resolve(contract, pointer)
        missing = [name for name in required or () if name not in value]
        return Highlights("body", missing={place: missing})
    if finding.code == "additionalProperties" and isinstance(value, dict):
        properties = _resolve(contract, f"{pointer.rpartition('/')[0]}/properties") or {}
        extra = [(*place, name) for name in value if name not in properties]
        return Highlights("body", wrong=extra or [place])
    return Highlights("body", wrong=[place])


def _resolve(contract: Contract, rule: str) -> Any:
    try:
        return contract.resolve(rule)
    except (ContractError, ValueError):
        return None


def _follow(path: Sequence[str], value: Any) -> tuple[Place, Any]:
    """The place and the value at a path, as far as the body has it."""
    place: Place = ()
    for token in path:
        is_index = isinstance(value, list)
        try:
            value = step(value, token)
        except (LookupError, TypeError, ValueError):
            break
        place = (*place, int(token) if is_index else token)
    return place, value
