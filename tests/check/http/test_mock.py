"""A target that is a mock has worlds of its own for each sequence of requests."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from time import sleep
from typing import Any

import httpx
import pytest

from mockserver.check.context import CheckContext
from mockserver.check.http.mock import find_mock
from mockserver.check.target.target import Target
from mockserver.client import Client
from mockserver.clock import machine_now
from mockserver.errors import UnreachableError
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings


def _names(url: str) -> list[str]:
    found = httpx.get(f"{url}/__mock__/sandboxes", verify=False).json()["sandboxes"]
    return [sandbox["name"] for sandbox in found]


def test_a_mock_is_found_by_its_control_api(mock_url: str) -> None:
    mock = find_mock(Target("t", mock_url))
    assert mock is not None
    mock.close()


def test_another_deployment_is_no_mock(stub: Callable[..., str], unused_url: str) -> None:
    assert find_mock(Target("t", stub(404, b"{}"))) is None
    assert find_mock(Target("t", stub(200, b"<html>", "text/html"))) is None
    assert find_mock(Target("t", unused_url)) is None


def test_an_api_that_a_mock_forwards_is_another_deployment(
    mock_url: str, context: Callable[..., CheckContext]
) -> None:
    settings = Settings(port=0, upstream=(f"calwe={mock_url}",))
    with run_in_thread(settings) as url:
        forwarded, own = context(url, "calwe"), context(url, "ekran")
        allowed = context(url, "calwe", allow_writes=True)
        assert (forwarded.mock, forwarded.may_write, forwarded.ids) == (None, False, {})
        assert (allowed.mock, allowed.may_write) == (None, True)
        assert own.mock is not None
        assert own.may_write


def test_a_world_is_deleted_after_its_sequence(mock_url: str) -> None:
    before = _names(mock_url)
    mock = find_mock(Target("t", mock_url))
    assert mock is not None
    with closing(mock):
        with mock.world("documented") as world, mock.world("default") as other:
            assert set(_names(mock_url)) - set(before) == {
                world.headers["X-Mock-Sandbox"],
                other.headers["X-Mock-Sandbox"],
            }
            assert world.now() == 1_755_786_600_000_000
            assert abs(other.now() - machine_now()) < 60_000_000
        with pytest.raises(KeyError), mock.world("documented"):
            raise KeyError
    assert _names(mock_url) == before


def test_sequences_that_only_read_share_a_world_until_the_mock_is_closed(mock_url: str) -> None:
    before = _names(mock_url)
    mock = find_mock(Target("t", mock_url))
    assert mock is not None
    with closing(mock):
        world = mock.shared_world("documented")
        assert mock.shared_world("documented") is world
        assert len(_names(mock_url)) == len(before) + 1
    assert _names(mock_url) == before


def test_a_world_that_could_not_be_deleted_is_deleted_when_the_mock_is_closed(
    mock_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _names(mock_url)
    mock = find_mock(Target("t", mock_url))
    assert mock is not None

    def interrupt(_: object, __: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Client, "delete_sandbox", interrupt)
        with pytest.raises(KeyboardInterrupt), mock.world("default"):
            pass
    assert len(_names(mock_url)) == len(before) + 1
    mock.close()
    assert _names(mock_url) == before


def test_a_mock_that_does_not_respond_is_waited_for_once_when_it_is_closed(
    mock_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {*_names(mock_url)}
    mock = find_mock(Target("t", mock_url))
    assert mock is not None
    for scenario in ("default", "documented"):
        mock.shared_world(scenario)
    tried = []

    def hang(_: object, name: str) -> None:
        tried.append(name)
        raise UnreachableError("it did not respond within 10 seconds")

    with monkeypatch.context() as patched:
        patched.setattr(Client, "delete_sandbox", hang)
        mock.close()
    assert len(tried) == 1
    with Client(mock_url) as client:
        for name in {*_names(mock_url)} - before:
            client.delete_sandbox(name)


def test_a_mock_is_found_without_a_timeout(mock_url: str) -> None:
    mock = find_mock(Target("t", mock_url, timeout=0))
    assert mock is not None
    mock.close()


def test_a_server_whose_response_never_ends_is_no_mock(rogue: Callable[..., str]) -> None:
    def drip(handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        with suppress(OSError):
            for _ in range(200):
                handler.wfile.write(b"[")
                handler.wfile.flush()
                sleep(0.05)
        handler.close_connection = True

    assert find_mock(Target("t", rogue(drip), timeout=0.3)) is None


def test_a_server_with_a_health_check_and_no_control_api_is_no_mock(
    stub: Callable[..., str],
) -> None:
    assert find_mock(Target("t", stub(200, b'{"status":"ok"}'), timeout=5)) is None
