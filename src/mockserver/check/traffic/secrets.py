"""Finds the secrets in recorded traffic, so that no report shows them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import parse_qsl, unquote

from mockserver.api import Api
from mockserver.check.target.redaction import list_secret_headers
from mockserver.check.traffic.recording import RecordedMessage

_SHORTEST = 8
"""A shorter value could be any word; it is redacted in its header, and not in other texts."""

_MOST = 300
"""Of how many values, not in findings, other texts are searched: each makes the search longer."""

_NAME = re.compile(
    r"auth(?!enticate|or$|ority|ors$)|token|jwt|api[-_]?key|access[-_]?key|secret|passw|pwd"
    "|csrf|xsrf|cookie|credential|signature|session[-_]?id|^sec-websocket-protocol$",
    re.IGNORECASE,
)
_MEMBER = re.compile(r'"([^"\\]{1,100})"\s*:\s*"((?:[^"\\]|\\.){8,8000})"')
_JWT = re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")
_SCHEME = re.compile(r"\s*(?:[A-Za-z]+\s+)?(.*?)\s*", re.DOTALL)


class Secrets:
    """Collects the secrets of an API's traffic: the values, and the names of the headers.

    What the contract documents as a parameter or a property is not secret for its name.
    """

    def __init__(self, api: Api) -> None:
        self.values: set[str] = set()
        self.headers: set[str] = set()
        self._known_headers = list_secret_headers([api])
        self._names: dict[str, bool] = {}
        self._documented = {
            spec.name.lower()
            for operation in api.contract.operations
            for spec in operation.parameters
        } - self._known_headers

    def add(self, query: str, message: RecordedMessage, *, is_shown: bool) -> bool:
        """Add the secrets of an exchange; False where they are too many, unless it is shown."""
        found = {value for value in self._find(query, message) if len(value) >= _SHORTEST}
        is_added = is_shown or len(self.values | found) <= _MOST
        self.values |= found if is_added else set()
        return is_added

    def _find(self, query: str, message: RecordedMessage) -> Iterator[str]:
        for headers in (message.request_headers, message.response_headers):
            for name, value in headers.fields:
                yield from _JWT.findall(value)
                if self._is_secret(name):
                    self.headers.add(name)
                    yield from _split_header(name, value)
        yield from self._find_in_query(query)
        for headers, body in (
            (message.request_headers, message.request_body),
            (message.response_headers, message.response_body),
        ):
            text = (body or b"").decode("utf-8", "replace")
            if headers.media_type == "application/x-www-form-urlencoded":
                yield from self._find_in_query(text)
            if "eyJ" in text:
                yield from _JWT.findall(text)
            if _NAME.search(text):
                for name, value in _MEMBER.findall(text):
                    if self._is_secret(name):
                        yield value
                        with suppress(ValueError):  # the body need not be JSON
                            yield json.loads(f'"{value}"', strict=False)

    def _find_in_query(self, query: str) -> Iterator[str]:
        yield from _JWT.findall(query)
        for name, value in parse_qsl(query):
            if self._is_secret(name):
                yield value

    def _is_secret(self, name: str) -> bool:
        if name not in self._names:
            is_named_so = bool(_NAME.search(name)) and name.lower() not in self._documented
            self._names[name] = name in self._known_headers or is_named_so
        return self._names[name]


def _split_header(name: str, value: str) -> Iterator[str]:
    """The secrets in a header: a credential without its scheme, cookies without their names."""
    match name:
        case "set-cookie":
            parts = [value.partition(";")[0].partition("=")[2]]
        case "cookie":
            parts = [pair.partition("=")[2] for pair in value.split(";")]
        case _:
            found = _SCHEME.fullmatch(value)
            parts = [value, found[1] if found else value]
    for part in parts:
        yield from {part.strip(), unquote(part.strip())}
