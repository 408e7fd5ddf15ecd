"""Operators on the JSON body of a response: properties, types, bounds, formats, texts, lists."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from mockserver.contract import Format
from mockserver.mutation.places import DROP, ITEMS, Place, Rename

Change = Callable[[Any], Any]


@dataclass(frozen=True)
class ValueOperator:
    """Changes the value at a place.

    `sentence` says what is wrong, `{0}` being the place. `make` gives the change for a place, or
    None where the operator has nothing to do there, or where the contract allows the result.
    """

    name: str
    sentence: str
    make: Callable[[Place], Change | None]


def format_changes(place: Place, formats: Sequence[Format]) -> Iterator[tuple[str, Change]]:
    """One change for each text that a vendor's format refuses, numbered as the format lists them."""
    wanted = place.schema.get("format")
    known = [item.counterexamples for item in formats if item.name == wanted]
    for number, text in enumerate(known[0] if known else (), 1):
        yield f"@{number}", _replace_text(text)


def _replace_text(text: str) -> Change:
    return lambda value: text if isinstance(value, str) else value


# Properties


def _drop(place: Place) -> Change | None:
    return (lambda _: DROP) if _is_required_property(place) else None


def _rename(place: Place) -> Change | None:
    if not _is_required_property(place) or not place.is_success:
        return None
    name = place.steps[-1]
    head, *words = name.split("_")
    other = head + "".join(word.title() for word in words) if words else name.title()
    other = other if other != name else f"{name}_"
    return lambda value: Rename(other, value)


def _is_required_property(place: Place) -> bool:
    return bool(place.steps) and place.steps[-1] != ITEMS and place.is_required


def find_twin(place: Place) -> str:
    """The next property of the object that has the same type and form; empty where none has."""
    keys = ("type", "format", "pattern", "enum", "minimum", "maximum")
    for name, schema in (place.siblings or {}).items():
        is_leaf = place.type in ("string", "integer", "number", "boolean")
        if is_leaf and all(schema.get(key) == place.schema.get(key) for key in keys):
            return name
    return ""


# Types and values


def _null(place: Place) -> Change | None:
    has_type = bool(place.type or "enum" in place.schema)
    return (lambda _: None) if has_type and not place.is_nullable else None


def _always_null(place: Place) -> Change | None:
    is_telling = place.is_success and place.is_nullable and not place.is_always_null
    return (lambda _: None) if is_telling and place.is_required else None


def _other_type(place: Place) -> Change | None:
    def change(value: Any) -> Any:
        match value:
            case None:
                return None
            case bool():
                return int(value)
            case int() | float():
                return str(value)
            case str():
                return [value]
            case list():
                return {str(index): item for index, item in enumerate(value)}
            case _:
                return [value]

    return change if place.type and not place.is_always_null else None


def _out_of_enum(place: Place) -> Change | None:
    allowed = [None] if place.is_always_null else place.schema.get("enum", [])

    def change(value: Any) -> Any:
        match value:
            case bool():
                return not value
            case int() | float():
                return max(item for item in allowed if isinstance(item, int | float)) + 1
            case str():
                candidates = (value.lower(), value.title(), f"{value}d", f"{value} ")
                return next(text for text in candidates if text not in allowed)
            case _:
                return {}

    is_telling = allowed and not {True, False} <= set(map(_hashable, allowed))
    return change if is_telling else None


def _hashable(value: Any) -> Any:
    return value if isinstance(value, bool) else str(value)


def _off_by_one(place: Place) -> Change | None:
    if not place.is_success or place.type not in ("integer", "number") or "enum" in place.schema:
        return None
    maximum = place.schema.get("maximum")
    return lambda value: _number(
        value, lambda it: it + 1 if maximum is None or it < maximum else it - 1
    )


def _thousandfold(place: Place) -> Change | None:
    if not place.is_success or place.type not in ("integer", "number") or "enum" in place.schema:
        return None
    return lambda value: _number(value, lambda it: it * 1000)


