"""How uvicorn is set: one protocol, no header of its own, nothing out of the environment."""

from __future__ import annotations

import sys

import httpx
import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from mockserver.server.protocol import Http1Protocol
from mockserver.server.uvicorn_config import make_uvicorn_config
from mockserver.settings import Settings


async def app(_scope: object, _receive: object, _send: object) -> None:
    """An app that is never called."""


def test_it_speaks_http_1_and_runs_the_lifespan() -> None:
    made = make_uvicorn_config(Settings(), app)

    assert made.http is Http1Protocol
    assert (made.ws, made.lifespan) == ("none", "on")
    assert made.loop == ("asyncio" if sys.platform == "win32" else "uvloop")


@pytest.mark.parametrize(
    ("level", "has_access_log"),
    [("debug", True), ("info", True), ("warning", False), ("error", False)],
)
def test_requests_are_logged_where_much_is_logged(level: str, has_access_log: bool) -> None:
    made = make_uvicorn_config(Settings(log_level=level), app)

    assert (made.log_level, made.access_log) == (level, has_access_log)


def test_what_is_said_besides_is_handed_on() -> None:
    made = make_uvicorn_config(Settings(), app, workers=3, factory=True)

    assert (made.workers, made.factory) == (3, True)


def test_the_environment_does_not_say_which_proxies_are_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    made = make_uvicorn_config(Settings(), app)
    made.load()

    assert made.forwarded_allow_ips == ["127.0.0.1", "::1"]
    wrapped = made.loaded_app
    assert isinstance(wrapped, ProxyHeadersMiddleware)
    assert wrapped.trusted_hosts.always_trust is False
    assert "127.0.0.1" in wrapped.trusted_hosts
    assert "::1" in wrapped.trusted_hosts
    assert "203.0.113.5" not in wrapped.trusted_hosts


def test_an_answer_does_not_say_what_serves_it(documented: httpx.Client) -> None:
    answer = documented.get("/__mock__/health")

    assert "server" not in answer.headers
    assert "date" in answer.headers
