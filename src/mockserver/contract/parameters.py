"""Parameters as OpenAPI writes them into a request, read back into values.

A text that cannot be read as its schema's type stays the text it is, so that the schema refuses it
and the client sees what it sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any
from urllib.parse import parse_qsl, unquote

from mockserver.contract.exchange import Request
from mockserver.contract.operation import Parameter

__all__ = ["ABSENT", "Absent", "RawParameters", "read_header", "read_text"]


class Absent:
    """What a parameter is that was not sent."""


ABSENT = Absent()
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_MAX_DIGITS = 400
_DELIMITERS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
_Split = Callable[[str], list[str]]


class RawParameters:
    """The parameters of one request, before they are read."""

    def __init__(self, request: Request, path_values: Mapping[str, str]) -> None:
        self._request = request
        self._path_values = path_values
        self._query = parse_qsl(request.query, keep_blank_values=True, errors="replace")

    def read(self, parameter: Parameter) -> Any:
        """The value that was sent for a parameter, or ABSENT."""
        match parameter.location:
            case "path":
                return self._path(parameter)
            case "query":
                return self._query_value(parameter)
            case "header":
                text = self._request.headers.get(parameter.name)
                return ABSENT if text is None else read_header(text, parameter)
            case _:
                return self._cookie(parameter)

    def _path(self, parameter: Parameter) -> Any:
        text = self._path_values[parameter.name]
        match parameter.style:
            case "label":
                separator = "." if parameter.explode else ","
                return _value(text.removeprefix("."), parameter, _split_at(separator))
            case "matrix":
                return _matrix(text, parameter)
            case _:
                return _value(text, parameter, _split_at(","))

    def _query_value(self, parameter: Parameter) -> Any:
        kind = parameter.schema.get("type")
        if kind == "object" and (parameter.explode or parameter.style == "deepObject"):
            return self._query_object(parameter)
        texts = [value for name, value in self._query if name == parameter.name]
        if not texts:
            return ABSENT
        if kind == "array" and parameter.explode and parameter.style == "form":
            return _array(texts, parameter.schema)
        # Of a repeated name, the last one counts.
        return _value(texts[-1], parameter, _split_at(_DELIMITERS[parameter.style]))

    def _query_object(self, parameter: Parameter) -> Any:
        """An object whose properties are parameters of the query themselves."""
        if parameter.style == "deepObject":
            prefix = f"{parameter.name}["
            fields = [
                (name[len(prefix) : -1], value)
                for name, value in self._query
                if name.startswith(prefix) and name.endswith("]")
            ]
        else:
            properties = parameter.schema.get("properties", {})
            fields = [(name, value) for name, value in self._query if name in properties]
        return _object(fields, parameter.schema) if fields else ABSENT

    def _cookie(self, parameter: Parameter) -> Any:
        text = self._request.cookies.get(parameter.name)
        return ABSENT if text is None else _value(unquote(text), parameter, _split_at(","))


def read_header(text: str, parameter: Parameter) -> Any:
    """The value of a header, of a request or an answer."""
    return _value(text, parameter, _split_list)


def _matrix(text: str, parameter: Parameter) -> Any:
    if parameter.explode and parameter.schema.get("type") == "object":
        return _value(text.removeprefix(";"), parameter, _split_at(";"))
    name = f";{parameter.name}"
    if text == name:  # RFC 6570, section 3.2.7: an empty value is written without `=`
        return _value("", parameter, _split_at(","))
    separator = f"{name}=" if parameter.explode else ","
    return _value(text.removeprefix(f"{name}="), parameter, _split_at(separator))


def _split_at(separator: str) -> _Split:
    return lambda text: text.split(separator)


def _split_list(text: str) -> list[str]:
    """The members of a list in a header: space may stand around a comma (RFC 9110, 5.6.1)."""
    return [part.strip(" \t") for part in text.split(",")]


def _value(text: str, parameter: Parameter, split: _Split) -> Any:
    kind = parameter.schema.get("type")
    if kind == "array":
        return _array(split(text), parameter.schema)
    if kind == "object":
        fields = (_named if parameter.explode else _alternating)(split(text))
        return text if fields is None else _object(fields, parameter.schema)
    return read_text(text, parameter.schema)


def _named(parts: list[str]) -> list[tuple[str, str]] | None:
    """Names and values out of `R=100`, `G=200`; None when a name has no value."""
    pairs = [part.partition("=") for part in parts]
    return (
        [(name, value) for name, _, value in pairs] if all(sign for _, sign, _ in pairs) else None
    )


def _alternating(parts: list[str]) -> list[tuple[str, str]] | None:
    """Names and values out of `R`, `100`, `G`, `200`; None when a name has no value."""
    return None if len(parts) % 2 else list(zip(parts[::2], parts[1::2], strict=True))


def _array(texts: list[str], schema: Mapping[str, Any]) -> list[Any]:
    return [read_text(text, schema.get("items", {})) for text in texts]


def _object(fields: list[tuple[str, str]], schema: Mapping[str, Any]) -> dict[str, Any]:
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties", {})
    return {name: read_text(text, properties.get(name, others)) for name, text in fields}


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= _MAX_DIGITS and _INTEGER.fullmatch(text) else text


def _number(text: str) -> float | int | str:
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if len(text) <= _MAX_DIGITS and _NUMBER.fullmatch(text) and isfinite(number := float(text)):
        return number
    return text


def _boolean(text: str) -> bool | str:
    return {"true": True, "false": False}.get(text, text)


_READERS: dict[str, Callable[[str], Any]] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
}


def read_text(text: str, schema: Mapping[str, Any]) -> Any:
    """A text as the primitive that its schema asks for, or itself when it cannot be read so."""
    reader = _READERS.get(schema.get("type", "string"))
    return reader(text) if reader else text
