"""Text of somebody else's, made fit for a page."""

from __future__ import annotations

from mockserver.check.reports.page.text import cut, runs


def told(text: str) -> list[tuple[str, str]]:
    return [(run.kind, run.text) for run in runs(text)]


def test_words_from_the_right_are_kept_together_and_apart_from_others() -> None:
    assert told('is not one of "تم جلب البيانات بنجاح", said') == [
        ("", 'is not one of "'),
        ("from-right", "تم جلب البيانات بنجاح"),
        ("", '", said'),
    ]


def test_two_quoted_texts_from_the_right_are_two() -> None:
    assert told("or 'نعم', 'لا'") == [
        ("", "or '"),
        ("from-right", "نعم"),
        ("", "', '"),
        ("from-right", "لا"),
        ("", "'"),
    ]


def test_a_text_that_runs_from_the_right_as_a_whole_is_not_taken_apart() -> None:
    assert {kind for kind, _ in told("«تم جلب» 12!")} == {""}
    code = runs("['نعم', 'لا']", is_code=True)
    assert [run.text for run in code if run.kind == "from-right"] == ["نعم", "لا"]


def test_what_cannot_be_seen_is_shown_as_an_escape() -> None:
    assert told("a\u202eb\x00\ud800") == [
        ("", "a"),
        ("hidden", "\\u202e"),
        ("", "b"),
        ("hidden", "\\u0000"),
        ("hidden", "\\ud800"),
    ]


def test_a_line_break_and_a_tab_are_text() -> None:
    assert told("a\n\tb") == [("", "a\n\tb")]
    assert told("") == []


def test_a_long_text_says_how_long_it_was() -> None:
    assert cut("abc", 3) == "abc"
    assert cut("abcd" * 300, 3) == "abc… (1,200 characters)"
