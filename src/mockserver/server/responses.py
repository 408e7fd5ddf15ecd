"""Responses that the server makes itself: JSON, problem details, and errors in a vendor's shape."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from itertools import chain
from typing import Any

import orjson
from msgspec import Struct
from starlette.types import Send

from mockserver.api import Api, refuse_with_problem
from mockserver.contract import Headers, Response, Unmatched
from mockserver.errors import HttpError, PreferenceError, Refusal
from mockserver.memo import Memo

_JSON = Headers([("content-type", "application/json")])

_Fields = tuple[tuple[str, str], ...]


class WrittenJson(Struct, frozen=True):
    """The body of a response that is written already, and the value by which it is validated."""

    content: bytes
    value: Any


async def send_response(response: Response, send: Send) -> None:
    """Send a response with its length."""
    fields = [*_encode_fields(response.headers.fields)]
    if response.status != HTTPStatus.NO_CONTENT:
        fields.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": fields})
    await send({"type": "http.response.body", "body": response.body})


def _encode_anew(fields: _Fields) -> Sequence[tuple[bytes, bytes]]:
    named = dict(fields)
    named.pop("content-length", None)
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in named.items()]


_encode_fields = Memo(_encode_anew, lambda fields: sum(map(len, chain.from_iterable(fields))))
"""Header fields without the length as they are sent; most are those of an earlier response."""


def make_json_response(
    status: int, body: Any, headers: Mapping[str, str] | None = None
) -> Response:
    """A response with compact JSON in UTF-8, in which the names keep their order."""
    written = None
    try:
        content = orjson.dumps(body)
        written = content, body
    except TypeError:  # an integer beyond 64 bits
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    fields = _JSON
    if headers:
        lower = {name.lower(): value for name, value in headers.items()}
        fields = Headers({**dict(_JSON.fields), **lower}.items())
    return Response(status, fields, content, written=written)


def make_refusal_response(refusal: Refusal) -> Response:
    """The response of a refusal."""
    return make_json_response(refusal.status, refusal.body, refusal.headers)


def make_problem(
    status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any
) -> Refusal:
    """A refusal with problem details (RFC 9457)."""
    problem = refuse_with_problem(HttpError(status, detail, headers))
    problem.body |= more
    return problem


def make_problem_of_error(error: HttpError) -> Refusal:
    """An error as problem details."""
    more = {}
    if isinstance(error, PreferenceError):
        more = {
            "preference": error.preference,
            "value": error.value,
            "alternatives": error.alternatives,
        }
    return make_problem(error.status, error.sentence, error.headers, **more)


def is_about_the_mock(error: HttpError) -> bool:
    """Whether an error has no shape of a vendor, who knows of no preferences and no sandboxes."""
    return error.status == 429 or isinstance(error, PreferenceError)


class ErrorResponses:
    """Finds the API that a path belongs to, and makes error responses in its shape."""

    def __init__(self, apis: Iterable[Api], control: Api | None = None) -> None:
        # The longest base first: the base of one vendor may lie below that of another.
        by_length = sorted(apis, key=lambda api: len(api.contract.base), reverse=True)
        self._apis = [(api.contract.base, f"{api.contract.base}/", api) for api in by_length]
        self._control = [control] if control else []

    def find_api(self, path: str) -> Api | None:
        """The vendor's API whose base the path begins with."""
        for base, start, api in self._apis:
            if path.startswith(start) or path == base:
                return api
        return None

    def list_allowed_methods(self, path: str) -> list[str]:
        """The methods of a path; none if no contract has it."""
        others = (api for api in self._control if _is_below(path, api))
        api = self.find_api(path) or next(others, None)
        if api is None:
            return []
        found = api.contract.match("", path[len(api.contract.base) :])
        if not isinstance(found, Unmatched) or not found.methods:
            return []
        return sorted({*found.methods, "OPTIONS", *(["HEAD"] if "GET" in found.methods else [])})

    def make_unrouted_error(self, path: str) -> HttpError:
        """The error of a path for which no operation was found."""
        allowed = self.list_allowed_methods(path)
        if not allowed:
            return HttpError(404)
        return HttpError(405, headers={"Allow": ", ".join(allowed)})

    def make_response(self, path: str, error: HttpError) -> Response:
        """The error in the shape of the path's vendor, otherwise as problem details."""
        api = self.find_api(path)
        refuse = api.refuse if api and not is_about_the_mock(error) else make_problem_of_error
        return make_refusal_response(refuse(error))


def _is_below(path: str, api: Api) -> bool:
    base = api.contract.base
    return path == base or path.startswith(f"{base}/")
