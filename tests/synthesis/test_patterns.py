"""Texts for regular expressions."""

from __future__ import annotations

import re
from random import Random

import pytest

from mockserver.synthesis import make_matching_text


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^(1[0-2]|[1-9]):[0-5][0-9] (AM|PM)$", "10:00 AM"),
        (r"^[A-Z]+(, [A-Z]+)*$", "A, A"),
        (r"^\d{4}-\d\d$", "0000-00"),
        (r"^[a-z]{2,5}$", "xx"),
        (r"^a?b+?$", "ab"),
        (r"[ء-ي]{3}", "ءءء"),
        (r"^[^x]$", "0"),
        (r"^.$", "x"),
        (r"", ""),
    ],
)
def test_the_first_text_of_a_pattern_is_short(pattern: str, text: str) -> None:
    assert make_matching_text(pattern) == text


@pytest.mark.parametrize(
    "pattern",
    [
        r"^(1[0-2]|[1-9]):[0-5][0-9] (AM|PM)$",
        r"^https?://[^?]+\?([^#]*&)?page=[0-9]+([&#]|$)",
        r"^[^\x00-\x1f\x7f/]+$",
        r"^[\w.+-]+@[\w-]+\.[a-z]{2,}$",
        r"^(?:[A-F0-9]{2}:){5}[A-F0-9]{2}$",
        r"^[ء-ي]{3,9}$",
        r"^\s\S\D\W$",
    ],
)
def test_each_text_of_a_pattern_matches_and_they_differ(pattern: str) -> None:
    texts = [make_matching_text(pattern, Random(n)) for n in range(50)]

    assert [text for text in texts if not re.search(pattern, text)] == []
    assert len(set(texts)) > 10
    assert texts == [make_matching_text(pattern, Random(n)) for n in range(50)]


def test_a_pattern_whose_texts_are_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="its texts are too long"):
        make_matching_text("^((a{9999}){9999}){9999}$")


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="unterminated character set"):
        make_matching_text("[a-")
