"""A contract: an OpenAPI 3.0 document, loaded once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from itertools import chain, count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from mockserver.contract.evidence import evidence_at, note_at, own_evidence
from mockserver.contract.loader import derive_operation_id, load_operation
from mockserver.contract.node import Node, follow, refuse_loops
from mockserver.contract.operation import Operation
from mockserver.errors import ContractError, YamlError
from mockserver.json_pointer import escape, walk
from mockserver.memo import Memo
from mockserver.yaml_source import decode, read_yaml

_MOST_KEPT = 2_048
_LONGEST_KEPT = 256
"""For so many paths up to this length it is kept which operation they have."""
Found = tuple[Operation, Mapping[str, str]]
"""An operation, and the values in the path."""

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Unmatched(Struct, frozen=True):
    """No operation matches a request; `methods` are those of its path."""

    methods: tuple[str, ...]


class _Path(Struct, frozen=True):
    template: str
    specificity: list[int]
    names: tuple[str, ...]
    with_slashes: frozenset[str]
    pattern: re.Pattern[str]
    operations: Mapping[str, Operation]


@dataclass(frozen=True)
class Contract:
    """An OpenAPI document, and the operations that it describes.

    `source` is its text, `document` its value, in which an operation without `operationId` has one
    (see `derive_operation_id`). `base` is the path of its first server. `security_schemes` are by
    name, references followed. Extensions (`x-...`) stay in `document` as they are written.
    """

    document: Mapping[str, Any]
    source: str = ""
    title: str = ""
    base: str = ""
    security_schemes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    operations: tuple[Operation, ...] = ()
    _paths: tuple[_Path, ...] = field(default=(), repr=False)

    @classmethod
    def load(cls, path: Path) -> Contract:
        """Load a contract from a YAML or JSON file. Raises ContractError, with the file's name."""
        try:
            source = decode(path.read_bytes())
            return cls.parse(source)
        except FileNotFoundError:
            raise ContractError(f"There is no contract at '{path}'.") from None
        except (YamlError, ContractError) as error:
            raise ContractError(f"The contract '{path.name}' cannot be used: {error}") from error

    @classmethod
    def parse(cls, source: str) -> Contract:
        """Load a contract from YAML or JSON text. Raises ContractError or YamlError."""
        document = read_yaml(source).data
        if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3.0"):
            raise ContractError("it is not an OpenAPI 3.0 document")
        refuse_loops(document)
        _set_operation_ids(document)
        root = Node.at(document, "#", "document")
        schemes = _load_security_schemes(root)
        paths = tuple(_load_paths(root, schemes))
        operations = tuple(operation for item in paths for operation in item.operations.values())
        _refuse_double_ids(operations)
        return cls(
            document=document,
            source=source,
            title=root.child("info", "info").text("title"),
            base=_load_base(root),
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

    def match(self, method: str, path: str) -> Found | Unmatched:
        """The operation for a method and a decoded path below the base, and the path's values.

        Concrete paths come before templated ones, as OpenAPI demands, segment by segment:
        `/a/b/{x}` before `/a/{x}/c`. What `/a/b` does not have, `/a/{x}` does not have for it.
        The values must not be changed: they are kept, as paths come again and again.
        """
        return self._find((method, path))

    @cached_property
    def _find(self) -> Memo[tuple[str, str], Found | Unmatched]:
        return Memo(
            self._find_anew, lambda key: len(key[1]), most=_MOST_KEPT, longest=_LONGEST_KEPT
        )

    def _find_anew(self, key: tuple[str, str]) -> Found | Unmatched:
        method, path = key
        methods: dict[str, None] = {}  # in their order, each once
        nearest: list[int] | None = None
        for item in self._paths:
            found = item.pattern.fullmatch(path)
            if not found or nearest not in (None, item.specificity):
                continue
            nearest = item.specificity
            if operation := item.operations.get(method.lower()):
                return operation, dict(zip(item.names, found.groups(), strict=True))
            methods |= dict.fromkeys(name.upper() for name in item.operations)
        return Unmatched(tuple(methods))

    @cached_property
    def routes(self) -> dict[str, Any]:
        """A document of the paths and operations alone, in the order in which `match` tries."""
        return {
            "openapi": self.document["openapi"],
            "info": {"title": self.title, "version": ""},
            "paths": {
                item.template: {
                    method: {
                        "operationId": operation.id,
                        "parameters": [
                            {
                                "name": name,
                                "in": "path",
                                "required": True,
                                "schema": {"type": "string"}
                                | ({"format": "path"} if name in item.with_slashes else {}),
                            }
                            for name in item.names
                        ],
                        "responses": {"default": {"description": ""}},
                    }
                    for method, operation in item.operations.items()
                }
                for item in self._paths
            },
        }

    @cached_property
    def evidences(self) -> tuple[str, ...]:
        """Every evidence that is written in the document, with repetitions."""
        return tuple(filter(None, map(own_evidence, walk(self.document))))

    def resolve(self, pointer: str) -> Any:
        """The value at a pointer, references followed. Raises ContractError when there is none."""
        return self.locate(pointer)[0]

    def locate(self, pointer: str) -> tuple[Any, str]:
        """The value at a pointer, references followed, and its own pointer. Raises alike."""
        return follow(self.document, pointer)

    def evidence(self, pointer: str) -> str:
        """The evidence nearest above a place, or `assumed`."""
        return self._find_evidence(pointer)

    def evidence_note(self, pointer: str) -> str:
        """The note beside that evidence, or nothing."""
        return note_at(self.document, pointer)

    @cached_property
    def _find_evidence(self) -> Callable[[str], str]:
        """Finds each place once; the places are those of the document's rules."""
        return cache(partial(evidence_at, self.document))


def _load_base(root: Node) -> str:
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


def _load_security_schemes(root: Node) -> dict[str, Mapping[str, Any]]:
    if "components" not in root.value:
        return {}
    schemes = root.child("components", "components").children("securitySchemes", "security scheme")
    for scheme in schemes.values():
        for key in ("in", "name") if scheme.text("type") == "apiKey" else ():
            scheme.text(key)
    return {name: scheme.value for name, scheme in schemes.items()}


def _load_paths(root: Node, schemes: Mapping[str, Any]) -> Iterator[_Path]:
    items = root.child("paths", "paths").fields("path item")
    paths = []
    for template, item in items.items():
        operations = {
            method: load_operation(root, item, template, method, schemes)
            for method in _METHODS
            if method in item.value
        }
        # `path` is Connexion's format of a value that was sent with its slashes encoded.
        with_slashes = frozenset(
            parameter.name
            for operation in operations.values()
            for parameter in operation.parameters
            if parameter.location == "path" and parameter.schema.get("format") == "path"
        )
        paths.append((_specificity(template, with_slashes), template, operations, with_slashes))
    for specificity, template, operations, with_slashes in sorted(paths, key=lambda it: it[0]):
        yield _Path(
            template,
            specificity,
            names=tuple(_VARIABLE.findall(template)),
            with_slashes=with_slashes,
            pattern=_pattern(template, with_slashes),
            operations=operations,
        )


_VARIABLE = re.compile(r"\{([^}]+)\}")


def _specificity(template: str, with_slashes: frozenset[str]) -> list[int]:
    """A number for each segment, the lower the more of it is written."""
    return [
        0
        if not (names := _VARIABLE.findall(segment))
        else 3
        if with_slashes & set(names)
        else 2
        if _VARIABLE.fullmatch(segment)
        else 1
        for segment in template.split("/")
    ]


def _pattern(template: str, with_slashes: frozenset[str]) -> re.Pattern[str]:
    """What the decoded paths of a template look like.

    A value ends at a slash, unless it may have some in it: then it may be empty too, as for
    Connexion's router, which must find the same operation.
    """
    parts = _VARIABLE.split(template)
    written = [
        ("(.*)" if part in with_slashes else "([^/]+)") if n % 2 else re.escape(part)
        for n, part in enumerate(parts)
    ]
    return re.compile("".join(written), re.DOTALL)


def _set_operation_ids(document: dict[str, Any]) -> None:
    """Give an id to every operation without one; a number makes it the only one of its name."""
    paths = document.get("paths")
    operations: list[tuple[str, str, dict[str, Any]]] = []
    for path, item in paths.items() if isinstance(paths, dict) else ():
        try:
            item = follow(document, f"#/paths/{escape(path)}")[0]
        except ContractError:
            continue  # the loader says so
        for method in _METHODS if isinstance(item, dict) else ():
            if isinstance(item.get(method), dict):
                operations.append((method, path, item[method]))
    ids = (node.get("operationId") for *_, node in operations)
    taken = {id for id in ids if isinstance(id, str)}
    for method, path, node in operations:
        if "operationId" not in node:
            derived = derive_operation_id(method, path)
            numbered = chain([derived], (f"{derived}{number}" for number in count(2)))
            node["operationId"] = next(id for id in numbered if id not in taken)
            taken.add(node["operationId"])


def _refuse_double_ids(operations: tuple[Operation, ...]) -> None:
    seen: dict[str, Operation] = {}
    for operation in operations:
        if twin := seen.get(operation.id):
            places = f"at {twin.pointer} and at {operation.pointer}"
            raise ContractError(f"the operationId '{operation.id}' stands {places}")
        seen[operation.id] = operation
