"""`mockserver verify`: recordings of a browser are validated against the contracts."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner
from playwright.sync_api import sync_playwright

from mockserver.check.traffic import verification
from mockserver.cli import main
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

ROOT = Path(__file__).resolve().parents[2]

PAGE = b"""<!doctype html>
<meta charset="utf-8">
<script>
  const token = "token-of-the-app";
  const credentials = { Authorization: `Bearer ${token}`, "access-token": token };
  const json = { "Content-Type": "application/json", ...credentials };
  async function call(url, method = "GET", body = undefined) {
    const response = await fetch(url, { method, headers: body ? json : credentials, body });
    await response.text();
  }
  async function play(api) {
    for (const url of [api, `${api}/__sandbox__/aside`]) {
      await call(`${url}/v1/customer/sessions/1/log?per_page=2`);
      await call(`${url}/v1/customer/sessions/1/log`, "POST", '{"action_type": "ENTERED"}');
      await call(`${url}/v1/customer/sessions/1/log?per_page=2`);
    }
    const pages = [1, 2, 3].map((page) => `${api}/api/v1/cap/change_logs.json?page=${page}`);
    await Promise.all(pages.map((url) => call(url)));
    await call(`${api}/v1/customer/sessions/4040404/log`);
  }
</script>
"""


class _App(BaseHTTPRequestHandler):
    """Serves the page, on an origin of its own."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


