"""Reads JSON into the dataclasses of answers, and says where it is not what they expect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, NoReturn, TypeVar, get_args, get_origin, get_type_hints

from mockserver.client.responses import Answer
from mockserver.clock import parse, to_datetime
from mockserver.errors import SettingError, UnexpectedAnswerError

__all__ = ["read"]

T = TypeVar("T")

_WORDS = {
    bool: "true or false",
    int: "an integer",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "an object",
}


def read(shape: type[T], data: Any, source: str, place: str = "") -> T:
    """The JSON in that shape; what the shape has no field for is left out.

    `source` says whose answer it is, `place` where in it, as a JSON Pointer.
    Raises UnexpectedAnswerError, with both.
    """
    value: T = _Reader(source).value(shape, data, place)
    return value


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source

    def value(self, shape: Any, data: Any, place: str) -> Any:
        if shape is Any:
            return data
        if is_dataclass(shape):
            return self.object(shape, self.checked(dict, data, place), place)
        if shape is datetime:
            return self.moment(self.checked(str, data, place), place)
        if get_origin(shape) is None:
            return self.checked(shape, data, place)
        return self.generic(shape, data, place)

    def generic(self, shape: Any, data: Any, place: str) -> Any:
        """`X | None`, `tuple[X, ...]` or `Mapping[str, X]`."""
        *_, inner = (item for item in get_args(shape) if item not in (NoneType, ...))
        if get_origin(shape) is UnionType:
            return None if data is None else self.value(inner, data, place)
        if get_origin(shape) is tuple:
            items = enumerate(self.checked(list, data, place))
            return tuple(self.value(inner, item, f"{place}/{n}") for n, item in items)
        items = self.checked(dict, data, place).items()
        return {name: self.value(inner, item, f"{place}/{name}") for name, item in items}

    def object(self, shape: Any, data: Mapping[str, Any], place: str) -> Any:
        given = {"json": data} if issubclass(shape, Answer) else {}
        for name, inner, is_required in _fields(shape):
            # `from` is a word of Python's, so the field is called `from_`.
            word = name.removesuffix("_")
            if word in data:
                given[name] = self.value(inner, data[word], f"{place}/{word}")
            elif is_required:
                self.refuse(f"{place}/{word}", "it is missing")
        return shape(**given)

    def moment(self, text: str, place: str) -> datetime:
        try:
            return to_datetime(parse(text))
        except SettingError as error:
            self.refuse(place, str(error))

    def checked(self, type_: Any, data: Any, place: str) -> Any:
        accepted = (int, float) if type_ is float else type_
        # To Python a boolean is an integer; to JSON it is none.
        if not isinstance(data, accepted) or (isinstance(data, bool) and type_ is not bool):
            self.refuse(place, f"{data!r:.80} is not {_WORDS[type_]}")
        return data

    def refuse(self, place: str, reason: str) -> NoReturn:
        where = f"at '{place}'" if place else "as a whole"
        raise UnexpectedAnswerError(
            f"The answer of {self.source} is not what this client expects {where}: {reason}. "
            "Server and client may be of different versions."
        )


@cache
def _fields(shape: Any) -> list[tuple[str, Any, bool]]:
    """The name and the type of each field that is read, and whether it must be there."""
    hints = get_type_hints(shape)
    return [
        (item.name, hints[item.name], item.default is MISSING)
        for item in fields(shape)
        if item.name != "json"
    ]
