"""Rules between the documents of one API: unique keys, parents, children, times, assigned keys.

Scenarios, snapshot files and the control API all enforce them by these functions. Only scenarios
enforce a chronology: a clock that is moved afterwards can make any world contradict it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from mockserver.clock import format_moment
from mockserver.errors import DocumentError, TakenNameError
from mockserver.kind import Kind
from mockserver.store import Document, Documents, parse_assigned_key

Lookup = Callable[[str, str], Document | None]
"""Finds the stored document of a kind and a key."""


Place = TypeVar("Place")
"""Where a document is written, for the report of a fault."""


class _Waiting(Struct, Generic[Place], frozen=True, gc=False):
    """A document, without its body, that came before what it belongs to.

    There may be as many as a text has, and the garbage collector would look at all of them: gc is
    off here, and so it must be for a place.
    """

    document: Document
    place: Place


class NewDocuments(Generic[Place]):
    """New documents of one API, however many: finds what is wrong between them.

    Kept are their keys, the times of those that others may belong to, and those that come before
    what they belong to.
    """

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self._kinds = kinds
        self._parents = {kind.parent for kind in kinds.values()}
        self._known: dict[str, dict[str, Document | None]] = {name: {} for name in kinds}
        self._waiting: list[_Waiting[Place]] = []

    def add(self, document: Document, place: Place) -> str:
        """Why the document cannot be added; empty where nothing is wrong until now."""
        kind, key, head = document.kind, document.key, replace(document, body={})
        known = self._known[kind]
        is_taken = bool(key) and key in known
        if key:
            known[key] = head if kind in self._parents else None
        if is_taken:
            return explain_duplicate(document)
        name = self._kinds[kind].parent
        parent = self._known[name].get(document.owner) if name else None
        if parent:
            return _find_misfit(document, parent)
        if name:
            self._waiting.append(_Waiting(head, place))
        return ""

    def find_faults(
        self, find_stored: Lookup = lambda _kind, _key: None
    ) -> Iterator[tuple[Place, str]]:
        """What is wrong with those that came before what they belong to, or without it.

        That may be stored already.
        """
        for waiting in self._waiting:
            document, place = waiting.document, waiting.place
            name, owner = self._kinds[document.kind].parent, document.owner
            parent = self._known[name].get(owner) or find_stored(name, owner)
            if parent is None:
                yield place, f"there is no {name} '{owner}' in this scenario"
            elif reason := _find_misfit(document, parent):
                yield place, reason


class _Times(Struct, Generic[Place]):
    """When an owner ended, and the last thing that was afterwards or before; where they stand."""

    end: int | None = None
    end_place: Place | None = None
    last: int | None = None
    last_place: Place | None = None


class Chronology(Generic[Place]):
    """What new documents of one API say of times, when a clock shows `now`.

    Nothing that is past comes after the present, and nothing comes after an end. Kept are two
    moments of each owner that something can end.
    """

    def __init__(self, kinds: Mapping[str, Kind], now: int) -> None:
        self._kinds = kinds
        self._now = now
        self._times: dict[tuple[str, str], _Times[Place]] = {}

    def add(self, document: Document, place: Place | None) -> str:
        """Why the document cannot be; empty where nothing is wrong until now."""
        kind, at = self._kinds[document.kind], document.at
        if at is None:
            return ""
        if kind.ends and not kind.may_follow(document.body):
            times = self._times.setdefault((kind.name, document.owner), _Times())
            if kind.ends(document.body) and (times.end is None or at < times.end):
                times.end, times.end_place = at, place
            if times.last is None or at > times.last:
                times.last, times.last_place = at, place
        return self._find_future(kind, document)

    def find_faults(
        self, documents: Documents, *, is_new: bool = False
    ) -> Iterator[tuple[Place | None, str]]:
        """What comes after an end, and what has ended and says that it has not.

        All of it is stored already. Unless the world `is_new`, more may be stored of the same
        owners, and counts too.
        """
        for (kind, owner), times in list(self._times.items()):
            for document in [] if is_new else documents.list_by_owner(kind, owner):
                self.add(document, None)
            if times.end is None or times.last is None:
                continue
            name = self._kinds[kind].parent
            ended = f"the {name} '{owner}' ended at {format_moment(times.end)}, and"
            if times.last > times.end:
                place = times.last_place or times.end_place
                yield place, f"{ended} there is a later {kind} at {format_moment(times.last)}"
            parent = documents.get(name, owner)
            if parent and (reason := self._kinds[name].open_as(parent.body)):
                yield times.end_place, f"{ended} {reason}"

    def find_event_faults(self, written: Iterable[Document], documents: Documents) -> Iterator[str]:
        """What is wrong with the documents that an event has added or replaced."""
        chronology: Chronology[None] = Chronology(self._kinds, self._now)
        yield from dict.fromkeys(filter(None, (chronology.add(it, None) for it in written)))
        yield from (reason for _, reason in chronology.find_faults(documents))

    def _find_future(self, kind: Kind, document: Document) -> str:
        moments = (document.at, document.until)
        latest = max((moment for moment in moments if moment is not None), default=0)
        if not kind.is_past or latest <= self._now:
            return ""
        return (
            f"{format_moment(latest)} is in the future, for the world's clock shows "
            f"{format_moment(self._now)}; freeze it later, or write a moment such as -1h"
        )


def explain_duplicate(document: Document) -> str:
    """Why a document cannot be added whose key another one has."""
    return f"there is another {document.kind} with the key '{document.key}'"


def find_misplacement(kind: Kind, document: Document, owner: str) -> Iterator[str]:
    """Why a document cannot have its key, or be stored among those of an owner."""
    key = kind.key(document.body)
    if key and key != document.key:
        yield f"its key is '{document.key}', and its body says '{key}'"
    if document.owner != owner:
        yield f"it belongs to '{document.owner}', and stands with those of '{owner}'"


def find_future_key(
    kind: Kind, document: Document, last: Mapping[tuple[str, str], int]
) -> Iterator[str]:
    """Why the document cannot have a key that the store is still going to assign to another.

    `last` has the last number that was assigned, by kind and owner.
    """
    if kind.key(document.body):
        return
    owner, number = parse_assigned_key(document.key)
    if number > last.get((kind.name, owner), 0):
        yield f"its key '{document.key}' is one that another {kind.name} is going to have"


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


def _find_misfit(document: Document, parent: Document) -> str:
    if _is_within(document, parent):
        return ""
    return f"it lies outside its {parent.kind} '{parent.key}'"


def _is_within(document: Document, parent: Document) -> bool:
    """Whether a document's moment lies within its parent's time, where both have one."""
    if parent.at is None or document.at is None:
        return True
    return parent.at <= document.at and (parent.until is None or document.at <= parent.until)
