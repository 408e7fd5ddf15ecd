"""Infers documents whose kind has a schema of the contract: objects of that schema are documents.

So do APIs work that only read and write such objects, as a scaffolded one. Others infer their
documents themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from mockserver.api import Api
from mockserver.contract import Operation, flatten_schema
from mockserver.inference import Draft, Observation
from mockserver.kind import Kind

_MOST_LEVELS = 30


def infer_by_schema(api: Api, observations: Iterable[Observation], draft: Draft) -> None:
    """Put every object of a kind's schema into a draft; remove what was deleted or not found."""
    finder = _Finder(api)
    for it in observations:
        kind = finder.by_path.get(it.operation.path)
        key = list(it.path_values.values())[-1] if it.path_values else ""
        if it.is_success:
            found = list(finder.find(it))
            for of_value, value in found:
                _put(of_value, value, draft)
            sent = it.arguments.get("body")
            is_change = it.operation.method in ("PUT", "PATCH")
            if kind and is_change and not found and isinstance(sent, dict):
                _put(kind, {**(draft.get(kind.name, key) or {}), **sent}, draft)
        is_gone = it.is_success and it.operation.method == "DELETE"
        if kind and (is_gone or it.status == 404):
            draft.remove(kind.name, key)


class _Finder:
    """Finds objects of the kinds' schemas. `by_path` has the kind that each path shows one of."""

    def __init__(self, api: Api) -> None:
        self._document = api.contract.document
        self._flat: dict[int, Mapping[str, Any]] = {}
        self._kinds = [(kind, self._flatten(kind.schema)) for kind in api.kinds]
        self._schemas: dict[tuple[str, int], Mapping[str, Any]] = {}
        self.by_path: dict[str, Kind] = {}
        for operation in api.contract.operations:
            parameter = operation.path.rpartition("/")[2]
            if operation.method == "GET" and parameter[:1] == "{":
                schema = self._get_schema(operation, operation.success)
                if kind := self._find_kind(self._flatten(schema)):
                    self.by_path[operation.path] = kind

    def find(self, it: Observation) -> Iterator[tuple[Kind, dict[str, Any]]]:
        """The objects in a response, each with its kind."""
        schema = self._get_schema(it.operation, it.status)
        yield from self._walk(schema, it.body, _MOST_LEVELS)

    def _walk(self, schema: Any, value: Any, levels: int) -> Iterator[tuple[Kind, dict[str, Any]]]:
        if not levels or not isinstance(value, dict | list) or not value:
            return
        flat = self._flatten(schema)
        if isinstance(value, list):
            for item in value:
                yield from self._walk(flat.get("items"), item, levels - 1)
            return
        if kind := self._find_kind(flat):
            yield kind, value
        properties = flat.get("properties", {})
        for name, member in value.items():
            if name in properties:
                yield from self._walk(properties[name], member, levels - 1)

    def _find_kind(self, flat: Mapping[str, Any]) -> Kind | None:
        properties = flat.get("properties")
        if not properties:
            return None
        return next(
            (kind for kind, own in self._kinds if own.get("properties") == properties), None
        )

    def _flatten(self, schema: Any) -> Mapping[str, Any]:
        """A schema with its references followed; those of a contract come again and again."""
        if id(schema) not in self._flat:
            self._flat[id(schema)] = flatten_schema(self._document, schema)
        return self._flat[id(schema)]

    def _get_schema(self, operation: Operation, status: int) -> Mapping[str, Any]:
        """The schema of the JSON of an operation's response; empty where it has none."""
        key = operation.id, status
        if key not in self._schemas:
            spec = operation.response(status)
            media = spec.content.values() if spec else ()
            pointer = next((it.pointer for it in media if "json" in it.name), "")
            self._schemas[key] = {"$ref": pointer} if pointer else {}
        return self._schemas[key]


def _put(kind: Kind, value: Mapping[str, Any], draft: Draft) -> None:
    with suppress(LookupError, TypeError, ValueError):  # it has no key
        known = draft.get(kind.name, kind.key(value)) or {}
        draft.put(kind.name, {**known, **value})
