"""Decodes the bodies of responses by their Content-Encoding; a body that is cut off is an error."""

from __future__ import annotations

import zlib

ACCEPTED = "gzip, deflate"
"""The value of Accept-Encoding in the requests of a run."""

_GZIP_MAGIC = b"\x1f\x8b"
_WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


class DecodingError(ValueError):
    """A body is not what its Content-Encoding says."""


def decode(body: bytes, encodings: str, most: int) -> bytes:
    """The body without its encodings, the last of which was applied last; at most `most` bytes.

    Raises DecodingError.
    """
    if not body:  # as that of a response to HEAD
        return body
    names = [name.strip().lower() for name in encodings.split(",")]
    for name in reversed([name for name in names if name not in ("", "identity")]):
        if name not in _WINDOWS:
            raise DecodingError(
                f"its Content-Encoding is '{name}', but the request accepts {ACCEPTED} only"
            )
        try:
            body = _inflate(body, _WINDOWS[name], most)
        except zlib.error as error:
            raise DecodingError(f"its Content-Encoding is '{name}', but {error}") from error
    return body


def _inflate(body: bytes, window: int, most: int) -> bytes:
    """Decode one member of a body after the other. Raises zlib.error."""
    if window == zlib.MAX_WBITS and body[:1] and body[0] & 0x0F != 8:
        window = -window  # some servers send no header of zlib, which begins with 0x?8
    decoded = bytearray()
    while body:
        decompressor = zlib.decompressobj(window)
        decoded += decompressor.decompress(body, most - len(decoded) + 1)
        if len(decoded) > most:
            raise zlib.error(f"the body has more than {most} bytes")
        if not decompressor.eof:
            raise zlib.error("the body is cut off")
        rest = decompressor.unused_data
        body = rest if rest.startswith(_GZIP_MAGIC) else b""
    return bytes(decoded)
