"""Redacts what the journal keeps: no entry has a credential or another secret."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from itertools import chain
from threading import Lock
from urllib.parse import quote

from msgspec import Struct

from mockserver.contract import Violation
from mockserver.journal.entry import JournalMessage, JournalViolation
from mockserver.memo import Memo
from mockserver.redaction import Mask, SecretNames

Field = tuple[bytes, bytes]
Fields = Sequence[Field]

_MAX_TARGET = 8_192
"""So many characters of a path and of a query are kept."""
_LONGEST_SENTENCE = 2_000
_MOST_CREDENTIALS = 32
"""For so many sets of credentials, what has been found out is kept."""


def measure_fields(fields: Fields) -> int:
    """The size of header fields, in bytes."""
    return sum(map(len, chain.from_iterable(fields)))


class Redactor:
    """Redacts the exchanges of one API, whose names of secrets are given, in any thread."""

    def __init__(self, names: SecretNames) -> None:
        self._names = names
        self._found: set[str] = set()
        self._lock = Lock()  # of what is found
        self._collecting = Mask(names=names, replace=self._collect)
        self._find_in_field = Memo(self._collect_from_field, lambda field: sum(map(len, field)))
        self._find_in_query = Memo(self._collect_from_query, len)
        self._make = lru_cache(maxsize=_MOST_CREDENTIALS)(self._make_redaction)
        self._begin = Memo(self._begin_anew, lambda head: measure_fields(head[0]) + len(head[1]))

    def begin(self, headers: Fields, query: bytes) -> RedactedHead:
        """The head of a request, and the redaction of the rest of its exchange."""
        return self._begin((tuple(headers), query[:_MAX_TARGET]))

    def _begin_anew(self, head: tuple[tuple[Field, ...], bytes]) -> RedactedHead:
        headers, query = head
        found = {secret for field in headers for secret in self._find_in_field(field)}
        if query:
            found |= self._find_in_query(query)
        redaction = self._make(frozenset(found))
        return RedactedHead(redaction, redaction.fields(headers), redaction.query(query))

    def _collect_from_field(self, field: Field) -> frozenset[str]:
        name, value = (part.decode("latin-1") for part in field)
        return self._collect_secrets(lambda: self._collecting.header(name, value))

    def _collect_from_query(self, query: bytes) -> frozenset[str]:
        return self._collect_secrets(lambda: self._collecting.query(query.decode("latin-1")))

    def _collect_secrets(self, redact: Callable[[], object]) -> frozenset[str]:
        """The secrets that a redaction finds."""
        with self._lock:
            self._found.clear()
            redact()
            return frozenset(self._found)

    def _collect(self, secret: str, _spelling: str) -> str:
        self._found.add(secret)
        return secret

    def _make_redaction(self, secrets: frozenset[str]) -> Redaction:
        return Redaction(Mask(sorted(secrets), names=self._names))


class Redaction:
    """Redacts what belongs to exchanges with the same credentials."""

    def __init__(self, mask: Mask) -> None:
        # No memo refers to this object: it is freed when it is not used any more, and not when
        # garbage is looked for.
        self._mask = mask
        self.text = Memo(mask.text, len)
        self.path: Memo[bytes, str] = Memo(partial(_redact_path, mask), len)
        field: Memo[Field, tuple[str, str]] = Memo(
            partial(_redact_field, mask), lambda field: sum(map(len, field))
        )
        self._fields = Memo(partial(_redact_fields, field), measure_fields)

    def query(self, query: bytes) -> str:
        """The query of a request."""
        return self._mask.query(query.decode("latin-1"))

    def fields(self, fields: tuple[Field, ...]) -> Sequence[tuple[str, str]]:
        """The header fields of a request or a response."""
        return self._fields(fields)

    def message(
        self,
        fields: Sequence[tuple[str, str]],
        start: bytes,
        size: int,
        limit: int,
        *,
        is_own: bool = False,
    ) -> JournalMessage:
        """A request or a response, whose fields are redacted already.

        `start` has a little more of the body than the limit. What a handler has made `is_own`: it
        has no encoded secret, so that a look is enough.
        """
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
        if not is_own or self._mask.may_have_secret(start):
            types = (value for name, value in fields if name == "content-type")
            media_type = next(types, "").partition(";")[0].strip().lower()
            text = self._mask.body(text, media_type)
        return JournalMessage(fields, text[:limit], False, size, size > limit)

    def _redact_sentence(self, text: str) -> str:
        """A sentence, of which the beginning is kept: the value in it may be a whole body."""
        if len(text) <= _LONGEST_SENTENCE:
            return self.text(text)
        # A little more is redacted, so that a secret at the end is whole.
        return f"{self._mask.text(text[: 2 * _LONGEST_SENTENCE])[:_LONGEST_SENTENCE]}…"

    def violation(self, violation: Violation) -> JournalViolation:
        """A violation, in whose sentence a value of the exchange may stand."""
        return JournalViolation(
            location=self.text(violation.location),
            keyword=violation.code,
            rule=violation.rule,
            evidence=violation.evidence,
            message=self._redact_sentence(violation.message),
            severity=violation.severity,
        )


class RedactedHead(Struct, frozen=True):
    """The head of a request without secrets, and the redaction that knows those it had."""

    redaction: Redaction
    fields: Sequence[tuple[str, str]]
    query: str


def _redact_path(mask: Mask, path: bytes) -> str:
    return mask.text(quote(path, safe="/:@!$&'()*+,;=~%")[:_MAX_TARGET])


def _redact_fields(
    redact: Callable[[Field], tuple[str, str]], fields: tuple[Field, ...]
) -> Sequence[tuple[str, str]]:
    return [redact(field) for field in fields]


def _redact_field(mask: Mask, field: Field) -> tuple[str, str]:
    name, value = (part.decode("latin-1") for part in field)
    # A field may repeat the credential of another one.
    return mask.text(name), mask.known(mask.header(name, value))
