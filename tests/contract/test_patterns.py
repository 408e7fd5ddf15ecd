"""Patterns: written for ECMA 262, and understood so."""

from __future__ import annotations

import pytest

from mockserver.contract import Schemas
from mockserver.contract.patterns import translate_pattern


def accepts(pattern: str, text: str) -> bool:
    return Schemas({"a": {"type": "string", "pattern": pattern}}).compile("#/a").accepts(text)


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        (r"^[\w-.]+$", ["a-.", "_"], ["!", ""]),
        (r"^[\d-x]$", ["-", "x", "5"], ["w"]),
        (r"^[x-\d]$", ["-", "x", "5"], ["y"]),
        (r"^[a-c-e]$", ["b", "-", "e"], ["d"]),
        ("^[--9]$", [".", "-", "9"], [","]),
        ("^[[]$", ["["], ["a"]),
        ("^[a&&b]$", ["&", "a", "b"], ["c"]),
        ("^[a-z--m]$", ["a", "-", "m"], ["~"]),
        ("^[a~~b]$", ["~", "a"], ["c"]),
        ("^[^]$", ["a", "\n"], [""]),
        ("[]", [], ["", "a"]),
        (r"^[\b]$", ["\b"], ["b"]),
        (r"^[\]\\]$", ["]", "\\"], ["a"]),
        ("^{a}$", ["{a}"], ["a"]),
        ("^a{,5}$", ["a{,5}"], ["aa"]),
        ("^a{2}$", ["aa"], ["a{2}"]),
        ("^]}$", ["]}"], ["]"]),
        (r"^\_\-\/\@\<\>\ \é$", ["_-/@<> é"], ["x"]),
        (r"^\0\x41م$", ["\0Aم"], ["0Aم"]),
        (r"^\uD83D\uDE00$", ["😀"], ["😁"]),
        (r"^[\uD83D\uDE00-\uD83D\uDE02]$", ["😁"], ["😃", "x"]),
        (r"\Aa\Z", ["a"], ["ab", "ba"]),
        (r"^(/(?!\.)+[a-z.]+)+$", ["/a.b", "/a/b"], ["/.a", "/a/.b"]),
        (r"^\d{1,65536}$", ["5" * 3_000], ["", "x"]),
        (r"^\p{Arabic}[^\s]+$", ["جلسة"], ["a"]),
    ],
)
def test_a_pattern_means_what_ecma_says(
    pattern: str, matching: list[str], others: list[str]
) -> None:
    assert [text for text in matching if not accepts(pattern, text)] == []
    assert [text for text in others if accepts(pattern, text)] == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$",
        r"^[12][0-9]{3}-(0[1-9]|1[0-2])(T[0-9]{2}:[0-9]{2})?$",
        r"^(?!x)\S+(?<n>a)[^/\\]*$",
        r"^[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+$",
    ],
)
def test_a_pattern_that_both_understand_alike_stays_as_it_is(pattern: str) -> None:
    assert translate_pattern(pattern) == pattern
