"""Operations on the documents of a world."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from mockserver.errors import DocumentError, TakenNameError, UnknownNameError, look_up
from mockserver.kind import Kind
from mockserver.sandbox import find_ids, integrity
from mockserver.scenarios import build_kind_schema
from mockserver.server.control import views
from mockserver.server.control.context import ControlContext
from mockserver.store import Document, Search
from mockserver.value_builder import TOO_DEEP
from mockserver.yaml_source import is_too_deep

_NO_LIMIT = 2**63 - 1


def list_kinds(context: ControlContext) -> dict[str, Any]:
    return {
        "kinds": [
            {
                "api": api.name,
                "kind": kind.name,
                "parent": kind.parent or None,
                "size": documents.get_total_size(kind.name),
            }
            for api in context.apis.values()
            for documents in [context.sandbox.open_world(api.name).documents]
            for kind in api.kinds
        ]
    }


def get_kind(context: ControlContext, api: str, kind: str) -> dict[str, Any]:
    it = _get_kind(context, api, kind)
    return {
        "api": api,
        "kind": kind,
        "parent": it.parent or None,
        "label": it.label or None,
        "moments": sorted(it.moments),
        "interval": it.until is not None,
        "schema": build_kind_schema(context.apis[api], it),
    }


def list_ids(
    context: ControlContext, limit: int, api: str | None = None, kind: str | None = None
) -> dict[str, Any]:
    apis = context.apis if api is None else {api: look_up(context.apis, api, "There is no API")}
    if kind is not None:
        known = {it.name for owner in apis.values() for it in owner.kinds}
        look_up(dict.fromkeys(known, kind), kind, "There is no kind")
    now = context.sandbox.record.clock.now()
    return {
        "ids": [
            {"api": owner.name, **asdict(found)}
            for owner in apis.values()
            for found in find_ids(
                [it for it in owner.kinds if kind in (None, it.name)],
                context.sandbox.open_world(owner.name).documents,
                now,
                limit,
            )
        ]
    }


def list_documents(
    context: ControlContext,
    api: str,
    kind: str,
    page: int,
    per_page: int,
    owner: str | None = None,
    where: Sequence[str] = (),
    search: str = "",
    since: str | None = None,
    before: str | None = None,
    sort: str = "",
) -> dict[str, Any]:
    _get_kind(context, api, kind)
    world = context.sandbox.open_world(api)
    stored, offset = world.documents, (page - 1) * per_page
    wanted = Search(
        owner=owner,
        text=search,
        since=None if since is None else world.read_moment(since),
        before=None if before is None else world.read_moment(before),
        sort=sort.removeprefix("-"),
        is_descending=sort.startswith("-"),
    )
    if where:
        everything, _ = stored.find(kind, wanted, 0, _NO_LIMIT)
        matching = [document for document in everything if _matches(document.body, where)]
        total, documents = len(matching), matching[offset : offset + per_page]
    else:
        documents, total = stored.find(kind, wanted, offset, per_page)
    return {
        "page": page,
        "per_page": per_page,
        "total": total,
        "documents": [views.format_document(api, document) for document in documents],
    }


def create_document(
    context: ControlContext, api: str, kind: str, body: dict[str, Any]
) -> dict[str, Any]:
    it = _get_kind(context, api, kind)
    body = _read_body(context, api, it, f"The new {kind}", body)
    document, documents = it.document(body), context.sandbox.open_world(api).documents
    if not document.key:
        number = documents.get_last_number(kind, document.owner) + 1
        document = it.document(body, key=f"{document.owner}/{number}")
    elif documents.get(kind, document.key):
        raise TakenNameError(f"There is a {kind} '{document.key}' already; change that one")
    integrity.check_new_version(context.apis[api].kinds_by_name, document, body, documents)
    documents.append(document)
    return views.format_document(api, document)


def get_document(context: ControlContext, api: str, kind: str, key: str) -> dict[str, Any]:
    return views.format_document(api, _get_document(context, api, kind, key))


def put_document(
    context: ControlContext, api: str, kind: str, key: str, body: dict[str, Any]
) -> dict[str, Any]:
    return _put(context, api, _get_kind(context, api, kind), key, body)


def patch_document(
    context: ControlContext, api: str, kind: str, key: str, body: dict[str, Any]
) -> dict[str, Any]:
    document = _get_document(context, api, kind, key)
    if is_too_deep(body):
        raise DocumentError(document, f"The patch is not right: {TOO_DEEP}")
    return _put(context, api, _get_kind(context, api, kind), key, _merge_patch(document.body, body))


def delete_document(
    context: ControlContext, api: str, kind: str, key: str, *, cascade: bool = False
) -> None:
    document = _get_document(context, api, kind, key)
    documents = context.sandbox.open_world(api).documents
    kinds = context.apis[api].kinds_by_name
    integrity.delete_document(kinds, document, documents, cascade=cascade)


def _merge_patch(value: Any, patch: Mapping[str, Any]) -> dict[str, Any]:
    """Apply a JSON Merge Patch (RFC 7396): null removes a field, an object is merged."""
    merged = dict(value) if isinstance(value, Mapping) else {}
    for name, new in patch.items():
        if new is None:
            merged.pop(name, None)
        else:
            merged[name] = _merge_patch(merged.get(name), new) if isinstance(new, Mapping) else new
    return merged


def _put(
    context: ControlContext, api: str, kind: Kind, key: str, body: dict[str, Any]
) -> dict[str, Any]:
    body = _read_body(context, api, kind, f"The {kind.name} '{key}'", body)
    document = kind.document(body, key=key)
    documents = context.sandbox.open_world(api).documents
    integrity.check_new_version(context.apis[api].kinds_by_name, document, body, documents)
    known = documents.get(kind.name, key)
    if known and known.owner == document.owner:
        documents.replace(document)
    else:
        if known:
            documents.remove(kind.name, key)
        documents.append(document)
    return views.format_document(api, document)


def _read_body(
    context: ControlContext, api: str, kind: Kind, subject: str, body: dict[str, Any]
) -> dict[str, Any]:
    """The body with its moments resolved. Raises DocumentError with every fault of it."""
    now = context.sandbox.record.clock.now()
    body, faults = context.apis[api].read_body(kind, body, now)
    if faults:
        reasons = "; ".join(f"{pointer or '/'}: {reason}" for pointer, reason in faults)
        raise DocumentError(None, f"{subject} is not right: {reasons}", faults)
    return body


def _get_kind(context: ControlContext, api: str, kind: str) -> Kind:
    kinds = look_up(context.apis, api, "There is no API").kinds_by_name
    return look_up(kinds, kind, f"The API '{api}' has no kind")


def _get_document(context: ControlContext, api: str, kind: str, key: str) -> Document:
    _get_kind(context, api, kind)
    document = context.sandbox.open_world(api).documents.get(kind, key)
    if document is None:
        raise UnknownNameError(f"There is no {kind} '{key}'; list them to see which there are")
    return document


def _matches(body: Mapping[str, Any], conditions: Sequence[str]) -> bool:
    """Whether a body has these values; texts are compared as they are, others as JSON."""
    for condition in conditions:
        field, _, expected = condition.partition("=")
        if field not in body:
            return False
        value = body[field]
        if not isinstance(value, str):
            value = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if value != expected:
            return False
    return True
