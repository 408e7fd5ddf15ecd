"""Content codings of requests (RFC 9110, section 8.4): compressed bodies are decoded."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from mockserver.errors import HttpError

ACCEPTED = ("gzip", "deflate")
"""The content codings that a request may have."""

_ALIASES = {"x-gzip": "gzip"}
_STEP = 256 * 1024
"""At most so many bytes are decoded at a time: a thousand bytes can become a million."""
_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS


class Decoder:
    """Decodes a body part by part. Raises HttpError for one that is broken."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._inflater: Any = None

    def decode(self, data: bytes) -> Iterator[bytes]:
        """The next parts of the body."""
        is_more = bool(data)
        while is_more:
            inflater = self._inflater = self._continue(data)
            try:
                part = inflater.decompress(data, _STEP)
            except zlib.error:
                raise HttpError(400, f"The body is not valid {self._coding}") from None
            yield part
            data = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
            # Where no input is left, some of the output may be.
            is_more = bool(data) or (len(part) == _STEP and not inflater.eof)

    def end(self) -> None:
        """Call this at the end of the body. Raises HttpError for a body that is cut off."""
        if self._inflater and not self._inflater.eof:
            raise HttpError(400, f"The body ends before its {self._coding} does")

    def _continue(self, data: bytes) -> Any:
        """What decodes the data: gzip may have several members, one behind the other."""
        if self._inflater and not self._inflater.eof:
            return self._inflater
        if self._coding == "gzip":
            return zlib.decompressobj(_GZIP)
        if self._inflater:
            raise HttpError(400, f"The body goes on behind its {self._coding}")
        # Many clients leave out the header of zlib, which begins with 0x?8.
        return zlib.decompressobj(_ZLIB if data[0] & 0x0F == 8 else _RAW)


def decode_start(data: bytes, value: str, limit: int) -> bytes:
    """So many bytes of the decoded body at most, of which `data` is the beginning.

    Nothing where the coding that a field `Content-Encoding` names is not known, or broken.
    """
    decoded = b""
    try:
        if not (coding := find_coding(value)):
            return data
        for part in Decoder(coding).decode(data):
            decoded += part
            if len(decoded) >= limit:
                break
    except HttpError:
        pass
    return decoded[:limit]


def find_coding(value: str) -> str:
    """The content coding that a field `Content-Encoding` names; empty for none.

    Raises HttpError for one that is not accepted, and for several.
    """
    names = [name.strip().lower() for name in value.split(",")]
    codings = [_ALIASES.get(name, name) for name in names if name not in ("", "identity")]
    if not codings:
        return ""
    if len(codings) > 1 or codings[0] not in ACCEPTED:
        raise HttpError(
            415,
            f"The content coding '{', '.join(codings):.100}' is not accepted; encode the body as "
            f"{' or '.join(ACCEPTED)}, or not at all",
            {"Accept-Encoding": ", ".join(ACCEPTED), "Connection": "close"},
        )
    return codings[0]
