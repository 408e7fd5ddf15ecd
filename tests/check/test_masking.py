"""No secret is shown."""

from __future__ import annotations

import pytest

from mockserver.check.masking import Mask

MASK = Mask(["top-secret", "top", "x", "top-secret-longer"])


def test_a_secret_is_masked_wherever_it_stands_the_longest_first() -> None:
    assert MASK.text("a top-secret-longer b top-secret c") == "a *** b *** c"


def test_a_short_secret_is_a_word_like_any_other_in_a_text() -> None:
    assert MASK.text("the top of x") == "the top of x"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Bearer x", "Bearer ***"),
        ("authorization", "Basic dXNlcg==", "Basic ***"),
        ("Authorization", "x", "***"),
        ("Authorization", "Odd one", "***"),
        ("access-token", "x", "***"),
        ("ApiKey", "a b", "***"),
        ("Cookie", "a=1", "***"),
        ("Accept", "text/top-secret", "text/***"),
        ("Accept", "text/html", "text/html"),
    ],
)
def test_what_a_credential_header_says_is_never_shown(name: str, value: str, shown: str) -> None:
    assert MASK.header(name, value) == shown


def test_without_secrets_nothing_is_masked() -> None:
    assert Mask([""]).text("text") == "text"
