"""A secret is found in every encoding, in several inside each other, and when it is cut off."""

from __future__ import annotations

import pytest
from leaks import ENCODERS, SECRET, find_leak

from mockserver.redaction import Mask

MASK = Mask([SECRET])
PLACES = (
    *("{}", "a {} b", "id-{}", "https://h/p/{}?x=1", '"{}', "x=1&k={}&y"),
    *('{{"k": "{}"}}', '{{"{}": 1}}', "{}…", "<p title='{}'>"),
)
NOT_DECODABLE = {"lower", "upper"}
"""Nobody decodes base64 any more once its letters are all small."""


def test_a_leak_is_found_in_every_encoding() -> None:
    assert [name for name, encode in ENCODERS.items() if not find_leak(encode(SECRET))] == []


@pytest.mark.parametrize("name", ENCODERS)
def test_a_secret_is_redacted_in_every_encoding_and_place(name: str) -> None:
    echo = ENCODERS[name](SECRET)
    for place in PLACES:
        text = place.format(echo)
        for shown in (MASK.text(text), MASK.known(text), MASK.body(text), MASK.query(text)):
            assert "***" in shown and find_leak(shown) == "", (text, shown)


def test_encodings_may_be_inside_each_other() -> None:
    texts = {
        (inner, outer): encode_again(encode(SECRET))
        for inner, encode in ENCODERS.items()
        for outer, encode_again in ENCODERS.items()
        if outer not in NOT_DECODABLE
    }
    assert [key for key, text in texts.items() if find_leak(MASK.text(f"x {text} y"))] == []


@pytest.mark.parametrize("name", ["plain", "base64", "base64-bearer", "percent", "entities"])
def test_a_secret_that_was_cut_off_is_redacted(name: str) -> None:
    echo = ENCODERS[name](SECRET)
    for length in range(len(echo)):
        for text in (f"{echo[:length]}…", f"a {echo[:length]}… b", f"a {echo[:length]}"):
            assert find_leak(MASK.text(text)) == ""


def test_what_only_begins_like_a_secret_stays() -> None:
    mask = Mask(["staging-token-1234"])
    assert mask.text("this is staging") == "this is staging"
    assert mask.text("staging-tokens are staging-token-12") == "staging-tokens are ***"


@pytest.mark.parametrize("number", [3, 300])
def test_of_many_secrets_each_is_found(number: int) -> None:
    mask = Mask(found=[f"s3cret-{n:05}-x" for n in range(number)])
    assert mask.text("a s3cret-00002-x, S3CRET%2D00001-X") == "a ***, ***"
    assert mask.text("czNjcmV0LTAwMDAyLXg=") == "***"


@pytest.mark.parametrize("text", ["%", "\\", "&", "&amp;", "%25", "\\u", "AAAA", "VVVV", "\n", "…"])
def test_long_texts_take_no_long_time(text: str) -> None:
    assert MASK.known(200_000 * text + SECRET).endswith("***")
