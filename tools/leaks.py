"""Encodes a credential in every way, and finds what is left of it in an output."""

from __future__ import annotations

import html
import json
import re
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from urllib.parse import quote, unquote

SECRET = "Tq7-Vx92.bK4+mZ81~sW3pLr6Y"
_BASE64 = re.compile("[A-Za-z0-9+/_-]{11,}")
_HEXADECIMAL = re.compile("(?:[0-9a-f]{2}){6,}")
_LEGIBLE = re.compile("[\0 -~]{6}")
_LONGEST = 6
"""More characters than this in a row are a leak; upper and lower case are the same."""


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def _urlsafe(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _percent(text: str) -> str:
    return "".join(f"%{ord(char):02X}" for char in text)


def _unicode(text: str) -> str:
    return "".join(f"\\u{ord(char):04x}" for char in text)


def _entities(text: str) -> str:
    return "".join(f"&#{ord(char)};" for char in text)


ENCODERS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "lower": str.lower,
    "upper": str.upper,
    "inside": lambda it: f"x{it}x",
    "bearer": lambda it: f"Bearer {it}",
    "base64": _base64,
    "base64-bearer": lambda it: _base64(f"Bearer {it}"),
    "base64-user": lambda it: _base64(f"user:{it}"),
    "base64-password": lambda it: _base64(f"{it}:pass word"),
    "base64-json": lambda it: _base64(json.dumps({"a": 1, "token": it})),
    "base64-arabic": lambda it: _base64(f'{{"اسم": "{it}"}}'),
    "base64-glued": lambda it: "abc" + _base64(it),
    "base64-lines": lambda it: re.sub("(.{10})", r"\1\\n", _base64(f"Bearer {it}")),
    "base64-utf16": lambda it: b64encode(it.encode("utf-16-le")).decode(),
    "base64url-json": lambda it: _urlsafe(json.dumps({"token": it, "?": "~~~"})),
    "base64-twice": lambda it: _base64(_base64(it)),
    "base64-percent": lambda it: _base64(_percent(it)),
    "jwt": lambda it: f"{_urlsafe('{}')}.{_urlsafe(json.dumps({'sub': it}))}.c2lnbmF0dXJl",
    "percent": _percent,
    "percent-lower": lambda it: _percent(it).lower(),
    "percent-first": lambda it: _percent(it[:1]) + it[1:],
    "percent-twice": lambda it: quote(_percent(it)),
    "quoted": lambda it: quote(it, safe=""),
    "unicode": _unicode,
    "unicode-first": lambda it: _unicode(it[:1]) + it[1:],
    "unicode-twice": lambda it: _unicode(it).replace("\\", "\\\\"),
    "unicode-braces": lambda it: "".join(f"\\u{{{ord(char):x}}}" for char in it),
    "hexadecimal-escapes": lambda it: "".join(f"\\x{ord(char):02x}" for char in it),
    "octal": lambda it: "".join(f"\\{ord(char):03o}" for char in it),
    "entities": _entities,
    "entities-first": lambda it: _entities(it[:1]) + it[1:],
    "entities-hexadecimal": lambda it: "".join(f"&#x{ord(char):X};" for char in it),
    "entities-twice": lambda it: html.escape(_entities(it)),
    "entities-of-percent": lambda it: _entities(_percent(it)),
    "percent-of-unicode": lambda it: quote(_unicode(it)),
    "hexadecimal": lambda it: it.encode().hex(),
    "pointer": lambda it: it.replace("~", "~0").replace("/", "~1"),
    "slashes": lambda it: it.replace("/", "\\/"),
}


def find_leak(output: str, secret: str = SECRET) -> str:
    """What is left of a secret in an output, and what is around it; nothing where all is well."""
    parts = {secret[n : n + _LONGEST].lower() for n in range(len(secret) - _LONGEST + 1)}
    pattern = re.compile("|".join(map(re.escape, parts)))
    ahead = [output]
    for _ in range(4):
        for text in ahead:
            if match := pattern.search(text.lower()):
                return repr(text[max(0, match.start() - 200) : match.end() + 60])
        ahead = [decoded for text in ahead for decoded in _decode(text) if decoded != text]
    return ""


def _decode(text: str) -> Iterator[str]:
    """A text with its escapes decoded, and what is encoded in it."""
    encoded = [part for run in set(_BASE64.findall(text)) for part in _decode_base64(run)]
    encoded += [bytes.fromhex(run).decode("latin-1") for run in set(_HEXADECIMAL.findall(text))]
    yield "\n".join(part for part in encoded if _LEGIBLE.search(part)).replace("\0", "")
    text = html.unescape(unquote(text)).replace("~1", "/").replace("~0", "~")
    text = re.sub(r"\\+[uU]\{?0*([0-9a-fA-F]{2})\}?", lambda it: chr(int(it[1], 16)), text)
    text = re.sub(r"\\+x([0-9a-fA-F]{2})", lambda it: chr(int(it[1], 16)), text)
    text = re.sub(r"\\+([01][0-7]{2})", lambda it: chr(int(it[1], 8)), text)
    text = re.sub(r"\\+[nr]", "", text)
    yield re.sub(r"\\+([^\w\s])", r"\1", text)


def _decode_base64(run: str) -> Iterator[str]:
    for start in range(4):
        part = run[start:].replace("-", "+").replace("_", "/")
        part = part[:-1] if len(part) % 4 == 1 else part
        yield b64decode(part + "=" * (-len(part) % 4)).decode("latin-1")
