"""The contract tests validate the deployment that they are given."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run_contract_tests(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the contract tests on a target that is written into a file."""

    def run(
        settings: str, *arguments: str, name: str = "here", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "mine.yaml"
        file.write_text(f"targets: {{here: {{{settings}}}}}")
        options = (f"--target={name}", f"--targets={file}", "--quick", *arguments)
        return subprocess.run(
            [sys.executable, "-m", "pytest", "contract_tests", "-pno:cacheprovider", *options],
            cwd=ROOT,
            env={**{k: v for k, v in os.environ.items() if "PYTEST" not in k}, **variables},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return run


def test_a_wrong_deployment_fails_in_the_phases_that_saw_it(
    run_contract_tests: Callable[..., Any], rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    rows = b'[{"clientGuid":"a-secret","logoutDate":null,"loginDate":"now","sessionId":"a-secret"}]'

    def respond(handler: BaseHTTPRequestHandler) -> None:
        saying(body=rows if "end=" in handler.path else b"[]")(handler)

    done = run_contract_tests(
        f"url: '{rogue(respond)}', apis: [ekran], headers: {{X-Key: {{env: OUR_KEY}}}}",
        OUR_KEY="a-secret",
    )
    assert done.returncode == 1
    failed = re.findall(r"^FAILED contract_tests/test_contracts.py::(\S+)", done.stdout, re.M)
    assert "test_an_operation_has_no_finding[ekran-listSessions-generated]" in failed
    assert "test_an_operation_reaches_success[ekran-listSessions]" not in failed
    assert "/response/body/0/loginDate" in done.stdout
    assert "a-secret" not in done.stdout


def test_a_conforming_deployment_passes_and_what_it_does_not_allow_is_skipped_with_the_reason(
    run_contract_tests: Callable[..., Any], start: Callable[..., Any]
) -> None:
    url = start(scenario="documented", admin_token="closed").base_url
    done = run_contract_tests(
        f"url: '{url}', apis: [calwe], ids: {{calwe: {{open_session: 1}}}}", "-v", "-rs"
    )
    assert done.returncode == 0, done.stdout
    assert (
        "test_an_operation_has_no_finding[calwe-listSessionLogs-boundaries] PASSED" in done.stdout
    )
    assert "[ekran" not in done.stdout
    assert re.search(r"^calwe: 4 operations, pass: [0-9]+ requests, 0 failures", done.stdout, re.M)
    assert re.search(r"reaches_success\[calwe-createSessionLog\] SKIPPED", done.stdout)
    assert "reaches_success[calwe-listSessionLogs] PASSED" in done.stdout
    assert ": POST writes, and the target does not allow it" in done.stdout


def test_a_target_that_cannot_be_validated_fails_with_the_reason(
    run_contract_tests: Callable[..., Any], unused_url: str
) -> None:
    done = run_contract_tests(f"url: '{unused_url}', apis: [ekran]", "-k", "reaches_success")
    assert done.returncode == 1
    assert f"GET {unused_url}/ekranapi/sessions got no response" in done.stdout
    assert "Traceback" not in done.stdout


def test_unknown_target_is_a_usage_error(run_contract_tests: Callable[..., Any]) -> None:
    done = run_contract_tests("url: 'http://127.0.0.1:9'", name="her")
    assert done.returncode == 4
    assert "did you mean 'here'?" in done.stderr
    assert "Traceback" not in done.stderr
