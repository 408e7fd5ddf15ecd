"""Operators on the JSON body of a response: properties, types, bounds, formats, texts, lists."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from msgspec import Struct

from mockserver.contract import Format, Operation, Response
from mockserver.json_pointer import escape
from mockserver.mutation.messages import parse_body, with_json
from mockserver.mutation.mutation import Breach, on_json, response_flow
from mockserver.mutation.places import DROP, ITEMS, Place, Rename, change_at

_NUMBER = (int, float)
_ELSEWHERE = timezone(timedelta(hours=3))


class ValueOperator(Struct, frozen=True):
    """Changes the values at a place that have one of some types; no types are all.

    `sentence` says what is wrong, `{0}` being the place. `applies` says whether there is something
    to change at a place, and the contract forbids the result.
    """

    name: str
    sentence: str
    applies: Callable[[Place], object]
    change: Callable[[Place, Any], Any]
    types: tuple[type, ...] = ()


def break_values(
    operation: Operation, place: Place, formats: Mapping[str, Format]
) -> Iterator[Breach]:
    """What can be wrong with the values at a place of a response."""
    for operator in OPERATORS:
        if operator.applies(place):

            def change(value: Any, operator: ValueOperator = operator) -> Any:
                is_changed = not operator.types or type(value) in operator.types
                return operator.change(place, value) if is_changed else value

            yield _at(place, operator.name, operator.sentence.format(place.described), change)
    form = formats.get(place.schema.get("format", ""))
    for number, text in enumerate(form.counterexamples if form else (), 1):

        def set_text(value: Any, text: str = text) -> Any:
            return text if isinstance(value, str) else value

        sentence = f"{place.described} is in another format, variant {number}."
        yield _at(place, "wrong-format", sentence, set_text, variant=f"@{number}")
    if place.is_success:
        yield from _swap(place)
    if _is_list(place):
        yield _not_found_when_empty(operation, place)


def _at(
    place: Place, operator: str, sentence: str, change: Callable[[Any], Any], variant: str = ""
) -> Breach:
    flow = response_flow(on_json(lambda body: change_at(body, place.steps, change)), place.status)
    return operator, f"{place.name}{variant}", sentence[0].upper() + sentence[1:], flow


def _swap(place: Place) -> Iterator[Breach]:
    """Swap a property with the next one of its object that has the same type and form."""
    keys = ("type", "format", "pattern", "enum", "minimum", "maximum")
    if place.type not in ("string", "integer", "number", "boolean"):
        return
    for twin, schema in (place.siblings or {}).items():
        if any(schema.get(key) != place.schema.get(key) for key in keys):
            continue
        *above, name = place.steps
        owner = replace(place, steps=tuple(above))

        def swap(value: Any, name: str = name, twin: str = twin) -> Any:
            if not isinstance(value, dict) or None in (value.get(name), value.get(twin)):
                return value
            return {**value, name: value[twin], twin: value[name]}

        sentence = f"{place.described} and `{owner.pointer}/{escape(twin)}` are swapped."
        yield "swapped", place.name, *_at(owner, "", sentence, swap)[2:]
        return


def _not_found_when_empty(operation: Operation, place: Place) -> Breach:
    spec = operation.responses.get("404")
    examples = spec.examples if spec else []

    def change(response: Response) -> Response:
        lists: list[Any] = []
        change_at(parse_body(response), place.steps, lists.append)
        if lists != [[]]:
            return response
        return with_json(response, examples[0] if examples else {}, 404)

    sentence = f"Where {place.described} is empty, the response is a 404."
    return "empty-not-found", place.name, sentence, response_flow(change, place.status)


# Where operators apply


def _is_list(place: Place) -> bool:
    """Whether it is a list of a success that can have two items."""
    return place.is_success and place.type == "array" and place.schema.get("maxItems", 2) > 1


def _is_required_property(place: Place) -> bool:
    return bool(place.steps) and place.steps[-1] != ITEMS and place.is_required


def _is_quantity(place: Place) -> bool:
    is_number = place.type in ("integer", "number")
    return place.is_success and is_number and "enum" not in place.schema


def _has(keyword: str) -> Callable[[Place], bool]:
    return lambda place: place.schema.get(keyword) is not None


def _allowed(place: Place) -> list[Any]:
    return [None] if place.is_always_null else place.schema.get("enum", [])


def _has_exclusive_enum(place: Place) -> bool:
    booleans = {item for item in _allowed(place) if isinstance(item, bool)}
    return bool(_allowed(place)) and len(booleans) < 2


# What they do


def _rename(place: Place, value: Any) -> Rename:
    name = place.steps[-1]
    head, *words = name.split("_")
    other = head + "".join(word.title() for word in words) if words else name.title()
    return Rename(other if other != name else f"{name}_", value)


def _change_type(_: Place, value: Any) -> Any:
    match value:
        case None:
            return None
        case bool():
            return int(value)
        case int() | float():
            return str(value)
        case list():
            return {str(index): item for index, item in enumerate(value)}
        case _:
            return [value]


def _leave_enum(place: Place, value: Any) -> Any:
    allowed = _allowed(place)
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


def _add_one(place: Place, number: float) -> float:
    maximum = place.schema.get("maximum")
    return number + 1 if maximum is None or number < maximum else number - 1


def _shorten(place: Place, value: Any) -> Any:
    size = (place.schema.get("minItems") or place.schema["minProperties"]) - 1
    return value[:size] if isinstance(value, list) else dict(list(value.items())[:size])


def _lengthen(place: Place, rows: list[Any]) -> list[Any]:
    more = rows[-1] if rows else {}
    return [*rows, *[more] * (place.schema["maxItems"] + 1 - len(rows))]


def _break_pattern(place: Place, text: str) -> str:
    candidates = (f"{text} ", f" {text}", text[1:], "")
    return next((it for it in candidates if not re.search(place.schema["pattern"], it)), text)


def _move_zone(moment: datetime, text: str) -> str:
    other = moment.astimezone(_ELSEWHERE)
    return other.isoformat(timespec="milliseconds" if "." in text else "seconds")


def _trim(text: str) -> str:
    """Without its last word; a single word without its last letter."""
    words = text.rsplit(" ", 1)
    return words[0] if len(words) == 2 else text[:-1]


def _normalise(text: str) -> str:
    """As a search index has it: letters without marks, in lower case, no full stop at the end."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return plain.casefold().rstrip(".")


