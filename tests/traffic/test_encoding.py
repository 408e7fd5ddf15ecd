"""A body is what its Content-Encoding says, or an error that says what is wrong."""

from __future__ import annotations

import gzip
import zlib
from functools import partial

import pytest

from mockserver.traffic.encoding import DecodingError, decode

_compress = partial(gzip.compress, mtime=0)  # the same names of tests in each process

TEXT = b'{"a": 1}' * 100
RAW = zlib.compress(TEXT, wbits=-15)


@pytest.mark.parametrize(
    ("encodings", "body"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", _compress(TEXT)),
        ("x-gzip", _compress(TEXT)),
        ("GZIP", _compress(TEXT[:300]) + _compress(TEXT[300:])),
        ("gzip", _compress(TEXT) + b"\0\0"),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", RAW),
        ("deflate, gzip", _compress(zlib.compress(TEXT))),
    ],
    ids=range(9),
)
def test_a_body_is_decoded(encodings: str, body: bytes) -> None:
    assert decode(body, encodings, 1_000) == TEXT


def test_a_body_that_is_empty_needs_no_encoding() -> None:
    assert decode(b"", "br", 1_000) == b""


@pytest.mark.parametrize(
    ("encodings", "body", "reason"),
    [
        (
            "br",
            TEXT,
            "its Content-Encoding is 'br', but the request accepts gzip, deflate only",
        ),
        ("gzip, zstd", TEXT, "'zstd', but the request accepts gzip, deflate only"),
        ("gzip", TEXT, "'gzip', but Error -3 while decompressing data: incorrect header check"),
        ("gzip", _compress(TEXT)[:-9], "'gzip', but the body is cut off"),
        ("gzip", _compress(TEXT)[:-1], "'gzip', but the body is cut off"),
        ("deflate", RAW[:-1], "'deflate', but the body is cut off"),
        ("gzip", _compress(b"x" * 1_001), "'gzip', but the body has more than 1000 bytes"),
    ],
    ids=range(7),
)
def test_a_body_that_cannot_be_decoded_is_refused(encodings: str, body: bytes, reason: str) -> None:
    with pytest.raises(DecodingError) as raised:
        decode(body, encodings, 1_000)
    assert str(raised.value).endswith(reason)
