"""What can go wrong, as a tree.

MockserverError
├── YamlError               a text is not YAML, or not YAML of our kind
├── ContractError           a contract file cannot be used
├── ApiError                a vendor's folder does not fit its contract
├── SettingError            a setting has no meaning
├── SandboxNameError        a sandbox cannot be called that
├── UnknownNameError        nothing has that name
├── TakenNameError          something has that name already, or must not lose it
├── QuotaError              a limit of sandboxes or snapshots is reached
├── ScenarioError           a scenario is wrong; carries every fault, with file and line
├── EventError              an event cannot be triggered like this
├── DocumentError           a document does not fit its kind, so it is not stored
├── StoreBusyError          another process holds the lock of the store too long
├── SynthesisError          no value can be made for a schema
├── CancelledError          who asked for this does not wait for it any more
├── WouldBlockError         documents have to be copied first, which takes long
├── StoreError              the store cannot be used, such as a file that is gone or damaged
│   └── StoreUnreachableError   there is no connection to the database at present
├── ClientError             a client of the control API cannot send a request, or it failed
│   ├── UnreachableError        nothing listens, it hangs, or the connection was cut
│   ├── ProblemError            the server refused, and lists everything that is wrong
│   └── UnexpectedResponseError  what responded is no mock server, or one of another version
├── Refusal                 the vendor says no: its response instead of success
└── HttpError               the server says no, before or instead of a handler, with a status
    └── PreferenceError         the response that a client prefers cannot be had
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from http import HTTPStatus
from typing import Any, TypeVar

from msgspec import Struct

_SHOWN = 12
"""How many known words are shown, when none is near, before the others are only counted."""


class MockserverError(Exception):
    """Anything that this package raises on purpose."""


class YamlError(MockserverError):
    """A text is not YAML, or not YAML of this kind; `line` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        self.line = line
        self.reason = reason
        super().__init__(f"line {line}: {reason}")


class ContractError(MockserverError):
    """A contract cannot be read, or has something that nothing can be validated by."""


class ApiError(MockserverError):
    """A vendor's folder does not fit its contract: a handler is missing, or a word is unknown."""


class SettingError(MockserverError):
    """A setting, from the command line or the environment, has no meaning."""


class SandboxNameError(MockserverError):
    """A sandbox's name is empty, too long, or has a character that names cannot have."""


class UnknownNameError(MockserverError):
    """There is no sandbox, snapshot, scenario, event, API, kind or document of that name."""


class TakenNameError(MockserverError):
    """A sandbox or a snapshot has that name already, or is one that cannot be deleted."""


class QuotaError(MockserverError):
    """There are as many sandboxes, or snapshots in one, as the settings allow."""


class EventError(MockserverError):
    """An event was triggered with an unknown name, a missing option or an impossible moment."""


class DocumentError(MockserverError):
    """A document does not fit its kind: its schema, or what else the vendor knows of it."""

    def __init__(self, document: Any, reason: str, faults: Sequence[tuple[str, str]] = ()) -> None:
        """`faults` are pairs of a JSON Pointer into the body and a reason."""
        self.document = document
        self.faults = faults
        super().__init__(reason)


class SynthesisError(MockserverError):
    """No value can be made for a schema, or none that conforms was found."""


class StoreBusyError(MockserverError):
    """Another process writes to the store, and has its lock."""


class CancelledError(MockserverError):
    """The client has left, or the server is stopping: what it asked for is not done."""


class WouldBlockError(MockserverError):
    """The first write to a world takes long: its documents of an API have to be copied first."""

    def __init__(self, sandbox: str, api: str) -> None:
        super().__init__(f"The sandbox '{sandbox}' has many documents of {api}, and shares them.")
        self.sandbox = sandbox
        self.api = api


class StoreError(MockserverError):
    """The store is gone, is another one, is damaged, or cannot be written."""


class StoreUnreachableError(StoreError):
    """There is no connection to the store's database, or none at present: it may come back."""


@dataclass(frozen=True, slots=True)
class ScenarioFault:
    """One thing wrong in a scenario: the file, the line (from 1), the field as a path, and why."""

    file: str
    line: int
    field: str
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}"
        return f"{place}: {self.field}: {self.reason}" if self.field else f"{place}: {self.reason}"


