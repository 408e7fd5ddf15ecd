"""Servers for tests: started, or there already."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from mockserver.errors import ProblemError, SettingError, UnreachableError
from mockserver.pytest_plugin import server as servers
from mockserver.pytest_plugin.server import connect_server, start_server

HEALTH = "/__mock__/health"


def test_a_server_listens_for_as_long_as_the_block_lasts() -> None:
    with start_server() as mock:
        assert httpx.get(mock.url + HEALTH, verify=False).json()["status"] == "ok"
        assert mock.client.get_info().scenario == "default"
        assert repr(mock) == f"<MockServer {mock.url}>"
    with pytest.raises(httpx.ConnectError):
        httpx.get(mock.url + HEALTH, verify=False)


def test_the_environment_changes_nothing_about_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKSERVER_SCENARIO", "documented")
    monkeypatch.setenv("MOCKSERVER_PORT", "1")
    with start_server() as mock:
        assert mock.client.get_info().scenario == "default"


def test_it_knows_the_scenarios_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "name: mine\ndescription: Mine.\nextends: documented\n", encoding="utf-8"
    )
    with start_server(tmp_path) as mock:
        assert "mine" in [it.name for it in mock.client.list_scenarios()]
    with pytest.raises(SettingError), start_server(tmp_path / "nowhere"):
        pass


def test_a_running_server_stays_when_the_block_ends(server: str) -> None:
    with connect_server(server) as mock:
        assert mock.url == server
    assert httpx.get(server + HEALTH, verify=False).status_code == 200


def test_a_server_that_does_not_run_is_an_error_with_the_url(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(servers, "_READY_SECONDS", 0.1)
    with (
        pytest.raises(UnreachableError, match=r"http://127\.0\.0\.1:9 cannot be connected to"),
        connect_server("http://127.0.0.1:9"),
    ):
        pass


def test_worlds_for_fixtures_of_a_wider_scope(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.yaml").write_text("name: mine\ndescription: Mine.\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with connect_server(server) as mock:
        with (
            mock.sandbox("shop", "documented", seed=3) as one,
            mock.sandbox("shop", "mine.yaml") as other,
        ):
            assert one.name.startswith("shop-")
            assert one.name != other.name
            assert mock.client.get_sandbox(one.name).seed == 3
            assert mock.client.get_sandbox(other.name).scenario == "mine"
        for gone in (one, other):
            with pytest.raises(ProblemError):
                mock.client.get_sandbox(gone.name)
