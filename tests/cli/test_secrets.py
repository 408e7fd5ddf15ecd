"""No secret is in what a command prints or writes; what names it instead works in a shell."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import Result

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.SECRET10"
REPORTS = ("html", "json", "junit", "har")


def _pairs(**values: str) -> list[dict[str, str]]:
    return [{"name": name.replace("_", "-"), "value": value} for name, value in values.items()]


RECORDED = {
    "startedDateTime": "2025-08-21T12:00:00Z",
    "time": 5,
    "request": {
        "method": "POST",
        "url": "http://qa:SECRET01@h.example/v1/customer/sessions/1/log"
        f"?access_token=SECRET02&jwt={JWT}",
        "headers": _pairs(
            Authorization="Bearer SECRET03",
            X_Api_Key="SECRET04",
            X_CSRF_Token="SECRET05",
            Cookie="laravel_session=SECRET06; XSRF-TOKEN=SECRET07",
            Proxy_Authorization="Basic SECRET08",
            access_token="SECRET09",
            Sec_WebSocket_Protocol="token.SECRET11",
            Referer="http://h.example/?session=SECRET12",
            Content_Type="application/json",
        ),
        "postData": {
            "mimeType": "application/json",
            "text": '{"action_type": "ENTERED", "user": [{"oldPassword": "SECRET13"}]}',
        },
    },
    "response": {
        "status": 200,
        "headers": _pairs(
            Content_Type="application/json", Set_Cookie="laravel_session=SECRET14; HttpOnly"
        ),
        "content": {
            "mimeType": "application/json",
            "text": '{"refreshToken": "SECRET15", "message": "Bearer SECRET03 is new", "data": 7}',
        },
    },
}


def test_no_secret_of_a_recording_is_shown(invoke: Callable[..., Result], tmp_path: Path) -> None:
    recording = tmp_path / "recorded.har"
    recording.write_text(json.dumps({"log": {"version": "1.2", "entries": [RECORDED]}}))
    reports = [f"--report={kind}={tmp_path / kind}" for kind in REPORTS]
    ended = invoke("verify", recording, "--strict", *reports)
    assert ended.exit_code == 1
    texts = [ended.output, *((tmp_path / kind).read_text() for kind in REPORTS)]
    assert [text for text in texts if "SECRET" in text] == []
    assert all("laravel_session" in text for text in (texts[0], texts[1], texts[4]))
    assert "refreshToken" in ended.stdout


def test_a_sanitized_recording_has_the_same_verdict(
    invoke: Callable[..., Result], tmp_path: Path
) -> None:
    recording, shared = tmp_path / "recorded.har", tmp_path / "shared.har"
    recording.write_text(json.dumps({"log": {"version": "1.2", "entries": [RECORDED]}}))
    first = invoke("verify", recording, "--sanitize", shared)
    assert first.stderr == f"'{shared}' has placeholders for 15 secrets.\n"
    assert "SECRET" not in shared.read_text()
    second = invoke("verify", shared)
    assert second.exit_code == first.exit_code == 1

    def list_lines(printed: str) -> list[str]:
        lines = [line.partition("skipped, ")[0] for line in printed.splitlines()]
        return [line for line in lines if not line.startswith(("  FAIL", "  warn", "    curl"))]

    assert list_lines(second.stdout) == list_lines(first.stdout)
    again = invoke("verify", recording, recording, "--sanitize", shared)
    assert again.exit_code == 2
    assert "--sanitize writes one recording; name one FILE." in again.stderr


class _Deployment(BaseHTTPRequestHandler):
    """Responds to every request with an empty object, and keeps what was sent."""

    seen: list[str]

    def do_GET(self) -> None:
        self.seen.append(str(self.headers["authorization"]))
        body = json.dumps({"message": f"you sent {self.headers['authorization']}"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


@pytest.fixture
def deployment() -> Iterator[str]:
    _Deployment.seen = []
    with ThreadingHTTPServer(("127.0.0.1", 0), _Deployment) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("token", ['s3cret "$x`', "wrong"])
def test_a_curl_has_the_name_of_the_variable_and_works_when_pasted(
    invoke: Callable[..., Result], folder: Path, deployment: str, token: str
) -> None:
    (folder / "targets.yaml").write_text(
        f"targets: {{staging: {{url: '{deployment}', apis: [calwe], "
        "credentials: {calwe: STAGING_TOKEN}, ids: {calwe: {open_session: 1}}}}"
    )
    reports = [f"--report={kind}={kind}" for kind in REPORTS]
    phases = ("--phase", "examples", "--phase", "cases")
    ended = invoke("check", "staging", *phases, *reports, STAGING_TOKEN=token)
    texts = [ended.output, *((folder / kind).read_text() for kind in REPORTS)]
    assert [text for text in texts if f"Bearer {token}" in text] == []
    assert "sent Bearer ***" in texts[1]
    # The credential of this kit that is to be refused is no secret.
    assert "Bearer invalid" in texts[4]
    command = next(line for line in ended.stdout.splitlines() if "$STAGING_TOKEN" in line)
    assert '-H "authorization: Bearer $STAGING_TOKEN"' in command
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("There is no curl here.")
    _Deployment.seen.clear()
    environment = {"PATH": os.environ["PATH"], "STAGING_TOKEN": token}
    subprocess.run(["sh", "-c", command], env=environment, check=True, timeout=30)
    assert _Deployment.seen == [f"Bearer {token}"]
