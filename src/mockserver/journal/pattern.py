"""What a test expects of a request: patterns of exchanges, and how an exchange differs from one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs

import msgspec

from mockserver.journal.entry import JournalEntry, JournalMessage
from mockserver.json_pointer import escape

ANY = "*"
"""Stands for every value of a header or of a parameter."""

_MAX_SHOWN = 80


class ExchangePattern(msgspec.Struct, frozen=True, dict=True, forbid_unknown_fields=True):
    """What an exchange has to be; what is left out may be anything.

    `operation` is an operationId, or `api.operationId`. In `path`, `*` is a part of a segment and
    `**` any number of segments. In `query` and `headers`, `*` is any value, and None says that
    there is none. `body` is the JSON that the request has at least: an object may have more
    members, an array may not have more items. `status` is a number, or a text such as `4XX`.
    """

    operation: str | None = None
    method: str | None = None
    path: str | None = None
    query: Mapping[str, str | None] = {}
    headers: Mapping[str, str | None] = {}
    body: Any = msgspec.UNSET
    status: int | str | None = None

    def matches(self, entry: JournalEntry) -> bool:
        """Whether an exchange is like this."""
        return next(self.find_differences(entry), None) is None

    def find_differences(self, entry: JournalEntry) -> Iterator[str]:
        """How an exchange differs from this, a sentence each; what tells most comes first."""
        if self.operation and self.operation not in (entry.operation, entry.operation_name):
            was = entry.operation_name or "a path of no operation"
            yield f"the operation is {was}, not {self.operation}"
        if self.method and self.method.upper() != entry.method:
            yield f"the method is {entry.method}, not {self.method.upper()}"
        if self.path is not None and not _matches_path(self._path_parts, entry.path):
            yield f"the path is '{entry.path}', not '{self.path}'"
        if self.status is not None and not self._has_status(entry.status):
            yield f"the status is {entry.status or 'none'}, not {self.status}"
        sent = parse_qs(entry.query, keep_blank_values=True)
        yield from _compare_texts("the query parameter", self.query, sent)
        fields: dict[str, list[str]] = {}
        for name, value in entry.request.headers:
            fields.setdefault(name, []).append(value)
        wanted = {name.lower(): value for name, value in self.headers.items()}
        yield from _compare_texts("the header", wanted, fields)
        if self.body is not msgspec.UNSET:
            yield from _compare_bodies(self.body, entry.request)

    def describe(self) -> str:
        """The pattern in words."""
        parts = [self.operation or "any operation"]
        if self.method or self.path:
            parts = [" ".join(filter(None, (self.method, self.path)))]
            parts += [f"of {self.operation}"] if self.operation else []
        for name, values in (("query", self.query), ("headers", self.headers)):
            if values:
                parts.append(f"with the {name} {_show(values)}")
        if self.body is not msgspec.UNSET:
            parts.append(f"with the body {_show(self.body)}")
        if self.status is not None:
            parts.append(f"and the status {self.status}")
        return " ".join(parts)

    @cached_property
    def _path_parts(self) -> list[str]:
        return [part for part in re.split(r"(\*\*|\*)", self.path or "") if part]

    def _has_status(self, status: int) -> bool:
        wanted = str(self.status).upper()
        return wanted in (str(status), f"{status // 100}XX")


def _matches_path(parts: Sequence[str], path: str) -> bool:
    """Whether a path is like the parts of a pattern.

    All places that a part may end at are followed at once: a regular expression would try them one
    after the other, which takes exponential time where there are many.
    """
    places = {0}
    for part in parts:
        if part == "**":
            places = set(range(min(places), len(path) + 1))
        elif part == "*":
            starts: dict[int, int] = {}  # of each segment, by where it ends, the first place
            for place in sorted(places, reverse=True):
                end = path.find("/", place)
                starts[len(path) if end < 0 else end] = place
            places = {it for end, start in starts.items() for it in range(start, end + 1)}
        else:
            places = {place + len(part) for place in places if path.startswith(part, place)}
        if not places:
            return False
    return len(path) in places


def _compare_texts(
    what: str, wanted: Mapping[str, str | None], found: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    for name, value in wanted.items():
        values = found.get(name, [])
        if value is None and values:
            yield f"{what} '{name}' is there, with {_show(values[0])}"
        elif value is not None and not values:
            yield f"{what} '{name}' is missing"
        elif value not in (None, ANY, *values):
            yield f"{what} '{name}' is {_show(', '.join(values))}, not {_show(value)}"


def _compare_bodies(wanted: Any, message: JournalMessage) -> Iterator[str]:
    if message.is_truncated:
        yield f"the body of {message.size} bytes is kept in part only, so it cannot be compared"
        return
    if message.is_base64 or not message.body:
        yield "there is no body" if not message.size else "the body is not JSON"
        return
    try:
        found = json.loads(message.body)
    except (ValueError, RecursionError):
        yield "the body is not JSON"
        return
    try:
        yield from list(_compare_values(wanted, found, ""))
    except RecursionError:
        yield "the body is nested too deeply to be compared"


def _compare_values(wanted: Any, found: Any, place: str) -> Iterator[str]:
    """How JSON differs from what it has to have at least."""
    name = f"the body at '{place}'" if place else "the body"
    if isinstance(wanted, Mapping) and isinstance(found, dict):
        for member, value in wanted.items():
            inner = f"{place}/{escape(member)}"
            if member in found:
                yield from _compare_values(value, found[member], inner)
            else:
                yield f"the body at '{inner}' is missing"
    elif isinstance(wanted, list) and isinstance(found, list):
        if len(wanted) != len(found):
            yield f"{name} has {len(found)} items, not {len(wanted)}"
        for index, (value, other) in enumerate(zip(wanted, found, strict=False)):
            yield from _compare_values(value, other, f"{place}/{index}")
    # In Python, True is 1; in JSON it is not.
    elif wanted != found or isinstance(wanted, bool) is not isinstance(found, bool):
        yield f"{name} is {_show(found)}, not {_show(wanted)}"


def _show(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
