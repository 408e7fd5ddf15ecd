"""Prepares an OpenAPI document to be served: names, evidence, common refusals."""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mockserver.contract import derive_operation_id, flatten_schema, resolve_node
from mockserver.errors import SettingError, YamlError
from mockserver.json_pointer import escape
from mockserver.scaffold.resources import find_resources, response_schema
from mockserver.scaffold.sample import Document, sample_value
from mockserver.yaml_source import decode, read_yaml

_METHODS = ("get", "put", "post", "delete", "patch", "options", "head", "trace")
_STATUSES = {
    400: "The request cannot be read, or breaks the contract.",
    401: "The credential is missing or refused.",
    404: "There is nothing at this path.",
    405: "The path does not have this method.",
    413: "The body is too large.",
    415: "The body has another content type.",
}
_SEGMENT = r"^[^\x00-\x1f\x7f/]+$"
"""What one segment of a path can carry."""

_STARTER = Path(__file__).with_name("templates") / "starter.yaml"
"""The contract of an API that has no document yet: a list that can be added to."""


def read_document(path: Path) -> dict[str, Any]:
    """An OpenAPI 3.0 document in YAML or JSON. Raises SettingError."""
    try:
        data: Any = read_yaml(decode(path.read_bytes())).data
    except (OSError, YamlError) as error:
        raise SettingError(f"The document '{path}' cannot be read: {error}") from error
    version = str(data.get("openapi", "")) if isinstance(data, dict) else ""
    if not version.startswith("3.0"):
        stated = f"it says openapi '{version}'" if version else "it has no 'openapi'"
        raise SettingError(f"'{path}' is not an OpenAPI 3.0 document: {stated}")
    document: dict[str, Any] = data
    return document


def prepare_document(
    name: str, document: dict[str, Any] | None, base: str = "", taken: Collection[str] = ()
) -> dict[str, Any]:
    """A contract for an API: the document with what serving it needs; a small one without any.

    Each operation gets an operationId, evidence, and the error responses that it lacks; one that
    creates an item gets a link to the one that reads it. What is added is marked `assumed`. `taken`
    are the base paths of other APIs, which this one cannot have.
    """
    contract = copy.deepcopy(read_document(_STARTER) if document is None else document)
    if document is None:
        contract["info"]["title"] = name
    _set_base(contract, name, base, taken)
    error = _share_error(contract)
    for path, method, operation in list_operations(contract):
        operation.setdefault("operationId", derive_operation_id(method, path))
        operation.setdefault("x-evidence", "documented")
        for parameter in [
            *contract["paths"][path].get("parameters", ()),
            *operation.get("parameters", ()),
        ]:
            _restrict_segment(resolve_node(contract, parameter))
        _add_refusals(contract, operation, error)
    _add_links(contract)
    return contract


def list_operations(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The path, the method and the node of each operation."""
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def error_status(contract: Document) -> int:
    """The status with which an invalid request is refused: 422 where the document has it."""
    stated = {str(code) for _, _, it in list_operations(contract) for code in it["responses"]}
    return 422 if "422" in stated else 400


def _set_base(contract: dict[str, Any], name: str, base: str, taken: Collection[str]) -> None:
    servers = contract.get("servers") or [{"url": ""}]
    path = urlsplit(re.sub(r"\{[^}]*\}", "x", servers[0].get("url", ""))).path.rstrip("/")
    if base or not path or path in taken or "variables" in servers[0]:
        free = f"/{name}{path}" if not path or path in taken else path
        contract["servers"] = [{"url": base or free}]


def _restrict_segment(parameter: dict[str, Any]) -> None:
    """Say that a path parameter is one segment: no slash, no control character."""
    schema = parameter.get("schema", {})
    is_text = schema.get("type") == "string" and not {"pattern", "enum", "format"} & schema.keys()
    if parameter["in"] == "path" and is_text:
        segment = {"minLength": 1, "pattern": _SEGMENT, "x-evidence": "assumed"}
        parameter["schema"] = {"type": "string", "allOf": [schema, segment]}


def error_schema(contract: Document) -> Any:
    """The schema of the document's own error responses, or of a message."""
    for _, _, operation in list_operations(contract):
        for status, response in operation["responses"].items():
            content = resolve_node(contract, response).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            is_error = str(status)[0] in "45" or status == "default"
            if is_error and schema and isinstance(sample_value(contract, schema), dict):
                return schema
    return {
        "type": "object",
        "additionalProperties": False,
        "x-evidence": "assumed",
        "required": ["message"],
        "properties": {"message": {"type": "string"}},
    }


def _share_error(contract: dict[str, Any]) -> Any:
    """A reference to the schema of errors, which becomes a component unless it is one already."""
    schema = error_schema(contract)
    if "$ref" in schema:
        return schema
    schemas = contract.setdefault("components", {}).setdefault("schemas", {})
    names = (f"Error{number}" for number in ("", *range(2, len(schemas) + 3)))
    free = next(name for name in names if name not in schemas)
    schemas[free] = schema
    return {"$ref": f"#/components/schemas/{free}"}


def _add_links(contract: dict[str, Any]) -> None:
    """Link each operation that creates an item to the one that reads it."""
    operations = {node["operationId"]: node for _, _, node in list_operations(contract)}
    for resource in find_resources(contract):
        ids = {role: id for id, role in resource.operations.items()}
        if not {"create", "get"} <= ids.keys():
            continue
        create = operations[ids["create"]]
        created = flatten_schema(contract, response_schema(contract, create))
        if resource.key not in created.get("properties", {}):
            continue
        status = min(status for status in create["responses"] if status.startswith("2"))
        response = dict(resolve_node(contract, create["responses"][status]))
        link = {
            "operationId": ids["get"],
            "parameters": {resource.parameter: f"$response.body#/{escape(resource.key)}"},
            "x-evidence": "assumed",
        }
        response["links"] = {ids["get"]: link, **response.get("links", {})}
        create["responses"][status] = response


def _add_refusals(contract: dict[str, Any], operation: dict[str, Any], error: Any) -> None:
    responses = {str(status): response for status, response in operation["responses"].items()}
    operation["responses"] = responses
    if not any(status.startswith("2") and status.isdigit() for status in responses):
        success = responses.get("2XX") or responses.get("default") or {"description": "Success."}
        responses["200"] = {**resolve_node(contract, success), "x-evidence": "assumed"}
    invalid = error_status(contract)
    for status, sentence in {**_STATUSES, invalid: _STATUSES[400]}.items():
        content = {"application/json": {"schema": error}}
        if status == 415 and "requestBody" not in operation:
            continue
        known = resolve_node(contract, responses.get(str(status), {}))
        if known.get("content"):
            continue
        added: dict[str, Any] = {
            "description": known.get("description", sentence),
            "x-evidence": "assumed",
            "content": content,
        }
        if status == 405:
            added["headers"] = {"Allow": {"required": True, "schema": {"type": "string"}}}
        responses[str(status)] = added
