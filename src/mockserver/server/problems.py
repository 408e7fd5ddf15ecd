"""Puts a refusal into the shape of whoever was asked: the vendor's own, or problem details."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson
from starlette.types import Scope, Send

from mockserver.api import Api
from mockserver.contract import Unmatched
from mockserver.errors import HttpError, MethodNotAllowed, NotFound, TooManyRequests

__all__ = [
    "PROBLEM_TYPE",
    "ErrorResponses",
    "HttpResponse",
    "get_path",
    "make_json_response",
    "make_problem",
    "make_problem_response",
]


@dataclass(frozen=True)
class HttpResponse:
    """An answer ready to be sent; header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    async def send(self, send: Send) -> None:
        """Send it, whole."""
        headers = {**self.headers, "content-length": str(len(self.body))}
        if self.status == HTTPStatus.NO_CONTENT:
            del headers["content-length"]
        await send(
            {
                "type": "http.response.start",
                "status": self.status,
                "headers": [
                    (name.encode("latin-1"), value.encode("latin-1"))
                    for name, value in headers.items()
                ],
            }
        )
        await send({"type": "http.response.body", "body": self.body})


def make_json_response(
    status: int,
    body: Any,
    headers: Mapping[str, str] | None = None,
    media_type: str = "application/json",
) -> HttpResponse:
    """JSON in UTF-8, compact, not escaped to ASCII, its keys as they come."""
    lower = {name.lower(): value for name, value in (headers or {}).items()}
    return HttpResponse(status, {"content-type": media_type, **lower}, _json(body))


def _json(body: Any) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:  # a whole number beyond 64 bits
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


PROBLEM_TYPE = "application/problem+json"


def make_problem_response(status: int, detail: str, headers: Mapping[str, str]) -> HttpResponse:
    """A refusal as RFC 9457 has it."""
    return make_json_response(status, make_problem(status, detail), headers, PROBLEM_TYPE)


def make_problem(status: int, detail: str, **more: Any) -> dict[str, Any]:
    """The body of problem details."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **more,
    }


def _lies_below(path: str, api: Api) -> bool:
    base = api.contract.base
    return path == base or path.startswith(f"{base}/")


def get_path(scope: Scope) -> str:
    """The percent-decoded path of a request."""
    return str(scope["path"])


class ErrorResponses:
    """Knows which API a path belongs to, and how that one refuses."""

    def __init__(self, apis: Iterable[Api], control: Api | None = None) -> None:
        # The longest base first: one vendor's base may lie below another's.
        self._apis = sorted(apis, key=lambda api: len(api.contract.base), reverse=True)
        self._control = [control] if control else []

    def find_api(self, path: str) -> Api | None:
        """The vendor's API under whose base a path lies."""
        return next((api for api in self._apis if _lies_below(path, api)), None)

    def list_allowed_methods(self, path: str) -> list[str]:
        """The methods that a path has; none where no contract has such a path."""
        others = (api for api in self._control if _lies_below(path, api))
        api = self.find_api(path) or next(others, None)
        if api is None:
            return []
        found = api.contract.match("", path[len(api.contract.base) :])
        methods = set(found.methods) if isinstance(found, Unmatched) else set()
        if not methods:
            return []
        return sorted(methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set()))

    def refuses_unrouted(self, path: str) -> bool:
        """Whether a path that was routed nowhere is refused, and not a page of the mock's own."""
        return self.find_api(path) is not None or bool(self.list_allowed_methods(path))

    def make_unrouted_error(self, path: str) -> HttpError:
        """Why no operation was found for a path."""
        allowed = self.list_allowed_methods(path)
        return MethodNotAllowed(allowed) if allowed else NotFound()

    def make_response(self, path: str, error: HttpError) -> HttpResponse:
        """The refusal in the vendor's shape, or as problem details where no vendor lives."""
        api = self.find_api(path)
        if api and not isinstance(error, TooManyRequests):
            refusal = api.refuse(error)
            return make_json_response(refusal.status, refusal.body, refusal.headers)
        return make_problem_response(error.status, error.sentence, error.headers)
