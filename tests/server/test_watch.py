"""Changed contracts and scenarios are taken in while the server runs."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver import api, apis, files
from mockserver.server.watch import SharedWatch
from mockserver.settings import Settings
from tests.server.test_workers import fresh, is_alive, workers

PETS = """
openapi: 3.0.3
info: {title: Pets, version: 1.0.0}
servers: [{url: https://pets.example/pets}]
paths:
  /dogs:
    get:
      operationId: listDogs
      responses:
        '200':
          description: All dogs.
          content:
            application/json:
              schema: {type: array, items: {type: string}}
              example: [Rex]
"""
LASSIE = PETS.replace("[Rex]", "[Lassie]")
BROKEN = PETS.replace("[Rex]", "[Rex")
TEAM = """
name: team
description: A team.
extends: documented
seed: 5
"""
LOG = "/v1/customer/sessions/1/log"
BEARER = {"Authorization": "Bearer token"}

Eventually = Callable[[Callable[[], bool]], None]


def replace_as_an_editor(path: Path, text: str) -> None:
    """Write another file and put it in the place of the first, as vim does."""
    other = path.with_suffix(".swp")
    other.write_text(text, encoding="utf-8")
    other.replace(path)


def read_watch(client: httpx.Client) -> dict[str, Any]:
    watch: dict[str, Any] = client.get("/__mock__/info").json()["watch"]
    return watch


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """The contract of an API in a folder of its own."""
    contract = tmp_path / "apis" / "pets" / "openapi.yaml"
    contract.parent.mkdir(parents=True)
    contract.write_text(PETS, encoding="utf-8")
    return contract


@pytest.fixture
def serve_pets(
    pets: Path, start: Callable[..., httpx.Client], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., httpx.Client]:
    """Starts a server of that API that watches its files."""
    monkeypatch.setattr(apis, "_OWN_FOLDERS", [pets.parents[1]])
    apis._make_of_contract.cache_clear()
    return lambda **more: start(only=("pets",), watch=True, **more)


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """A scenario in a folder of its own."""
    path = tmp_path / "scenarios" / "team.yaml"
    path.parent.mkdir()
    path.write_text(TEAM, encoding="utf-8")
    return path


def test_no_request_fails_while_a_contract_changes(
    pets: Path, spawn: Callable[..., Any], eventually: Eventually
) -> None:
    server = spawn("--watch", MOCKSERVER_APIS=str(pets.parents[1]), MOCKSERVER_ONLY="pets")
    seen: list[tuple[int, Any]] = []
    is_done = threading.Event()

    def send_requests() -> None:
        with httpx.Client(base_url=server.client.base_url, verify=False, timeout=60) as client:
            while not is_done.wait(0.002):
                response = client.get("/pets/dogs")
                seen.append((response.status_code, response.json()))

    thread = threading.Thread(target=send_requests)
    thread.start()
    try:
        eventually(lambda: len(seen) > 10)
        pets.write_text(LASSIE, encoding="utf-8")
        eventually(lambda: seen[-1] == (200, ["Lassie"]))
    finally:
        is_done.set()
        thread.join()

    first_new = seen.index((200, ["Lassie"]))
    assert all(it == (200, ["Rex"]) for it in seen[:first_new])
    assert all(it == (200, ["Lassie"]) for it in seen[first_new:])
    code, _, errors = server.stop()
    assert code == 0
    assert f" INFO Taken in: '{pets}'.\n" in errors


def test_a_broken_contract_is_reported_and_the_old_one_served_until_it_is_repaired(
    pets: Path,
    serve_pets: Callable[..., httpx.Client],
    eventually: Eventually,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "mockserver.watch")
    client = serve_pets()
    assert read_watch(client) == {"taken_in": None, "error": None}

    pets.write_text(BROKEN, encoding="utf-8")
    eventually(lambda: read_watch(client)["error"] is not None)

    reason = "The contract 'openapi.yaml' cannot be used: line 16: did not find expected ',' or ']'"
    assert read_watch(client) == {"taken_in": None, "error": reason}
    assert caplog.messages[-1] == (
        f"Not taken in: '{pets}'. The server goes on with what it had. {reason}"
    )
    assert client.get("/pets/dogs").json() == ["Rex"]

    pets.write_text(LASSIE, encoding="utf-8")
    eventually(lambda: client.get("/pets/dogs").json() == ["Lassie"])
    eventually(lambda: read_watch(client)["error"] is None)
    assert read_watch(client)["taken_in"] is not None
    assert caplog.messages[-1] == f"Taken in: '{pets}'."
    assert "Lassie" in client.get("/__mock__/apis/pets/openapi.yaml").text


def test_a_request_that_is_running_ends_with_what_it_began_with(
    pets: Path, serve_pets: Callable[..., httpx.Client], eventually: Eventually
) -> None:
    client = serve_pets()
    url = str(client.base_url)
    place = httpx.URL(url)

    with (
        client.stream("GET", "/__mock__/journal/stream") as stream,
        httpx.Client(base_url=url, verify=False, timeout=60) as other,
        socket.create_connection((place.host, place.port or 0), timeout=60) as running,
    ):
        running.sendall(b"GET /pets/dogs HTTP/1.0\r\nHost: x\r\nPrefer: delay=4000\r\n\r\n")
        assert other.get("/pets/dogs").json() == ["Rex"]  # the request before it has begun
        pets.write_text(LASSIE, encoding="utf-8")
        eventually(lambda: other.get("/pets/dogs").json() == ["Lassie"])

        assert running.makefile("rb").read().endswith(b'["Rex"]')
        assert any("prefer:delay" in line for line in stream.iter_lines())


def test_a_file_that_an_editor_replaces_or_takes_away_for_a_moment_is_no_error(
    pets: Path,
    serve_pets: Callable[..., httpx.Client],
    eventually: Eventually,
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = serve_pets()

    replace_as_an_editor(pets, LASSIE)
    eventually(lambda: client.get("/pets/dogs").json() == ["Lassie"])

    pets.unlink()
    replace_as_an_editor(pets, PETS)
    eventually(lambda: client.get("/pets/dogs").json() == ["Rex"])
    assert caplog.records == []


def test_a_contract_that_is_deleted_is_an_error_and_served_until_it_is_back(
    pets: Path, serve_pets: Callable[..., httpx.Client], eventually: Eventually
) -> None:
    client = serve_pets()

    pets.unlink()
    eventually(lambda: read_watch(client)["error"] is not None)
    assert read_watch(client)["error"].startswith("There is no API 'pets'; ")
    assert client.get("/pets/dogs").json() == ["Rex"]

    pets.write_text(LASSIE, encoding="utf-8")
    eventually(lambda: client.get("/pets/dogs").json() == ["Lassie"])


def test_what_an_api_adds_to_the_default_world_is_watched(
    pets: Path, serve_pets: Callable[..., httpx.Client], eventually: Eventually
) -> None:
    client = serve_pets()

    (pets.parent / "world.yaml").write_text(
        "name: default\ndescription: D.\nseeds: 1\n", encoding="utf-8"
    )
    eventually(lambda: read_watch(client)["error"] is not None)

    assert read_watch(client)["error"].startswith("world.yaml:3: seeds: ")


def test_a_folder_with_a_contract_is_a_new_api_at_once(
    pets: Path,
    start: Callable[..., httpx.Client],
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(apis, "_OWN_FOLDERS", [pets.parents[1]])
    apis._make_of_contract.cache_clear()
    client = start(only=(), watch=True)
    cats = pets.parents[1] / "cats" / "openapi.yaml"

    cats.parent.mkdir()
    cats.write_text(PETS.replace("example/pets", "example/cats"), encoding="utf-8")
    eventually(lambda: client.get("/cats/dogs").status_code == 200)

    assert client.get("/pets/dogs").json() == ["Rex"]
    assert "cats" in client.get("/__mock__/info").json()["apis"]


def test_a_changed_contract_of_the_package_is_taken_in_and_documents_stay(
    tmp_path: Path,
    start: Callable[..., httpx.Client],
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    contracts = shutil.copytree(files.CONTRACTS, tmp_path / "openapi")
    for module in (api, apis):
        monkeypatch.setattr(module, "CONTRACTS", contracts)
    client = start(watch=True, scenario="documented")
    assert client.get("/ekranapi/sessions").status_code == 200
    mutation = client.get("/__mock__/mutations?api=calwe").json()["mutations"][0]["name"]
    client.put(f"/__mock__/mutations/{mutation}")

    contract = contracts / "ekran.yaml"
    text = contract.read_text(encoding="utf-8")
    written = text.replace("operationId: listSessions", "operationId: listEverySession")
    assert written != text
    contract.write_text(written, encoding="utf-8")
    eventually(lambda: read_watch(client)["error"] is not None)
    assert read_watch(client)["error"].startswith("The API 'ekran' has a handler 'list_sessions'")
    assert client.get("/ekranapi/sessions").status_code == 200

    shorter = text.replace("type: array\n", "type: array\n                maxItems: 0\n", 1)
    contract.write_text(shorter, encoding="utf-8")
    eventually(lambda: client.get("/ekranapi/sessions").status_code == 500)
    assert "violates the contract" in client.get("/ekranapi/sessions").text

    contract.write_text(text, encoding="utf-8")
    eventually(lambda: client.get("/ekranapi/sessions").status_code == 200)
    active = client.get("/__mock__/mutations?active=true").json()["mutations"]
    assert [it["name"] for it in active] == [mutation]


def test_a_changed_scenario_is_that_of_new_sandboxes_and_of_those_that_are_reset(
    team: Path, start: Callable[..., httpx.Client], eventually: Eventually
) -> None:
    client = start(watch=True, scenario="team", scenarios=team.parent)

    def read_seed(sandbox: str) -> str:
        headers = {"X-Mock-Sandbox": sandbox, **BEARER}
        return client.get(LOG, headers=headers).headers["x-mock-seed"]

    client.post(LOG, headers=BEARER, json={"action_type": "LEFT"})
    client.post("/__mock__/snapshots", json={"name": "before"})
    client.post("/__mock__/clock/freeze", json={"at": "2030-01-02T03:04:05Z"})
    client.post(
        "/__mock__/faults",
        json={"name": "down", "effect": {"status": 503}, "match": {"path": "/no"}},
    )
    assert read_seed("read") == "5"

    team.write_text(TEAM.replace("5", "6"), encoding="utf-8")
    eventually(lambda: read_watch(client)["taken_in"] is not None)

    assert client.get("/__mock__/info").json()["seed"] == 6
    assert read_seed("default") == "5"
    assert read_seed("read") == "5"
    assert read_seed("new") == "6"
    assert client.get("/__mock__/clock").json()["now"] == "2030-01-02T03:04:05Z"
    assert [it["name"] for it in client.get("/__mock__/faults").json()["faults"]] == ["down"]
    assert client.get("/__mock__/journal").json()["entries"] != []

    client.post("/__mock__/snapshots/before/restore")
    assert read_seed("default") == "5"
    assert client.get(LOG, headers=BEARER).json()["data"]["total"] == 3
    client.post("/__mock__/reset")
    assert read_seed("default") == "6"
    assert client.get(LOG, headers=BEARER).json()["data"]["total"] == 2


def test_a_sandbox_of_another_scenario_is_reset_to_its_own(
    team: Path, start: Callable[..., httpx.Client], eventually: Eventually
) -> None:
    client = start(watch=True, scenario="team", scenarios=team.parent)
    client.post("/__mock__/load", json={"scenario": "documented"})

    team.write_text(TEAM.replace("5", "6"), encoding="utf-8")
    eventually(lambda: read_watch(client)["taken_in"] is not None)

    assert client.post("/__mock__/reset").json()["scenario"] == "documented"


def test_what_a_scenario_extends_is_watched_even_while_it_is_not_there(
    team: Path, start: Callable[..., httpx.Client], eventually: Eventually
) -> None:
    client = start(watch=True, scenario=str(team))

    team.write_text(TEAM.replace("documented", "below/basis.yaml"), encoding="utf-8")
    eventually(lambda: read_watch(client)["error"] is not None)
    basis = team.parent / "below" / "basis.yaml"
    basis.parent.mkdir()
    basis.write_text("name: basis\ndescription: B.\ntokens: 1\n", encoding="utf-8")
    eventually(lambda: str(read_watch(client)["error"]).startswith("basis.yaml:3: tokens: "))
    basis.write_text("name: basis\ndescription: B.\nvalidation: 'off'\n", encoding="utf-8")
    eventually(lambda: read_watch(client)["error"] is None)

    client.post("/__mock__/reset")
    assert client.get("/__mock__/validation").json() == {"validation": "off"}


def test_a_wrong_scenario_of_the_folder_is_reported_until_it_is_right(
    team: Path,
    start: Callable[..., httpx.Client],
    eventually: Eventually,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "mockserver.watch")
    client = start(watch=True, scenario="documented", scenarios=team.parent)

    team.write_text(TEAM.replace("seed", "sed"), encoding="utf-8")
    eventually(lambda: read_watch(client)["error"] is not None)
    reason = "team.yaml:5: sed: 'sed' is not known here; did you mean 'seed'?"
    assert read_watch(client)["error"] == reason

    other = team.parent / "other.yaml"
    other.write_text(TEAM.replace("name: team", "name: other"), encoding="utf-8")
    eventually(lambda: read_watch(client)["taken_in"] is not None)
    assert read_watch(client)["error"] == reason

    team.write_text(TEAM, encoding="utf-8")
    eventually(lambda: read_watch(client)["error"] is None)
    eventually(lambda: len(caplog.messages) == 3)
    assert caplog.messages == [
        f"Not taken in: '{team}'. The server goes on with what it had. {reason}",
        f"Taken in: '{other}'.",
        f"Taken in: '{team}'.",
    ]


@pytest.mark.skipif(os.name != "posix", reason="reads the table of processes")
def test_every_worker_takes_a_change_in_and_a_wrong_one_is_reported_once(
    pets: Path, spawn: Callable[..., Any], eventually: Eventually
) -> None:
    folder = str(pets.parents[1])
    server = spawn("--watch", "--workers", "2", MOCKSERVER_APIS=folder, MOCKSERVER_ONLY="pets")
    url = str(server.client.base_url)

    def read_all(path: str) -> list[Any]:
        return [response.json() for response in fresh(url, path)]

    def read_errors() -> list[str | None]:
        return [info["watch"]["error"] for info in read_all("/__mock__/info")]

    pets.write_text(LASSIE, encoding="utf-8")
    eventually(lambda: read_all("/pets/dogs") == [["Lassie"]] * 30)
    pets.write_text(BROKEN, encoding="utf-8")
    eventually(lambda: None not in read_errors())

    # A worker that replaces another while the contract is broken waits until it is repaired.
    killed = min(workers(server.process))
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: len(workers(server.process)) == 2 and not is_alive(killed))
    assert read_all("/pets/dogs") == [["Lassie"]] * 30
    pets.write_text(PETS, encoding="utf-8")
    eventually(lambda: read_all("/pets/dogs") == [["Rex"]] * 30)
    eventually(lambda: read_errors() == [None] * 30)

    code, _, errors = server.stop()
    assert code == 0
    assert errors.count(" ERROR Not taken in: ") == 1
    assert errors.count(" INFO Taken in: ") == 2


@pytest.mark.skipif(os.name != "posix", reason="sends signals")
def test_a_worker_that_waits_for_a_repair_ends_with_the_server(
    pets: Path, spawn: Callable[..., Any]
) -> None:
    folder = str(pets.parents[1])
    server = spawn("--watch", "--workers", "2", MOCKSERVER_APIS=folder, MOCKSERVER_ONLY="pets")
    pets.write_text(BROKEN, encoding="utf-8")
    killed = min(workers(server.process))
    os.kill(killed, signal.SIGKILL)

    said = ""
    while " waits for a repair: The contract 'openapi.yaml' cannot be used: " not in said:
        line = server.process.stderr.readline()
        assert line, said
        said += line

    assert server.stop()[0] == 0


def test_nothing_is_watched_unless_it_is_asked_for(start: Callable[..., httpx.Client]) -> None:
    client = start(scenario="documented")

    assert client.get("/__mock__/info").json()["watch"] is None
    assert "watch" not in {thread.name for thread in threading.enumerate()}


def test_the_watching_ends_with_the_server(run_server: Callable[..., Any]) -> None:
    with run_server(scenario="documented", watch=True):
        assert "watch" in {thread.name for thread in threading.enumerate()}

    assert "watch" not in {thread.name for thread in threading.enumerate()}


def test_one_of_several_processes_reports() -> None:
    shared = SharedWatch(freeze_at=7)

    assert shared.freeze_at == 7
    assert [shared.claim_report("one"), shared.claim_report("one")] == [True, False]
    assert [shared.claim_report(str(n)) for n in range(100)] == [True] * 100
    assert shared.claim_report("99") is False


def test_watch_is_a_setting() -> None:
    assert Settings.load({"watch": "true"}, {}).watch is True
    assert Settings.load({}, {}).watch is False
