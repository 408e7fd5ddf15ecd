"""Writes the folder of a new API: contract, package, world, cases and tests."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined
from msgspec import Struct

from mockserver.api import snake_case
from mockserver.contract import (
    ABSENT,
    Contract,
    choose_content_type,
    place_credential,
    resolve_node,
    serialize_request,
)
from mockserver.errors import SettingError
from mockserver.scaffold.document import error_schema, error_status, list_operations
from mockserver.scaffold.resources import Resource, find_resources, response_media
from mockserver.scaffold.sample import Document, sample_media, sample_value

_WIDEST = 88
_BRACKETS = {dict: ("{", "}"), list: ("[", "]"), tuple: ("(", ")")}
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LIMITS = ("limit", "per_page", "page_size", "max_results")
_TEMPLATES = ("__init__", "handlers", "model", "wire", "seed", "events")
_ERROR_TEXTS = ("message", "detail", "error", "title", "description", "reason")
_ERROR_NUMBERS = ("status", "statusCode", "status_code", "code")


class _Operation(Struct, frozen=True):
    """An operation as its handler and its tests need it."""

    id: str
    method: str
    path: str
    node: Mapping[str, Any]
    parameters: list[dict[str, Any]]
    resource: Resource | None
    role: str
    success: int
    sample: Any
    body: Any
    arguments: dict[str, Any]

    @property
    def constant(self) -> str:
        """The name of its sample in the module `wire`."""
        return snake_case(self.id).upper()

    @property
    def needs_sample(self) -> bool:
        """Whether the handler returns its sample, or the sample with other rows."""
        is_page = self.role == "list" and self.resource and self.resource.rows
        return self.sample is not None and bool(is_page or not self.role)


def write_api(name: str, contract: Document, folder: Path) -> list[Path]:
    """Write the package of an API below a folder, and say which files. Raises SettingError.

    Nothing is overwritten.
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise SettingError(
            f"'{name}' cannot name an API: write lower-case letters, digits and '_', a letter first"
        )
    target = folder / name
    if target.exists():
        raise SettingError(f"'{target}' is there already; nothing is overwritten")
    texts = _texts(name, contract)
    (target / "tests").mkdir(parents=True)
    for file, text in texts.items():
        (target / file).write_text(text, encoding="utf-8")
    return [target / file for file in texts]


