"""A JSON value in lines."""

from __future__ import annotations

import pytest

from mockserver.check.reports.page.json_lines import Layout, Line, read_json
from mockserver.check.target.redaction import Mask

MASK = Mask(["top-secret"])


def text(line: Line) -> str:
    """A line as it is read; what is ours in parentheses."""
    quoted = {"key": '"{}"', "string": '"{}"', "note": "({})"}
    pieces = (quoted.get(piece.kind, "{}").format(piece.text) for piece in line.pieces)
    return line.mark[:1] + " " * line.depth + "".join(pieces)


def lines(source: str, **marks: object) -> list[str]:
    return [text(line) for line in Layout(MASK, **marks).lines(read_json(source))]  # type: ignore[arg-type]


def test_a_value_is_laid_out_with_its_numbers_as_they_were_written() -> None:
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


def test_texts_are_escaped_as_json_does_and_arabic_is_not() -> None:
    assert lines('"say \\"\\u062a\\u0645\\" \\\\ \\n"') == ['"say \\"تم\\" \\\\ \\n"']


def test_what_is_wrong_is_marked_and_shown_however_far_down_a_list_it_stands() -> None:
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


def test_all_of_a_wrong_object_is_marked() -> None:
    assert lines('{"a": {"b": 1}}', wrong=[("a",)]) == [
        "{",
        'w "a": {',
        'w  "b": 1',
        "w }",
        "}",
    ]


def test_what_is_missing_has_a_line_of_its_own() -> None:
    assert lines('{"a": 1}', missing={(): ["b"]}) == ["{", ' "a": 1', 'm "b"(is missing)', "}"]
    assert lines("{}", missing={(): ["b"]}) == ["{", 'm "b"(is missing)', "}"]


def test_secrets_are_masked_wherever_they_stand() -> None:
    shown = lines('{"top-secret": "a top\\u002dsecret b"}')
    assert shown == ["{", ' "***": "a *** b"', "}"]


def test_what_is_long_is_cut() -> None:
    assert lines('"' + "a" * 600 + '"') == ['"' + "a" * 500 + '… (600 characters)"']
    wide = "{" + ",".join(f'"{n}": [[1, 2], [3]]' for n in range(60)) + "}"
    shown = lines(wide)
    assert (len(shown), shown[-1]) == (121, "(… and more)")


def test_what_is_deep_is_folded() -> None:
    shown = lines("[" * 20 + "1" + "]" * 20)
    assert shown[12] == " " * 12 + "({ … })"
    assert len(shown) == 25


def test_what_is_no_json_is_refused() -> None:
    for source in ("NaN", "{", "<html>"):
        with pytest.raises(ValueError, match=r"JSON|Expecting"):
            read_json(source)
