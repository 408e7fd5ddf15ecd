"""A contract as it is written: an OpenAPI 3.0 file, read once, its references resolved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mockserver.contract.evidence import evidence_at, stated
from mockserver.contract.loader import read_operation
from mockserver.contract.node import Node
from mockserver.contract.operation import Operation
from mockserver.contract.references import follow
from mockserver.errors import ContractError
from mockserver.yaml_source import YamlError, decode, read

__all__ = ["Contract", "Unmatched"]

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


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
    """An OpenAPI document and what it says, found once.

    `security_schemes` has the security schemes by name, references followed.
    """

    document: Mapping[str, Any]
    source: str = ""
    title: str = ""
    base: str = ""
    security_schemes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    operations: tuple[Operation, ...] = ()
    _paths: tuple[_PathItem, ...] = field(default=(), repr=False)

    @classmethod
    def load(cls, path: Path) -> Contract:
        """Read a contract from a YAML file. Raises ContractError, naming the file."""
        try:
            source = decode(path.read_bytes())
            return cls.parse(source)
        except FileNotFoundError:
            raise ContractError(f"There is no contract at '{path}'.") from None
        except (YamlError, ContractError) as error:
            raise ContractError(f"The contract '{path.name}' cannot be used: {error}") from error

    @classmethod
    def parse(cls, source: str) -> Contract:
        """Read a contract from YAML text. Raises ContractError or YamlError."""
        document = read(source).data
        if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3.0"):
            raise ContractError("it is not an OpenAPI 3.0 document")
        root = Node.at(document, "#", "document")
        schemes = _security_schemes(root)
        paths = tuple(_path_items(root, schemes))
        operations = tuple(operation for item in paths for operation in item.operations.values())
        _refuse_double_ids(operations)
        return cls(
            document=document,
            source=source,
            title=root.child("info", "info").text("title"),
            base=_base(root),
            security_schemes=schemes,
            operations=operations,
            _paths=paths,
        )

    def operation(self, operation_id: str) -> Operation:
        """The operation of that id; KeyError when there is none."""
        return self._by_id[operation_id]

    @cached_property
    def _by_id(self) -> dict[str, Operation]:
        return {operation.id: operation for operation in self.operations}

    def match(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | Unmatched:
        """The operation for a method and a decoded path below the base, and the path's values.

        A template without variables is tried before one with, as OpenAPI demands.
        """
        methods: dict[str, None] = {}  # in their order, each once
        for item in self._paths:
            found = item.pattern.fullmatch(path)
            if not found:
                continue
            if operation := item.operations.get(method.lower()):
                return operation, dict(zip(item.names, found.groups(), strict=True))
            methods |= dict.fromkeys(name.upper() for name in item.operations)
        return Unmatched(tuple(methods))

    @cached_property
    def linked(self) -> frozenset[str]:
        """The ids of the operations that a link leads from or to."""
        found: set[str] = set()
        for operation in self.operations:
            for response in operation.responses.values():
                links = self.resolve(response.pointer).get("links", {})
                targets = {link.get("operationId") for link in links.values()} & self._by_id.keys()
                found |= targets | ({operation.id} if targets else set())
        return frozenset(found)

    @cached_property
    def evidences(self) -> tuple[str, ...]:
        """Every evidence that the document states, as often as it does."""
        return tuple(stated(self.document))

    def resolve(self, pointer: str) -> Any:
        """The node at a pointer, references followed. Raises ContractError when there is none."""
        return follow(self.document, pointer)[0]

    def evidence(self, pointer: str) -> str:
        """The evidence nearest above a place, `assumed` when nothing says better."""
        return evidence_at(self.document, pointer)


def _base(root: Node) -> str:
    servers = root.items("servers", "server")
    if not servers:
        return ""
    url = servers[0].text("url")
    for name, variable in servers[0].children("variables", "server variable").items():
        url = url.replace("{" + name + "}", str(variable.own("default")))
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError as error:
        raise ContractError(f"the server's URL '{url}' cannot be read: {error}") from None


def _security_schemes(root: Node) -> dict[str, Mapping[str, Any]]:
    if "components" not in root.value:
        return {}
    schemes = root.child("components", "components").children("securitySchemes", "security scheme")
    for scheme in schemes.values():
        for key in ("in", "name") if scheme.text("type") == "apiKey" else ():
            scheme.text(key)
    return {name: scheme.value for name, scheme in schemes.items()}


def _path_items(root: Node, schemes: Mapping[str, Any]) -> Iterator[_PathItem]:
    items = root.child("paths", "paths").fields("path item")
    for template in sorted(items, key=lambda path: "{" in path):
        item = items[template]
        operations = {
            method: read_operation(root, item, template, method, schemes)
            for method in _METHODS
            if method in item.value
        }
        yield _PathItem(
            template,
            names=tuple(re.findall(r"\{([^}]+)\}", template)),
            pattern=_pattern(template, operations.values()),
            operations=operations,
        )


def _pattern(template: str, operations: Iterable[Operation]) -> re.Pattern[str]:
    """What the decoded paths of a template look like.

    A value ends at a slash, unless its format is `path`: that is Connexion's word for one which
    was sent with its slashes encoded and has them in it once it is decoded. Its router lets such a
    value be empty, and whoever asks here must find what that one finds.
    """
    with_slashes = {
        parameter.name
        for operation in operations
        for parameter in operation.parameters
        if parameter.location == "path" and parameter.schema.get("format") == "path"
    }
    parts = re.split(r"\{([^}]+)\}", template)
    written = [
        ("(.*)" if part in with_slashes else "([^/]+)") if n % 2 else re.escape(part)
        for n, part in enumerate(parts)
    ]
    return re.compile("".join(written), re.DOTALL)


def _refuse_double_ids(operations: tuple[Operation, ...]) -> None:
    seen: dict[str, Operation] = {}
    for operation in operations:
        if twin := seen.get(operation.id):
            places = f"at {twin.pointer} and at {operation.pointer}"
            raise ContractError(f"the operationId '{operation.id}' stands {places}")
        seen[operation.id] = operation
