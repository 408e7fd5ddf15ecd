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
from mockserver.errors import HttpError, MethodNotAllowed, NotFound

__all__ = ["Answer", "Problems", "json_answer", "path_of", "problem_details"]


@dataclass(frozen=True)
class Answer:
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


def json_answer(
    status: int,
    body: Any,
    headers: Mapping[str, str] | None = None,
    media_type: str = "application/json",
) -> Answer:
    """JSON in UTF-8, compact, not escaped to ASCII, its keys as they come."""
    lower = {name.lower(): value for name, value in (headers or {}).items()}
    return Answer(status, {"content-type": media_type, **lower}, _json(body))


def _json(body: Any) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:  # a whole number beyond 64 bits
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def problem_details(status: int, detail: str, headers: Mapping[str, str]) -> Answer:
    """A refusal as RFC 9457 has it."""
    problem = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return json_answer(status, problem, headers, "application/problem+json")


def path_of(scope: Scope) -> str:
    """The percent-decoded path of a request."""
    return str(scope["path"])


class Problems:
    """Knows which API a path belongs to, and how that one refuses."""

    def __init__(self, apis: Iterable[Api]) -> None:
        # The longest base first: one vendor's base may lie below another's.
        self._apis = sorted(apis, key=lambda api: len(api.contract.base), reverse=True)

    def api(self, path: str) -> Api | None:
        """The API under whose base a path lies."""
        for api in self._apis:
            base = api.contract.base
            if path == base or path.startswith(f"{base}/"):
                return api
        return None

    def allowed(self, path: str) -> list[str]:
        """The methods that a vendor's path has; none where the contract has no such path."""
        api = self.api(path)
        if api is None:
            return []
        found = api.contract.match("", path[len(api.contract.base) :])
        methods = set(found.methods) if isinstance(found, Unmatched) else set()
        if not methods:
            return []
        return sorted(methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set()))

    def unrouted(self, path: str) -> HttpError:
        """Why no operation was found for a path under a vendor's base."""
        allowed = self.allowed(path)
        return MethodNotAllowed(allowed) if allowed else NotFound()

    def answer(self, path: str, error: HttpError) -> Answer:
        """The refusal in the vendor's shape, or as problem details where no vendor lives."""
        api = self.api(path)
        if api:
            refusal = api.refuse(error)
            return json_answer(refusal.status, refusal.body, refusal.headers)
        return problem_details(error.status, error.sentence, error.headers)
