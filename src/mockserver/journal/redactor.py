"""Redacts what the journal keeps: no entry has a credential or another secret."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import lru_cache

from mockserver.contract import Violation
from mockserver.journal.entry import JournalMessage, JournalViolation
from mockserver.redaction import Mask, SecretNames

Fields = Sequence[tuple[bytes, bytes]]


class Redactor:
    """Redacts the exchanges of one API, whose names of secrets are given."""

    def __init__(self, names: SecretNames) -> None:
        self._names = names
        self._found: set[str] = set()
        self._collecting = Mask(names=names, replace=self._collect)
        # The same fields, queries and credentials come again and again.
        self._find_in_header = lru_cache(maxsize=4_096)(self._collect_from_header)
        self._find_in_query = lru_cache(maxsize=1_024)(self._collect_from_query)
        self._make = lru_cache(maxsize=256)(self._make_redaction)

    def begin(self, headers: Fields, query: bytes) -> Redaction:
        """The redaction of one exchange, which knows the secrets in the head of its request."""
        found = {secret for field in headers for secret in self._find_in_header(*field)}
        if query:
            found |= self._find_in_query(query)
        return self._make(frozenset(found))

    def _collect_from_header(self, name: bytes, value: bytes) -> frozenset[str]:
        self._found.clear()
        self._collecting.header(name.decode("latin-1"), value.decode("latin-1"))
        return frozenset(self._found)

    def _collect_from_query(self, query: bytes) -> frozenset[str]:
        self._found.clear()
        self._collecting.query(query.decode("latin-1"))
        return frozenset(self._found)

    def _collect(self, secret: str, _spelling: str) -> str:
        self._found.add(secret)
        return secret

    def _make_redaction(self, secrets: frozenset[str]) -> Redaction:
        return Redaction(Mask(sorted(secrets), names=self._names))


class Redaction:
    """Redacts the parts of one exchange."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        # Paths, queries and fields come again, too.
        keep = lru_cache(maxsize=512)
        self.text, self.query, self._field = keep(mask.text), keep(mask.query), keep(self._redact)

    def message(
        self, headers: Fields, start: bytes, size: int, limit: int, *, is_own: bool = False
    ) -> JournalMessage:
        """A request or a response; `start` has a little more of the body than the limit.

        What a handler has made `is_own`: it has no encoded secret, so that a look is enough.
        """
        fields = [self._field(*field) for field in headers]
        if not size:
            return JournalMessage(fields)
        try:
            # A character that is cut in two is left out.
            text = start.decode("utf-8", "ignore" if len(start) < size else "strict")
        except UnicodeDecodeError:
            # One character for each byte, so that secrets in it are found.
            text = self._mask.text(start.decode("latin-1"))[:limit]
            body = b64encode(text.encode("latin-1", "replace")).decode()
            return JournalMessage(fields, body, True, size, size > limit)
        if not is_own or self._mask.may_have_secret(text):
            types = (value for name, value in fields if name == "content-type")
            media_type = next(types, "").partition(";")[0].strip().lower()
            text = self._mask.body(text, media_type)
        return JournalMessage(fields, text[:limit], False, size, size > limit)

    def _redact(self, name: bytes, value: bytes) -> tuple[str, str]:
        text = name.decode("latin-1")
        redacted = self._mask.header(text, value.decode("latin-1"))
        # A field may repeat the credential of another one.
        return self._mask.text(text), self._mask.known(redacted)

    def violation(self, violation: Violation) -> JournalViolation:
        """A violation, in whose sentence a value of the exchange may stand."""
        return JournalViolation(
            location=self.text(violation.location),
            keyword=violation.code,
            rule=violation.rule,
            evidence=violation.evidence,
            message=self.text(violation.message),
            severity=violation.severity,
        )
