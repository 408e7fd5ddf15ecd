"""Serializes a request to an operation: each parameter in its location and style."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from msgspec import Struct

from mockserver.contract.bodies import MULTIPART, URLENCODED
from mockserver.contract.exchange import Headers, Request
from mockserver.contract.operation import MediaType, Operation, Parameter
from mockserver.errors import ContractError
from mockserver.json_pointer import ABSENT

_BOUNDARY = "mockserver-kit-5d1f9c7e"
_DELIMITERS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}


class Outgoing(Struct, frozen=True):
    """A request as it is validated, and the path and query as they are sent: percent-encoded."""

    request: Request
    target: str


def serialize_request(
    operation: Operation,
    arguments: Mapping[str, Any],
    body: Any = ABSENT,
    headers: Mapping[str, str] | None = None,
) -> Outgoing:
    """Serialize a request with these arguments; its path is below the contract's base.

    A body is sent as JSON or a form, whichever the contract has first; bytes are sent as they are.
    An argument that is no parameter of the operation is sent in the query, which a deployment must
    allow. Raises ContractError where a value of the path is missing.
    """
    specs = {spec.name: spec for spec in operation.parameters}
    for name, spec in specs.items():
        if spec.location == "path" and name not in arguments:
            raise ContractError(f"A request to '{operation.id}' lacks '{name}', part of its path")
    path, encoded_path = operation.path, operation.path
    query, fields, cookies = list[tuple[str, str]](), list[tuple[str, str]](), list[str]()
    for name, value in arguments.items():
        if name not in specs:
            query.append((name, _serialize_value(value)))
            continue
        spec = specs[name]
        if spec.location == "query":
            query += _serialize_query(spec, value)
        elif spec.location == "path":
            text = serialize_single(spec, value)
            path = path.replace("{" + name + "}", text)
            encoded_path = encoded_path.replace("{" + name + "}", quote(text, safe=""))
        elif spec.location == "header":
            fields.append((name, serialize_single(spec, value)))
        else:
            cookies.append(f"{name}={quote(serialize_single(spec, value))}")
    given = dict(headers or {})
    if cookies:  # a credential may be one more
        fields.append(("Cookie", "; ".join([*cookies, *filter(None, [given.pop("Cookie", "")])])))
    fields += given.items()
    content = b""
    if body is not ABSENT:
        media = _choose_media(operation.body)
        content_type, content = _serialize_body(media, body)
        if "content-type" not in {name.lower() for name, _ in fields}:
            fields.append(("Content-Type", content_type))
    encoded = urlencode(query, quote_via=quote)
    request = Request(operation.method, path, encoded, Headers(fields), content)
    return Outgoing(request, f"{encoded_path}?{encoded}" if encoded else encoded_path)


def choose_content_type(names: Iterable[str]) -> str | None:
    """The first content type in which a value can be written: JSON or a form."""
    return next((it for it in names if "json" in it or it in (URLENCODED, MULTIPART)), None)


def _choose_media(content: Mapping[str, MediaType]) -> MediaType:
    any_other = next(iter(content.values()), MediaType("application/json", "", {}))
    return content.get(choose_content_type(content) or "", any_other)


def _serialize_query(spec: Parameter, value: Any) -> Iterator[tuple[str, str]]:
    if _is_one_text(spec, value):
        yield spec.name, serialize_single(spec, value)
    else:
        yield from _serialize_fields(spec.name, value, spec.style, explode=spec.explode)


def _serialize_fields(
    name: str, value: Any, style: str, *, explode: bool
) -> Iterator[tuple[str, str]]:
    """The fields of a query or a form that carry a value in a style."""
    if style == "deepObject" and isinstance(value, dict):
        yield from ((f"{name}[{key}]", _serialize_value(item)) for key, item in value.items())
    elif explode and isinstance(value, dict):
        yield from ((key, _serialize_value(item)) for key, item in value.items())
    elif explode and isinstance(value, list | tuple):
        yield from ((name, _serialize_value(item)) for item in value)
    else:
        yield name, _join(value, _DELIMITERS.get(style, ","))


def _is_one_text(spec: Parameter, value: Any) -> bool:
    """Whether a value has a media type and no style, or is an object where none is expected."""
    is_unexpected = isinstance(value, dict) and "object" not in spec.shape.types
    return bool(spec.media_type) or is_unexpected


def serialize_single(spec: Parameter, value: Any) -> str:
    """The one text that carries a value in a path, a header or a cookie."""
    if _is_one_text(spec, value):
        is_text = isinstance(value, str) and "json" not in spec.media_type
        return str(value) if is_text else json.dumps(value, ensure_ascii=False)
    match spec.style:
        case "label":
            return "." + _join(value, "." if spec.explode else ",", pairs=spec.explode)
        case "matrix" if spec.explode and isinstance(value, dict):
            return ";" + _join(value, ";", pairs=True)
        case "matrix":
            separator = f";{spec.name}=" if spec.explode else ","
            return f";{spec.name}=" + _join(value, separator)
    return _join(value, ",", pairs=spec.explode)


def _join(value: Any, delimiter: str, *, pairs: bool = False) -> str:
    """A list in one text, or an object: as `R,100,G,200`, or in pairs as `R=100,G=200`."""
    if isinstance(value, dict):
        sign = "=" if pairs else delimiter
        return delimiter.join(f"{key}{sign}{_serialize_value(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return delimiter.join(_serialize_value(item) for item in value)
    return _serialize_value(value)


def _serialize_body(media: MediaType, body: Any) -> tuple[str, bytes]:
    """The content type and the bytes of a body."""
    if isinstance(body, dict) and media.name == URLENCODED:
        fields = [field for item in body.items() for field in _serialize_form_fields(media, *item)]
        return media.name, urlencode(fields).encode()
    if isinstance(body, dict) and media.name == MULTIPART:
        parts = [part for item in body.items() for part in _serialize_parts(media, *item)]
        closing = f"--{_BOUNDARY}--\r\n".encode()
        return f"{media.name}; boundary={_BOUNDARY}", b"".join([*parts, closing])
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return media.name, content


def _serialize_form_fields(media: MediaType, name: str, value: Any) -> Iterator[tuple[str, str]]:
    encoding = media.encoding.get(name)
    if encoding and "application/json" in encoding.content_types:
        yield name, json.dumps(value, ensure_ascii=False)
    elif encoding:
        yield from _serialize_fields(name, value, encoding.style, explode=encoding.explode)
    else:
        # The brackets say to which property of the form a field belongs.
        style = "deepObject" if isinstance(value, dict) else "form"
        yield from _serialize_fields(name, value, style, explode=True)


def _serialize_parts(media: MediaType, name: str, value: Any) -> Iterator[bytes]:
    """A part for a property, or one for each item of a list."""
    encoding = media.encoding.get(name)
    kinds = encoding.content_types if encoding else ()
    for item in value if isinstance(value, list) else [value]:
        head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
        content = item if isinstance(item, bytes) else _serialize_value(item).encode()
        kind = kinds[0] if kinds and "*" not in kinds[0] else ""
        if isinstance(item, bytes):
            head += '; filename="file"'
            kind = kind or "application/octet-stream"
        elif isinstance(item, dict):
            kind = kind or "application/json"
        lines = [head, *([f"Content-Type: {kind}"] if kind else []), "", ""]
        yield "\r\n".join(lines).encode() + content + b"\r\n"


def _serialize_value(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
