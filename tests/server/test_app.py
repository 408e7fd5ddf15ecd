"""The server over a socket, made from settings: worlds, vendors and their refusals."""

from __future__ import annotations

import http.client
import socket
import tempfile
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.errors import ScenarioError, SettingError
from mockserver.server.app import create_app, prepare_store
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings
from mockserver.store import FileStore

BEARER = {"Authorization": "Bearer token", "access-token": "token"}
LOG = "/v1/customer/sessions/1/log"
get = partial(httpx.get, verify=False)


def test_a_fresh_server_serves_the_documents_world_and_more(client: httpx.Client) -> None:
    log = client.get(LOG, headers=BEARER).json()["data"]
    sessions = client.get("/ekranapi/sessions").json()
    changes = client.get("/api/v1/cap/change_logs.json", headers=BEARER).json()

    assert [entry["text"] for entry in log["data"]] == [
        "Customer entered the session",
        "Customer temporarily left the session",
    ]
    assert [session["sessionId"] for session in sessions[:2]] == [124, 142]
    assert len(sessions) == 302
    assert changes["total_entries"] == 403
    assert client.get("/v1/customer/sessions/46/log", headers=BEARER).status_code == 200


def test_only_the_selected_apis_are_served(start: Any) -> None:
    client = start(scenario="documented", only=("calwe", "ekran"))

    assert client.get(LOG, headers=BEARER).status_code == 200
    assert client.get("/ekranapi/sessions").status_code == 200
    for path in ("/api/sessionLogs/list", "/api/v1/cap/change_logs.json"):
        response = client.get(path, headers=BEARER)
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"
    assert [api["name"] for api in client.get("/__mock__/apis").json()] == ["calwe", "ekran"]


def test_an_api_that_there_is_not_is_refused_with_the_nearest() -> None:
    with pytest.raises(SettingError, match=r"There is no API 'calw'; did you mean 'calwe'\?"):
        create_app(Settings(only=("calw",)))


def test_an_app_that_cannot_be_made_leaves_no_temporary_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = tmp_path / "broken.yaml"
    scenario.write_text("name: broken\n", encoding="utf-8")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))

    with pytest.raises(ScenarioError):
        create_app(Settings(scenario=str(scenario)))
    with pytest.raises(SettingError):
        create_app(Settings(scenario="nope"))
    assert list(temporary.iterdir()) == []


def test_a_named_store_has_its_worlds_after_a_restart(start: Any, tmp_path: Path) -> None:
    settings = {"scenario": "documented", "store": tmp_path / "worlds.sqlite"}
    one, two = start(**settings), start(**settings)

    one.post(LOG, headers=BEARER, json={"action_type": "ENDED"})

    refused = two.post(LOG, headers=BEARER, json={"action_type": "LEFT"})
    assert refused.status_code == 422
    assert two.get(LOG, headers=BEARER).json()["data"]["total"] == 4


