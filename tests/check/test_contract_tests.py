"""The contract tests validate the deployment that they are given."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from mockserver.check.runner import Plan

ROOT = Path(__file__).resolve().parents[2]


Run = Callable[..., "Ended"]


@dataclass(frozen=True)
class Ended:
    """How a run ended, and what it printed."""

    returncode: int
    output: str


@pytest.fixture
def run_contract_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the contract tests on a target that is written into a file, in this process."""

    def run(settings: str, *arguments: str, name: str = "here", is_process: bool = False) -> Ended:
        file = tmp_path / "mine.yaml"
        file.write_text(f"targets: {{here: {{{settings}}}}}")
        options = [f"--target={name}", f"--targets={file}", "--quick", *arguments]
        options = ["contract_tests", "-pno:cacheprovider", *options]
        for variable in [variable for variable in os.environ if "PYTEST" in variable]:
            monkeypatch.delenv(variable)
        monkeypatch.chdir(ROOT)
        if is_process:
            program = [sys.executable, "-m", "pytest", *options]
            done = subprocess.run(program, capture_output=True, encoding="utf-8", check=False)
            return Ended(done.returncode, done.stdout + done.stderr)
        # Garbage and threads of other tests of this process are no matter of these ones.
        others = ["-pno:unraisableexception", "-pno:threadexception"]
        output = StringIO()
        with redirect_stdout(output), redirect_stderr(output):
            code = pytest.main([*options, *others])
        return Ended(int(code), output.getvalue())

    return run


def test_a_wrong_deployment_fails_in_the_phases_that_saw_it(
    run_contract_tests: Run,
    rogue: Callable[..., str],
    saying: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OUR_KEY", "a-secret")
    rows = b'[{"clientGuid":"a-secret","logoutDate":null,"loginDate":"now","sessionId":"a-secret"}]'

    def respond(handler: BaseHTTPRequestHandler) -> None:
        saying(body=rows if "end=" in handler.path else b"[]")(handler)

    done = run_contract_tests(
        f"url: '{rogue(respond)}', apis: [ekran], headers: {{X-Key: {{env: OUR_KEY}}}}"
    )
    assert done.returncode == 1
    failed = re.findall(r"^FAILED contract_tests/test_contracts.py::(\S+)", done.output, re.M)
    assert "test_an_operation_has_no_finding[ekran-listSessions-generated]" in failed
    assert "test_an_operation_reaches_success[ekran-listSessions]" not in failed
    assert "/response/body/0/loginDate" in done.output
    assert "a-secret" not in done.output


def test_a_conforming_deployment_passes_and_what_it_does_not_allow_is_skipped_with_the_reason(
    run_contract_tests: Run, start: Callable[..., Any]
) -> None:
    url = start(scenario="documented", admin_token="closed").base_url
    done = run_contract_tests(
        f"url: '{url}', apis: [calwe], ids: {{calwe: {{open_session: 1}}}}",
        "-v",
        "-rs",
        is_process=True,
    )
    assert done.returncode == 0, done.output
    assert (
        "test_an_operation_has_no_finding[calwe-listSessionLogs-boundaries] PASSED" in done.output
    )
    assert "[ekran" not in done.output
    assert re.search(r"^calwe: 4 operations, pass: [0-9]+ requests, 0 failures", done.output, re.M)
    assert re.search(r"reaches_success\[calwe-createSessionLog\] SKIPPED", done.output)
    assert "reaches_success[calwe-listSessionLogs] PASSED" in done.output
    assert ": POST writes, and the target does not allow it" in done.output


def test_a_target_that_cannot_be_validated_fails_with_the_reason(
    run_contract_tests: Run, unused_url: str
) -> None:
    done = run_contract_tests(f"url: '{unused_url}', apis: [ekran]", "-k", "reaches_success")
    assert done.returncode == 1
    assert f"GET {unused_url}/ekranapi/sessions got no response" in done.output
    assert "Traceback" not in done.output


def test_a_finding_of_the_baseline_is_no_failure(
    run_contract_tests: Run,
    rogue: Callable[..., str],
    saying: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Plan, "is_whole", True)  # a whole run takes longer
    entry = "{{finding: '{}', reason: a ticket, expires: 2999-01-01}}"
    known = (
        "ekran * type #/paths/~1sessions/get/responses/200/content/application~1json/schema/type"
    )
    known = f"{known} /response/body 200"
    gone = "ekran listSessions a #/x - -"
    baseline = tmp_path / "baseline.yaml"
    baseline.write_text(f"accepted: [{entry.format(known)}, {entry.format(gone)}]")
    target = f"url: '{rogue(saying(body=b'{}'))}', apis: [ekran]"
    only = ("-k", "has_no_finding or proves", f"--baseline={baseline}")
    done = run_contract_tests(target, *only)
    assert "FAILED contract_tests/test_contracts.py::test_an_operation_has" not in done.output
    assert (
        "\nekran: no longer needed in the baseline, since it was not found: "
        "ekran listSessions a #/x - -\n"
    ) in done.output
    baseline.write_text("targets: {}")
    done = run_contract_tests(target, *only)
    assert done.returncode == 4
    assert f"The baseline '{baseline}' is not right: " in done.output


def test_excluded_operations_have_no_tests(run_contract_tests: Run, mock_url: str) -> None:
    done = run_contract_tests(
        f"url: '{mock_url}', apis: [calwe], exclude: {{calwe: [createCoachSessionLog]}}",
        "--exclude=listCoachSessionLogs",
        "--operation=listSessionLogs",
        "--operation=createCoachSessionLog",
        "--collect-only",
        "-q",
    )
    assert done.returncode == 0, done.output
    assert set(re.findall(r"reaches_success\[(.+)\]", done.output)) == {"calwe-listSessionLogs"}
    wrong = run_contract_tests("url: 'http://127.0.0.1:9'", "--exclude=listSession")
    assert wrong.returncode == 4
    assert "--exclude: there is no operation 'listSession'; did you mean " in wrong.output


def test_unknown_target_is_a_usage_error(run_contract_tests: Run) -> None:
    done = run_contract_tests("url: 'http://127.0.0.1:9'", name="her")
    assert done.returncode == 4
    assert "did you mean 'here'?" in done.output
    assert "Traceback" not in done.output
