"""An entry of the journal: a request and its response as the client saw them, without secrets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace


class JournalMessage(msgspec.Struct, omit_defaults=True, gc=False):
    """The header fields and the body of a request or a response.

    A body that is no text is in base64. `size` is that of the whole body in bytes, of which
    the beginning is kept if it `is_truncated`.
    """

    headers: Sequence[tuple[str, str]] = ()
    body: str = ""
    is_base64: bool = False
    size: int = 0
    is_truncated: bool = False


class JournalViolation(msgspec.Struct, omit_defaults=True, gc=False):
    """What violates the contract: the place, the keyword, the rule, its evidence, and a sentence.

    `location` and `rule` are JSON Pointers, into the exchange and into the contract. `severity` is
    `error` or `warning`.
    """

    location: str
    keyword: str
    rule: str
    evidence: str
    message: str
    severity: str


class JournalFact(msgspec.Struct, omit_defaults=True, gc=False):
    """A document of the world on which a refusal rests, and what is the matter with it.

    Without a sentence, there is no such document.
    """

    kind: str
    key: str
    sentence: str = ""


class JournalChange(msgspec.Struct, gc=False):
    """A document that the request changed: `added`, `changed` or `removed`."""

    kind: str
    key: str
    change: str


class JournalEntry(msgspec.Struct, omit_defaults=True, gc=False):
    """A request and its response.

    `id` is unique on the server. `at` is when the request came, by the machine's clock, and
    `world_at` by the clock of the world; both in microseconds. `duration` is in milliseconds.
    `api` and `operation` are empty if the request matches none. `status` is 0 if the client got
    no response. `source` is where the response came from, `fault` what was applied on purpose.
    `problem` is the server's own sentence on a request that it refused.
    """

    id: str
    sandbox: str
    at: int
    method: str
    path: str
    query: str = ""
    request: JournalMessage = msgspec.field(default_factory=JournalMessage)
    api: str = ""
    operation: str = ""
    status: int = 0
    response: JournalMessage = msgspec.field(default_factory=JournalMessage)
    duration: float = 0
    world_at: int | None = None
    evidence: str = ""
    source: str = ""
    fault: str = ""
    problem: str = ""
    violations: Sequence[JournalViolation] = ()
    facts: Sequence[JournalFact] = ()
    changes: Sequence[JournalChange] = ()

    @property
    def target(self) -> str:
        """The path and the query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def operation_name(self) -> str:
        """The API and the operation: `api.operation`; empty without one."""
        return f"{self.api}.{self.operation}" if self.operation else ""

    def make_entry(self) -> JournalEntry:
        """Itself: whatever an entry can be made of may be added to a journal."""
        return self

    def make_summary(self) -> JournalEntry:
        """The entry without header fields and bodies; of these, it has the sizes."""
        request, response = (JournalMessage(size=it.size) for it in (self.request, self.response))
        return replace(self, request=request, response=response)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(JournalEntry)
_EMPTY = JournalEntry("", "", 0, "", "")
_DEFAULTS = {name: msgspec.to_builtins(getattr(_EMPTY, name)) for name in _EMPTY.__struct_fields__}


def encode_entry(entry: JournalEntry) -> bytes:
    """An entry as JSON."""
    return _encoder.encode(entry)


def decode_entry(content: bytes) -> JournalEntry:
    """The entry of a JSON."""
    return _decoder.decode(content)


def format_entry(entry: JournalEntry) -> dict[str, Any]:
    """An entry as plain values, with every field."""
    return {**_DEFAULTS, **msgspec.to_builtins(entry)}