class ScenarioError(MockserverError):
    """A scenario cannot be loaded; `faults` has everything wrong with it."""

    def __init__(self, faults: Sequence[ScenarioFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class ClientError(MockserverError):
    """A client of the control API cannot send a request, or the request failed."""


class UnreachableError(ClientError):
    """The URL gives no response: nothing listens there, it hangs, or it cut the connection."""


@dataclass(frozen=True, slots=True)
class ProblemFault:
    """One thing that a server found wrong: the reason, and as much of the place as it knows.

    `line` counts from 1. `value` is what was sent, `contract` a pointer into the control contract.
    """

    reason: str
    file: str = ""
    line: int | None = None
    field: str = ""
    value: Any = None
    contract: str = ""

    def __str__(self) -> str:
        line = "" if self.line is None else str(self.line)
        place = ":".join(part for part in (self.file, line) if part)
        return ": ".join(part for part in (place, self.field, self.reason) if part)


class ProblemError(ClientError):
    """The server refused; the text is its detail, and below it what else is wrong, a line each."""

    def __init__(
        self, status: int, title: str, detail: str, errors: Sequence[ProblemFault] = ()
    ) -> None:
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = tuple(errors)
        more = [text for text in map(str, self.errors) if text not in detail]
        super().__init__("\n".join((detail, *more)))


class UnexpectedResponseError(ClientError):
    """What responded is no mock server, or one of another version."""


class Fact(Struct, frozen=True):
    """A document on which a refusal rests; without a sentence, the fact is that there is none."""

    kind: str
    key: str
    sentence: str = ""


class Refusal(MockserverError):
    """The vendor's own refusal: an HTTP status and a body in the vendor's shape.

    `facts` are what it rests on; they are no part of the response, but explain it.
    """

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.body = body
        self.headers = dict(headers or {})
        self.facts: tuple[Fact, ...] = ()
        super().__init__(f"{status} {body}")

    def because(self, *facts: Fact) -> Refusal:
        """The same refusal, with the facts that it rests on."""
        self.facts = facts
        return self


_SENTENCES = {
    400: "Bad request",
    401: "Unauthenticated",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    413: "Request body too large",
    415: "Unsupported media type",
}


def describe_status(status: int) -> str:
    """The phrase of a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"


class HttpError(MockserverError):
    """A refusal by the server itself. Each vendor puts it into its own shape.

    `status` is the HTTP status unless the vendor uses another, `sentence` says what is
    wrong in English, `headers` are those of the response. A 429 has the shape of the control API
    for every path.
    """

    def __init__(
        self, status: int, sentence: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        self.status = status
        self.sentence = sentence or _SENTENCES.get(status) or describe_status(status)
        self.headers = dict(headers or {})
        super().__init__(self.sentence)


class PreferenceError(HttpError):
    """A response that a client prefers cannot be had; `alternatives` can.

    It is about the mock and not about the vendor, and has the shape of the control API.
    """

    def __init__(
        self, status: int, sentence: str, preference: str, value: Any, alternatives: Any
    ) -> None:
        self.preference = preference
        self.value = value
        self.alternatives = alternatives
        super().__init__(status, sentence)


T = TypeVar("T")


def look_up(known: Mapping[str, T], name: str, sentence: str) -> T:
    """The thing of that name. Raises UnknownNameError: the sentence, the name, the nearest one."""
    if name not in known:
        raise UnknownNameError(f"{sentence} '{name}'; {suggest_nearest(name, known)}")
    return known[name]


def end_sentence(error: object) -> str:
    """What an error says, with a full stop if it does not end with a mark of its own."""
    text = str(error)
    return text if text.endswith((".", "?")) else f"{text}."


def suggest_nearest(word: str, known: Collection[str]) -> str:
    """How to go on after an unknown word: the nearest known one, else all of them."""
    matches = get_close_matches(word, known, n=1)
    if matches:
        return f"did you mean '{matches[0]}'?"
    if not known:
        return "none is known"
    shown = ", ".join(f"'{name}'" for name in sorted(known)[:_SHOWN])
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"known: {shown}{more}"
