"""A contract as it is written: an OpenAPI 3.0 file, read once, its references resolved."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from mockserver.contract.evidence import evidence_at, stated
from mockserver.contract.operation import (
    Header,
    MediaType,
    Operation,
    Parameter,
    ResponseSpec,
)
from mockserver.errors import ContractError
from mockserver.json_pointer import escape, step, tokens
from mockserver.yaml_source import YamlError, read

__all__ = ["Contract", "Unmatched"]

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_IGNORED_HEADERS = {"accept", "content-type", "authorization"}


@dataclass(frozen=True)
class Unmatched:
    """No operation fits a request; `methods` are those that its path does have."""

    methods: tuple[str, ...]


@dataclass(frozen=True)
class _PathItem:
    template: str
    names: tuple[str, ...]
    pattern: re.Pattern[str]
    operations: Mapping[str, Operation]


@dataclass(frozen=True)
class Contract:
    """An OpenAPI document and what it says, found once."""

    document: Mapping[str, Any]
    source: str = ""
    base: str = ""
    operations: tuple[Operation, ...] = ()
    _paths: tuple[_PathItem, ...] = field(default=(), repr=False)

    @classmethod
    def load(cls, path: Path) -> Contract:
        """Read a contract from a YAML file. Raises ContractError, naming the file."""
        try:
            source = path.read_text(encoding="utf-8")
            return cls.parse(source)
        except FileNotFoundError:
            raise ContractError(f"There is no contract at '{path}'.") from None
        except (YamlError, ContractError, UnicodeDecodeError) as error:
            raise ContractError(f"The contract '{path.name}' cannot be used: {error}") from error

    @classmethod
    def parse(cls, source: str) -> Contract:
        """Read a contract from YAML text. Raises ContractError or YamlError."""
        document = read(source).data
        if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3.0"):
            raise ContractError("it is not an OpenAPI 3.0 document")
        reader = _Reader(document)
        paths = tuple(reader.path_items())
        operations = tuple(operation for item in paths for operation in item.operations.values())
        _refuse_double_ids(operations)
        return cls(document, source, _base(document), operations, paths)

    @cached_property
    def title(self) -> str:
        """The document's own title."""
        return str(self.document["info"]["title"])

    def operation(self, operation_id: str) -> Operation:
        """The operation of that id; KeyError when there is none."""
        return self._by_id[operation_id]

    @cached_property
    def _by_id(self) -> dict[str, Operation]:
        return {operation.id: operation for operation in self.operations}

    @cached_property
    def security_schemes(self) -> Mapping[str, Any]:
        """The security schemes by name."""
        schemes: Mapping[str, Any] = self.document.get("components", {}).get("securitySchemes", {})
        return schemes

    def match(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | Unmatched:
        """The operation for a method and a decoded path below the base, and the path's values.

        A template without variables is tried before one with, as OpenAPI demands.
        """
        methods: list[str] = []
        for item in self._paths:
            found = item.pattern.fullmatch(path)
            if not found:
                continue
            if operation := item.operations.get(method.lower()):
                return operation, dict(zip(item.names, found.groups(), strict=True))
            methods.extend(name.upper() for name in item.operations)
        return Unmatched(tuple(methods))

    @cached_property
    def evidences(self) -> tuple[str, ...]:
        """Every evidence that the document states, as often as it does."""
        return tuple(stated(self.document))

    def resolve(self, pointer: str) -> Any:
        """The node at a pointer, references followed. Raises ContractError when there is none."""
        return _Reader(self.document).resolve(pointer)[0]

    def evidence(self, pointer: str) -> str:
        """The evidence nearest above a place, `assumed` when nothing says better."""
        return evidence_at(self.document, pointer)


def _base(document: Mapping[str, Any]) -> str:
    servers = document.get("servers") or [{"url": ""}]
    url = str(servers[0]["url"])
    for name, variable in servers[0].get("variables", {}).items():
        url = url.replace("{" + name + "}", str(variable["default"]))
    return urlsplit(url).path.rstrip("/")


def _refuse_double_ids(operations: tuple[Operation, ...]) -> None:
    seen: dict[str, Operation] = {}
    for operation in operations:
        if twin := seen.get(operation.id):
            places = f"at {twin.pointer} and at {operation.pointer}"
            raise ContractError(f"the operationId '{operation.id}' stands {places}")
        seen[operation.id] = operation


class _Reader:
    """Walks a document, following local references and remembering where each thing stands."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    def resolve(self, pointer: str) -> tuple[Any, str]:
        """The node at a pointer and where it truly stands, all references followed."""
        seen: set[str] = set()
        while True:
            node: Any = self.document
            try:
                for token in tokens(pointer):
                    node = step(node, token)
            except (KeyError, IndexError, ValueError, TypeError):
                raise ContractError(f"the reference '{pointer}' leads nowhere") from None
            if not (isinstance(node, dict) and "$ref" in node):
                return node, pointer
            target = unquote(str(node["$ref"]))
            if not target.startswith("#"):
                raise ContractError(f"'{target}' at {pointer} leaves the file")
            if target in seen:
                raise ContractError(f"the reference '{target}' leads to itself")
            seen.add(target)
            pointer = target

    def path_items(self) -> Iterator[_PathItem]:
        templates = sorted(self.document.get("paths", {}), key=lambda path: "{" in path)
        for template in templates:
            names = tuple(re.findall(r"\{([^}]+)\}", template))
            parts = re.split(r"\{[^}]+\}", template)
            pattern = re.compile("([^/]+)".join(map(re.escape, parts)), re.DOTALL)
            item, pointer = self.resolve(f"#/paths/{escape(template)}")
            operations = {
                method: self.operation(item, template, method, f"{pointer}/{method}")
                for method in _METHODS
                if method in item
            }
            yield _PathItem(template, names, pattern, operations)

    def operation(self, item: Mapping[str, Any], path: str, method: str, pointer: str) -> Operation:
        node = item[method]
        if "operationId" not in node:
            raise ContractError(f"the operation at {pointer} has no operationId")
        body, body_pointer = self.optional(node, pointer, "requestBody")
        security = node.get("security", self.document.get("security", []))
        item_pointer = pointer.rpartition("/")[0]
        parameters = {
            (parameter.name, parameter.location): parameter
            for owner, place in ((item, item_pointer), (node, pointer))
            for parameter in self.parameters(owner, place)
        }
        return Operation(
            id=node["operationId"],
            method=method.upper(),
            path=path,
            parameters=tuple(parameters.values()),
            body=self.content(body, body_pointer),
            body_pointer=body_pointer,
            is_body_required=bool(body.get("required", False)),
            responses={
                status: self.response(status, f"{pointer}/responses/{status}")
                for status in node["responses"]
            },
            security=tuple(frozenset(alternative) for alternative in security),
            pointer=pointer,
            evidence=evidence_at(self.document, pointer),
        )

    def optional(
        self, node: Mapping[str, Any], pointer: str, key: str
    ) -> tuple[Mapping[str, Any], str]:
        return self.resolve(f"{pointer}/{key}") if key in node else ({}, "")

    def parameters(self, owner: Mapping[str, Any], place: str) -> Iterator[Parameter]:
        for n in range(len(owner.get("parameters", []))):
            node, pointer = self.resolve(f"{place}/parameters/{n}")
            location = node["in"]
            if location == "header" and node["name"].lower() in _IGNORED_HEADERS:
                continue  # OpenAPI: these three are said elsewhere and shall be ignored here
            if "schema" not in node:
                raise ContractError(f"the parameter at {pointer} has no schema")
            style = node.get("style", _STYLES[location])
            schema, _ = self.resolve(f"{pointer}/schema")
            yield Parameter(
                name=node["name"],
                location=location,
                required=bool(node.get("required", False)),
                style=style,
                explode=bool(node.get("explode", style == "form")),
                schema=schema,
                pointer=pointer,
            )

    def content(self, owner: Mapping[str, Any], place: str) -> dict[str, MediaType]:
        return {
            name.lower(): MediaType(
                name=name.lower(),
                pointer=f"{place}/content/{escape(name)}/schema" if "schema" in media else "",
                examples={
                    key: self.resolve(f"{place}/content/{escape(name)}/examples/{escape(key)}")[0][
                        "value"
                    ]
                    for key in media.get("examples", {})
                },
            )
            for name, media in owner.get("content", {}).items()
        }

    def response(self, status: str, place: str) -> ResponseSpec:
        node, pointer = self.resolve(place)
        return ResponseSpec(
            status=status,
            headers=tuple(self.headers(node, pointer)),
            content=self.content(node, pointer),
            pointer=pointer,
            evidence=evidence_at(self.document, pointer),
        )

    def headers(self, owner: Mapping[str, Any], place: str) -> Iterator[Header]:
        for name in owner.get("headers", {}):
            node, pointer = self.resolve(f"{place}/headers/{escape(name)}")
            if name.lower() == "content-type":
                continue  # OpenAPI: said by `content`
            schema, _ = self.resolve(f"{pointer}/schema")
            yield Header(name, bool(node.get("required", False)), schema, pointer)
