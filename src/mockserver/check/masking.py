"""Keeps secrets out of everything that a run prints or writes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

__all__ = ["SECRET_HEADERS", "Mask"]

SECRET_HEADERS = frozenset(
    {"authorization", "access-token", "apikey", "cookie", "set-cookie", "proxy-authorization"}
)
"""The header fields whose values are never shown."""

_SHORTEST = 4


def _writings(secret: str) -> Iterator[str]:
    """A secret as it may stand in a text: as itself, in a URL, in JSON."""
    yield secret
    for safe in ("", "/", "/:@!$&'()*+,;=~"):
        yield quote(secret, safe=safe)
    yield quote_plus(secret)
    for is_ascii in (True, False):
        yield json.dumps(secret, ensure_ascii=is_ascii)[1:-1]


class Mask:
    """Puts a placeholder in the place of secrets, wherever in a text and however they stand.

    A secret of under four characters is masked in headers only: elsewhere it could be any word.
    `headers` are those whose values are secret besides the usual ones.
    """

    placeholder = "***"

    def __init__(self, secrets: Iterable[str] = (), headers: Iterable[str] = ()) -> None:
        long = {one for one in secrets if len(one) >= _SHORTEST}
        every = {written for secret in long for written in _writings(secret)}
        self._secrets = sorted(every, key=len)[::-1]
        self._headers = SECRET_HEADERS | {name.lower() for name in headers}

    def text(self, text: str) -> str:
        """A text without the secrets."""
        for secret in self._secrets:
            text = text.replace(secret, self.placeholder)
        return text

    def header(self, name: str, value: str) -> str:
        """A header's value as it may be shown; the scheme of a credential stays."""
        if name.lower() not in self._headers:
            return self.text(value)
        scheme, space, _ = value.partition(" ")
        is_scheme = bool(space) and scheme.lower() in ("bearer", "basic", "digest")
        return f"{scheme} {self.placeholder}" if is_scheme else self.placeholder
