"""An operation, read from its node with all that hangs on it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from mockserver.contract.evidence import evidence_at
from mockserver.contract.exchange import essence
from mockserver.contract.node import Node
from mockserver.contract.operation import MediaType, Operation, Parameter, ResponseSpec
from mockserver.contract.references import refuse_loop
from mockserver.errors import ContractError, nearest

__all__ = ["read_operation"]

_STYLES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
"""The styles that OpenAPI knows in each place, the one that goes without saying first."""

_STRUCTURE = {"allOf", "items", "properties", "additionalProperties"}
_IGNORED_HEADERS = {"accept", "content-type", "authorization"}


def read_operation(
    root: Node, item: Node, path: str, method: str, schemes: Collection[str]
) -> Operation:
    """The operation of a method in a path item; `schemes` are the security schemes there are.

    Raises ContractError.
    """
    node = item.child(method, "operation")
    id = node.text("operationId")
    body = node.child("requestBody", "request body") if "requestBody" in node.value else None
    parameters = {
        (parameter.name, parameter.location): parameter
        for owner in (item, node)
        for parameter in _parameters(owner, path)
    }
    responses = node.child("responses", "responses").fields("response")
    return Operation(
        id=id,
        method=method.upper(),
        path=path,
        parameters=tuple(parameters.values()),
        body=_content(body) if body else {},
        body_pointer=body.pointer if body else "",
        is_body_required=body.flag("required") if body else False,
        responses={status: _response(status, answer) for status, answer in responses.items()},
        security=tuple(_security(node if "security" in node.value else root, schemes)),
        pointer=node.pointer,
        evidence=evidence_at(node.document, node.pointer),
    )


def _security(owner: Node, schemes: Collection[str]) -> Iterator[frozenset[str]]:
    for alternative in owner.items("security", "security requirement"):
        for name in alternative.value:
            if name not in schemes:
                raise ContractError(
                    f"there is no security scheme '{name}', which {alternative.pointer} asks for; "
                    f"{nearest(name, list(schemes))}"
                )
        yield frozenset(alternative.value)


def _parameters(owner: Node, path: str) -> Iterator[Parameter]:
    for node in owner.items("parameters", "parameter"):
        name, location = node.text("name"), node.text("in")
        if location not in _STYLES:
            raise ContractError(
                f"the parameter at {node.pointer} cannot be in '{location}'; "
                f"{nearest(location, list(_STYLES))}"
            )
        if location == "path" and "{" + name + "}" not in path:
            raise ContractError(f"the parameter at {node.pointer} is not in the path '{path}'")
        if location == "header" and name.lower() in _IGNORED_HEADERS:
            continue  # OpenAPI: these three are said elsewhere and shall be ignored here
        yield _parameter(node, name, location)


def _parameter(node: Node, name: str, location: str) -> Parameter:
    schema = _flat(node.child("schema", "schema"))
    style = _style(node, location, schema)
    return Parameter(
        name=name,
        location=location,
        required=node.flag("required"),
        style=style,
        explode=node.flag("explode", style == "form"),
        schema=schema,
        pointer=node.pointer,
    )


def _style(node: Node, location: str, schema: Mapping[str, Any]) -> str:
    known = _STYLES[location]
    style = node.text("style", known[0])
    if style not in known or (style == "deepObject" and schema.get("type") != "object"):
        raise ContractError(
            f"the {node.kind} at {node.pointer} cannot be of the style '{style}'; "
            f"{nearest(style, known)}"
        )
    return style


def _flat(schema: Node, levels: int = 1) -> dict[str, Any]:
    """A schema with its references followed and the parts of `allOf` put together.

    So many levels down: a parameter is written flat, so that one below itself is all it can say.
    """
    refuse_loop(schema.document, schema.pointer)
    parts = [_flat(part, levels) for part in schema.items("allOf", "schema")]
    parts.append({key: value for key, value in schema.value.items() if key not in _STRUCTURE})
    if levels:
        parts.append(_below(schema, levels - 1))
    whole: dict[str, Any] = {}
    for part in parts:
        properties = {**whole.get("properties", {}), **part.get("properties", {})}
        whole |= {**part, "properties": properties} if properties else part
    if not isinstance(whole.get("type", ""), str):
        raise ContractError(f"the type of the schema at {schema.pointer} is no text")
    return whole


def _below(schema: Node, levels: int) -> dict[str, Any]:
    below: dict[str, Any] = {}
    if "items" in schema.value:
        below["items"] = _flat(schema.child("items", "schema"), levels)
    if not isinstance(schema.value.get("additionalProperties", True), bool):
        below["additionalProperties"] = _flat(
            schema.child("additionalProperties", "schema"), levels
        )
    if properties := schema.children("properties", "schema"):
        below["properties"] = {name: _flat(child, levels) for name, child in properties.items()}
    return below


def _response(status: str, node: Node) -> ResponseSpec:
    headers = node.children("headers", "header")
    return ResponseSpec(
        status=status,
        headers=tuple(
            _parameter(header, name, "header")
            for name, header in headers.items()
            if name.lower() != "content-type"  # OpenAPI: said by `content`
        ),
        content=_content(node),
        pointer=node.pointer,
        evidence=evidence_at(node.document, node.pointer),
    )


def _content(owner: Node) -> dict[str, MediaType]:
    """The bodies by content type, without its parameters: a message may have others, or none."""
    content: dict[str, MediaType] = {}
    for written, media in owner.children("content", "media type").items():
        name = essence(written)
        if name in content:
            raise ContractError(f"the content type '{name}' stands twice at {owner.pointer}")
        pointer = f"{media.pointer}/schema" if "schema" in media.value else ""
        content[name] = MediaType(name, pointer, _examples(media))
    return content


def _examples(media: Node) -> dict[str, Any]:
    """The examples that are written here; one that lies elsewhere is left there."""
    examples = media.children("examples", "example")
    return {
        name: example.value["value"]
        for name, example in examples.items()
        if "value" in example.value
    }
