"""Text of others, made fit to be printed."""

from __future__ import annotations

import pytest

from mockserver.cli.text import compact, indented, isolated, shown


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
def test_what_would_move_a_terminal_is_written_as_an_escape(text: str, line: str) -> None:
    assert shown(text) == line


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("Donna", "Donna"),
        ("سارة", "\u2068سارة\u2069"),
        ("Layla ליילה", "\u2068Layla ליילה\u2069"),
        ("1", "1"),
    ],
)
def test_text_that_runs_from_the_right_is_kept_to_itself(text: str, alone: str) -> None:
    assert isolated(text) == alone


def test_json_keeps_its_letters() -> None:
    assert indented({"a": ["سارة"]}) == '{\n  "a": [\n    "سارة"\n  ]\n}'
    assert compact({"a": ["سارة", None]}) == '{"a": ["سارة", null]}'


def test_json_in_a_line_moves_no_terminal() -> None:
    assert compact("\n\x9b") == r'"\n\x9b"'
