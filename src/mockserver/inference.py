"""What an API infers from recorded exchanges: the documents that stand behind its responses.

It is the inverse of a handler. The recorder decodes the exchanges, and writes the draft as a
scenario.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from msgspec import Struct, field

from mockserver.contract import Operation
from mockserver.factory import Factory
from mockserver.kind import Kind

MOST_FILLED = 10_000
"""So many documents are made up, at most, for the rows of a list that were not recorded."""


@dataclass(frozen=True)
class Observation:
    """A recorded exchange with an operation, decoded.

    `arguments` are those that the handler would get, as far as they conform; `path_values` are as
    they were sent. `at` is the moment of the response by the clock of the world, as far as that is
    known, and `url` that of the request without its query.
    """

    operation: Operation
    path_values: Mapping[str, str]
    arguments: Mapping[str, Any]
    status: int
    at: int
    url: str
    load_body: Callable[[], Any]

    @cached_property
    def body(self) -> Any:
        """The JSON of the response. It conforms to the contract, or is None for a refusal."""
        return self.load_body()

    @property
    def is_success(self) -> bool:
        """Whether the request was served."""
        return 200 <= self.status < 300


Infer = Callable[[Iterable[Observation], "Draft"], None]
"""Puts the documents behind some observations, the oldest first, into a draft.

The observations can be iterated over more than once.
"""


class DraftDocument(Struct):
    """A document that was inferred; `note` says what of it the exchanges do not show."""

    body: dict[str, Any]
    note: str = ""


class Draft(Struct):
    """The documents of one API, as they are inferred.

    `now` is the moment of the newest exchange by the clock of the world; an API may know it better.
    `made_up` are texts that are no data of a person. `notes` are sentences about the documents of a
    kind, and `left_out` has reasons with how often each applies.
    """

    kinds: Mapping[str, Kind]
    factory: Factory
    now: int
    locale: str = "en_US"
    documents: dict[str, dict[str, DraftDocument]] = field(default_factory=dict)
    notes: dict[str, dict[str, None]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    made_up: set[str] = field(default_factory=set)

    def make_name(self, kind: str, key: str) -> str:
        """A person's name for a document, where the exchanges have none."""
        name = self.factory.name(f"recorded.{kind}", key, self.locale)
        self.made_up.add(name)
        return name

    def put(self, kind: str, body: Mapping[str, Any], note: str = "") -> None:
        """Add a document; one with the same key is replaced."""
        documents = self.documents.setdefault(kind, {})
        key = self.kinds[kind].key(body) or f"/{len(documents)}"
        documents[key] = DraftDocument(dict(body), note)

    def remove(self, kind: str, key: str) -> None:
        """Remove a document, if there is one."""
        self.documents.get(kind, {}).pop(key, None)

    def get(self, kind: str, key: str) -> dict[str, Any] | None:
        """The body of the document with a key; None where there is none."""
        found = self.documents.get(kind, {}).get(key)
        return found.body if found else None

    def list_bodies(self, kind: str) -> Iterator[dict[str, Any]]:
        """The bodies of a kind, in the order in which they were added first."""
        return (document.body for document in self.documents.get(kind, {}).values())

    def note(self, kind: str, sentence: str) -> None:
        """Say something of all documents of a kind, once."""
        self.notes.setdefault(kind, {})[sentence] = None


def find_newest(observations: Iterable[Observation]) -> Iterator[Observation]:
    """Of the successful observations of each request the newest, the oldest of them first.

    They are iterated over twice, so that one at a time is in memory.
    """
    newest: dict[tuple[str, str], int] = {}
    for n, it in enumerate(observations):
        if it.is_success:
            newest[it.operation.id, repr(sorted(it.arguments.items()))] = n
    wanted = set(newest.values())
    return (it for n, it in enumerate(observations) if n in wanted)
