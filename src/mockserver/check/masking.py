"""Keeps secrets out of everything that a run prints or writes."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["SECRET_HEADERS", "Mask"]

SECRET_HEADERS = frozenset(
    {"authorization", "access-token", "apikey", "cookie", "set-cookie", "proxy-authorization"}
)
"""The header fields whose values are never shown."""

_SHORTEST = 4


class Mask:
    """Puts a placeholder in the place of secrets, wherever in a text they stand.

    A secret of under four characters is masked in headers only: elsewhere it could be any word.
    """

    placeholder = "***"

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = sorted({one for one in secrets if len(one) >= _SHORTEST}, key=len)[::-1]

    def text(self, text: str) -> str:
        """A text without the secrets."""
        for secret in self._secrets:
            text = text.replace(secret, self.placeholder)
        return text

    def header(self, name: str, value: str) -> str:
        """A header's value as it may be shown; the scheme of a credential stays."""
        if name.lower() not in SECRET_HEADERS:
            return self.text(value)
        scheme, space, _ = value.partition(" ")
        is_scheme = bool(space) and scheme.lower() in ("bearer", "basic", "digest")
        return f"{scheme} {self.placeholder}" if is_scheme else self.placeholder