def _number(value: Any, change: Change) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return change(value) if is_number else value


def _below_minimum(place: Place) -> Change | None:
    minimum = place.schema.get("minimum")
    if minimum is None:
        return None
    below = minimum if place.schema.get("exclusiveMinimum") else minimum - 1
    return lambda value: _number(value, lambda _: below)


def _above_maximum(place: Place) -> Change | None:
    maximum = place.schema.get("maximum")
    if maximum is None:
        return None
    above = maximum if place.schema.get("exclusiveMaximum") else maximum + 1
    return lambda value: _number(value, lambda _: above)


def _too_short(place: Place) -> Change | None:
    length = place.schema.get("minLength", 0)
    if not length:
        return None
    return lambda value: value[: length - 1] if isinstance(value, str) else value


def _too_long(place: Place) -> Change | None:
    length = place.schema.get("maxLength")
    if length is None:
        return None
    return lambda value: value.ljust(length + 1, "x") if isinstance(value, str) else value


def _too_few(place: Place) -> Change | None:
    least = place.schema.get("minItems") or place.schema.get("minProperties") or 0
    if not least:
        return None

    def change(value: Any) -> Any:
        if isinstance(value, list):
            return value[: least - 1]
        return dict(list(value.items())[: least - 1]) if isinstance(value, dict) else value

    return change


