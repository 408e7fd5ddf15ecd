"""A deployment whose tokens expire is checked with tokens that are fetched again."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs

import pytest
from click.testing import Result

LIFE = 7
"""How many requests a token is accepted for."""

BASIC = "Basic Y2hlY2s6czNjcmV0LW9mLWNsaWVudA=="
"""`check:s3cret-of-client`."""


class _Deployment(BaseHTTPRequestHandler):
    """Issues tokens, and accepts each for some requests."""

    lock = Lock()
    issued: list[str]
    uses: dict[str, int]
    is_closed = False

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        is_grant = form == {"grant_type": ["client_credentials"], "scope": ["logs"]}
        if self.is_closed or not is_grant or self.headers["authorization"] != BASIC:
            self._respond(400, {"error": "invalid_client", "error_description": "s3cret-of-client"})
            return
        self.issued.append(f"t0ken-number-{len(self.issued) + 1}-of-many")
        self._respond(200, {"access_token": self.issued[-1], "token_type": "bearer"})

    def do_GET(self) -> None:
        with self.lock:
            token = self.headers["apikey"]
            is_alive = bool(self.issued) and token == self.issued[-1]
            self.uses[token] = self.uses.get(token, 0) + 1
            is_alive = is_alive and self.uses[token] <= LIFE
        self._respond(200 if is_alive else 401, [] if is_alive else {"seen": token})

    def _respond(self, status: int, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


@pytest.fixture
def deployment(folder: Path) -> Iterator[str]:
    """The URL of the deployment, which a targets file names with its token endpoint."""
    _Deployment.issued, _Deployment.uses, _Deployment.is_closed = [], {}, False
    with ThreadingHTTPServer(("127.0.0.1", 0), _Deployment) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        client = "client_id: check, client_secret: {env: CLIENT_SECRET}, scope: logs"
        (folder / "targets.yaml").write_text(
            f"targets: {{staging: {{url: '{url}', apis: [ekran], credentials: "
            f"{{ekran: {{oauth: {{token_url: '{url}/token', {client}}}}}}}}}}}"
        )
        yield url
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("deployment")
@pytest.mark.parametrize("phase", ["boundaries", "generated"])
def test_tokens_that_expire_are_fetched_again(
    invoke: Callable[..., Result], folder: Path, phase: str
) -> None:
    arguments = ("--phase", phase, "--quick", "--report", "json=report.json", "--report=har=r.har")
    ended = invoke("check", "staging", *arguments, CLIENT_SECRET="s3cret-of-client")
    assert ended.exit_code in (0, 1), ended.stderr
    assert "refused later" not in ended.stdout
    assert len(_Deployment.issued) > 2
    # Each token was used up before the next one was fetched.
    lives = [_Deployment.uses[token] for token in _Deployment.issued[:-1]]
    assert set(lives) == {LIFE + 1}
    texts = [ended.output, *((folder / name).read_text() for name in ("report.json", "r.har"))]
    assert [text for text in texts if "-of-many" in text or "s3cret" in text] == []


@pytest.mark.parametrize("phase", ["boundaries", "generated"])
def test_a_token_endpoint_that_fails_later_ends_the_run(
    invoke: Callable[..., Result], deployment: str, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    def respond_once(handler: _Deployment, status: int, value: Any) -> None:
        _Deployment.is_closed = True
        respond(handler, status, value)

    respond = _Deployment._respond
    monkeypatch.setattr(_Deployment, "_respond", respond_once)
    ended = invoke(
        "check", "staging", "--phase", phase, "--quick", CLIENT_SECRET="s3cret-of-client"
    )
    assert ended.exit_code == 2
    assert (
        f"mockserver: The token endpoint '{deployment}/token' for the credential of 'ekran' for "
        "'staging' refuses the client with 400: invalid_client: ***"
    ) in ended.stderr
    assert "s3cret" not in ended.output


def test_a_credential_that_cannot_be_fetched_is_said_before_any_request(
    invoke: Callable[..., Result], deployment: str, folder: Path
) -> None:
    command = json.dumps([sys.executable, "-c", "import sys; sys.exit('log in first')"])
    (folder / "targets.yaml").write_text(
        f"targets: {{staging: {{url: '{deployment}', apis: [ekran], "
        f"credentials: {{ekran: {{command: {command}}}}}}}}}"
    )
    ended = invoke("check", "staging")
    assert ended.exit_code == 2
    assert ended.stderr == (
        "mockserver: The command for the credential of 'ekran' for 'staging' failed with the exit "
        "code 1: log in first\n"
    )
    assert _Deployment.uses == {}
    # A variable on the command line takes its place.
    ended = invoke("check", "staging", "--credential", "ekran=EKRAN_KEY", EKRAN_KEY="")
    assert "The environment has no variable 'EKRAN_KEY'" in ended.stderr
