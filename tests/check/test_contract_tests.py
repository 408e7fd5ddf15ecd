"""The contract tests judge whatever deployment they are pointed at."""

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
def judge(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the contract tests on a target that is written into a file."""

    def run(
        settings: str, *arguments: str, name: str = "here", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "mine.yaml"
        file.write_text(f"targets: {{here: {{{settings}}}}}")
        options = (f"--target={name}", f"--targets={file}", "-p", "no:cacheprovider", *arguments)
        return subprocess.run(
            [sys.executable, "-m", "pytest", "contract_tests", *options],
            cwd=ROOT,
            env={**{k: v for k, v in os.environ.items() if "PYTEST" not in k}, **variables},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return run


def test_a_good_deployment_is_green_and_only_its_apis_are_tested(
    judge: Callable[..., Any], mock_url: str
) -> None:
    done = judge(f"url: '{mock_url}', apis: [ekran]", "-v")
    assert done.returncode == 0, done.stdout
    assert "test_an_operation_has_no_finding[ekran-listSessions-boundaries] PASSED" in done.stdout
    assert "[calwe" not in done.stdout
    assert re.search(r"^ekran: 1 operations, pass: [0-9]+ requests, 0 failures", done.stdout, re.M)
    assert re.search(r" passed, 1 skipped in ", done.stdout)  # it has no links


def test_a_deployment_that_answers_wrong_is_red_in_the_phases_that_saw_it(
    judge: Callable[..., Any], rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    rows = b'[{"clientGuid":"a-secret","logoutDate":null,"loginDate":"now","sessionId":"a-secret"}]'

    def answer(handler: BaseHTTPRequestHandler) -> None:
        saying(body=rows if "end=" in handler.path else b"[]")(handler)

    done = judge(
        f"url: '{rogue(answer)}', apis: [ekran], headers: {{X-Key: {{env: OUR_KEY}}}}",
        OUR_KEY="a-secret",
    )
    assert done.returncode == 1
    failed = re.findall(r"^FAILED contract_tests/test_contracts.py::(\S+)", done.stdout, re.M)
    assert "test_an_operation_has_no_finding[ekran-listSessions-generated]" in failed
    assert "test_an_operation_reaches_success[ekran-listSessions]" not in failed
    assert "/response/body/0/loginDate" in done.stdout
    assert "a-secret" not in done.stdout


def test_what_a_deployment_does_not_allow_is_skipped_with_the_reason(
    judge: Callable[..., Any], start: Callable[..., Any]
) -> None:
    url = start(scenario="documented", admin_token="closed").base_url
    done = judge(f"url: '{url}', apis: [calwe], ids: {{calwe: {{open_session: 1}}}}", "-v", "-rs")
    assert re.search(r"reaches_success\[calwe-createSessionLog\] SKIPPED", done.stdout)
    assert "reaches_success[calwe-listSessionLogs] PASSED" in done.stdout
    assert ": POST writes, and the target does not allow it" in done.stdout


def test_what_cannot_be_validated_is_red_and_said(
    judge: Callable[..., Any], unused_url: str
) -> None:
    done = judge(f"url: '{unused_url}', apis: [ekran]", "-k", "reaches_success")
    assert done.returncode == 1
    assert f"GET {unused_url}/ekranapi/sessions got no response" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("her", "did you mean 'here'?"),
        ("ftp://x", "The target 'ftp://x' cannot be used: "),
        ("here", "The environment has no variable 'NO_SUCH_KEY'"),
    ],
)
def test_a_target_that_there_is_not_is_said(
    judge: Callable[..., Any], name: str, sentence: str
) -> None:
    done = judge("url: 'http://127.0.0.1:9', credentials: {ekran: NO_SUCH_KEY}", name=name)
    assert done.returncode == 4
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
