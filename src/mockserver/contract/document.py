"""A contract as it is written: an OpenAPI 3.0 file, read once, its references resolved."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from mockserver.errors import ContractError
from mockserver.yaml_source import YamlError, escape, read

__all__ = [
    "EVIDENCE",
    "Contract",
    "Header",
    "MediaType",
    "Operation",
    "Parameter",
    "ResponseSpec",
    "Unmatched",
    "weaker",
]

EVIDENCE = ("documented", "example", "neighbour", "assumed")
"""Why a line of a contract is believed, the strongest first."""

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_IGNORED_HEADERS = {"accept", "content-type", "authorization"}


@dataclass(frozen=True)
class Parameter:
    """A parameter of an operation and how it is written into the request."""

    name: str
    location: str
    required: bool
    style: str
    explode: bool
    schema: Mapping[str, Any]
    pointer: str


@dataclass(frozen=True)
class MediaType:
    """A body in one content type; `pointer` leads to its schema, or is empty when it has none."""

    name: str
    pointer: str
    examples: Mapping[str, Any]


@dataclass(frozen=True)
class Header:
    """A documented header of an answer."""

    name: str
    required: bool
    schema: Mapping[str, Any]
    pointer: str


@dataclass(frozen=True)
class ResponseSpec:
    """A documented answer. `status` is as written: `200`, `4XX` or `default`."""

    status: str
    headers: tuple[Header, ...]
    content: Mapping[str, MediaType]
    pointer: str
    evidence: str


@dataclass(frozen=True)
class Operation:
    """A method on a path. `security` lists the alternatives, each the set of schemes it needs."""

    id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    body: Mapping[str, MediaType]
    is_body_required: bool
    responses: Mapping[str, ResponseSpec]
    security: tuple[frozenset[str], ...]
    pointer: str
    evidence: str

    @cached_property
    def success(self) -> int:
        """The status of success: the lowest documented 2xx."""
        return min(
            (int(status) for status in self.responses if status.startswith("2")), default=200
        )

    def response(self, status: int) -> ResponseSpec | None:
        """What is documented for a status: itself, else its class, else the default."""
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in self.responses:
                return self.responses[key]
        return None

    def evidence_of(self, status: int) -> str:
        """Why an answer of this operation is believed: never more than the operation itself."""
        answer = self.response(status)
        return weaker(self.evidence, answer.evidence if answer else EVIDENCE[-1])


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
        return tuple(_stated(self.document))

    def evidence(self, pointer: str) -> str:
        """The evidence nearest above a place, `assumed` when nothing says better."""
        return _evidence(self.document, pointer)


def weaker(one: str, other: str) -> str:
    """The weaker of two evidences; a word that is none is the weakest."""
    return max(one, other, key=lambda word: EVIDENCE.index(word) if word in EVIDENCE else 99)


def _tokens(pointer: str) -> list[str]:
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def _step(node: Any, token: str) -> Any:
    return node[int(token)] if isinstance(node, list) else node[token]


def _evidence(document: Mapping[str, Any], pointer: str) -> str:
    node: Any = document
    nearest = EVIDENCE[-1]
    for token in _tokens(pointer):
        if isinstance(node, dict) and "x-evidence" in node:
            nearest = str(node["x-evidence"])
        node = _step(node, token)
    return str(node["x-evidence"]) if isinstance(node, dict) and "x-evidence" in node else nearest


def _stated(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "x-evidence" in node:
            yield str(node["x-evidence"])
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from _stated(item)


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
            raise ContractError(
                f"the operationId '{operation.id}' stands at {twin.pointer} and at {operation.pointer}"
            )
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
                for token in _tokens(pointer):
                    node = _step(node, token)
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
                for method in METHODS
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
            is_body_required=bool(body.get("required", False)),
            responses={
                status: self.response(status, f"{pointer}/responses/{status}")
                for status in node["responses"]
            },
            security=tuple(frozenset(alternative) for alternative in security),
            pointer=pointer,
            evidence=_evidence(self.document, pointer),
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
            evidence=_evidence(self.document, pointer),
        )

    def headers(self, owner: Mapping[str, Any], place: str) -> Iterator[Header]:
        for name in owner.get("headers", {}):
            node, pointer = self.resolve(f"{place}/headers/{escape(name)}")
            if name.lower() == "content-type":
                continue  # OpenAPI: said by `content`
            schema, _ = self.resolve(f"{pointer}/schema")
            yield Header(name, bool(node.get("required", False)), schema, pointer)
