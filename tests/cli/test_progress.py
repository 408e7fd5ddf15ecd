"""How a check goes on: a table that moves on a terminal, plain lines everywhere else."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mockserver.check.progress import ProgressEvent, Stage
from mockserver.cli import progress as module
from mockserver.cli.progress import watching

RUN = """
from mockserver.check.progress import ProgressEvent, Stage
from mockserver.cli.progress import watching

title, phases = "staging, https://x.example", ["examples", "invariants"]
with watching(title, ["one", "two"], phases, is_plain={plain}) as tell:
    for api in ("one", "two"):
        for phase in phases:
            stage = Stage(api, phase)
            tell(ProgressEvent.BEGINS, stage)
            for _ in range(20):
                stage.requests += 1
                tell(ProgressEvent.RECORDS, stage)
            stage.findings = 3 if api == "two" else 0
            if (api, phase) == ("two", "invariants") and {stops}:
                raise KeyboardInterrupt
            tell(ProgressEvent.ENDS, stage)
print("what was found")
"""
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def _on_a_terminal(*, plain: bool = False, stops: bool = False, **variables: str) -> str:
    """What a program prints on a terminal of its own."""
    terminal, end = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "NO_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-c", RUN.format(plain=plain, stops=stops)],
        env={**kept, "TERM": "xterm-256color", "COLUMNS": "100", **variables},
        stdin=end,
        stdout=end,
        stderr=end,
    )
    os.close(end)
    printed = b""
    while True:
        try:
            read = os.read(terminal, 65_536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not read:
            break
        printed += read
    os.close(terminal)
    process.wait()
    return printed.decode().replace("\r\n", "\n")


def _last_table(text: str) -> list[str]:
    """The rows of the table as it stood still, without their times."""
    last = ESCAPE.sub("", text).rpartition(" API ")[2]
    rows = [line.split() for line in last.splitlines()]
    figures = re.compile(r"[0-9.]+ s$")
    return [
        " ".join(word for word in figures.sub("", " ".join(row)).split()) for row in rows if row
    ]


def test_on_a_terminal_a_table_moves_and_stands_still_at_the_end() -> None:
    text = _on_a_terminal()
    assert "\x1b[" in text
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1
    assert "staging, https://x.example" in text
    rows = _last_table(text)
    assert re.fullmatch(r"one examples done 20 [0-9]+ 0", rows[2])
    assert re.fullmatch(r"invariants done 20 [0-9]+ 0", rows[3])
    assert re.fullmatch(r"two examples done 20 [0-9]+ 3", rows[4])
    assert re.fullmatch(r"invariants done 20 [0-9]+ 3", rows[5])
    assert rows[6:] == ["All 80 6", "what was found"]


def test_what_was_stopped_is_shown_so() -> None:
    text = _on_a_terminal(stops=True)
    assert "\x1b[?25h" in text
    rows = _last_table(text)
    assert re.fullmatch(r"invariants stopped 20 [0-9]+ 0", rows[5])


def test_no_color_is_respected() -> None:
    assert re.search(r"\x1b\[[0-9;]*3[0-9]", _on_a_terminal())
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", _on_a_terminal(NO_COLOR="1"))


@pytest.mark.parametrize(
    ("plain", "variables"),
    [(True, {}), (False, {"CI": "true"}), (False, {"TERM": "dumb"})],
    ids=["asked", "ci", "dumb"],
)
def test_plain_lines_are_printed_where_nothing_should_move(
    plain: bool, variables: dict[str, str]
) -> None:
    text = _on_a_terminal(plain=plain, **variables)
    assert "\x1b" not in text
    assert text.startswith("staging, https://x.example:\none: examples …\none: examples: 20 req")


def test_plain_lines_are_printed_to_a_file(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        program = [sys.executable, "-c", RUN.format(plain=False, stops=False)]
        kept = {name: value for name, value in os.environ.items() if name != "CI"}
        done = subprocess.run(program, stdout=subprocess.PIPE, stderr=log, env=kept, check=True)
    assert done.stdout == b"what was found\n"
    lines = (tmp_path / "log").read_text("utf-8").splitlines()
    assert len(lines) == 9
    assert lines[0] == "staging, https://x.example:"
    assert re.fullmatch(r"two: invariants: 20 requests, 3 findings in [0-9.]+ seconds", lines[8])


def test_figures_are_those_that_were_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [0]
    monkeypatch.setattr(module, "machine_now", lambda: moment[0])
    with watching("t", ["one"], ["invariants"], is_plain=True) as tell:
        tell(ProgressEvent.BEGINS, Stage("one", "invariants"))
        moment[0] = 2_500_000
        tell(ProgressEvent.RECORDS, Stage("one", "invariants", 7, 1))
        tell(ProgressEvent.ENDS, Stage("one", "invariants", 7, 1))
    assert capsys.readouterr().err == (
        "t:\none: invariants …\none: invariants: 7 requests, 1 findings in 2.5 seconds\n"
    )
