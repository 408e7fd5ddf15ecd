"""No secret is shown."""

from __future__ import annotations

import pytest

from mockserver import apis
from mockserver.check.target.redaction import Mask, list_secret_headers

MASK = Mask(["top-secret", "top", "x", "top-secret-longer"])


def test_a_secret_is_masked_everywhere_the_longest_first() -> None:
    assert MASK.text("a top-secret-longer b top-secret c") == "a *** b *** c"


@pytest.mark.parametrize(
    "text",
    [
        'a="b/c d+é"',
        "?q=a%3D%22b%2Fc%20d%2B%C3%A9%22&x",
        "?q=a%3D%22b/c%20d%2B%C3%A9%22",
        "?q=a%3D%22b%2Fc+d%2B%C3%A9%22",
        "/a=%22b/c%20d+%C3%A9%22/x",
        '{"k": "a=\\"b/c d+é\\""}',
        '{"k": "a=\\"b\\/c d\\u002Bé\\""}',
        "?q=a%3d%22b%2fc%20d%2b%c3%a9%22",
        "<b>a=&quot;b/c d+é&quot;</b>",
        "<b>a=&#34;b/c d+&#xe9;&#34;</b>",
        '{"k": "a=\\"b/c d+\\u00e9\\""}',
    ],
)
def test_a_secret_is_masked_in_every_encoding(text: str) -> None:
    shown = Mask(['a="b/c d+é"']).text(text)
    assert "***" in shown
    assert "b/c" not in shown and "b%2Fc" not in shown


def test_a_short_secret_is_masked_in_headers_only() -> None:
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
def test_the_value_of_a_credential_header_is_masked(name: str, value: str, shown: str) -> None:
    mask = Mask(["top-secret"], list_secret_headers(apis.load().values()))
    assert mask.header(name, value) == shown


def test_without_secrets_nothing_is_masked() -> None:
    assert Mask([""]).text("text") == "text"


def test_a_header_that_is_declared_secret_is_masked() -> None:
    mask = Mask(["x"], ["X-Gateway-Key"])
    assert mask.header("x-gateway-key", "x") == "***"
    assert mask.header("Authorization", "Bearer y") == "Bearer ***"
    assert mask.header("X-Other", "x") == "x"


def test_a_secret_in_base64_is_masked() -> None:
    assert Mask(["Aladdin:open sesame"]).text("x QWxhZGRpbjpvcGVuIHNlc2FtZQ== y") == "x ***== y"
