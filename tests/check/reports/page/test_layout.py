"""Text and JSON laid out for a page."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.check.reports.page.layout import JsonLayout, Line, read_json, shorten, split_runs
from mockserver.redaction import Mask

MASK = Mask(["top-secret"])


def text(line: Line) -> str:
    """A line as it is read; notes in parentheses."""
    quoted = {"key": '"{}"', "string": '"{}"', "note": "({})"}
    pieces = (quoted.get(piece.kind, "{}").format(piece.text) for piece in line.pieces)
    return line.mark[:1] + " " * line.depth + "".join(pieces)


def lines(source: str, **marks: Any) -> list[str]:
    return [text(line) for line in JsonLayout(MASK, **marks).make_lines(read_json(source))]


def test_numbers_keep_their_literal() -> None:
    assert lines('{"a": [1.50, 1e2, -0], "b": {}, "c": [], "d": null, "e": true}') == [
        "{",
        ' "a": [',
        "  1.50,",
        "  1e2,",
        "  (… 1 more)",
        " ],",
        ' "b": {},',
        ' "c": [],',
        ' "d": null,',
        ' "e": true',
        "}",
    ]


def test_strings_are_escaped_and_arabic_is_not() -> None:
    assert lines('"say \\"\\u062a\\u0645\\" \\\\ \\n"') == ['"say \\"تم\\" \\\\ \\n"']


def test_marked_item_is_shown_wherever_it_is() -> None:
    source = '[{"id": 1}, {"id": 2}, {"id": 3}, {"id": "4"}, {"id": 5}]'
    assert lines(source, wrong=[(3, "id")]) == [
        "[",
        " (… 3 more)",
        " {",
        'w  "id": "4"',
        " },",
        " (… 1 more)",
        "]",
    ]


def test_every_line_of_a_wrong_object_is_marked() -> None:
    assert lines('{"a": {"b": 1}}', wrong=[("a",)]) == [
        "{",
        'w "a": {',
        'w  "b": 1',
        "w }",
        "}",
    ]


def test_missing_property_has_a_line() -> None:
    assert lines('{"a": 1}', missing={(): ["b"]}) == ["{", ' "a": 1', 'm "b"(is missing)', "}"]
    assert lines("{}", missing={(): ["b"]}) == ["{", 'm "b"(is missing)', "}"]


def test_secrets_are_redacted() -> None:
    shown = lines('{"top-secret": "a top\\u002dsecret b"}')
    assert shown == ["{", ' "***": "a *** b"', "}"]


def test_long_values_are_shortened() -> None:
    assert lines('"' + "a" * 600 + '"') == ['"' + "a" * 500 + '… (600 characters)"']
    wide = "{" + ",".join(f'"{n}": [[1, 2], [3]]' for n in range(60)) + "}"
    shown = lines(wide)
    assert (len(shown), shown[-1]) == (121, "(… and more)")


def test_deep_values_are_folded() -> None:
    shown = lines("[" * 20 + "1" + "]" * 20)
    assert shown[12] == " " * 12 + "({ … })"
    assert len(shown) == 25


def test_other_text_is_refused() -> None:
    for source in ("NaN", "{", "<html>"):
        with pytest.raises(ValueError, match=r"JSON|Expecting"):
            read_json(source)


def kinds(text: str) -> list[tuple[str, str]]:
    return [(run.kind, run.text) for run in split_runs(text)]


def test_right_to_left_words_are_one_run() -> None:
    assert kinds('is not one of "تم جلب البيانات بنجاح", said') == [
        ("", 'is not one of "'),
        ("rtl", "تم جلب البيانات بنجاح"),
        ("", '", said'),
    ]


def test_quotes_end_a_right_to_left_run() -> None:
    assert kinds("or 'نعم', 'لا'") == [
        ("", "or '"),
        ("rtl", "نعم"),
        ("", "', '"),
        ("rtl", "لا"),
        ("", "'"),
    ]


def test_text_without_latin_words_is_one_run() -> None:
    assert {kind for kind, _ in kinds("«تم جلب» 12!")} == {""}
    code = split_runs("['نعم', 'لا']", is_code=True)
    assert [run.text for run in code if run.kind == "rtl"] == ["نعم", "لا"]


def test_invisible_characters_are_escaped() -> None:
    assert kinds("a\u202eb\x00\ud800") == [
        ("", "a"),
        ("hidden", "\\u202e"),
        ("", "b"),
        ("hidden", "\\u0000"),
        ("hidden", "\\ud800"),
    ]


def test_line_break_and_tab_are_text() -> None:
    assert kinds("a\n\tb") == [("", "a\n\tb")]
    assert kinds("") == []


def test_shortened_text_has_its_length() -> None:
    assert shorten("abc", 3) == "abc"
    assert shorten("abcd" * 300, 3) == "abc… (1,200 characters)"
