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

__all__ = ["ABSENT", "Absent", "RawParameters", "read_text"]


class Absent:
    """What a parameter is that was not sent."""


ABSENT = Absent()
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_MAX_DIGITS = 400
_DELIMITERS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|", "simple": ","}


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
                return ABSENT if text is None else _simple(text, parameter)
            case _:
                return self._cookie(parameter)

    def _path(self, parameter: Parameter) -> Any:
        text = self._path_values[parameter.name]
        if parameter.style == "label":
            text = text.removeprefix(".")
            separator = "." if parameter.explode else ","
        elif parameter.style == "matrix":
            text = text.removeprefix(f";{parameter.name}=")
            separator = f";{parameter.name}=" if parameter.explode else ","
        else:
            separator = ","
        return _simple(text, parameter, separator)

    def _query_value(self, parameter: Parameter) -> Any:
        kind = parameter.schema.get("type")
        if kind == "object":
            return self._query_object(parameter)
        texts = [value for name, value in self._query if name == parameter.name]
        if not texts:
            return ABSENT
        if kind == "array":
            if parameter.explode and parameter.style == "form":
                return _array(texts, parameter.schema)
            return _array(texts[-1].split(_DELIMITERS[parameter.style]), parameter.schema)
        return read_text(texts[-1], parameter.schema)  # a repeated name: the last one counts

    def _query_object(self, parameter: Parameter) -> Any:
        properties = parameter.schema.get("properties", {})
        if parameter.style == "deepObject":
            prefix = f"{parameter.name}["
            fields = [
                (name[len(prefix) : -1], value)
                for name, value in self._query
                if name.startswith(prefix) and name.endswith("]")
            ]
        elif parameter.explode:
            fields = [(name, value) for name, value in self._query if name in properties]
        else:
            texts = [value for name, value in self._query if name == parameter.name]
            fields = _pairs(texts[-1].split(_DELIMITERS[parameter.style])) if texts else []
        return _object(fields, parameter.schema) if fields else ABSENT

    def _cookie(self, parameter: Parameter) -> Any:
        for part in (self._request.headers.get("cookie") or "").split(";"):
            name, _, text = part.strip().partition("=")
            if name == parameter.name:
                return _simple(unquote(text), parameter)
        return ABSENT


def _simple(text: str, parameter: Parameter, separator: str = ",") -> Any:
    kind = parameter.schema.get("type")
    if kind == "array":
        return _array(text.split(separator), parameter.schema)
    if kind == "object":
        parts = text.split(separator)
        fields = [_pair(part) for part in parts] if parameter.explode else _pairs(parts)
        return _object(fields, parameter.schema)
    return read_text(text, parameter.schema)


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _pairs(parts: list[str]) -> list[tuple[str, str]]:
    return list(zip(parts[::2], parts[1::2], strict=False))


def _array(texts: list[str], schema: Mapping[str, Any]) -> list[Any]:
    return [read_text(text, schema.get("items", {})) for text in texts]


def _object(fields: list[tuple[str, str]], schema: Mapping[str, Any]) -> dict[str, Any]:
    properties = schema.get("properties", {})
    return {name: read_text(text, properties.get(name, {})) for name, text in fields}


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
