"""`mockserver check`: one command, a verdict and an exit code."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import junitparser
import pytest
from click.testing import Result

from mockserver import contract
from mockserver.check import runner
from mockserver.check.validation import finding
from mockserver.check.validation.verdict import Verdict
from mockserver.cli.check import EVIDENCE, PHASES
from mockserver.client import Client
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

Check = Callable[..., Result]

pytestmark = pytest.mark.usefixtures("folder")

PROGRAM = (sys.executable, "-m", "mockserver")


@pytest.fixture
def rogue() -> Iterator[Callable[..., str]]:
    """Starts a deployment that has a status of its own for every request with a bound; its URL.

    It may `wait` before a response.
    """
    with ExitStack() as stack:
        yield lambda wait=lambda: None: stack.enter_context(_running(wait))


@contextmanager
def _running(wait: Callable[[], object]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            wait()
            is_bad = "start" in self.path
            body = b'{"message": "no"}' if is_bad else b"[]"
            self.send_response(418 if is_bad else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    with run_in_thread(Settings(port=0)) as url:
        yield url


@pytest.fixture
def check(invoke: Callable[..., Result]) -> Callable[..., Result]:
    """Runs the command in this process."""
    return lambda *arguments, **variables: invoke("check", *arguments, **variables)


def _figures(line: str) -> str:
    """A line without the figures that change with the contracts and the machine."""
    return re.sub(r"[0-9.]+ (requests|seconds)", r"… \1", line)


def test_the_mock_is_good_and_reports_are_written(check: Check, mock: str, folder: Path) -> None:
    phases = ("--phase", "examples", "--phase", "cases")
    kinds = ("json=report.json", "junit=report.xml", "sarif=report.sarif")
    reports = [word for kind in kinds for word in ("--report", kind)]
    ended = check(mock, "--api", "ekran", "--api", "avaamo", *phases, *reports)
    assert ended.exit_code == 0, ended.stdout
    figures = "0 failures, 0 warnings, 0 accepted, 0 inconclusive, 0 skipped"
    assert [_figures(line) for line in ended.stdout.splitlines()] == [
        f"{mock}:",
        f"avaamo: pass: … requests, {figures}, … seconds",
        f"ekran: pass: … requests, {figures}, … seconds",
    ]
    report = json.loads((folder / "report.json").read_text())
    assert [api["api"] for api in report["apis"]] == ["avaamo", "ekran"]
    root = ElementTree.fromstring((folder / "report.xml").read_bytes())
    assert {suite.get("failures") for suite in root} == {"0"}
    (run,) = json.loads((folder / "report.sarif").read_text())["runs"]
    assert (run["results"], run["invocations"][0]["executionSuccessful"]) == ([], True)
    assert "avaamo: cases …" in ended.stderr


def test_one_phase_can_be_run(check: Check, mock: str) -> None:
    ended = check(mock, "--api", "ekran", "--phase", "examples")
    assert ended.exit_code == 0
    assert [_figures(line) for line in ended.stderr.splitlines()] == [
        f"{mock}:",
        "ekran: examples …",
        "ekran: examples: … requests, 0 findings in … seconds",
    ]


def test_a_target_of_the_file_is_checked_as_it_says(check: Check, mock: str, folder: Path) -> None:
    (folder / "targets.yaml").write_text(f"targets: {{here: {{url: '{mock}', apis: [ekran]}}}}")
    ended = check("here", "--phase", "examples")
    assert ended.exit_code == 0, ended.stderr
    assert ended.stdout.startswith(f"here, {mock}:\nekran: pass: ")
    assert ended.stdout.count(": pass: ") == 1


def test_an_option_overrides_the_targets_file(check: Check, mock: str, folder: Path) -> None:
    (folder / "mine.yaml").write_text(
        f"targets: {{here: {{url: '{mock}', apis: [ekran], credentials: {{avaamo: GONE}}}}}}"
    )
    options = ("--targets", "mine.yaml", "--phase", "examples", "--api", "avaamo")
    gone = check("here", *options)
    assert gone.exit_code == 2
    assert gone.stderr == (
        "mockserver: The environment has no variable 'GONE', which has the credential of 'avaamo' "
        "for 'here'; set it, or name another one.\n"
    )
    there = check("here", *options, "--credential", "avaamo=THERE", THERE="a-token")
    assert (there.exit_code, there.stdout.count("avaamo: pass: ")) == (0, 1)


def test_all_targets_are_checked_and_one_that_cannot_be_validated_stops_no_other(
    check: Check, mock: str, folder: Path
) -> None:
    (folder / "targets.yaml").write_text(
        f"targets: {{gone: {{url: 'http://127.0.0.1:9', apis: [ekran]}}, "
        f"here: {{url: '{mock}', apis: [ekran]}}}}"
    )
    ended = check("--all", "--phase", "examples", "--report", "junit=check.xml")
    assert ended.exit_code == 2
    assert "ekran: INCONCLUSIVE: 0 requests" in ended.stdout
    assert f"here, {mock}:\nekran: pass: " in ended.stdout
    assert "mockserver: GET http://127.0.0.1:9/ekranapi/sessions" in ended.stderr
    errors = {
        path.name: [suite.get("errors") for suite in ElementTree.parse(path).getroot()]
        for path in folder.glob("*.xml")
    }
    assert errors == {"check-gone.xml": ["1"], "check-here.xml": ["0"]}


def test_the_evidence_of_a_target_holds_unless_another_is_given(
    check: Check, rogue: Callable[..., str], folder: Path
) -> None:
    (folder / "targets.yaml").write_text(
        f"targets: {{here: {{url: '{rogue()}', apis: [ekran], evidence: assumed}}}}"
    )
    only = ("here", "--phase", "cases")
    assert ", 0 warnings" in check(*only).stdout
    documented = check(*only, "--evidence", "documented")
    assert "  warning: listSessions 418: " in documented.stdout
    assert ", 0 warnings" not in documented.stdout


def test_all_reports_have_the_same_findings(
    check: Check, rogue: Callable[[], str], folder: Path
) -> None:
    names = {"json": "a.json", "junit": "a.xml", "html": "a.html", "script": "a.sh"}
    reports = [word for kind, file in names.items() for word in ("--report", f"{kind}={file}")]
    arguments = ("--api", "ekran", "--phase", "cases", "--phase", "boundaries", *reports)
    lines = check(rogue(), *arguments, GITHUB_ACTIONS="true").stdout.splitlines()
    failures = [line for line in lines if line.startswith("  FAILURE: ")]
    warnings = [line for line in lines if line.startswith("  warning: ")]
    assert f"{len(failures)} failures, {len(warnings)} warnings" in lines[1]
    # Each request with a bound gets 418: valid ones are one finding, and the status is another.
    assert [line.strip() for line in lines if " 418'" in line] == [
        "finding: 'ekran listSessions refused * * 418'",
        "finding: 'ekran * status * /response/status 418'",
    ]
    annotations = [line for line in lines if line.startswith("::error title=ekran%3A")]
    assert len(annotations) >= len(failures) > 0
    assert "%0Aekran listSessions refused * * 418" in "".join(annotations)
    (report,) = json.loads((folder / "a.json").read_text())["apis"]
    assert (len(report["failures"]), len(report["warnings"])) == (len(failures), len(warnings))
    (suite,) = junitparser.JUnitXml.fromfile("a.xml")
    assert (suite.failures, suite.errors) == (len(failures), len(report["inconclusive"]))
    assert sum(case.system_out is not None for case in suite) == len(warnings)
    page = (folder / "a.html").read_text()
    assert page.count('<article class="finding failure"') == len(failures)
    assert page.count('<article class="finding warning"') == len(warnings)
    shown = subprocess.run(["/bin/sh", "a.sh"], stdout=subprocess.PIPE, text=True)
    assert len(shown.stdout.splitlines()) == 1 + len(failures) + len(warnings)


def test_excluded_operations_get_no_request_and_are_said_once(
    check: Check, mock: str, folder: Path
) -> None:
    (folder / "targets.yaml").write_text(
        f"targets: {{here: {{url: '{mock}', apis: [calwe], exclude: "
        "{calwe: [listCoachSessionLogs, createCoachSessionLog]}}}"
    )
    reports = ("--report", "json=report.json", "--report", "har=run.har")
    reports += ("--report", "html=report.html")
    ended = check("here", "--quick", "--exclude", "createSessionLog", *reports)
    assert ended.exit_code == 0, ended.stdout
    excluded = ["createCoachSessionLog", "createSessionLog", "listCoachSessionLogs"]
    (line,) = [line for line in ended.stdout.splitlines() if line.startswith("  excluded: ")]
    assert line == f"  excluded: {', '.join(excluded)}"
    assert "  skipped: it needs listCoachSessionLogs, which is excluded: workflow " in ended.stdout
    assert f"Excluded: {', '.join(excluded)}" in (folder / "report.html").read_text()
    (report,) = json.loads((folder / "report.json").read_text())["apis"]
    assert (report["excluded"], report["inconclusive"]) == (excluded, [])
    assert {cell["operation"] for cell in report["coverage"]} == {"listSessionLogs"}
    assert {cell["phase"] for cell in report["coverage"]} == set(PHASES)
    entries = json.loads((folder / "run.har").read_text())["log"]["entries"]
    sent = {(entry["request"]["method"], entry["request"]["url"]) for entry in entries}
    assert not [url for _, url in sent if "/coach/" in url]
    assert "POST" not in {method for method, _ in sent}

    unknown = check("here", "--exclude", "createSessionLogs")
    assert unknown.exit_code == 2
    assert unknown.stderr == (
        "mockserver: --exclude: there is no operation 'createSessionLogs'; did you mean "
        "'createSessionLog'?\n"
    )


def test_calls_of_excluded_operations_in_a_recording_are_left_out(
    check: Check, invoke: Check, mock: str
) -> None:
    check(mock, "--api", "calwe", "--phase", "workflows", "--report", "har=run.har")
    ended = invoke("verify", "run.har", "--operation", "listSessionLogs")
    assert ended.exit_code == 0, ended.stdout
    assert "\n  excluded: createCoachSessionLog, createSessionLog, listCoachSessionLogs\n" in (
        ended.stdout
    )
    assert re.search(r"^  left out: [0-9]+ that are of an excluded operation: ", ended.stdout, re.M)
    assert "createSessionLog is not in the recording" not in ended.stdout


def test_a_whole_run_lists_what_the_baseline_no_longer_needs(
    check: Check, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "check", lambda *_: iter([Verdict("ekran")]))
    entry = "{finding: 'ekran a b #/x - -', reason: a ticket, expires: 2999-01-01}"
    (folder / "baseline.yaml").write_text(f"accepted: [{entry}]")
    arguments = ("http://127.0.0.1:9", "--api", "ekran", "--baseline", "baseline.yaml")
    assert check(*arguments).stdout.splitlines()[-1] == (
        "no longer needed in the baseline, since it was not found: ekran a b #/x - -"
    )
    for partial in (("--quick",), ("--phase", "cases")):
        assert "no longer needed" not in check(*arguments, *partial).stdout


def test_the_output_ends_with_the_ids_that_are_missing(
    check: Check, rogue: Callable[..., str]
) -> None:
    url = rogue()
    ids = ("--id", "calwe.open_session=1", "--id", "calwe.shared_session=1")
    ended = check(url, "--api", "calwe", "--phase", "examples", *ids)
    assert "Ids are missing" not in ended.stdout
    ended = check(url, "--api", "calwe", "--phase", "workflows")
    lines = ended.stdout.splitlines()
    assert [line for line in lines if "no id for busy_session" in line] == [
        "  skipped: no id for busy_session: workflow 'list-session-logs-in-pages-busy-session', "
        "workflow 'list-session-logs-read-again-busy-session', workflow "
        "'list-session-logs-refused-busy-session'"
    ]
    assert lines[lines.index("targets:") :][:5] == [
        "targets:",
        "  127.0.0.1:",
        f'    url: "{url}"',
        "    ids:",
        "      calwe:",
    ]
    assert [line.split(":")[0].strip() for line in lines[lines.index("targets:") + 5 :]] == [
        *("open_session", "busy_session", "ended_session", "empty_session", "shared_session")
    ]


def test_ids_that_cannot_be_discovered_have_a_reason(
    check: Check, rogue: Callable[..., str]
) -> None:
    ended = check("--discover", rogue(), "--api", "ekran", "--api", "calwe")
    assert ended.exit_code == 0
    assert ended.stdout.splitlines()[1:4] == [
        "  calwe: none found for open_session, empty_session, shared_session: by the contract, no "
        "list has such ids",
        "  calwe: none found for busy_session, ended_session, missing_session, writable_session, "
        "session_to_end, session_to_cancel, session_to_use_up: no case reads what has it in the "
        "path; choose it yourself",
        "  ekran: none found for compulsory_key: no case reads what has it in the path; choose it "
        "yourself",
    ]
    assert "        open_session:  # A session that has not ended, with some entries in its " in (
        ended.stdout
    )
    refused = check("--discover", "http://127.0.0.1:9", "--report", "json=x.json")
    assert refused.exit_code == 2
    assert refused.stderr == (
        "mockserver: --discover checks nothing; leave out reports and baselines.\n"
    )


def test_the_findings_of_a_run_are_written_as_a_baseline(
    check: Check, rogue: Callable[..., str], folder: Path
) -> None:
    arguments = (rogue(), "--api", "ekran", "--phase", "cases", "--write-baseline", "baseline.yaml")
    first = check(*arguments)
    assert first.exit_code == 1
    assert re.search(r"wrote [1-9][0-9]* accepted findings to 'baseline.yaml'\n$", first.stdout)
    written = (folder / "baseline.yaml").read_text()
    assert "\n  # listSessions 418: A request that the contract allows gets 418\n" in written
    (folder / "baseline.yaml").write_text(written.replace("say here why", "a teapot is why"))
    second = check(*arguments, "--baseline", "baseline.yaml")
    assert ", 0 failures, " in second.stdout
    assert "a teapot is why" in (folder / "baseline.yaml").read_text()


def test_a_baseline_is_not_written_in_the_place_of_another_file_or_without_a_verdict(
    check: Check, folder: Path
) -> None:
    arguments = ("http://127.0.0.1:9", "--api", "ekran", "--write-baseline")
    (folder / "targets.yaml").write_text("targets: {}")
    ended = check(*arguments, "targets.yaml")
    assert ended.exit_code == 2
    assert ended.stderr.startswith(
        "mockserver: --write-baseline: 'targets.yaml' is not overwritten, since it is not a "
    )
    ended = check(*arguments, "new.yaml")
    assert ended.exit_code == 2
    assert ended.stderr.endswith(
        "mockserver: 'new.yaml' was not written: the run did not reach a verdict on everything\n"
    )
    assert not (folder / "new.yaml").exists()


def test_a_report_that_cannot_be_written_is_said_and_the_others_are_written(
    check: Check, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "check", lambda *_: iter([Verdict("ekran")]))
    full, good = ("--report", "json=/dev/full"), ("--report", "junit=check.xml")
    ended = check("http://127.0.0.1:9", "--api", "ekran", "--plain", *full, *good)
    assert ended.exit_code == 2
    assert ended.stderr.endswith(
        "mockserver: The report '/dev/full' cannot be written: No space left on device.\n"
    )
    assert ElementTree.parse(folder / "check.xml").getroot().tag == "testsuites"


@pytest.mark.parametrize(
    ("signals", "code"), [([signal.SIGINT], 130), ([signal.SIGTERM, signal.SIGTERM], 143)]
)
def test_a_signal_ends_with_what_was_found_and_the_reports(
    mock: str, folder: Path, signals: list[signal.Signals], code: int
) -> None:
    apis = ("--api", "ekran", "--api", "calwe")
    command = (*PROGRAM, "check", mock, "http://h:9", *apis, "--report", "json=check.json")
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stderr
        for line in process.stderr:
            if line == "calwe: generated …\n":
                break
        for number in signals:
            process.send_signal(number)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert "  INCONCLUSIVE: it was interrupted in the phase 'generated'" in output
    assert errors.endswith(
        "mockserver: Interrupted; the verdict is on what there was so far.\n"
        "mockserver: Not checked, so without a report: http://h:9.\n"
    )
    (report,) = folder.glob("*.json")
    calwe, ekran = json.loads(report.read_text())["apis"]
    assert (calwe["passed"], calwe["requests"] > 0) == (False, True)
    assert ekran["inconclusive"] == ["it was interrupted before this API"]
    with Client(mock) as client:
        assert [it.name for it in client.list_sandboxes()] == ["default"]


def test_ctrl_c_ends_all_workers_although_no_response_comes(
    rogue: Callable[..., str], folder: Path
) -> None:
    received, are_waiting, is_over = count(1), threading.Event(), threading.Event()

    def wait() -> None:
        # The first phase is over, and four boundary cases at a time wait for ever.
        number = next(received)
        if number == 44:
            are_waiting.set()
        if number > 40:
            is_over.wait()

    phases = ("--phase", "examples", "--phase", "boundaries")
    options = ("--api", "ekran", "--timeout", "0", "--workers", "4", "--report", "json=check.json")
    with subprocess.Popen(
        (*PROGRAM, "check", rogue(wait), *phases, *options),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        try:
            assert are_waiting.wait(60)
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=60)
        finally:
            process.kill()
            is_over.set()
    assert process.returncode == 130, errors
    assert "  INCONCLUSIVE: it was interrupted in the phase 'boundaries'" in output
    (ekran,) = json.loads((folder / "check.json").read_text())["apis"]
    assert 0 < ekran["requests"] <= 40
    assert 418 in {failure["status"] for failure in ekran["failures"]}


def test_the_phases_are_those_of_the_kit() -> None:
    assert PHASES == finding.PHASES
    assert EVIDENCE == contract.EVIDENCE


def test_the_schema_of_targets_is_printed(check: Check) -> None:
    ended = check("--targets-schema")
    assert json.loads(ended.stdout)["title"] == "Targets of Mockserver"


def test_a_credential_comes_from_the_environment_and_is_never_printed(
    check: Check, folder: Path
) -> None:
    scenario = folder / "locked.yaml"
    scenario.write_text(
        "name: locked\ndescription: One token.\nextends: documented\nclock: real\n"
        "tokens: {avaamo: {valid: [the-right-one]}}\n"
    )
    options = ("--api", "avaamo", "--phase", "examples", "--credential", "avaamo=OUR_TOKEN")
    with run_in_thread(Settings(port=0, scenario=str(scenario), admin_token="closed")) as url:
        right = check(url, *options, OUR_TOKEN="the-right-one")
        wrong = check(url, *options, OUR_TOKEN="the-wrong-one")
    assert right.exit_code == 0, right.stdout
    assert wrong.exit_code == 2
    assert "INCONCLUSIVE: the credential was refused: 401 at the first request" in wrong.stdout
    assert "Is the value of the variable OUR_TOKEN valid?" in wrong.stdout
    assert "the-wrong-one" not in wrong.stdout + wrong.stderr


def test_a_target_that_cannot_be_validated_ends_with_2_and_a_sentence(check: Check) -> None:
    ended = check("http://127.0.0.1:9", "--api", "ekran")
    assert ended.exit_code == 2
    assert ended.stderr.splitlines()[-1].startswith(
        "mockserver: GET http://127.0.0.1:9/ekranapi/sessions"
    )
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--api", "ekrn"], "There is no API 'ekrn'; did you mean 'ekran'?"),
        (["--credential", "ekran"], "--credential: 'ekran' is not written NAME=VALUE."),
        (["--credential", "ekrn=A"], "--credential: there is no API 'ekrn'; did you mean"),
        (
            ["--credential", "ekran=NO_SUCH_VARIABLE"],
            "The environment has no variable 'NO_SUCH_VARIABLE', which has the credential of",
        ),
        (["--id", "x"], "--id: 'x' is not written NAME=VALUE."),
        (["--id", "ekran.x=1"], "--id: 'ekran' has no id 'x'; known: 'compulsory_key'"),
        (["--report", "pdf=x"], "--report: 'pdf' is no kind of report; 'json', 'junit'"),
        (["--report", "json=none/x"], "--report: there is no folder 'none' for 'x'"),
        (["--baseline", "none.yaml"], "There is no baseline 'none.yaml'; "),
        (["http://127.0.0.1:9", "--all"], "Say what to check: one TARGET or several, each a URL"),
        (["staging"], "There is no target 'staging': there is no 'targets.yaml' in this folder"),
        (["https://me:secret@x.example"], "The target 'x.example' cannot be used: a URL carries"),
    ],
)
def test_invalid_options_are_refused_before_any_request(
    check: Check, arguments: list[str], sentence: str
) -> None:
    url = [] if arguments[0].endswith((".example", "staging")) else ["http://127.0.0.1:9"]
    ended = check(*url, *arguments)
    assert ended.exit_code == 2
    assert ended.stderr.startswith(f"mockserver: {sentence}")
    assert "secret" not in ended.stderr


def test_no_target_and_a_target_given_twice_are_refused(check: Check) -> None:
    assert check().stderr.startswith("mockserver: Say what to check: one TARGET or")
    twice = check("http://127.0.0.1:9", "http://127.0.0.1:9")
    assert twice.stderr.startswith("mockserver: The target 'http://127.0.0.1:9' is given twice")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--rate", "-1"],
        ["--timeout", "-0.5"],
        ["--time-limit", "nan"],
        ["--rate", "inf"],
        ["--seed", "-1"],
        ["--phase", "invariant"],
    ],
    ids=" ".join,
)
def test_an_invalid_number_and_an_unknown_phase_are_refused(
    check: Check, arguments: list[str]
) -> None:
    ended = check("http://127.0.0.1:9", *arguments)
    assert ended.exit_code == 2
    assert f"Invalid value for '{arguments[0]}'" in ended.stderr
