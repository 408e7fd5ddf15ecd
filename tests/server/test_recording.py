"""`serve --record` writes the scenario behind its exchanges, whatever ends the server."""

from __future__ import annotations

import asyncio
import gzip
import os
import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver import apis
from mockserver.cli import main
from mockserver.recorder import RecordingOptions, make_scenario
from mockserver.recorder.spool import Spool
from mockserver.scenarios import check_scenario
from mockserver.server.middleware.record import RecordExchanges
from mockserver.server.recording import Recording
from mockserver.server.responses import ErrorResponses

APIS = {name: api for name, api in apis.load().items() if name != "notes"}
LOG = "/v1/customer/sessions/1/log"
SECRET = "pQ7zK2mX9vB4nL1c"
BEARER = {"Authorization": f"Bearer {SECRET}"}
AT = "2025-08-21T14:30:00Z"


@pytest.fixture
def recording(start: Callable[..., httpx.Client], tmp_path: Path) -> httpx.Client:
    """A client of a server with the documents' world that records to `case.yaml`."""
    client = start(scenario="documented", record=tmp_path / "case.yaml", journal=0)
    client.headers.update({**BEARER, "access-token": SECRET})
    return client


def write(client: httpx.Client) -> dict[str, Any]:
    response = client.post("/__mock__/recording")
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def test_a_server_that_ends_has_written_its_world_and_no_secret(
    spawn: Callable[..., Any], tmp_path: Path, documented: httpx.Client
) -> None:
    server = spawn("--record", "case.yaml", "--scenario", "documented")
    before = server.client.get(LOG, headers=BEARER)
    server.client.get(f"/ekranapi/sessions?token={SECRET}")
    code, output, errors = server.stop()

    assert (code, errors) == (0, "Stopped.\n")
    assert output.splitlines()[2:] == [
        "calwe   session   1",
        "calwe   entry     2",
        "ekran   session   2",
        f"2 exchanges with the sandbox 'default', up to {AT} by its clock; 0 personal values "
        "replaced",
        "  2 of the 2 different reads get the body that was recorded",
        "'case.yaml' is written; mockserver load case.yaml loads it.",
    ]
    assert check_scenario(tmp_path / "case.yaml", APIS) == ()
    text = (tmp_path / "case.yaml").read_text("utf-8")
    assert SECRET not in text
    assert not (tmp_path / "case.yaml.recording").exists()
    headers = {"Content-Type": "application/yaml"}
    documented.post("/__mock__/load", content=text.encode(), headers=headers).raise_for_status()
    after = documented.get(LOG, headers=BEARER)
    base, other = (str(it.base_url).rstrip("/") for it in (server.client, documented))
    assert after.text.replace(other, base) == before.text


