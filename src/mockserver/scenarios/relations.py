"""What must hold between documents: keys that differ, parents that are there and around."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mockserver.api import Api
from mockserver.errors import ScenarioFault
from mockserver.scenarios.scenario import Row
from mockserver.store import Document

__all__ = ["relation_faults"]


def relation_faults(
    api: Api, rows: Sequence[Row], *, is_complete: bool = True
) -> Iterator[ScenarioFault]:
    """What is wrong between the documents of an API.

    Unless they are complete, a parent that is not among them may still come from a generator.
    """
    known: dict[tuple[str, str], Document] = {}
    for row in rows:
        document = row.document
        if document.key and (document.kind, document.key) in known:
            yield row.place.fault(f"there is another {document.kind} with the key '{document.key}'")
        known[document.kind, document.key] = document
    for row in rows:
        kind = api.kind(row.document.kind)
        if not kind.parent:
            continue
        parent = known.get((kind.parent, row.document.owner))
        if parent is None and is_complete:
            yield row.place.fault(
                f"there is no {kind.parent} '{row.document.owner}' in this scenario"
            )
        elif parent is not None and not _is_inside(row.document, parent):
            yield row.place.fault(f"it lies outside its {kind.parent} '{row.document.owner}'")


def _is_inside(document: Document, parent: Document) -> bool:
    if parent.at is None or document.at is None:
        return True
    return parent.at <= document.at and (parent.until is None or document.at <= parent.until)
