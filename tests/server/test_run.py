"""Running: a server on a thread, for as long as a block lasts."""

from __future__ import annotations

import signal
import socket
import tempfile
import threading
from pathlib import Path

import httpx
import pytest

from mockserver.errors import ScenarioError, SettingError
from mockserver.server.run import running
from mockserver.settings import Settings


def is_listening(url: str) -> bool:
    address = httpx.URL(url)
    try:
        socket.create_connection((address.host, address.port or 0), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def test_it_answers_from_the_first_line_of_the_block_to_the_last() -> None:
    with running(Settings(port=0, scenario="documented")) as url:
        assert httpx.get(f"{url}/__mock__/health").status_code == 200
    assert not is_listening(url)


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    threads = threading.active_count()

    with running(Settings(port=0, scenario="documented")) as url:
        httpx.get(f"{url}/ekranapi/sessions")
        assert [path.name.startswith("mockserver-") for path in tmp_path.iterdir()] == [True]

    assert list(tmp_path.iterdir()) == []
    assert threading.active_count() == threads


def test_nothing_is_left_behind_by_a_block_that_raises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    with (
        pytest.raises(ValueError, match="mine"),
        running(Settings(port=0, scenario="documented")) as url,
    ):
        raise ValueError("mine")

    assert not is_listening(url)
    assert list(tmp_path.iterdir()) == []


def test_servers_side_by_side_have_worlds_of_their_own() -> None:
    log = "/v1/customer/sessions/1/log"
    headers = {"Authorization": "Bearer token"}
    settings = Settings(port=0, scenario="documented")

    with running(settings) as one, running(settings) as two:
        assert one != two
        httpx.post(one + log, headers=headers, json={"action_type": "ENDED"})
        assert httpx.get(one + log, headers=headers).json()["data"]["total"] == 4
        assert httpx.get(two + log, headers=headers).json()["data"]["total"] == 2


def test_the_signals_of_the_program_around_it_are_let_be() -> None:
    before = (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM))

    with running(Settings(port=0, scenario="documented")):
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_taken_port_is_said_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(SettingError, match=f"Port {port} on 127.0.0.1 is taken"),
            running(Settings(port=port)),
        ):
            pass


def test_a_server_that_cannot_be_made_lets_go_of_its_port(tmp_path: Path) -> None:
    scenario = tmp_path / "broken.yaml"
    scenario.write_text("description: no name\n", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]

    with pytest.raises(ScenarioError), running(Settings(port=port, scenario=str(scenario))):
        pass
    with running(Settings(port=port, scenario="documented")) as url:
        assert url == f"http://127.0.0.1:{port}"


def test_a_client_that_stays_connected_does_not_keep_the_server_from_stopping() -> None:
    with httpx.Client() as client, running(Settings(port=0, scenario="documented")) as url:
        assert client.get(f"{url}/__mock__/health").status_code == 200
        idle = socket.create_connection((httpx.URL(url).host, httpx.URL(url).port or 0), timeout=5)

    with idle:
        assert idle.recv(1) == b""
    assert not is_listening(url)
