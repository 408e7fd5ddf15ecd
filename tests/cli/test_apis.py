"""`mockserver apis`, as a process."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., AbstractContextManager[Any]]


@pytest.mark.parametrize("columns", ["40", "200"])
def test_the_table_of_apis_has_each_operation_unbroken(run: Run, columns: str) -> None:
    ended = run("apis", COLUMNS=columns)

    assert (ended.returncode, ended.stderr) == (0, "")
    lines = [" ".join(line.split()) for line in ended.stdout.splitlines()]
    assert "API Operations documented example related assumed" in lines
    assert any(re.match(r"autozod GET /api/sessionLogs/list( \d+){4}$", line) for line in lines)
    assert any(
        re.match(r"avaamo GET /api/v1/cap/change_logs\.json( \d+){4}$", line) for line in lines
    )
    assert any(
        re.match(r"calwe GET /v1/customer/sessions/\{id\}/log( \d+){4}$", line) for line in lines
    )
    assert "POST /v1/customer/sessions/{id}/log" in lines
    assert "GET /v1/coach/sessions/{id}/log" in lines
    assert "POST /v1/coach/sessions/{id}/log" in lines
    assert any(re.match(r"ekran GET /ekranapi/sessions( \d+){4}$", line) for line in lines)
