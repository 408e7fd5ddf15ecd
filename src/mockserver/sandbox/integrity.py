"""Rules between the documents of one API: unique keys, parents, children, times, assigned keys.

Scenarios, snapshot files and the control API all enforce them by these functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.errors import DocumentError, TakenNameError
from mockserver.kind import Kind
from mockserver.store import Document, Documents, parse_assigned_key

Lookup = Callable[[str, str], Document | None]
"""Finds the stored document of a kind and a key."""


def find_faults(
    kinds: Mapping[str, Kind],
    documents: Sequence[Document],
    find_stored: Lookup = lambda _kind, _key: None,
) -> Iterator[tuple[int, str]]:
    """Faults between new documents, and with stored ones, as pairs of an index and a reason."""
    new: dict[tuple[str, str], Document] = {}
    for n, document in enumerate(documents):
        place = (document.kind, document.key)
        if document.key and (place in new or find_stored(*place)):
            yield n, f"there is another {document.kind} with the key '{document.key}'"
        new[place] = document
    for n, document in enumerate(documents):
        name, owner = kinds[document.kind].parent, document.owner
        if not name:
            continue
        parent = new.get((name, owner)) or find_stored(name, owner)
        if parent is None:
            yield n, f"there is no {name} '{owner}' in this scenario"
        elif not _is_within(document, parent):
            yield n, f"it lies outside its {name} '{owner}'"


def find_misplacement(kind: Kind, document: Document, owner: str) -> Iterator[str]:
    """Why a document cannot have its key, or be stored among those of an owner."""
    key = kind.key(document.body)
    if key and key != document.key:
        yield f"its key is '{document.key}', and its body says '{key}'"
    if document.owner != owner:
        yield f"it belongs to '{document.owner}', and stands with those of '{owner}'"


def find_future_keys(
    kinds: Mapping[str, Kind], documents: Sequence[Document], last: Mapping[tuple[str, str], int]
) -> Iterator[tuple[int, str]]:
    """Keys that the store is still going to assign: two documents would have them then.

    `last` has the last number that was assigned, by kind and owner.
    """
    for n, document in enumerate(documents):
        if kinds[document.kind].key(document.body):
            continue
        owner, number = parse_assigned_key(document.key)
        if number > last.get((document.kind, owner), 0):
            reason = (
                f"its key '{document.key}' is one that another {document.kind} is going to have"
            )
            yield n, reason


def check_new_version(
    kinds: Mapping[str, Kind], document: Document, body: Mapping[str, Any], documents: Documents
) -> None:
    """Raise DocumentError for a document that would not fit among the stored ones."""
    kind = kinds[document.kind]
    key = kind.key(body)
    if key and key != document.key:
        raise DocumentError(
            document, f"The key in the path is '{document.key}', and the body's is '{key}'"
        )
    if kind.parent:
        parent = documents.get(kind.parent, document.owner)
        if parent is None:
            raise DocumentError(
                document, f"There is no {kind.parent} '{document.owner}' for it to belong to"
            )
        if not _is_within(document, parent):
            raise DocumentError(document, f"It lies outside its {kind.parent} '{document.owner}'")
    for child in list_children(kinds, document, documents):
        if not _is_within(child, document):
            raise DocumentError(
                document, f"Its {child.kind} '{child.key}' would lie outside it; move that first"
            )
    if key or documents.get(kind.name, document.key):
        return
    owner, number = parse_assigned_key(document.key)
    last = documents.get_last_number(document.kind, owner)
    is_next = owner == document.owner and number == last + 1
    if number > last and not is_next:
        raise DocumentError(
            document,
            f"'{document.key}' is the key that the {document.kind} {number} of '{owner}' is going "
            "to have; choose one that does not end in a slash and a number",
        )


def list_children(
    kinds: Mapping[str, Kind], document: Document, documents: Documents
) -> Iterator[Document]:
    """The documents that belong to a document."""
    for child in kinds.values():
        if child.parent == document.kind:
            yield from documents.list_by_owner(child.name, document.key)


def delete_document(
    kinds: Mapping[str, Kind], document: Document, documents: Documents, *, cascade: bool
) -> None:
    """Delete a document. Raises TakenNameError if others belong to it, unless they go too."""
    sizes = {
        child.name: size
        for child in kinds.values()
        if child.parent == document.kind and (size := documents.get_size(child.name, document.key))
    }
    if sizes and not cascade:
        counts = " and ".join(f"{size} of the kind '{name}'" for name, size in sizes.items())
        raise TakenNameError(
            f"The {document.kind} '{document.key}' has {counts}; delete those first, or say "
            "cascade=true"
        )
    for child_document in list_children(kinds, document, documents):
        delete_document(kinds, child_document, documents, cascade=True)
    documents.remove(document.kind, document.key)


def _is_within(document: Document, parent: Document) -> bool:
    """Whether a document's moment lies within its parent's time, where both have one."""
    if parent.at is None or document.at is None:
        return True
    return parent.at <= document.at and (parent.until is None or document.at <= parent.until)
