"""Ids that are good for something: a session to end, an agent with hours in the last week."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from mockserver.kind import Kind, Use
from mockserver.store import Documents

_MAX_READ = 2_000
"""So many documents of a kind are looked at."""
_ANY: dict[str, Use] = {"": lambda *_: True}


@dataclass(frozen=True, slots=True)
class KnownId:
    """The key of a document, that of its owner, its name, and what it is good for."""

    kind: str
    key: str
    owner: str
    name: str
    use: str


def find_ids(
    kinds: Iterable[Kind], documents: Documents, now: int, limit: int
) -> Iterator[KnownId]:
    """Ids of documents whose bodies have one: so many for each use, or of a kind without uses."""
    for kind in kinds:
        read = documents.list_first(kind.name, _MAX_READ)
        named = [document for document in read if kind.key(document.body)]
        for use, is_good in (kind.uses or _ANY).items():
            good = (document for document in named if is_good(document, documents, now))
            for document in islice(good, limit):
                name = str(document.body.get(kind.label, ""))
                yield KnownId(kind.name, document.key, document.owner, name, use)
