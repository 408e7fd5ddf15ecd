"""What must hold between documents: keys that differ, parents that are there and around."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from mockserver.api import Api
from mockserver.errors import ScenarioFault
from mockserver.scenarios.scenario import LocatedDocument
from mockserver.store import Document

__all__ = ["Lookup", "find_relation_faults", "lies_inside", "nothing"]

Lookup = Callable[[str, str], Document | None]
"""The document of a kind and a key, or None."""


def nothing(_kind: str, _key: str) -> None:
    """There is nothing yet."""


def find_relation_faults(
    api: Api, rows: Sequence[LocatedDocument], *, is_complete: bool = True, stored: Lookup = nothing
) -> Iterator[ScenarioFault]:
    """What is wrong between the documents of an API, and with those that are `stored` already.

    Unless they are complete, a parent that is not among them may still come from a generator.
    """
    known: dict[tuple[str, str], Document] = {}
    for row in rows:
        document = row.document
        place = (document.kind, document.key)
        if document.key and (place in known or stored(*place)):
            yield row.place.make_fault(
                f"there is another {document.kind} with the key '{document.key}'"
            )
        known[place] = document
    for row in rows:
        name, owner = api.get_kind(row.document.kind).parent, row.document.owner
        if not name:
            continue
        parent = known.get((name, owner)) or stored(name, owner)
        if parent is None and is_complete:
            yield row.place.make_fault(f"there is no {name} '{owner}' in this scenario")
        elif parent is not None and not lies_inside(row.document, parent):
            yield row.place.make_fault(f"it lies outside its {name} '{owner}'")


def lies_inside(document: Document, parent: Document) -> bool:
    """Whether a document's moment lies within its parent's time, where both have one."""
    if parent.at is None or document.at is None:
        return True
    return parent.at <= document.at and (parent.until is None or document.at <= parent.until)
