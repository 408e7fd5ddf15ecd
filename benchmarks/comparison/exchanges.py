"""The requests that every server gets, and the responses of ours, which the others serve."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass

LOG = "/v1/customer/sessions/{}/log"
AUTHORIZATION = {"Authorization": "Bearer t"}


@dataclass(frozen=True)
class Exchange:
    """A request, and what Mockserver responds. `example` is the response's name in the contract."""

    name: str
    api: str
    path: str
    headers: dict[str, str]
    status: int = 200
    example: str = ""
    body: dict[str, str] | None = None

    @property
    def method(self) -> str:
        return "GET" if self.body is None else "POST"

    @property
    def sent_headers(self) -> dict[str, str]:
        json_type = {} if self.body is None else {"Content-Type": "application/json"}
        return {**self.headers, **json_type}

    @property
    def sent_body(self) -> str:
        return "" if self.body is None else json.dumps(self.body)


EXCHANGES = [
    Exchange("GET, 2 rows", "calwe", LOG.format(1), AUTHORIZATION, example="two"),
    Exchange("GET, 30 rows", "calwe", LOG.format(6), AUTHORIZATION, example="thirty"),
    Exchange("GET, not found", "calwe", LOG.format("no-such-session"), AUTHORIZATION, status=404),
    Exchange(
        "POST that writes", "calwe", LOG.format(3), AUTHORIZATION, body={"action_type": "ENTERED"}
    ),
    Exchange(
        "POST, invalid",
        *("calwe", LOG.format(3), AUTHORIZATION),
        status=422,
        body={"action_type": "JUMPED"},
    ),
    Exchange("GET, 300 sessions", "ekran", "/ekranapi/sessions", {"ApiKey": "t"}, example="all"),
]


def send(url: str, exchange: Exchange, headers: dict[str, str]) -> tuple[int, bytes]:
    """The status and the body that a server responds with."""
    body = exchange.sent_body.encode() or None
    request = urllib.request.Request(url, body, headers, method=exchange.method)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
