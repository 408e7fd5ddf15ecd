"""The progress of a check: a live table on a terminal, plain lines everywhere else."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from itertools import product
from typing import Any

import pytest

from mockserver.check.runner import ProgressEvent, Stage
from mockserver.cli import progress as module
from mockserver.cli.progress import show_progress

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
TITLE = "staging, https://x.example"


def _run(*, stops: bool = False) -> None:
    """Two phases over two APIs."""
    phases = ["examples", "workflows"]
    with (
        suppress(KeyboardInterrupt),
        show_progress(TITLE, ["one", "two"], phases, is_plain=False) as report,
    ):
        for api, phase in product(("one", "two"), phases):
            stage = Stage(api, phase)
            report(ProgressEvent.BEGINS, stage)
            for _ in range(20):
                stage.requests += 1
                report(ProgressEvent.RECORDS, stage)
            stage.findings = 3 if api == "two" else 0
            if (api, phase) == ("two", "workflows") and stops:
                raise KeyboardInterrupt
            report(ProgressEvent.ENDS, stage)


@pytest.fixture
def run_on_terminal(terminal: Callable[..., Any]) -> Callable[..., str]:
    """What such a run prints on a terminal."""

    def run_on_terminal(*, stops: bool = False, **variables: str) -> str:
        with terminal("stderr", **{"TERM": "xterm-256color", **variables}) as printed:
            _run(stops=stops)
        return str(printed[0])

    return run_on_terminal


def _last_table(text: str) -> list[str]:
    """The rows of the table as it stood still, without their times."""
    last = ESCAPE.sub("", text).rpartition(" API ")[2]
    rows = [line.split() for line in last.splitlines()]
    figures = re.compile(r"[0-9.]+ s$")
    return [
        " ".join(word for word in figures.sub("", " ".join(row)).split()) for row in rows if row
    ]


def test_on_a_terminal_there_is_a_live_table(run_on_terminal: Callable[..., str]) -> None:
    text = run_on_terminal()
    assert "\x1b[" in text
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1
    assert "staging, https://x.example" in text
    rows = _last_table(text)
    assert re.fullmatch(r"one examples done 20 [0-9]+ 0", rows[2])
    assert re.fullmatch(r"workflows done 20 [0-9]+ 0", rows[3])
    assert re.fullmatch(r"two examples done 20 [0-9]+ 3", rows[4])
    assert re.fullmatch(r"workflows done 20 [0-9]+ 3", rows[5])
    assert rows[6:] == ["All 80 6"]


def test_a_phase_that_was_interrupted_is_stopped(run_on_terminal: Callable[..., str]) -> None:
    text = run_on_terminal(stops=True)
    assert "\x1b[?25h" in text
    rows = _last_table(text)
    assert re.fullmatch(r"workflows stopped 20 [0-9]+ 0", rows[5])


def test_no_color_is_respected(run_on_terminal: Callable[..., str]) -> None:
    assert re.search(r"\x1b\[[0-9;]*3[0-9]", run_on_terminal())
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", run_on_terminal(NO_COLOR="1"))


@pytest.mark.parametrize("variables", [{"CI": "true"}, {"TERM": "dumb"}], ids=str)
def test_lines_are_plain_in_ci_and_on_a_dumb_terminal(
    run_on_terminal: Callable[..., str], variables: dict[str, str]
) -> None:
    text = run_on_terminal(**variables)
    assert "\x1b" not in text
    assert text.startswith(f"{TITLE}:\none: examples …\none: examples: 20 req")


def test_lines_are_plain_where_standard_error_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    _run()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 9
    assert lines[0] == f"{TITLE}:"
    assert re.fullmatch(r"two: workflows: 20 requests, 3 findings in [0-9.]+ seconds", lines[8])


def test_plain_lines_have_the_figures_that_were_reported(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [0]
    monkeypatch.setattr(module, "machine_now", lambda: moment[0])
    with show_progress("t", ["one"], ["workflows"], is_plain=True) as report:
        report(ProgressEvent.BEGINS, Stage("one", "workflows"))
        moment[0] = 2_500_000
        report(ProgressEvent.RECORDS, Stage("one", "workflows", 7, 1))
        report(ProgressEvent.ENDS, Stage("one", "workflows", 7, 1))
    assert capsys.readouterr().err == (
        "t:\none: workflows …\none: workflows: 7 requests, 1 findings in 2.5 seconds\n"
    )