# Families of operators


def _beyond(word: str, keyword: str, by: int) -> ValueOperator:
    """An operator that replaces a number by the nearest whole one beyond a bound."""

    def change(place: Place, _: Any) -> Any:
        is_exclusive = place.schema.get(f"exclusive{keyword.capitalize()}")
        return place.schema[keyword] + (0 if is_exclusive else by)

    sentence = f"{{0}} is {word} its {keyword}."
    return ValueOperator(f"{word}-{keyword}", sentence, _has(keyword), change, _NUMBER)


def _on_moments(name: str, sentence: str, rewrite: Callable[[datetime, str], Any]) -> ValueOperator:
    """An operator on moments; only where a pattern says how they are written."""
    return ValueOperator(
        name,
        sentence,
        lambda place: place.schema.get("format") == "date-time" and "pattern" in place.schema,
        lambda _, text: rewrite(datetime.fromisoformat(text), text) if text else text,
        (str,),
    )


def _on_texts(name: str, sentence: str, rewrite: Callable[[str], str]) -> ValueOperator:
    """An operator on a text that the contract gives word by word."""

    def applies(place: Place) -> bool:
        allowed = _allowed(place)
        is_sentence = len(allowed) == 1 or any(" " in str(text) for text in allowed)
        texts = [text for text in allowed if isinstance(text, str)]
        is_forbidden = any(rewrite(text) not in (text, *allowed) for text in texts)
        return place.type == "string" and is_sentence and is_forbidden

    def change(place: Place, text: str) -> str:
        return rewrite(text) if text in _allowed(place) else text

    return ValueOperator(name, sentence, applies, change, (str,))


def _on_rows(name: str, sentence: str, change: Callable[[list[Any]], list[Any]]) -> ValueOperator:
    """An operator on a list of a success that can have two items."""
    return ValueOperator(name, sentence, _is_list, lambda _, rows: change(rows), (list,))