@pytest.mark.skipif(os.name != "posix", reason="kills the workers' parent")
def test_all_workers_record_and_a_kill_loses_nothing(
    spawn: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    server = spawn("--record", "case.yaml", "--scenario", "documented", "--workers", "2")
    for _ in range(20):
        with httpx.Client(base_url=server.client.base_url, headers=BEARER) as client:
            client.post(LOG, json={"action_type": "LEFT"}).raise_for_status()
    os.killpg(server.process.pid, signal.SIGKILL)
    server.process.communicate(timeout=60)

    assert not (tmp_path / "case.yaml").exists()
    assert len(list((tmp_path / "case.yaml.recording").iterdir())) == 2
    again = spawn("--record", "case.yaml", "--scenario", "documented")
    again.client.get(LOG, headers=BEARER).raise_for_status()
    _, output, errors = again.stop()

    assert errors == (
        "'case.yaml.recording' is of a server that was killed; its recording goes on.\nStopped.\n"
    )
    assert "21 exchanges with the sandbox 'default'" in output
    assert not (tmp_path / "case.yaml.recording").exists()


def test_what_was_recorded_is_written_on_request_and_the_recording_goes_on(
    recording: httpx.Client, tmp_path: Path
) -> None:
    recording.get(LOG)
    first = write(recording)
    recording.post(LOG, json={"action_type": "ENDED"})
    recording.get(LOG)
    second = write(recording)

    assert first == {
        "file": str(tmp_path / "case.yaml"),
        "sandbox": "default",
        "now": AT,
        "exchanges": 1,
        "documents": {"calwe": {"session": 1, "entry": 2}},
        "not_used": {},
        "notes": ["1 of the 1 different reads get the body that was recorded"],
        "replaced": 0,
    }
    assert second["documents"] == {"calwe": {"session": 1, "entry": 4}}
    assert check_scenario(tmp_path / "case.yaml", APIS) == ()
    assert '- {id: "1", status: COMPLETED}' in (tmp_path / "case.yaml").read_text("utf-8")


def test_a_server_that_does_not_record_says_how_to(documented: httpx.Client) -> None:
    response = documented.post("/__mock__/recording")
    assert response.status_code == 409
    detail = "The server records nothing; start it with --record FILE"
    assert response.json()["detail"] == detail


def test_only_the_world_after_a_reset_is_recorded(recording: httpx.Client) -> None:
    recording.get("/ekranapi/sessions")
    recording.post("/__mock__/reset")
    recording.get(LOG)
    written = write(recording)
    assert written["documents"] == {"calwe": {"session": 1, "entry": 2}}
    assert written["not_used"] == {
        "exchanges that are of a world that was replaced later, by a reset, a scenario or a "
        "snapshot": 1
    }


def test_faults_and_responses_on_request_are_not_recorded(recording: httpx.Client) -> None:
    fault = {
        "name": "cut",
        "match": {"operation": "listSessionLogs"},
        "effect": {"truncate": "body"},
    }
    recording.post("/__mock__/faults", json=fault).raise_for_status()
    cut = recording.get(LOG)
    recording.get("/ekranapi/sessions", headers={"Prefer": "code=400"})
    recording.get("/ekranapi/sessions?__code=503")
    written = write(recording)
    assert not cut.content.endswith(b"}")
    assert written["documents"] == {"calwe": {"session": 1, "entry": 2}}
    assert written["notes"] == ["1 of the 1 different reads get the body that was recorded"]
    assert sum(written["not_used"].values()) == 2


def test_one_sandbox_is_recorded(start: Callable[..., httpx.Client], tmp_path: Path) -> None:
    file = tmp_path / "case.yaml"
    client = start(scenario="documented", record=file, record_sandbox="mine")
    client.get("/ekranapi/sessions")
    client.get("/__sandbox__/mine" + LOG, headers=BEARER)
    written = write(client)
    assert (written["sandbox"], written["documents"]) == (
        "mine",
        {"calwe": {"session": 1, "entry": 2}},
    )


def test_personal_data_is_kept_on_request(
    start: Callable[..., httpx.Client], tmp_path: Path
) -> None:
    for keep in (False, True):
        file = tmp_path / f"{keep}.yaml"
        client = start(scenario="documented", record=file, record_keep=keep)
        client.get("/api/v1/cap/change_logs.json", headers={"access-token": "t"})
        written = write(client)
        assert ("Donna Miller" in file.read_text("utf-8")) is keep
        assert ("donna@avaamo.com" in file.read_text("utf-8")) is keep
        assert written["replaced"] == (0 if keep else 2)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("taken.yaml", "'taken.yaml' exists, and may have been edited; name another file."),
        ("case.json", "'case.json' is no name of a scenario; let it end with .yaml."),
        ("no/case.yaml", "there is no folder 'no'."),
    ],
)
def test_a_file_that_cannot_be_that_of_a_recording_is_refused_at_the_start(
    file: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken.yaml").write_text("name: taken\n")
    with pytest.raises(SystemExit) as ended:
        main(["serve", "--port", "0", "--record", file])
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"mockserver: --record: {message}\n"


def test_an_upload_that_is_no_text_does_not_stop_the_recording(recording: httpx.Client) -> None:
    recording.post(LOG, content=b"\xff\xfe", headers={"Content-Type": "application/json"})
    recording.get(LOG)
    assert write(recording)["documents"] == {"calwe": {"session": 1, "entry": 2}}


def test_what_an_upstream_responds_is_recorded(
    start: Callable[..., httpx.Client], documented_server: str, tmp_path: Path
) -> None:
    upstream = (f"calwe={documented_server}",)
    proxy = start(scenario="calwe-ended", upstream=upstream, record=tmp_path / "case.yaml")
    proxied = proxy.get(LOG, headers={**BEARER, "Accept-Encoding": "gzip"})
    written = write(proxy)
    assert proxied.headers["x-mock-source"] == "upstream"
    assert written["documents"] == {"calwe": {"session": 1, "entry": 2}}
    assert SECRET not in (tmp_path / "case.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("coding", "body", "documents", "not_used"),
    [
        (b"gzip", gzip.compress(b"[]", mtime=0), {"ekran": {}}, []),
        (
            b"br",
            b"\x0b\x00\x80[]\x03",
            None,
            ["have a body in another content coding than gzip and deflate, or a broken one"],
        ),
        (b"identity", b"\xff\xfe", None, ["have a body that is no text in UTF-8"]),
    ],
    ids=["gzip", "br", "binary"],
)
def test_a_body_of_an_upstream_is_decoded_or_named(
    tmp_path: Path, coding: bytes, body: bytes, documents: Any, not_used: list[str]
) -> None:
    async def respond(_scope: Any, _receive: Any, send: Any) -> None:
        fields = [(b"Content-Type", b"application/json"), (b"Content-Encoding", coding)]
        await send({"type": "http.response.start", "status": 200, "headers": fields})
        await send({"type": "http.response.body", "body": body})

    passed: list[bytes] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        passed.append(message.get("body", b""))

    recording = Recording(tmp_path / "case.yaml")
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": "/ekranapi/sessions",
        "raw_path": b"/ekranapi/sessions",
        "query_string": b"",
        "headers": [],
    }
    record = RecordExchanges(respond, recording, ErrorResponses(APIS.values()))
    asyncio.run(record(scope, receive, send))
    recording.close()

    assert passed == [b"", body]
    options = RecordingOptions("case", "a server")
    with closing(Spool(tmp_path / "case.yaml.recording")) as spool:
        assert [*spool.left_out] == not_used
    if documents is not None:
        folder = tmp_path / "case.yaml.recording"
        assert make_scenario(folder, APIS, options).counts == documents
