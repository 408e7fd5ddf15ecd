"""Loads an operation from its node, with its parameters, bodies and responses."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from mockserver.contract.evidence import evidence_at
from mockserver.contract.exchange import essence, normalize_content_type
from mockserver.contract.node import Node
from mockserver.contract.operation import Encoding, MediaType, Operation, Parameter, ResponseSpec
from mockserver.contract.values import LEVELS_IN_BRACKETS, Shape, read_shape
from mockserver.errors import ContractError, suggest_nearest

_STYLES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
"""The styles of each location, the default first."""

_IGNORED_HEADERS = {"accept", "content-type", "authorization"}


def load_operation(
    root: Node, item: Node, path: str, method: str, schemes: Collection[str]
) -> Operation:
    """The operation of a method in a path item; `schemes` are the names of the security schemes.

    Raises ContractError.
    """
    node = item.child(method, "operation")
    body = node.child("requestBody", "request body") if "requestBody" in node.value else None
    parameters = {
        (parameter.name, parameter.location): parameter
        for owner in (item, node)
        for parameter in _load_parameters(owner, path)
    }
    responses = node.child("responses", "responses").fields("response")
    return Operation(
        id=node.text("operationId"),
        method=method.upper(),
        path=path,
        parameters=tuple(parameters.values()),
        body=_load_content(body) if body else {},
        body_pointer=body.pointer if body else "",
        is_body_required=body.flag("required") if body else False,
        responses={status: _load_response(status, spec) for status, spec in responses.items()},
        security=tuple(_load_security(node if "security" in node.value else root, schemes)),
        pointer=node.pointer,
        evidence=evidence_at(node.document, node.pointer),
        headers=_load_headers(node),
    )


def _load_headers(node: Node) -> dict[str, str]:
    if "x-request-headers" not in node.value:
        return {}
    headers = node.child("x-request-headers", "headers of a request")
    return {name: headers.text(name) for name in headers.value}


def derive_operation_id(method: str, path: str) -> str:
    """The id of an operation without one: its method and the words of its path in camel case.

    A variable is written after `By`: `GET /pets/{petId}` is `getPetsByPetId`, `GET /` is `getRoot`.
    """
    parts = re.split(r"\{([^}]*)\}", path)
    words = [
        word[0].upper() + word[1:]
        for n, part in enumerate(parts)
        for word in [*["by"] * (n % 2), *re.findall(r"[^\W_]+", part)]
    ]
    return method.lower() + ("".join(words) or "Root")


def _load_security(owner: Node, schemes: Collection[str]) -> Iterator[frozenset[str]]:
    for alternative in owner.items("security", "security requirement"):
        for name in alternative.value:
            if name not in schemes:
                raise ContractError(
                    f"there is no security scheme '{name}', which {alternative.pointer} asks for; "
                    f"{suggest_nearest(name, schemes)}"
                )
        yield frozenset(alternative.value)


def _load_parameters(owner: Node, path: str) -> Iterator[Parameter]:
    for node in owner.items("parameters", "parameter"):
        name, location = node.text("name"), node.text("in")
        if location not in _STYLES:
            raise ContractError(
                f"the parameter at {node.pointer} cannot be in '{location}'; "
                f"{suggest_nearest(location, _STYLES)}"
            )
        if location == "path" and "{" + name + "}" not in path:
            raise ContractError(f"the parameter at {node.pointer} is not in the path '{path}'")
        if location == "header" and name.lower() in _IGNORED_HEADERS:
            continue  # OpenAPI: these three are said elsewhere and shall be ignored here
        yield _load_parameter(node, name, location)


def _load_parameter(node: Node, name: str, location: str) -> Parameter:
    schema: Node | None
    if "schema" in node.value or "content" not in node.value:
        schema, pointer, media_type = node.child("schema", "schema"), f"{node.pointer}/schema", ""
        style = _load_style(node, _STYLES[location])
    else:
        content = _load_content(node)
        if len(content) != 1:
            raise ContractError(f"the content of the {node.kind} at {node.pointer} is not one type")
        (media,) = content.values()
        pointer, media_type, style = media.pointer, media.name, ""
        schema = Node.at(node.document, pointer, "schema") if pointer else None
    levels = LEVELS_IN_BRACKETS if style == "deepObject" else 1
    shape = read_shape(schema, levels) if schema else Shape()
    return Parameter(
        name=name,
        location=location,
        required=node.flag("required"),
        style=style,
        explode=bool(style) and node.flag("explode", style == "form"),
        schema=shape.schema,
        pointer=node.pointer,
        schema_pointer=pointer,
        media_type=media_type,
        may_be_empty=bool(style) and location == "query" and node.flag("allowEmptyValue"),
        shape=shape,
    )


def _load_style(node: Node, known: tuple[str, ...]) -> str:
    style = node.text("style", known[0])
    if style not in known:
        raise ContractError(
            f"the {node.kind} at {node.pointer} cannot be of the style '{style}'; "
            f"{suggest_nearest(style, known)}"
        )
    return style


def _load_response(status: str, node: Node) -> ResponseSpec:
    headers = node.children("headers", "header")
    return ResponseSpec(
        status=status,
        headers=tuple(
            _load_parameter(header, name, "header")
            for name, header in headers.items()
            if name.lower() != "content-type"  # OpenAPI: said by `content`
        ),
        content=_load_content(node),
        pointer=node.pointer,
        evidence=evidence_at(node.document, node.pointer),
    )


def _load_content(owner: Node) -> dict[str, MediaType]:
    """The bodies by content type without parameters: a message may have others, or none.

    Where several differ only in parameters, the first has the plain name, the others their own.
    """
    content: dict[str, MediaType] = {}
    for written, media in owner.children("content", "media type").items():
        name = essence(written)
        if name in content:
            name = normalize_content_type(written)
        if name in content:
            raise ContractError(f"the content type '{name}' stands twice at {owner.pointer}")
        pointer = f"{media.pointer}/schema" if "schema" in media.value else ""
        examples = {
            key: example.value["value"]
            for key, example in media.children("examples", "example").items()
            if "value" in example.value  # an external value is in another file
        }
        if "example" in media.value and not examples:
            examples[""] = media.value["example"]
        rows = media.text("x-rows", "")
        content[name] = MediaType(name, pointer, examples, _load_encoding(media), rows)
    return content


def _load_encoding(media: Node) -> dict[str, Encoding]:
    encoding: dict[str, Encoding] = {}
    for name, node in media.children("encoding", "encoding").items():
        style = _load_style(node, _STYLES["query"])
        encoding[name] = Encoding(
            content_types=tuple(
                essence(part) for part in node.text("contentType", "").split(",") if part.strip()
            ),
            style=style,
            explode=node.flag("explode", style == "form"),
            pointer=node.pointer,
        )
    return encoding
