"""Bodies decoded: JSON, strict and with whole numbers of any length, and the two kinds of forms."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from msgspec import Struct
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from mockserver.contract.exchange import essence
from mockserver.contract.operation import Encoding
from mockserver.contract.values import Fields, Shape, has_brackets, read_fields
from mockserver.contract.values import read_value as read_text_value

_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
_LONG = b"0" * 19
"""No shorter run of digits can name a whole number beyond 64 bits."""

# It warns of each body that is malformed, and here that is a violation.
logging.getLogger("python_multipart").setLevel(logging.ERROR)

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


def is_json(media_type: str) -> bool:
    """Whether a content type without parameters is JSON."""
    return media_type == "application/json" or media_type.endswith("+json")


skim_json: Callable[[bytes], Any] = orjson.loads
"""The value of a JSON text, faster, whole numbers beyond 64 bits rounded. Raises ValueError."""


def read_json(body: bytes) -> Any:
    """The value of a JSON text. Raises ValueError, with the reason."""
    value = skim_json(body)
    if _LONG not in body.translate(_ZEROS):
        return value
    try:
        return json.loads(body)  # whole, where orjson rounds
    except RecursionError:
        raise ValueError("it is nested too deeply for its long numbers to be read") from None


class Form(Struct, frozen=True):
    """How a form is read: the shape of its schema, and the encoding of its properties."""

    shape: Shape
    encoding: Mapping[str, Encoding]


class Part(Struct, frozen=True):
    """A part of a multipart body; `content_type` is without parameters, empty when not sent."""

    name: str
    content_type: str
    content: bytes


def read_urlencoded(body: bytes, form: Form) -> dict[str, Any]:
    """The value of an urlencoded form.

    Objects and arrays may be written as the encoding says, and where it says nothing in brackets
    (`a[b]=1`, `a[]=1`) or as JSON, as clients do.
    """
    fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace")
    value: dict[str, Any] = {}
    for name, shape in form.shape.properties.items():
        found = _read_property(fields, name, shape, form.encoding.get(name))
        if found:
            value[name] = found[0]
    known = form.shape.properties
    inner = {key for shape in known.values() for key in shape.properties}
    for name, text in fields:
        # What belongs to no property is told under its own name.
        if name not in known and name not in inner and name.partition("[")[0] not in known:
            value[name] = read_text_value(text, form.shape.others or Shape())
    return value


def _read_property(fields: Fields, name: str, shape: Shape, encoding: Encoding | None) -> list[Any]:
    if encoding is None and has_brackets(fields, name):
        return read_fields(fields, name, shape, "deepObject", explode=True)
    texts = [text for key, text in fields if key == name]
    may_be_json = any(map(is_json, encoding.content_types)) if encoding else "object" in shape.types
    if may_be_json and texts:
        try:
            return [read_json(texts[-1].encode())]
        except ValueError:
            if encoding:
                return [texts[-1]]  # which the schema refuses
    style = encoding.style if encoding else "form"
    explode = encoding.explode if encoding else True
    return read_fields(fields, name, shape, style, explode=explode)


def read_multipart(content_type: str, body: bytes) -> list[Part]:
    """The parts of a multipart body. Raises ValueError, with the reason."""
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary:
        raise ValueError("its content type has no boundary")
    parts: list[Part] = []
    headers: dict[bytes, bytes] = {}
    buffers: defaultdict[str, bytearray] = defaultdict(bytearray)
    ends: list[bool] = []

    def collect(name: str) -> Callable[[bytes, int, int], None]:
        return lambda data, start, end: buffers[name].extend(data[start:end])

    def end_header() -> None:
        name = bytes(buffers.pop("field", b"")).lower()
        headers[name] = bytes(buffers.pop("value", b""))

    def end_part() -> None:
        _, options = parse_options_header(headers.get(b"content-disposition", b""))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        content_type = headers.get(b"content-type", b"").decode("latin-1")
        parts.append(Part(name, essence(content_type), bytes(buffers.pop("data", b""))))
        headers.clear()

    callbacks: Any = {
        "on_header_field": collect("field"),
        "on_header_value": collect("value"),
        "on_header_end": end_header,
        "on_part_data": collect("data"),
        "on_part_end": end_part,
        "on_end": lambda: ends.append(True),
    }
    parser = MultipartParser(boundary, callbacks)
    try:
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise ValueError(str(error)) from None
    if not ends:
        raise ValueError("it ends before its last boundary")
    return parts


def merge_parts(parts: list[Part], form: Form) -> dict[str, Any]:
    """The value of a multipart form: a file is bytes, a list has a part for each item.

    Raises ValueError for a part that says it is JSON and is not.
    """
    value: dict[str, Any] = {}
    for part in parts:
        shape = form.shape.properties.get(part.name) or form.shape.others or Shape()
        is_list = "array" in shape.types and not is_json(part.content_type)
        item = _read_part(part, (shape.items or Shape()) if is_list else shape)
        if is_list:
            value.setdefault(part.name, []).append(item)
        else:
            value[part.name] = item
    return value


def _read_part(part: Part, shape: Shape) -> Any:
    is_structure = "object" in shape.types or "array" in shape.types
    if is_json(part.content_type) or (is_structure and not part.content_type):
        try:
            return read_json(part.content)
        except ValueError as error:
            raise ValueError(f"its part '{part.name}' is not JSON: {error}") from None
    if shape.is_binary or (part.content_type and not part.content_type.startswith("text/")):
        return part.content
    try:
        return read_text_value(part.content.decode(), shape)
    except UnicodeDecodeError:
        return part.content


def show_bytes(form: Mapping[str, Any]) -> dict[str, Any]:
    """A form's value for the schema: JSON has no bytes, so that each byte is a character.

    A file is a property, or an item of one: there are no bytes inside JSON.
    """
    return {
        name: [*map(_show, value)] if isinstance(value, list) else _show(value)
        for name, value in form.items()
    }


def _show(value: Any) -> Any:
    return value.decode("latin-1") if isinstance(value, bytes) else value