def test_the_seed_of_the_settings_replaces_that_of_the_scenario(start: Any) -> None:
    client = start(scenario="documented", seed=9223372036854775807)

    assert client.get("/ekranapi/sessions").headers["x-mock-seed"] == "9223372036854775807"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (
            "/v1/nope",
            '{"success":false,"message":"المسار المطلوب غير موجود","data":null,"statusCode":404}',
        ),
        ("/api/nope", '{"success":false,"message":"Not found."}'),
        ("/api/v1/nope", '{"error":"Not found"}'),
        ("/ekranapi/nope", '{"message":"Not found"}'),
    ],
)
def test_every_vendor_says_404_in_its_shape(documented: httpx.Client, path: str, body: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        response = documented.request(method, path)
        assert (response.status_code, response.text) == (404, body)
        assert response.headers["content-type"] == "application/json"


def test_a_404_of_an_unknown_path_needs_no_credential(documented: httpx.Client) -> None:
    response = documented.get("/v1/nope", headers={"Authorization": "Bearer invalid"})

    assert response.status_code == 404


def send(client: httpx.Client, head: bytes, body: bytes = b"") -> bytes:
    """The response to a request sent as it is."""
    address = (client.base_url.host, client.base_url.port or 0)
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(
            head + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer x\r\n"
            b"Content-Type: application/json\r\n"
            b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
        )
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_the_four_requests_that_kill_another_mock_server(documented: httpx.Client) -> None:
    # Broken percent-encoding ends its process, and so does a contract that is not ASCII with one
    # invalid request; a malformed body never gets a response. The fourth, production mode, is among
    # the tests of the command line.
    arabic = LOG.encode() + b"?page=%D8%A3"
    assert send(documented, b"GET /v1/x/%E0%A4%A").startswith(b"HTTP/1.1 400 ")
    assert send(documented, b"GET " + arabic).startswith(b"HTTP/1.1 422 ")
    assert send(documented, b"POST " + LOG.encode(), '{"action_type":"أ"}'.encode()).startswith(
        b"HTTP/1.1 422 "
    )
    assert send(documented, b"POST " + LOG.encode(), b'{"action_type":').startswith(
        b"HTTP/1.1 422 "
    )
    assert documented.get(LOG, headers=BEARER).json()["data"]["total"] == 2


def test_json_is_compact_and_in_utf_8(documented: httpx.Client) -> None:
    response = documented.get(LOG)

    assert "يجب عليك تسجيل الدخول".encode() in response.content
    assert b"\\u" not in response.content
    assert b": " not in response.content
    assert not response.content.endswith(b"\n")


def test_a_connection_serves_many_requests(documented: httpx.Client) -> None:
    host, port = documented.base_url.host, documented.base_url.port
    connection = http.client.HTTPConnection(host, port, timeout=30)
    connection.connect()
    first = connection.sock
    for _ in range(50):
        connection.request("GET", "/v1/nope")
        response = connection.getresponse()
        assert (response.status, bool(response.read())) == (404, True)
        assert connection.sock is first
    connection.close()


def test_a_refusal_below_the_contract_leaves_the_connection_usable(
    documented: httpx.Client,
) -> None:
    address = (documented.base_url.host, documented.base_url.port or 0)
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(b"GET /v1/%zz HTTP/1.1\r\nHost: x\r\n\r\n")
        refused = http.client.HTTPResponse(connection)
        refused.begin()
        assert (refused.status, bool(refused.read())) == (400, True)
        connection.sendall(b"GET /ekranapi/sessions HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_a_store_that_was_opened_for_one_api_has_the_others_too(tmp_path: Path) -> None:
    store = tmp_path / "worlds.sqlite"
    with run_in_thread(
        Settings(port=0, scenario="documented", store=store, only=("calwe",))
    ) as url:
        assert get(url + LOG, headers=BEARER).status_code == 200
        assert get(f"{url}/ekranapi/sessions").status_code == 404
    with run_in_thread(Settings(port=0, scenario="documented", store=store)) as url:
        assert len(get(f"{url}/ekranapi/sessions").json()) == 2


def test_a_store_with_the_world_of_another_scenario_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = tmp_path / "worlds.sqlite"
    with run_in_thread(Settings(port=0, store=store, scenario="documented")):
        assert caplog.messages == []
    with run_in_thread(Settings(port=0, store=store, scenario="documented")) as url:
        assert len(get(f"{url}/ekranapi/sessions").json()) == 2
    assert caplog.messages == []
    with run_in_thread(Settings(port=0, store=store, scenario="ekran-empty")) as url:
        assert len(get(f"{url}/ekranapi/sessions").json()) == 2
    assert caplog.messages == [
        "The store keeps its worlds: 'default' is of the scenario 'documented' "
        "until another is loaded."
    ]


def test_several_processes_freeze_the_clock_of_a_scenario_at_one_moment(tmp_path: Path) -> None:
    (tmp_path / "now.yaml").write_text("name: now\ndescription: d\nclock: {freeze: now}\n")
    settings = Settings(scenario="now", scenarios=tmp_path)
    with closing(FileStore(tmp_path / "store.sqlite")) as store:
        of_workers = prepare_store(settings, store)
        again = prepare_store(of_workers, store)
        with store.transaction(writing=False) as transaction:
            templates = transaction.worlds.list_all("template")
    assert of_workers.freeze_at is not None
    assert again.freeze_at == of_workers.freeze_at
    assert len(templates) == 1