@contextmanager
def _app() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _App) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def _browser() -> str:
    """The browser that tools/browser.sh finds; where everything is tested, it must be there."""
    finding = [ROOT / "tools" / "browser.sh", "find"]
    found = subprocess.run(finding, capture_output=True, text=True, check=False).stdout.strip()
    if not found:
        end = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        end("There is no browser here: tools/browser.sh says what to install.")
    return found


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what a browser has recorded: one file, one with others beside it, one zip."""
    folder = tmp_path_factory.mktemp("recorded")
    program = _browser()
    with run_in_thread(Settings(port=0)) as api, _app() as app, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        for name, content in (("one.har", None), ("beside.har", "attach"), ("packed.zip", None)):
            context = chromium.new_context(
                record_har_path=folder / name, record_har_content=content
            )
            page = context.new_page()
            page.goto(app)
            page.evaluate("api => play(api)", api)
            context.close()
        chromium.close()
    return folder


@pytest.fixture
def changed(recorded: Path, tmp_path: Path) -> Callable[..., Path]:
    """The recording with one response changed: the first to a URL with a certain text in it."""

    def changed(text: str, change: Callable[[Any], None]) -> Path:
        har = json.loads((recorded / "one.har").read_bytes())
        entries = (entry for entry in har["log"]["entries"] if text in entry["request"]["url"])
        content = next(entries)["response"]["content"]
        body = json.loads(content["text"])
        change(body)
        content["text"] = json.dumps(body, ensure_ascii=False)
        path = tmp_path / "changed.har"
        path.write_text(json.dumps(har))
        return path

    return changed


@dataclass(frozen=True)
class Ended:
    """What a command has printed, and how it ended."""

    returncode: int
    stdout: str
    stderr: str


def _verify(*arguments: str | Path) -> Ended:
    return _run("verify", *arguments)


def _run(*arguments: str | Path) -> Ended:
    done = CliRunner().invoke(main, [*map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Ended(done.exit_code, done.stdout, done.stderr)


@pytest.mark.parametrize("name", ["one.har", "beside.har", "packed.zip"])
def test_a_recording_of_a_browser_passes(recorded: Path, name: str) -> None:
    ended = _verify(recorded / name)
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
    lines = ended.stdout.splitlines()
    assert lines[0].startswith("http://127.0.0.1:")
    good = [line.partition(" requests, ")[0] for line in lines if ": pass: " in line]
    assert good == ["avaamo: pass: 3", "calwe: pass: 7"]
    assert "  skipped: listCoachSessionLogs is not in the recording" in lines
    assert "saved response body" not in ended.stdout


def test_a_key_that_is_missing_is_a_failure(changed: Callable[..., Path]) -> None:
    ended = _verify(changed("change_logs", lambda body: body.pop("total_pages")))
    assert ended.returncode == 1
    (line,) = [line for line in ended.stdout.splitlines() if "FAILURE" in line]
    assert "listChangeLogs 200: /response/body: " in line
    assert "total_pages" in line


def test_a_wrong_total_violates_an_invariant(changed: Callable[..., Path]) -> None:
    def off(body: Any) -> None:
        body["data"]["total"] += 1

    ended = _verify(changed("/__sandbox__/aside/v1/customer/sessions/1/log", off))
    assert ended.returncode == 1
    assert "invariant:the-list-grows-by-what-is-created" in ended.stdout
    # What repeats the call leads into the same world.
    assert "-H 'x-mock-sandbox: aside'" in ended.stdout


def test_reports_are_those_of_every_run_and_have_no_secret(
    changed: Callable[..., Path], tmp_path: Path
) -> None:
    path = changed("change_logs", lambda body: body.pop("total_pages"))
    kinds = ("json", "junit", "har")
    reports = [word for kind in kinds for word in ("--report", f"{kind}={tmp_path / kind}")]
    ended = _verify(path, *reports)
    assert ended.returncode == 1
    assert b"token-of-the-app" in path.read_bytes()
    for text in (ended.stdout, *((tmp_path / kind).read_text() for kind in kinds)):
        assert "token-of-the-app" not in text
    report = json.loads((tmp_path / "json").read_bytes())
    assert [api["passed"] for api in report["apis"]] == [False, True]
    assert b"<failure" in (tmp_path / "junit").read_bytes()
    again = _verify(tmp_path / "har")
    assert again.returncode == 1
    assert [line for line in again.stdout.splitlines() if "finding: " in line] == [
        line for line in ended.stdout.splitlines() if "finding: " in line
    ]


def test_a_finding_of_the_baseline_is_accepted(
    changed: Callable[..., Path], tmp_path: Path
) -> None:
    path = changed("change_logs", lambda body: body.pop("total_pages"))
    lines = _verify(path).stdout.splitlines()
    finding = next(
        line.partition("finding: ")[2].strip("'") for line in lines if "finding: " in line
    )
    entry = {"finding": finding, "reason": "Ticket 1234", "expires": "2999-12-31"}
    (tmp_path / "baseline.yaml").write_text(json.dumps({"accepted": [entry]}))
    ended = _verify(path, "--baseline", tmp_path / "baseline.yaml")
    assert ended.returncode == 0, ended.stdout
    assert "1 accepted" in ended.stdout


def test_the_har_of_a_check_passes(tmp_path: Path) -> None:
    har = tmp_path / "run.har"
    with run_in_thread(Settings(port=0)) as url:
        phases = ("--phase", "examples", "--phase", "workflows")
        checked = _run("check", url, *phases, "--api", "calwe", "--report", f"har={har}")
    assert checked.returncode == 0, checked.stdout
    assert b"The time was not measured" not in har.read_bytes()
    ended = _verify(har)
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
    figures = [line.rpartition(",")[0] for line in checked.stdout.splitlines() if "pass: " in line]
    assert [line.rpartition(",")[0] for line in ended.stdout.splitlines() if "pass: " in line] == [
        *dict.fromkeys(figures)
    ]


def _har(path: Path, *urls: str, status: int = 200) -> Path:
    entries = [
        {
            "startedDateTime": "2025-08-21T12:00:00Z",
            "request": {"method": "GET", "url": url},
            "response": {
                "status": status,
                "content": {"mimeType": "application/json", "text": "[]"},
            },
        }
        for url in urls
    ]
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    return path


def test_a_call_that_no_contract_has_is_a_failure(tmp_path: Path) -> None:
    ended = _verify(_har(tmp_path / "a.har", "http://h/ekranapi/sessions", "http://h/ekranapi/x"))
    assert ended.returncode == 1
    assert (
        "  FAILURE: the deployment 200: GET /x is not in the contract: the path '/x' is not "
        "documented"
    ) in ended.stdout.splitlines()


def test_of_several_deployments_each_has_its_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _har(tmp_path / "a.har", "http://h/ekranapi/sessions", "https://i:444/x/ekranapi/sessions")
    _har(tmp_path / "b.har", "http://h/ekranapi/sessions")
    ended = _verify("a.har", "b.har", "--report", "json=v.json")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    requests = {
        name: json.loads((tmp_path / name).read_bytes())["apis"][0]["requests"]
        for name in ("v-h.json", "v-i-444-x.json")
    }
    assert requests == {"v-h.json": 2, "v-i-444-x.json": 1}


def test_summary_says_what_became_of_the_entries(tmp_path: Path) -> None:
    path = _har(
        tmp_path / "a.har", "http://h/ekranapi/sessions", "http://ads/", "http://h/ekranapi/"
    )
    har = json.loads(path.read_bytes())
    har["log"]["entries"] += [None, {"request": {"url": "http://h/ekranapi/sessions"}}]
    har["log"]["entries"][2]["_fromCache"] = "memory"
    path.write_bytes(gzip.compress(json.dumps(har).encode()))
    ended = _verify(path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-3:] == [
        "5 entries: 1 verified, 2 left out, 2 of other servers",
        "  left out: 1 that came from the browser's cache: log.entries[2]",
        "  left out: 1 that got no response (failed, blocked or broken off): log.entries[4]",
    ]


def test_calls_attributed_to_another_server_are_noted(tmp_path: Path) -> None:
    path = _har(tmp_path / "a.har", "http://h/ekranapi/sessions", "http://app/api/me")
    ended = _verify(path)
    assert ended.returncode == 0
    assert ended.stdout.splitlines()[-1].startswith("note: calls to 'http://app' below the base")
    assert _verify(path, "--url", "http://app").returncode == 1


def test_the_url_of_a_deployment_may_have_other_letters_than_ascii(tmp_path: Path) -> None:
    path = _har(tmp_path / "a.har", "http://xn--exmple-cua.test/ekranapi/sessions")
    ended = _verify(path, "--url", "http://exämple.test")
    assert ended.stdout.splitlines()[0] == "http://xn--exmple-cua.test:"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["none.har"], "There is no file 'none.har'; name a HAR that was recorded."),
        (["page.html"], "The file 'page.html' is no HAR: it begins with '<!doctype html>'."),
        (["other.json"], "The file 'other.json' is no HAR: it has no 'log'."),
        (["new.har"], "The HAR 'new.har' is of version '2.0'; 1.2 is read."),
        (["odd.har"], "No call of an API is in the recording."),
        (["app.har"], "No call of an API is in the recording."),
        (["good.har", "--api", "ekrn"], "There is no API 'ekrn'; did you mean 'ekran'?"),
        (["good.har", "--api", "calwe"], "No call of the API 'calwe' is in the recording."),
        (["good.har", "--url", "h"], "--url: 'h' cannot be used: it is no URL of http or https"),
        (["good.har", "--url", "http://a:secret@h"], "--url: 'h' cannot be used: a URL carries no"),
        (["good.har", "--freeze-at", "noon"], "'noon' is not a moment; write it like"),
        (["good.har", "--report", "pdf=x"], "--report: 'pdf' is no kind of report; 'json', "),
        (["good.har", "--report", "json=no/x"], "--report: there is no folder 'no' for 'x'"),
        (["good.har", "--baseline", "none"], "There is no baseline 'none'; "),
    ],
)
def test_invalid_options_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    _har(tmp_path / "good.har", "http://h/ekranapi/sessions")
    _har(tmp_path / "app.har", "http://h/index.html")
    (tmp_path / "page.html").write_text("<!doctype html>")
    (tmp_path / "other.json").write_text('{"openapi": "3.0.3"}')
    (tmp_path / "new.har").write_text('{"log": {"version": "2.0", "entries": []}}')
    (tmp_path / "odd.har").write_text('{"log": {"entries": [{"request": {"url": []}}]}}')
    ended = _verify(*arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"mockserver: {sentence}")
    assert "secret" not in ended.stderr


def test_without_a_file_it_says_what_is_missing() -> None:
    ended = _verify()
    assert ended.returncode == 2
    assert "Missing argument 'FILE...'" in ended.stderr


def test_missing_response_bodies_are_inconclusive(recorded: Path, tmp_path: Path) -> None:
    shutil.copy(recorded / "beside.har", tmp_path / "alone.har")
    ended = _verify(tmp_path / "alone.har")
    assert ended.returncode == 1
    assert "INCONCLUSIVE: no response body was saved" in ended.stdout


def test_an_interruption_ends_with_130(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mockserver.cli.runs.verify_recordings", interrupted)
    ended = _verify(_har(tmp_path / "a.har", "http://h/ekranapi/sessions"))
    assert ended.returncode == 130
    assert ended.stderr == "mockserver: Interrupted before anything was verified.\n"


def test_an_interruption_leaves_the_verdict_on_what_there_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    recordings = [
        _har(tmp_path / f"{name}.har", f"http://h/{path}")
        for name, path in (("a", "v1/customer/sessions/1/log"), ("b", "ekranapi/sessions"))
    ]
    monkeypatch.setattr(verification._Run, "validate_sequence", interrupt)
    ended = _verify(*recordings, "--report", f"json={tmp_path / 'report.json'}")
    assert ended.returncode == 130
    assert ended.stderr == "mockserver: Interrupted; the verdict is on what there was so far.\n"
    calwe, ekran = json.loads((tmp_path / "report.json").read_text())["apis"]
    assert calwe["inconclusive"][0] == "it was interrupted"
    assert ekran["inconclusive"] == ["it was interrupted before this API"]
