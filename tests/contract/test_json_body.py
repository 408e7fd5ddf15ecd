"""JSON as a body has it: strict, and with whole numbers of any length."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.json_body import read_json, skim_json


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"5", 5),
        (b"1.0", 1.0),
        (b'{"a": ["x", null, true]}', {"a": ["x", None, True]}),
        (b"18446744073709551615", 18446744073709551615),
        (b"18446744073709551616", 18446744073709551616),
        (b"-9223372036854775809", -9223372036854775809),
        (b'[{"a": 100000000000000000000}]', [{"a": 100_000_000_000_000_000_000}]),
        (b'"100000000000000000000"', "100000000000000000000"),
        (b"0.1000000000000000000001", 0.1),
        (b"1e20", 1e20),
    ],
)
def test_a_number_is_what_was_written(body: bytes, expected: Any) -> None:
    value = read_json(body)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"NaN",
        b"[Infinity]",
        b"1e400",
        b"9" * 400,
        b"[NaN, 100000000000000000000]",
        b'["\\ud800", 100000000000000000000]',
        b"\xff",
        b"[" * 100_000,
        b"[" * 100_000 + b"1" * 20,
        b"[" * 1_000 + b"1" * 20 + b"]" * 1_000,
    ],
)
def test_what_is_no_json_is_refused_with_a_reason(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(body)


def test_a_body_of_a_thousand_levels_is_read() -> None:
    value = read_json(b"[" * 1_000 + b"]" * 1_000)
    for _ in range(999):
        (value,) = value
    assert value == []


def test_skimming_is_as_strict_and_rounds() -> None:
    assert skim_json(b"[1]") == [1]
    assert type(skim_json(b"100000000000000000000")) is float
    with pytest.raises(ValueError, match=r"."):
        skim_json(b"NaN")