OPERATORS = (
    ValueOperator("drop-property", "{0} is missing.", _is_required_property, lambda *_: DROP),
    ValueOperator(
        "rename-property",
        "{0} has another name.",
        lambda place: _is_required_property(place) and place.is_success,
        _rename,
    ),
    ValueOperator(
        "null",
        "{0} is null.",
        lambda place: (place.type or "enum" in place.schema) and not place.is_nullable,
        lambda *_: None,
    ),
    ValueOperator(
        "always-null",
        "{0} is always null.",
        lambda place: (
            place.is_success
            and place.is_required
            and place.is_nullable
            and not place.is_always_null
        ),
        lambda *_: None,
    ),
    ValueOperator(
        "other-type",
        "{0} has another type.",
        lambda place: place.type and not place.is_always_null,
        _change_type,
    ),
    ValueOperator(
        "out-of-enum",
        "{0} is none of the values in the contract.",
        _has_exclusive_enum,
        _leave_enum,
    ),
    _beyond("below", "minimum", -1),
    _beyond("above", "maximum", 1),
    ValueOperator(
        "too-short",
        "{0} is shorter than it may be.",
        lambda place: place.schema.get("minLength"),
        lambda place, text: text[: place.schema["minLength"] - 1],
        (str,),
    ),
    ValueOperator(
        "too-long",
        "{0} is longer than it may be.",
        _has("maxLength"),
        lambda place, text: text.ljust(place.schema["maxLength"] + 1, "x"),
        (str,),
    ),
    ValueOperator(
        "too-few",
        "{0} has fewer items than it must.",
        lambda place: place.schema.get("minItems") or place.schema.get("minProperties"),
        _shorten,
        (list, dict),
    ),
    ValueOperator(
        "too-many", "{0} has more items than it may.", _has("maxItems"), _lengthen, (list,)
    ),
    ValueOperator("off-by-one", "{0} is wrong by one.", _is_quantity, _add_one, _NUMBER),
    ValueOperator(
        "thousandfold",
        "{0} is a thousand times as much, as in another unit.",
        _is_quantity,
        lambda _, number: number * 1000,
        _NUMBER,
    ),
    ValueOperator(
        "wrong-format",
        "{0} does not fit its pattern.",
        lambda place: place.type == "string" and place.schema.get("pattern") is not None,
        _break_pattern,
        (str,),
    ),
    _on_moments(
        "time-without-fraction",
        "{0} has no fraction of a second.",
        lambda _, text: re.sub(r"\.[0-9]+", "", text),
    ),
    _on_moments(
        "time-without-zone",
        "{0} has no time zone.",
        lambda at, _: at.replace(tzinfo=None).isoformat(timespec="milliseconds"),
    ),
    _on_moments(
        "time-with-z",
        "{0} has the time zone `Z`.",
        lambda _, text: re.sub(r"[+-][0-9:]+$", "Z", text),
    ),
    _on_moments("time-in-another-zone", "{0} is in another time zone.", _move_zone),
    _on_moments(
        "time-day-first", "{0} begins with its day.", lambda at, text: f"{at:%d-%m-%Y}{text[10:]}"
    ),
    _on_moments(
        "time-impossible", "{0} is on 30 February.", lambda at, text: f"{at:%Y}-02-30{text[10:]}"
    ),
    _on_moments(
        "time-as-epoch", "{0} is in seconds since 1970.", lambda at, _: int(at.timestamp())
    ),
    _on_texts("trimmed-text", "{0} is cut short.", _trim),
    _on_texts(
        "normalised-text", "{0} is normalised: no marks, lower case, no full stop.", _normalise
    ),
    _on_texts(
        "translated-text",
        "{0} is another sentence, in English.",
        lambda text: "Something went wrong." if text.isascii() else "An error occurred.",
    ),
    _on_texts(
        "escaped-text",
        "{0} is escaped for HTML.",
        lambda text: html.escape(text).encode("ascii", "xmlcharrefreplace").decode(),
    ),
    _on_texts(
        "encoded-twice",
        "{0} is encoded twice: UTF-8 read as Latin-1.",
        lambda text: text.encode().decode("latin-1"),
    ),
    _on_rows("reversed", "{0} is in the opposite order.", lambda rows: rows[::-1]),
    _on_rows("first-twice", "{0} has its first item twice.", lambda rows: [*rows[:1], *rows]),
    _on_rows("last-twice", "{0} has its last item twice.", lambda rows: [*rows, *rows[-1:]]),
    _on_rows("first-missing", "{0} is without its first item.", lambda rows: rows[1:]),
    _on_rows("last-missing", "{0} is without its last item.", lambda rows: rows[:-1]),
    _on_rows("always-empty", "{0} is always empty.", lambda _: []),
    ValueOperator(
        "empty-as-null",
        "{0} is null where it is empty.",
        lambda place: (
            place.type == "array" and not place.is_nullable and not place.schema.get("minItems")
        ),
        lambda _, rows: rows or None,
        (list,),
    ),
)
