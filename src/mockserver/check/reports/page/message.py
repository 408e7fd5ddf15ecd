"""Lays out a request or a response for a page, and marks what a finding is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from http.client import responses as phrases
from typing import Any
from urllib.parse import parse_qsl

from msgspec import Struct, field

from mockserver.check.reports.page.layout import JsonLayout, Line, Piece, Place, read_json, shorten
from mockserver.check.validation.finding import Finding
from mockserver.contract import Contract, Request, Response, Unmatched
from mockserver.json_pointer import split_pointer, step
from mockserver.redaction import Mask

_LINES, _LONGEST = 40, 300
_ABOUT_STATUS = frozenset({"server-error", "refused", "example-refused"})
_NOT_JSON = object()


class Highlights(Struct, frozen=True):
    """The parts of a request or a response that a finding is about.

    `part` is `status`, `method`, `path`, `query`, `header`, `cookie`, `body` or empty, and `name` a
    parameter or a header. `wrong` and `missing` are places in a body.
    """

    part: str = ""
    name: str = ""
    is_absent: bool = False
    wrong: Sequence[Place] = ()
    missing: Mapping[Place, Sequence[str]] = field(default_factory=dict)

    def mark(self, part: str, name: str = "") -> str:
        """The mark of a part: `wrong` or empty."""
        return "wrong" if (part, name.lower()) == (self.part, self.name.lower()) else ""


class Field(Struct, frozen=True):
    """A parameter or a header; `mark` is `wrong`, `missing` or empty."""

    place: str
    name: str
    value: str
    mark: str = ""


class Message(Struct, frozen=True):
    """A request or a response: its first line, its parameters, its headers, its body."""

    start: Sequence[tuple[str, str]]
    parameters: Sequence[Field]
    headers: Sequence[Field]
    body: Sequence[Line]
    size: str = ""


def layout_message(
    finding: Finding, message: Request | Response, contract: Contract, mask: Mask
) -> Message:
    """Lay out the request or the response of a finding's exchange."""
    try:
        value = read_json(mask.body(message.body.decode("utf-8"), message.headers.media_type))
    except (ValueError, RecursionError):
        value = _NOT_JSON
    half = "request" if isinstance(message, Request) else "response"
    marked = find_highlights(finding, half, value, contract)
    places: dict[str, Iterable[tuple[str, str]]] = {}
    if isinstance(message, Request):
        match = contract.match(message.method, message.path)
        places["path"] = () if isinstance(match, Unmatched) else match[1].items()
        places["query"] = parse_qsl(message.query, keep_blank_values=True, errors="replace")
        places["cookie"] = ()
        path = mask.text(contract.base + message.path)
        start = [(message.method, marked.mark("method")), (path, marked.mark("path"))]
    else:
        status = f"{message.status} {phrases.get(message.status, '')}".strip()
        start = [(status, marked.mark("status"))]
    return Message(
        start=start,
        parameters=list(_list_fields(places, marked, mask)),
        headers=list(_list_fields({"header": message.headers.fields}, marked, mask)),
        body=list(_layout_body(message, value, marked, mask)),
        size=f"{len(message.body):,} bytes" if message.body else "",
    )


def _list_fields(
    places: Mapping[str, Iterable[tuple[str, str]]], marked: Highlights, mask: Mask
) -> Iterator[Field]:
    is_present = False
    for place, pairs in places.items():
        for name, value in pairs:
            is_header = place == "header"
            shown = mask.header(name, value) if is_header else mask.value(place, name, value)
            mark = marked.mark(place, name)
            is_present = is_present or bool(mark)
            yield Field(place, mask.text(name), shorten(shown, _LONGEST), mark)
    is_absent = marked.is_absent or (marked.part == "header" and not is_present)
    if is_absent and marked.part in places:
        yield Field(marked.part, marked.name, "is missing", "missing")


def _layout_body(
    message: Request | Response, value: Any, marked: Highlights, mask: Mask
) -> Iterator[Line]:
    if value is not _NOT_JSON:
        yield from JsonLayout(mask, marked.wrong, marked.missing).make_lines(value)
        return
    text = message.body.decode("utf-8", "replace")
    lines = mask.body(text, message.headers.media_type).splitlines()
    for line in lines[:_LINES]:
        yield Line(0, (Piece("text", shorten(line, _LONGEST)),), marked.mark("body", marked.name))
    if len(lines) > _LINES:
        yield Line(0, (Piece("note", f"… {len(lines) - _LINES:,} more lines"),))


def find_highlights(finding: Finding, half: str, body: Any, contract: Contract) -> Highlights:
    """The highlights of a `request` or a `response` with this body."""
    match split_pointer(finding.location) if finding.location.startswith("/") else []:
        case [where, "body", *path] if where == half:
            return _highlight_body(finding, path, body, contract)
        case [where, part, *names] if where == half:
            name = names[0] if names else ""
            part = "header" if part == "headers" else part
            return Highlights(part, name, finding.code == "required")
        case [] if half == "response" and finding.code in _ABOUT_STATUS:
            return Highlights("status")
    return Highlights()


def _highlight_body(
    finding: Finding, path: Sequence[str], body: Any, contract: Contract
) -> Highlights:
    place: Place = ()
    value = body
    for token in path:
        is_index = isinstance(value, list)
        try:
            value = step(value, token)
        except (LookupError, TypeError, ValueError):
            break  # the body is a form, for example
        place = (*place, int(token) if is_index else token)
    if isinstance(value, dict) and finding.source.kind == "contract":
        pointer = finding.source.name
        if finding.code == "required":
            missing = [name for name in contract.resolve(pointer) if name not in value]
            return Highlights("body", missing={place: missing})
        if finding.code == "additionalProperties":
            properties = contract.resolve(pointer.rpartition("/")[0]).get("properties", {})
            extra = [(*place, name) for name in value if name not in properties]
            return Highlights("body", wrong=extra or [place])
    return Highlights("body", wrong=[place])
