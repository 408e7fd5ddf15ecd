"""Text, JSON, tables, clocks and sandboxes as they are printed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from mockserver.cli.output import (
    escape,
    format_clock,
    format_duration,
    format_json,
    format_json_line,
    format_sandbox,
    format_time,
    isolate_direction,
    print_table,
)
from mockserver.client import ClockState, Snapshot

NOON = datetime(2025, 8, 21, 12, tzinfo=UTC)
HEADINGS = ("Name", "Text")


# Text and JSON


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain", "plain"),
        ("سارة العتيبي", "سارة العتيبي"),
        ("علی‌رضا 👩🏽‍🏫", "علی‌رضا 👩🏽‍🏫"),
        ("[red]x[/red] :smile:", "[red]x[/red] :smile:"),
        ("a\nb\tc\r\x00", r"a\nb\tc\r\x00"),
        ("\x1b[31mred\x9b0m", r"\x1b[31mred\x9b0m"),
        ("a\u202eb\u2066c", r"a\u202eb\u2066c"),
        ("a\u2028b\u2029c", r"a\u2028b\u2029c"),
        ("\ud800", r"\ud800"),
    ],
)
def test_control_characters_are_written_as_escapes(text: str, line: str) -> None:
    assert escape(text) == line


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("Donna", "Donna"),
        ("سارة", "\u2068سارة\u2069"),
        ("Layla ליילה", "\u2068Layla ליילה\u2069"),
        ("1", "1"),
    ],
)
def test_text_from_right_to_left_is_isolated(text: str, alone: str) -> None:
    assert isolate_direction(text) == alone


def test_json_keeps_its_letters() -> None:
    assert format_json({"a": ["سارة"]}) == '{\n  "a": [\n    "سارة"\n  ]\n}'
    assert format_json_line({"a": ["سارة", None]}) == '{"a": ["سارة", null]}'


def test_json_in_a_line_is_escaped() -> None:
    assert format_json_line("\n\x9b") == r'"\n\x9b"'


# Tables


def test_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(HEADINGS, [("a", "x"), ("longer", ["y", "z"])])

    assert capsys.readouterr().out == (
        "Name     Text\n─────────────\na        x\nlonger   y\n         z\n"
    )


def test_a_table_without_rows_has_its_headings(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(HEADINGS, [])

    assert capsys.readouterr().out == "Name   Text\n───────────\n"


def test_a_row_is_one_line_however_long_where_the_output_is_no_terminal(
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


def test_on_a_terminal_a_table_has_its_width_and_nothing_of_a_cell_is_lost(
    terminal: Callable[..., Any],
) -> None:
    with terminal("stdout", columns=70) as printed:
        print_table(["A", "B"], [("x", "a" * 60 + "b" * 60), ("y", "سارة")])
    (text,) = printed
    assert "\x1b[1m" in text
    assert "a" * 60 + "b" in text
    assert "a" * 60 + "b" * 60 not in text
    assert text.count("b") == 60
    assert "\u2068سارة\u2069" in text


def test_on_a_narrow_terminal_a_table_is_wider_so_that_its_cells_can_be_read(
    terminal: Callable[..., Any],
) -> None:
    with terminal("stdout", columns=20) as printed:
        print_table(["A", "B"], [("x", "abcdefghijklmnopqrstuvwxyz")])
    assert "abcdefghijklmnopqrstuvwxyz" in printed[0]


# Moments, clocks and sandboxes


def test_a_moment_is_in_utc_and_as_exact_as_it_needs_to_be() -> None:
    assert format_time(NOON) == "2025-08-21T12:00:00Z"
    assert format_time(NOON.replace(microsecond=500_000)) == "2025-08-21T12:00:00.5Z"
    assert format_time(NOON.astimezone(timezone(timedelta(hours=3)))) == "2025-08-21T12:00:00Z"
    assert format_time(None) == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0s"),
        (0.4, "0s"),
        (1, "1s"),
        (59.6, "1m"),
        (60, "1m"),
        (61, "1m 1s"),
        (3600, "1h"),
        (3601, "1h"),
        (12_000, "3h 20m"),
        (86_399.4, "23h 59m"),
        (90_000, "1d 1h"),
        (864_000, "10d"),
        (-60, "1m"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds: float, words: str) -> None:
    assert format_duration(seconds) == words


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ClockState(NOON, "real", 1, 0), "2025-08-21T12:00:00Z, real"),
        (ClockState(NOON, "frozen", 0, -99), "2025-08-21T12:00:00Z, frozen"),
        (ClockState(NOON, "shifted", 1, 10_800), "2025-08-21T12:00:00Z, 3h ahead"),
        (ClockState(NOON, "shifted", 1, -86_400), "2025-08-21T12:00:00Z, 1d behind"),
        (ClockState(NOON, "scaled", 60, 5), "2025-08-21T12:00:00Z, 60 seconds a second"),
        (ClockState(NOON, "scaled", 0.5, 5), "2025-08-21T12:00:00Z, 0.5 seconds a second"),
    ],
)
def test_a_clock(state: ClockState, words: str) -> None:
    assert format_clock(state) == words


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 documents"), (1, "1 document"), (2, "2 documents")]
)
def test_a_sandbox_with_its_number_of_documents(count: int, words: str) -> None:
    world = Snapshot("a", "b", 7, ClockState(NOON, "frozen", 0, 0), count, NOON)
    assert format_sandbox(world) == f"{words}, seed 7, clock at 2025-08-21T12:00:00Z, frozen"
