"""`mockserver diff` of two deployments: one command, and who violates the contract."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import Result

Call = Callable[..., Result]
EXAMPLES = ("--api", "ekran", "--phase", "examples")
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def rogue(documented_server: str) -> Iterator[str]:
    """A proxy before the mock in which the ids of sessions are text."""

    class Handler(BaseHTTPRequestHandler):
        def handle(self) -> None:
            self.raw_requestline = self.rfile.readline(65_537)
            if not self.parse_request():
                return
            length = int(self.headers.get("content-length") or 0)
            response = httpx.request(
                self.command,
                documented_server + self.path,
                headers=dict(self.headers.items()),
                content=self.rfile.read(length),
                verify=False,
            )
            body = response.content
            if self.path.startswith("/ekranapi"):
                rows = [{**row, "sessionId": str(row["sessionId"])} for row in response.json()]
                body = json.dumps(rows).encode()
            self.send_response(response.status_code)
            self.send_header("Content-Type", response.headers.get("content-type", ""))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing is logged."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_mock_does_not_differ_from_itself(call: Call, documented_server: str) -> None:
    done = call("diff", documented_server, documented_server, *EXAMPLES)
    assert (done.exit_code, done.stderr) == (0, "ekran: examples …\n")
    assert done.stdout == (
        "ekran: equal: 8 requests to both, 0 differences, 0 findings in both, 0 unpaired, "
        "0 skipped\n"
    )


def test_a_signal_ends_with_what_was_compared(documented_server: str) -> None:
    apis = ("--api", "calwe", "--api", "ekran", "--json")
    command = [sys.executable, "-m", "mockserver", "diff", documented_server, documented_server]
    with subprocess.Popen(
        [*command, *apis], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stderr
        for line in process.stderr:
            if line == "calwe: workflows …\n":
                break
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 143
    assert errors.endswith("mockserver: Interrupted; the comparison is of what there was so far.\n")
    calwe, ekran = json.loads(output)["apis"]
    assert calwe["inconclusive"] == ["it was interrupted in the phase 'workflows'"]
    assert (calwe["pairs"] > 0, calwe["equal"]) == (True, False)
    assert ekran["inconclusive"] == ["it was interrupted before this API"]


def test_lines_say_who_violates_the_contract(
    call: Call, documented_server: str, rogue: str
) -> None:
    done = call("diff", documented_server, rogue, *EXAMPLES)
    lines = done.stdout.splitlines()
    assert done.exit_code == 1
    assert lines[0].startswith("ekran: DIFFERENT: 8 requests to both, ")
    assert any(
        line.startswith("  B VIOLATES THE CONTRACT: listSessions: Only B violates this: ")
        for line in lines
    )
    assert any(
        line.startswith(f"    A 200: curl -s -i {documented_server}/ekranapi/") for line in lines
    )
    assert any(line.startswith(f"    B 200: curl -s -i {rogue}/ekranapi/") for line in lines)
    other = call("diff", rogue, documented_server, *EXAMPLES)
    assert "A VIOLATES THE CONTRACT" in other.stdout
    assert "B VIOLATES THE CONTRACT" not in other.stdout


def test_the_comparison_is_printed_as_json(call: Call, documented_server: str, rogue: str) -> None:
    done = call("diff", documented_server, rogue, *EXAMPLES, "--json", "--limit", "1")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["equal"]) == (1, False)
    assert (found["a"]["url"], found["b"]["url"]) == (documented_server, rogue)
    (api,) = found["apis"]
    assert api["count"] > 1
    assert [it["violated_by"] for it in api["differences"]] == ["b"]
    assert set(api["differences"][0]["a"]) == {"status", "curl"}


def test_names_are_looked_up_in_the_file(
    call: Call, documented_server: str, tmp_path: Path
) -> None:
    file = tmp_path / "targets.yaml"
    file.write_text(
        "targets:\n"
        f"  one: {{url: '{documented_server}', apis: [ekran, calwe]}}\n"
        f"  other: {{url: '{documented_server}', apis: [autozod, ekran]}}\n"
        f"  third: {{url: '{documented_server}', apis: [autozod]}}\n"
    )
    targets = ("--targets", str(file), "--phase", "examples")
    done = call("diff", "one", "other", *targets)
    assert (done.exit_code, done.stderr) == (0, "ekran: examples …\n")
    mixed = call("diff", documented_server, "other", *targets, "--api", "autozod")
    assert (mixed.exit_code, mixed.stderr) == (0, "autozod: examples …\n")

    done = call("diff", "one", "other", *targets, "--api", "calwe")
    assert (done.exit_code, done.stderr) == (
        2,
        "mockserver: 'calwe' is not an API that both 'one' and 'other' serve.\n",
    )
    done = call("diff", "one", "third", *targets)
    assert (done.exit_code, done.stderr) == (
        2,
        "mockserver: There is no API that both 'one' and 'third' serve.\n",
    )
    assert call("diff", "one", "nobody", *targets).exit_code == 2


def test_what_cannot_be_validated_is_exit_2_and_a_sentence(
    call: Call, documented_server: str
) -> None:
    for options in ((), ("--json",)):
        done = call("diff", documented_server, NOBODY, *EXAMPLES, *options)
        assert (done.exit_code, done.stdout) == (2, "")
        last = done.stderr.splitlines()[-1]
        assert last.startswith(f"mockserver: GET {NOBODY}/ekranapi/sessions got no response: ")


def test_an_inconclusive_comparison_is_exit_2(
    call: Call, documented_server: str, tmp_path: Path
) -> None:
    file = tmp_path / "targets.yaml"
    file.write_text(f"targets:\n  hasty: {{url: '{documented_server}', time_limit: 0.000001}}\n")
    done = call("diff", documented_server, "hasty", "--targets", str(file), *EXAMPLES)
    assert done.exit_code == 2
    assert done.stdout.startswith("ekran: INCONCLUSIVE: 0 requests to both")
    assert "  INCONCLUSIVE: no request could be sent to both and compared\n" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["http://127.0.0.1:9"], "Two deployments are compared: name both, as in "),
        (["ftp://x", NOBODY], "The target 'ftp://x' cannot be used: "),
        (
            [NOBODY, NOBODY, "--sandbox", "x"],
            "--sandbox is for sandboxes, and these are deployments.",
        ),
        ([NOBODY, NOBODY, "--api", "ekrn"], "There is no API 'ekrn'; did you mean 'ekran'?"),
        (
            ["before", "--api", "ekran"],
            "--api is for deployments; A or B has to be a URL, or --targets given.",
        ),
        (["--phase", "workflows"], "--phase is for deployments; "),
    ],
)
def test_invalid_options_are_refused(call: Call, arguments: list[str], sentence: str) -> None:
    done = call("diff", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"mockserver: {sentence}")


def test_the_timeout_is_for_both_deployments(call: Call) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        done = call("diff", url, url, *EXAMPLES, "--timeout", "0.1")
    assert done.exit_code == 2
    assert done.stderr.endswith("/ekranapi/sessions got no response: timed out\n")


def test_no_secret_is_printed(
    call: Call,
    documented_server: str,
    rogue: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OUR_KEY", "the-key-of-one")
    file = tmp_path / "targets.yaml"
    file.write_text(
        f"targets:\n  one: {{url: '{documented_server}', credentials: {{ekran: OUR_KEY}}}}\n"
    )
    for options in ((), ("--json",)):
        done = call("diff", "one", rogue, "--targets", str(file), *EXAMPLES, *options)
        assert done.exit_code == 1
        assert "apikey: $OUR_KEY" in done.stdout
        assert "the-key-of-one" not in done.stdout + done.stderr
