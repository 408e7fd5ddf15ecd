"""The documents of a world: listed, read, put, changed, deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.api import Api
from mockserver.errors import DocumentError, TakenNameError, UnknownNameError, suggest_nearest
from mockserver.kind import Kind
from mockserver.scenarios import lies_inside
from mockserver.server.control import views
from mockserver.server.control.context import ControlContext
from mockserver.server.control.merge_patch import merge_patch
from mockserver.store import Document, Documents, parse_assigned_key
from mockserver.yaml_source import TOO_DEEP, is_too_deep

_ALL = 2**63 - 1


def list_kinds(context: ControlContext) -> dict[str, Any]:
    """Every kind, and how many documents of it there are."""
    return {"kinds": [kind for api in context.apis.values() for kind in _kinds(context, api)]}


def list_documents(
    context: ControlContext,
    api: str,
    kind: str,
    page: int,
    per_page: int,
    owner: str | None = None,
    where: Sequence[str] = (),
) -> dict[str, Any]:
    """A page of those that are asked for."""
    _kind(context, api, kind)
    partition = context.sandbox.get_partition(api)
    partitions = context.sandbox.transaction.partitions
    offset = (page - 1) * per_page
    if where:
        found = partitions.list_page(partition, kind, owner, 0, _ALL)
        conditions = [condition.partition("=") for condition in where]
        fitting = [item for item in found if _fits(item.body, conditions)]
        total, shown = len(fitting), fitting[offset : offset + per_page]
    else:
        total = _size(context, api, kind, owner)
        # A page past the end may be further than a database can count.
        shown = (
            partitions.list_page(partition, kind, owner, offset, per_page) if offset < total else []
        )
    return {
        "page": page,
        "per_page": per_page,
        "total": total,
        "documents": [views.format_document(api, item) for item in shown],
    }


def get_document(context: ControlContext, api: str, kind: str, key: str) -> dict[str, Any]:
    """One of them."""
    return views.format_document(api, _document(context, api, kind, key))


def put_document(
    context: ControlContext, api: str, kind: str, key: str, body: dict[str, Any]
) -> dict[str, Any]:
    """One in its place."""
    return _put(context, api, _kind(context, api, kind), key, body)


def patch_document(
    context: ControlContext, api: str, kind: str, key: str, body: dict[str, Any]
) -> dict[str, Any]:
    """One with some fields changed."""
    known = _document(context, api, kind, key)
    if is_too_deep(body):
        raise DocumentError(known, f"The patch is not right: {TOO_DEEP}")
    return _put(context, api, _kind(context, api, kind), key, merge_patch(known.body, body))


def delete_document(
    context: ControlContext, api: str, kind: str, key: str, *, cascade: bool = False
) -> None:
    """One less, and what belongs to it if that is asked for."""
    document = _document(context, api, kind, key)
    kinds, documents = context.apis[api].kinds, context.sandbox.open_world(api).documents
    owned = {
        child.name: size
        for child in kinds
        if child.parent == kind and (size := documents.get_size(child.name, key))
    }
    if owned and not cascade:
        counts = " and ".join(f"{size} of the kind '{name}'" for name, size in owned.items())
        raise TakenNameError(
            f"The {kind} '{key}' has {counts}; delete those first, or say cascade=true"
        )
    _remove(kinds, documents, document)


def _remove(kinds: Sequence[Kind], documents: Documents, document: Document) -> None:
    """Remove a document and all that belongs to it, and to that."""
    for item in _children(kinds, documents, document):
        _remove(kinds, documents, item)
    documents.remove(document.kind, document.key)


def _children(
    kinds: Sequence[Kind], documents: Documents, document: Document
) -> Iterator[Document]:
    for child in kinds:
        if child.parent == document.kind:
            yield from documents.list_by_owner(child.name, document.key)


def _put(
    context: ControlContext, api: str, kind: Kind, key: str, body: dict[str, Any]
) -> dict[str, Any]:
    faults = list(context.apis[api].find_body_faults(kind, body))
    if faults:
        reasons = "; ".join(f"{pointer or '/'}: {reason}" for pointer, reason in faults)
        raise DocumentError(None, f"The {kind.name} '{key}' is not right: {reasons}")
    document = kind.document(body, key=key)
    documents = context.sandbox.open_world(api).documents
    _check_place(kind, document, documents, body)
    _check_children(context.apis[api].kinds, document, documents)
    known = documents.get(kind.name, key)
    if known is None and not kind.key(body):
        _check_number(document, documents)
    if known and known.owner == document.owner:
        documents.replace(document)
    else:
        if known:
            documents.remove(kind.name, key)
        documents.append(document)
    return views.format_document(api, document)


def _check_place(
    kind: Kind, document: Document, documents: Documents, body: Mapping[str, Any]
) -> None:
    own = kind.key(body)
    if own and own != document.key:
        raise DocumentError(
            document, f"The key in the path is '{document.key}', and the body's is '{own}'"
        )
    if not kind.parent:
        return
    parent = documents.get(kind.parent, document.owner)
    if parent is None:
        raise DocumentError(
            document, f"There is no {kind.parent} '{document.owner}' for it to belong to"
        )
    if not lies_inside(document, parent):
        raise DocumentError(document, f"It lies outside its {kind.parent} '{document.owner}'")


def _check_children(kinds: Sequence[Kind], document: Document, documents: Documents) -> None:
    for child in _children(kinds, documents, document):
        if not lies_inside(child, document):
            raise DocumentError(
                document, f"Its {child.kind} '{child.key}' would lie outside it; move that first"
            )


def _check_number(document: Document, documents: Documents) -> None:
    """A key like those that the store gives must not be one that it has yet to give."""
    owner, number = parse_assigned_key(document.key)
    last = documents.get_last_number(document.kind, owner)
    is_next = owner == document.owner and number == last + 1
    if number > last and not is_next:
        raise DocumentError(
            document,
            f"'{document.key}' is the key that the {document.kind} {number} of '{owner}' is going "
            "to have; choose one that does not end in a slash and a number",
        )


def _kinds(context: ControlContext, api: Api) -> Iterator[dict[str, Any]]:
    sizes = context.sandbox.transaction.partitions.get_sizes(
        context.sandbox.get_partition(api.name)
    )
    for kind in api.kinds:
        yield {
            "api": api.name,
            "kind": kind.name,
            "parent": kind.parent or None,
            "size": sizes.get(kind.name, 0),
        }


def _size(context: ControlContext, api: str, kind: str, owner: str | None) -> int:
    documents = context.sandbox.open_world(api).documents
    return (
        sum(documents.get_sizes(kind).values())
        if owner is None
        else documents.get_size(kind, owner)
    )


def _kind(context: ControlContext, api: str, kind: str) -> Kind:
    if api not in context.apis:
        raise UnknownNameError(
            f"There is no API '{api}'; {suggest_nearest(api, list(context.apis))}"
        )
    known = {item.name: item for item in context.apis[api].kinds}
    if kind not in known:
        raise UnknownNameError(
            f"The API '{api}' has no kind '{kind}'; {suggest_nearest(kind, list(known))}"
        )
    return known[kind]


def _document(context: ControlContext, api: str, kind: str, key: str) -> Document:
    _kind(context, api, kind)
    found = context.sandbox.open_world(api).documents.get(kind, key)
    if found is None:
        raise UnknownNameError(f"There is no {kind} '{key}'; list them to see which there are")
    return found


def _fits(body: Mapping[str, Any], conditions: Sequence[tuple[str, str, str]]) -> bool:
    return all(field in body and _written(body[field]) == value for field, _, value in conditions)


def _written(value: Any) -> str:
    """A value as it stands in a query: a text as it is, others as JSON has them."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
