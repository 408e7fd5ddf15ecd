"""Redacts secrets in everything that a run prints or writes."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from html import escape

from mockserver.api import Api

SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "set-cookie"})
"""The header fields of HTTP whose values are never shown."""

_SHORTEST = 4


def _make_pattern(character: str) -> str:
    """A pattern of a character of a secret in every encoding of a URL, JSON or HTML."""
    if character.isascii() and character.isalnum():
        return re.escape(character)  # is never encoded
    percent = "".join(f"%{byte:02x}" for byte in character.encode())
    units = character.encode("utf-16-be").hex()
    unicode = "".join(f"\\\\u{units[n : n + 4]}" for n in range(0, len(units), 4))
    entities = {f"&#{ord(character)};", f"&#x{ord(character):x};", escape(character)}
    encodings = [f"(?i:{percent})", f"(?i:{unicode})", *map(re.escape, sorted(entities))]
    encodings += ["\\\\" + re.escape(character)] if character in '"\\/' else []
    encodings += [r"\+"] if character == " " else []
    return f"(?:{'|'.join([*encodings, re.escape(character)])})"


def list_secret_headers(apis: Iterable[Api]) -> frozenset[str]:
    """The names of the headers that carry credentials: by the contracts, and by HTTP."""
    schemes = (scheme for api in apis for scheme in api.contract.security_schemes.values())
    keys = (scheme for scheme in schemes if scheme["type"] == "apiKey")
    return SECRET_HEADERS | {scheme["name"].lower() for scheme in keys if scheme["in"] == "header"}


class Mask:
    """Puts a placeholder in the place of secrets, wherever in a text and however they are encoded.

    A secret of under four characters is redacted in headers only: elsewhere it could be any word.
    `headers` are those whose values are secret, besides those of HTTP.
    """

    placeholder = "***"

    def __init__(self, secrets: Iterable[str] = (), headers: Iterable[str] = ()) -> None:
        long = sorted({secret for secret in secrets if len(secret) >= _SHORTEST}, key=len)[::-1]
        encoded = [b64encode(secret.encode()).decode().rstrip("=") for secret in long]
        patterns = [
            *("".join(map(_make_pattern, secret)) for secret in long),
            *map(re.escape, encoded),
        ]
        self._secrets = re.compile("|".join(patterns)) if patterns else None
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