def _texts(name: str, contract: Document) -> dict[str, str]:
    resources = find_resources(contract)
    operations = list(_read_operations(contract, resources))
    templates = Environment(  # noqa: S701 - it writes Python, not HTML
        loader=PackageLoader("mockserver.scaffold"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    written = _yaml(contract)
    values = {
        "name": name,
        "title": contract["info"].get("title") or name,
        "resources": resources,
        "properties": {it.kind: it.properties for it in resources},
        "kinds": ", ".join(it.kind.upper() for it in resources) + "," * (len(resources) == 1),
        "imports": ", ".join(
            ["model"] * any(it.role for it in operations)
            + ["wire"] * any(it.needs_sample for it in operations)
        ),
        "operations": [_handler_values(operation) for operation in operations],
        "constants": [
            *((f"NEW_{it.kind.upper()}", it.sample) for it in resources),
            *((it.constant, it.sample) for it in operations if it.needs_sample),
        ],
        "error": _error(contract),
        "invalid_status": error_status(contract),
        "requests": [*_requests(Contract.parse(written), operations)],
    }
    templates.filters["literal"] = _literal
    texts = {
        f"{module}.py": templates.get_template(f"{module}.py.jinja").render(values)
        for module in _TEMPLATES
    }
    documents = {it.kind: [it.sample] for it in resources}
    world = {
        "name": name,
        "description": f"What a fresh server has of {name}.",
        "apis": {name: {"documents": documents}},
    }
    return {
        "openapi.yaml": written,
        **texts,
        "world.yaml": _yaml(world),
        "cases.yaml": _yaml(_cases(operations)),
        f"tests/test_{name}.py": templates.get_template("test_api.py.jinja").render(values),
    }


def _read_operations(contract: Document, resources: list[Resource]) -> Iterator[_Operation]:
    """The operations; required parameters and bodies get examples, which the kit sends first."""
    roles = {id: (it, role) for it in resources for id, role in it.operations.items()}
    for path, method, node in list_operations(contract):
        resource, role = roles.get(node["operationId"], (None, ""))
        shared = contract["paths"][path].get("parameters", ())
        parameters = [resolve_node(contract, it) for it in [*shared, *node.get("parameters", ())]]
        response = response_media(contract, node)
        content = resolve_node(contract, node.get("requestBody", {})).get("content", {})
        media = content.get(choose_content_type(content))
        body = None if media is None else sample_media(contract, media)
        if media is not None and not {"example", "examples"} & media.keys():
            media["examples"] = {"body": {"value": body}}
        arguments = {}
        for it in parameters:
            if it.get("required"):
                arguments[it["name"]] = _argument(contract, it, resource)
                if not {"example", "examples"} & it.keys():
                    it["example"] = arguments[it["name"]]
        yield _Operation(
            id=node["operationId"],
            method=method.upper(),
            path=path,
            node=node,
            parameters=parameters,
            resource=resource,
            role=role,
            success=min(int(code) for code in node["responses"] if str(code).startswith("2")),
            sample=None if response is None else sample_media(contract, response),
            body=body,
            arguments=arguments,
        )


def _argument(contract: Document, it: Document, resource: Resource | None) -> Any:
    if resource and it["name"] == resource.parameter:
        return resource.sample[resource.key]
    return sample_media(contract, it)


def _handler_values(operation: _Operation) -> dict[str, Any]:
    names = [it["name"] for it in operation.parameters if it["in"] in ("path", "query")]
    limit = next((name for name in names if name in _LIMITS), "")
    key = operation.resource.parameter if operation.resource else ""
    has_body = "requestBody" in operation.node
    required = ["body"] if has_body and operation.role else []
    required += [name for name in names if name in (key, limit) and name in operation.arguments]
    optional = [name for name in names if name in (key, limit) and name not in required]
    parameters = [f"{name}: Any" for name in required] + [f"{it}: Any = None" for it in optional]
    rest = ["**_: Any"] if len(parameters) < len(operation.parameters) + has_body else []
    return {
        "function": snake_case(operation.id),
        "sentence": (operation.node.get("summary") or operation.id).strip().rstrip(".") + ".",
        "parameters": ", ".join(["world: World", *parameters, *rest]),
        "role": operation.role,
        "resource": operation.resource,
        "limit": limit,
        "constant": operation.constant,
        "is_empty": operation.sample is None,
    }


def _error(contract: Document) -> str:
    """The body of an error as a Python expression: its sample, with the sentence and the status."""
    sample = sample_value(contract, error_schema(contract))
    fields = []
    text = next((name for name in _ERROR_TEXTS if isinstance(sample.get(name), str)), None)
    for name, value in sample.items():
        is_number = name in _ERROR_NUMBERS and type(value) is int
        source = "sentence" if name == text else "status" if is_number else _literal(value)
        fields.append(f"{_literal(name)}: {source}")
    return "{" + ", ".join(fields) + "}"


def _requests(contract: Contract, operations: list[_Operation]) -> Iterator[tuple[Any, ...]]:
    """What the tests send: method, path, headers, how httpx gets the body, and the status."""
    for it in operations:
        operation = contract.operation(it.id)
        headers, query = place_credential(contract, operation, "demo")
        sent = ABSENT if it.body is None else it.body
        outgoing = serialize_request(operation, {**query, **it.arguments}, sent, headers)
        fields = dict(outgoing.request.headers.fields)
        body = {"content": outgoing.request.body.decode()} if it.body is not None else {}
        if "json" in fields.get("content-type", ""):
            del fields["content-type"]
            body = {"json": it.body}
        yield it.method, contract.base + outgoing.target, fields, body, it.success


def _cases(operations: list[_Operation]) -> dict[str, Any]:
    """A case of success for each operation, with the ids that a deployment must have."""
    ids, cases = {}, []
    for operation in operations:
        parameters = dict(operation.arguments)
        resource = operation.resource
        if resource and resource.parameter in parameters:
            id = f"{resource.kind}_{resource.key}".lower()
            ids[id] = {
                "description": f"The {resource.key} of a {resource.kind} that exists.",
                "mock": str(parameters[resource.parameter]),
            }
            parameters[resource.parameter] = "{" + id + "}"
        request: dict[str, Any] = {"parameters": parameters} if parameters else {}
        if operation.body is not None:
            request["body"] = operation.body
        case = {
            "name": snake_case(operation.id).replace("_", "-"),
            "operation": operation.id,
            "status": operation.success,
        }
        cases.append(
            {**case, **({"writes": True} if operation.method != "GET" else {}), "request": request}
        )
    return {"ids": ids, "cases": cases}


def _literal(value: Any, indent: int = 0, before: int = 0) -> str:
    """A value as Python source, with double quotes, on several lines where one is too long.

    `before` is how many characters stand before it in its first line, besides the indentation.
    """
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list | tuple):
        return repr(value)
    if isinstance(value, dict):
        items = [
            f"{_literal(key)}: {_literal(it, indent + 4, len(_literal(key)) + 2)}"
            for key, it in value.items()
        ]
    else:
        items = [_literal(item, indent + 4) for item in value]
    opening, closing = _BRACKETS[type(value)]
    line = f"{opening}{', '.join(items)}{closing}"
    if not items or ("\n" not in line and len(line) + indent + before <= _WIDEST):
        return line
    inner = " " * (indent + 4)
    rows = "".join(f"{inner}{item},\n" for item in items)
    return f"{opening}\n{rows}{inner[4:]}{closing}"


def _yaml(value: Any) -> str:
    # What occurs twice is the same object twice, which YAML would write as an anchor and an alias.
    plain = json.loads(json.dumps(value))
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=120)