def _too_many(place: Place) -> Change | None:
    most = place.schema.get("maxItems")
    if most is None:
        return None

    def change(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        more = value[-1] if value else {}
        return [*value, *[more] * (most + 1 - len(value))]

    return change


# Formats


def _wrong_format(place: Place) -> Change | None:
    pattern = place.schema.get("pattern")
    if place.type != "string" or pattern is None:
        return None

    def change(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        candidates = (f"{value} ", f" {value}", value[1:], "")
        return next((text for text in candidates if not re.search(pattern, text)), value)

    return change


def _date_time(rewrite: Callable[[datetime, str], Any]) -> Callable[[Place], Change | None]:
    """An operator on moments; only where a pattern says how they are written."""

    def make(place: Place) -> Change | None:
        if place.schema.get("format") != "date-time" or "pattern" not in place.schema:
            return None
        return lambda text: rewrite(datetime.fromisoformat(text), text) if text else text

    return make


_ELSEWHERE = timezone(timedelta(hours=3))


def _in_another_zone(moment: datetime, text: str) -> str:
    other = moment.astimezone(_ELSEWHERE)
    return other.isoformat(timespec="milliseconds" if "." in text else "seconds")


# Texts


def _literal(rewrite: Callable[[str], str]) -> Callable[[Place], Change | None]:
    """An operator on a text that the contract gives word by word."""

    def make(place: Place) -> Change | None:
        allowed = [None] if place.is_always_null else place.schema.get("enum", [])
        is_sentence = len(allowed) == 1 or any(" " in str(text) for text in allowed)
        if place.type != "string" or not is_sentence:
            return None
        changed = {text: rewrite(text) for text in allowed if isinstance(text, str)}
        if not any(text != other and other not in allowed for text, other in changed.items()):
            return None
        return lambda value: changed.get(value, value)

    return make


def _trim(text: str) -> str:
    """Without its last word; a single word without its last letter."""
    words = text.rsplit(" ", 1)
    return words[0] if len(words) == 2 else text[:-1]


def _normalise(text: str) -> str:
    """As a search index has it: letters without marks, in lower case, no full stop at the end."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return plain.casefold().rstrip(".")


def _translate(text: str) -> str:
    return "Something went wrong." if text.isascii() else "An error occurred."


def _escape(text: str) -> str:
    """As HTML that is not to be taken for ASCII only."""
    return html.escape(text).encode("ascii", "xmlcharrefreplace").decode()


def _encode_twice(text: str) -> str:
    return text.encode().decode("latin-1")


# Lists


def is_list(place: Place) -> bool:
    """Whether it is a list of a success that can have two items."""
    return place.is_success and place.type == "array" and place.schema.get("maxItems", 2) > 1


def _rows(change: Callable[[list[Any]], list[Any]]) -> Callable[[Place], Change | None]:
    """An operator on a list of a success that can have two items."""

    def make(place: Place) -> Change | None:
        if not is_list(place):
            return None
        return lambda value: change(value) if isinstance(value, list) else value

    return make


def _empty_as_null(place: Place) -> Change | None:
    if place.type != "array" or place.is_nullable or place.schema.get("minItems"):
        return None
    return lambda value: None if value == [] else value


OPERATORS: Mapping[str, ValueOperator] = {
    name: ValueOperator(name, sentence, make)
    for name, sentence, make in (
        ("drop-property", "{0} is missing.", _drop),
        ("rename-property", "{0} has another name.", _rename),
        ("null", "{0} is null.", _null),
        ("always-null", "{0} is always null.", _always_null),
        ("other-type", "{0} has another type.", _other_type),
        ("out-of-enum", "{0} is none of the values in the contract.", _out_of_enum),
        ("below-minimum", "{0} is below its minimum.", _below_minimum),
        ("above-maximum", "{0} is above its maximum.", _above_maximum),
        ("too-short", "{0} is shorter than it may be.", _too_short),
        ("too-long", "{0} is longer than it may be.", _too_long),
        ("too-few", "{0} has fewer items than it must.", _too_few),
        ("too-many", "{0} has more items than it may.", _too_many),
        ("off-by-one", "{0} is wrong by one.", _off_by_one),
        ("thousandfold", "{0} is a thousand times as much, as in another unit.", _thousandfold),
        ("wrong-format", "{0} does not fit its pattern.", _wrong_format),
        (
            "time-without-fraction",
            "{0} has no fraction of a second.",
            _date_time(lambda _, text: re.sub(r"\.[0-9]+", "", text)),
        ),
        (
            "time-without-zone",
            "{0} has no time zone.",
            _date_time(lambda at, _: at.replace(tzinfo=None).isoformat(timespec="milliseconds")),
        ),
        (
            "time-with-z",
            "{0} has the time zone `Z`.",
            _date_time(lambda _, text: re.sub(r"[+-][0-9:]+$", "Z", text)),
        ),
        ("time-in-another-zone", "{0} is in another time zone.", _date_time(_in_another_zone)),
        (
            "time-day-first",
            "{0} begins with its day.",
            _date_time(lambda at, text: f"{at:%d-%m-%Y}{text[10:]}"),
        ),
        (
            "time-impossible",
            "{0} is on 30 February.",
            _date_time(lambda at, text: f"{at:%Y}-02-30{text[10:]}"),
        ),
        (
            "time-as-epoch",
            "{0} is in seconds since 1970.",
            _date_time(lambda at, _: int(at.timestamp())),
        ),
        ("trimmed-text", "{0} is cut short.", _literal(_trim)),
        (
            "normalised-text",
            "{0} is normalised: no marks, lower case, no full stop.",
            _literal(_normalise),
        ),
        ("translated-text", "{0} is another sentence, in English.", _literal(_translate)),
        ("escaped-text", "{0} is escaped for HTML.", _literal(_escape)),
        ("encoded-twice", "{0} is encoded twice: UTF-8 read as Latin-1.", _literal(_encode_twice)),
        ("reversed", "{0} is in the opposite order.", _rows(lambda rows: rows[::-1])),
        ("first-twice", "{0} has its first item twice.", _rows(lambda rows: [*rows[:1], *rows])),
        ("last-twice", "{0} has its last item twice.", _rows(lambda rows: [*rows, *rows[-1:]])),
        ("first-missing", "{0} is without its first item.", _rows(lambda rows: rows[1:])),
        ("last-missing", "{0} is without its last item.", _rows(lambda rows: rows[:-1])),
        ("always-empty", "{0} is always empty.", _rows(lambda _: [])),
        ("empty-as-null", "{0} is null where it is empty.", _empty_as_null),
    )
}
