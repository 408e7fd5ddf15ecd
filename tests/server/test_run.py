"""Running: a server on a thread, for as long as a block lasts."""

from __future__ import annotations

import signal
import socket
import sys
import tempfile
import threading
from pathlib import Path

import httpx
import pytest

from mockserver.errors import ScenarioError, SettingError
from mockserver.server.http1 import Http1Protocol
from mockserver.server.run import make_uvicorn_config, run_in_thread
from mockserver.settings import Settings


def is_listening(url: str) -> bool:
    address = httpx.URL(url)
    try:
        socket.create_connection((address.host, address.port or 0), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def test_a_server_lives_for_the_block_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    threads = threading.active_count()
    handlers = (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM))

    with run_in_thread(Settings(port=0, scenario="documented")) as url:
        assert httpx.get(f"{url}/__mock__/health", verify=False).status_code == 200
        httpx.get(f"{url}/ekranapi/sessions", verify=False)
        assert [path.name.startswith("mockserver-") for path in tmp_path.iterdir()] == [True]
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == handlers

    assert not is_listening(url)
    assert list(tmp_path.iterdir()) == []
    assert threading.active_count() == threads
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == handlers


def test_no_file_and_no_thread_remains_after_a_block_that_raises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    with (
        pytest.raises(ValueError, match="mine"),
        run_in_thread(Settings(port=0, scenario="documented")) as url,
    ):
        raise ValueError("mine")

    assert not is_listening(url)
    assert list(tmp_path.iterdir()) == []


def test_servers_side_by_side_have_worlds_of_their_own() -> None:
    log = "/v1/customer/sessions/1/log"
    headers = {"Authorization": "Bearer token"}
    settings = Settings(port=0, scenario="documented")

    with run_in_thread(settings) as one, run_in_thread(settings) as two:
        assert one != two
        with httpx.Client(headers=headers, verify=False) as client:
            client.post(one + log, json={"action_type": "ENDED"})
            assert client.get(one + log).json()["data"]["total"] == 4
            assert client.get(two + log).json()["data"]["total"] == 2


def test_a_taken_port_is_said_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(SettingError, match=f"Port {port} on 127.0.0.1 is taken"),
            run_in_thread(Settings(port=port)),
        ):
            pass


def test_a_server_that_cannot_be_made_closes_its_port(tmp_path: Path) -> None:
    scenario = tmp_path / "broken.yaml"
    scenario.write_text("description: no name\n", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(ScenarioError), run_in_thread(Settings(port=port, scenario=str(scenario))):
        pass
    with run_in_thread(Settings(port=port, scenario="documented")) as url:
        assert url == f"http://127.0.0.1:{port}"


def test_the_server_stops_although_a_client_stays_connected() -> None:
    with (
        httpx.Client(verify=False) as client,
        run_in_thread(Settings(port=0, scenario="documented")) as url,
    ):
        assert client.get(f"{url}/__mock__/health").status_code == 200
        idle = socket.create_connection((httpx.URL(url).host, httpx.URL(url).port or 0), timeout=5)

    with idle:
        assert idle.recv(1) == b""
    assert not is_listening(url)


async def app(_scope: object, _receive: object, _send: object) -> None:
    """An app that is never called."""


def test_the_uvicorn_configuration_is_http_1_with_lifespan() -> None:
    made = make_uvicorn_config(Settings(), app)

    assert made.http is Http1Protocol
    assert (made.ws, made.lifespan) == ("none", "on")
    assert made.loop == ("asyncio" if sys.platform == "win32" else "uvloop")


def test_uvicorn_itself_logs_no_exchange() -> None:
    assert make_uvicorn_config(Settings(log_level="debug"), app).access_log is False


def test_uvicorn_itself_believes_no_proxy() -> None:
    # Its own variable would name the proxies that it believes.
    assert make_uvicorn_config(Settings(trusted_proxy=("127.0.0.1",)), app).proxy_headers is False


def test_other_options_are_passed_to_uvicorn() -> None:
    made = make_uvicorn_config(Settings(), app, workers=3, factory=True)

    assert (made.workers, made.factory) == (3, True)


def test_a_response_has_no_server_header(documented: httpx.Client) -> None:
    response = documented.get("/__mock__/health")

    assert "server" not in response.headers
    assert "date" in response.headers


def test_an_idle_connection_is_kept_for_as_long_as_a_response_announces() -> None:
    assert make_uvicorn_config(Settings(), app).timeout_keep_alive == 75

    with run_in_thread(Settings(port=0, only=("ekran",), keep_alive=1)) as url:
        place = httpx.URL(url)
        with socket.create_connection((place.host, place.port or 0), timeout=30) as connection:
            connection.sendall(b"GET /__mock__/health HTTP/1.1\r\nHost: mock\r\n\r\n")
            received = b""
            while part := connection.recv(65_536):  # up to when the server closes it
                received += part
    assert b"\r\nkeep-alive: timeout=1\r\n" in received.lower()


def test_a_host_with_two_addresses_is_served_on_both(monkeypatch: pytest.MonkeyPatch) -> None:
    families = [(socket.AF_INET6, "::1"), (socket.AF_INET, "127.0.0.1")]
    found = [(family, 0, 0, "", (address, 0)) for family, address in families]
    resolve = socket.getaddrinfo
    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        served = run_in_thread(Settings(host="localhost", port=0, only=("ekran",)))
        with served as url:
            patch.setattr(socket, "getaddrinfo", resolve)
            port = httpx.URL(url).port
            for host in ("127.0.0.1", "[::1]"):
                health = httpx.get(f"http://{host}:{port}/__mock__/health", verify=False)
                assert health.status_code == 200
