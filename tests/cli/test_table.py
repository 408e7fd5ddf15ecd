"""Tables: unbroken where nobody looks, within the window where somebody does."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from mockserver.cli.table import print_table

HEADINGS = ("Name", "Text")


def test_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(HEADINGS, [("a", "x"), ("longer", ["y", "z"])])

    assert capsys.readouterr().out == (
        "Name     Text\n─────────────\na        x\nlonger   y\n         z\n"
    )


def test_a_table_without_rows_has_its_headings(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(HEADINGS, [])

    assert capsys.readouterr().out == "Name   Text\n───────────\n"


def test_a_row_is_one_line_however_long_where_nobody_looks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    print_table(HEADINGS, [("a", "word " * 1000 + "end")])

    row = capsys.readouterr().out.splitlines()[2]
    assert row == "a      " + "word " * 1000 + "end"


def test_data_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    data = ["[red]a[/red]", "[/]", ":smile:", "http://x 1 'a'", "a\nb", "\x1b[1m", "سارة"]
    print_table(["Text"], [(text,) for text in data])

    assert capsys.readouterr().out.splitlines()[2:] == [
        "[red]a[/red]",
        "[/]",
        ":smile:",
        "http://x 1 'a'",
        r"a\nb",
        r"\x1b[1m",
        "سارة",
    ]


def test_columns_stand_below_each_other_whatever_letters_are_in_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table(["A", "B"], [("x", "1"), ("日本", "1"), ("نُورَة", "1")])

    assert capsys.readouterr().out.splitlines()[2:] == ["x      1", "日本   1", "نُورَة   1"]


def on_a_terminal(columns: int, code: str) -> str:
    """What a program prints on a terminal so wide."""
    master, slave = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm"}
    done = subprocess.Popen([sys.executable, "-c", code], stdout=slave, env=environment)
    os.close(slave)
    printed = b""
    try:
        while part := os.read(master, 65536):
            printed += part
    except OSError:  # the other end is closed
        pass
    os.close(master)
    assert done.wait(60) == 0
    return printed.decode().replace("\r\n", "\n")


def test_a_terminal_gets_colour_and_nothing_of_a_cell_is_lost() -> None:
    printed = on_a_terminal(
        20,
        "from mockserver.cli.table import print_table\n"
        "print_table(['A', 'B'], [('x', 'abcdefghijklmnopqrstuvwxyz'), ('y', 'سارة')])",
    )

    assert "\x1b[1m" in printed
    assert "abcdefghijklmnop" in printed
    assert "qrstuvwxyz" in printed
    assert "\u2068سارة\u2069" in printed
