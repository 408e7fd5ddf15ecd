"""Parameters of a request, and headers of a response, in every style of OpenAPI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote

from mockserver.contract.bodies import is_json, read_json
from mockserver.contract.exchange import Request
from mockserver.contract.operation import Parameter
from mockserver.contract.values import read_fields, read_text, split_at


class RawParameters:
    """The parameters of one request, before they are read."""

    def __init__(self, request: Request, path_values: Mapping[str, str]) -> None:
        self._request = request
        self._path_values = path_values
        self._query = parse_qsl(request.query, keep_blank_values=True, errors="replace")

    @property
    def query(self) -> Sequence[tuple[str, str]]:
        """The fields of the query, decoded, in their order."""
        return self._query

    def has(self, parameter: Parameter) -> bool:
        """Whether a parameter was sent."""
        if parameter.media_type:
            return self._text(parameter) is not None
        return bool(self.read_all(parameter))

    def read_all(self, parameter: Parameter) -> list[Any]:
        """The values that were sent for a parameter as its schema's types have them, or none.

        Where a schema has alternatives, a text may mean several values, such as `5` and `"5"`; the
        likeliest is the first. Raises ValueError for `content` that is JSON and is no JSON.
        """
        if parameter.location == "query" and not parameter.media_type:
            name, shape, style = parameter.name, parameter.shape, parameter.style
            return read_fields(self._query, name, shape, style, explode=parameter.explode)
        text = self._text(parameter)
        if text is None:
            return []
        if parameter.location == "path" and not parameter.media_type:
            return _read_path(text, parameter)
        return read_single(text, parameter)

    def _text(self, parameter: Parameter) -> str | None:
        match parameter.location:
            case "path":
                return self._path_values[parameter.name]
            case "query":
                texts = [value for name, value in self._query if name == parameter.name]
                return texts[-1] if texts else None
            case "header":
                return self._request.headers.get(parameter.name)
            case _:
                text = self._request.cookies.get(parameter.name)
                return None if text is None else unquote(text)


def read_header(text: str, parameter: Parameter) -> Any:
    """The likeliest value of a header of a response, or the text that cannot be read."""
    try:
        return read_single(text, parameter)[0]
    except ValueError:
        return text


def read_single(text: str, parameter: Parameter) -> list[Any]:
    """The values that one text can mean, the likeliest first. Raises ValueError like `read_all`."""
    if parameter.media_type:
        return [read_json(text.encode()) if is_json(parameter.media_type) else text]
    split = _split_list if parameter.location == "header" else split_at(",")
    return read_text(text, parameter.shape, split, explode=parameter.explode)


def _split_list(text: str) -> list[str]:
    """The members of a list in a header: space may stand around a comma (RFC 9110, 5.6.1)."""
    return [part.strip(" \t") for part in text.split(",")]


def _read_path(text: str, parameter: Parameter) -> list[Any]:
    separator = ","
    if parameter.style == "label":
        text = text.removeprefix(".")
        separator = "." if parameter.explode else ","
    elif parameter.style == "matrix":
        name = f";{parameter.name}"
        if parameter.explode and "object" in parameter.shape.types:
            text, separator = text.removeprefix(";"), ";"
        elif text == name:  # RFC 6570, section 3.2.7: an empty value is written without `=`
            text = ""
        else:
            text = text.removeprefix(f"{name}=")
            separator = f"{name}=" if parameter.explode else ","
    return read_text(text, parameter.shape, split_at(separator), explode=parameter.explode)
