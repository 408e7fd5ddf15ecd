"""Keeps secrets out of everything that a run prints or writes."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from html import escape

__all__ = ["SECRET_HEADERS", "Mask"]

SECRET_HEADERS = frozenset(
    {"authorization", "access-token", "apikey", "cookie", "set-cookie", "proxy-authorization"}
)
"""The header fields whose values are never shown."""

_SHORTEST = 4


def _pattern(secret: str) -> str:
    """A secret however a URL, JSON or HTML may write it."""
    return "".join(map(_character, secret))


def _character(it: str) -> str:
    if it.isascii() and it.isalnum():
        return re.escape(it)  # nobody has a reason to write it otherwise
    percent = "".join(f"%{byte:02x}" for byte in it.encode())
    units = it.encode("utf-16-be").hex()
    unicode = "".join(f"\\\\u{units[n : n + 4]}" for n in range(0, len(units), 4))
    entities = {f"&#{ord(it)};", f"&#x{ord(it):x};", escape(it)}
    writings = [f"(?i:{percent})", f"(?i:{unicode})", *map(re.escape, sorted(entities))]
    writings += ["\\\\" + re.escape(it)] if it in '"\\/' else []
    writings += [r"\+"] if it == " " else []
    return f"(?:{'|'.join([*writings, re.escape(it)])})"


class Mask:
    """Puts a placeholder in the place of secrets, wherever in a text and however they stand.

    A secret of under four characters is masked in headers only: elsewhere it could be any word.
    `headers` are those whose values are secret besides the usual ones.
    """

    placeholder = "***"

    def __init__(self, secrets: Iterable[str] = (), headers: Iterable[str] = ()) -> None:
        long = sorted({one for one in secrets if len(one) >= _SHORTEST}, key=len)[::-1]
        encoded = [b64encode(one.encode()).decode().rstrip("=") for one in long]
        every = [*map(_pattern, long), *map(re.escape, encoded)]
        self._secrets = re.compile("|".join(every)) if every else None
        self._headers = SECRET_HEADERS | {name.lower() for name in headers}

    def text(self, text: str) -> str:
        """A text without the secrets."""
        return self._secrets.sub(self.placeholder, text) if self._secrets else text

    def header(self, name: str, value: str) -> str:
        """A header's value as it may be shown; the scheme of a credential stays."""
        if name.lower() not in self._headers:
            return self.text(value)
        scheme, space, _ = value.partition(" ")
        is_scheme = bool(space) and scheme.lower() in ("bearer", "basic", "digest")
        return f"{scheme} {self.placeholder}" if is_scheme else self.placeholder
