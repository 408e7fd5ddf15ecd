"""Values that conform to a schema: plausible, and the same ones for the same seed and place.

A value is made in two steps: candidates, the most plausible first, and where a rule is not met by
construction, the validator that chooses among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import islice, product
from math import ceil, floor
from typing import Any

import orjson

from mockserver.contract import Contract, Format, Schemas
from mockserver.contract import Schema as CompiledSchema
from mockserver.errors import ContractError, SynthesisError
from mockserver.factory import Chance, Factory
from mockserver.json_pointer import escape
from mockserver.synthesis.merge import ALTERNATIVES, PATTERNS, Merged, combine_schemas, merge_schema
from mockserver.synthesis.patterns import make_matching_text
from mockserver.synthesis.words import (
    Place,
    split_name,
    suggest_format,
    suggest_integer,
    suggest_text,
    suggest_words,
)

_FULL_DEPTH = 6
"""Below so many schemas only what is required is made: a schema may contain itself."""
_GREATEST_DEPTH = 60
_FULL_COUNT = 1_000
"""After so many values, too, only what is required is made."""
_TRIES = 80
_MATCHES = 24
_LONGEST = 1_000_000
_PASSWORD = "Passw0rd! Passw0rd!"  # noqa: S105 - of no account
"""What patterns that look ahead demand: a letter of each kind, a digit and a sign."""
_NULLS = 0.1
"""So many of the values that can be null are null, where they are fresh."""
_INTEGERS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_SCALARS = ("string", "integer", "number", "boolean")


class Checks:
    """The schemas of a contract, compiled where a candidate has to be validated.

    The schemas that have names are compiled together, and once: each alone would take as long as
    all of them where they refer to each other.
    """

    def __init__(self, contract: Contract, formats: Iterable[Format]) -> None:
        self.document = contract.document
        self.formats = {it.name: it for it in formats}
        self._schemas = Schemas(contract.document, self.formats.values())
        self._without_references = Schemas({}, self.formats.values())  # compiled sooner
        self._compile = lru_cache(4_096)(self._compile_text)

    def accepts(self, schema: Any, value: Any) -> bool:
        """Whether a value conforms to a schema, or the schema cannot be compiled."""
        compiled: CompiledSchema | None
        if (
            isinstance(schema, Mapping)
            and {"$ref"} == schema.keys()
            and schema["$ref"] in self._named
        ):
            compiled = self._named[schema["$ref"]]
        else:
            compiled = self._compile(orjson.dumps(schema))
        return compiled is None or compiled.accepts(value)

    @cached_property
    def _named(self) -> Mapping[str, CompiledSchema]:
        names = self.document.get("components", {}).get("schemas", {})
        try:
            return self._schemas.compile_all(
                [f"#/components/schemas/{escape(name)}" for name in names], "response"
            )
        except ContractError:
            return {}

    def _compile_text(self, text: bytes) -> CompiledSchema | None:
        schemas = self._schemas if b'"$ref"' in text else self._without_references
        try:
            return schemas.compile_inline(orjson.loads(text))
        except ContractError:
            return None  # the validator of the whole response says so


@dataclass
class ValueMaker:
    """Makes the values of one response.

    `words` are what its chance depends on besides the seed. A `fresh` value is not the example of
    its schema. `names` are given to what is at the top.
    """

    checks: Checks
    factory: Factory
    now: int
    locale: str
    words: tuple[int | str, ...]
    fresh: bool = False
    _count: int = field(default=0, init=False)

    def make(self, schema: Any, name: str = "") -> Any:
        """A value of a schema. Raises SynthesisError for one that goes on without an end."""
        place = Place(split_name(name), frozenset(), self.words, self.now)
        return self._make(schema, place, 0, is_fresh=self.fresh)

    def _make(self, schema: Any, place: Place, depth: int, *, is_fresh: bool) -> Any:
        self._count += 1
        if depth > _GREATEST_DEPTH:
            raise SynthesisError("the schema contains itself, and what it contains is required")
        merged = merge_schema(self.checks.document, schema)
        first: Any = None
        candidates = self._list_candidates(merged, place, depth, is_fresh=is_fresh)
        for n, (candidate, is_made) in enumerate(islice(candidates, _TRIES)):
            if self._is_good(schema, merged, candidate, is_made=is_made):
                return candidate
            if n == 0:
                first = candidate
        return first

    def _is_good(self, schema: Any, merged: Merged, candidate: Any, *, is_made: bool) -> bool:
        """Whether a candidate conforms; what is made does, but for what no construction meets."""
        if is_made and (ALTERNATIVES in merged or isinstance(candidate, dict | list)):
            if "not" in merged and self.checks.accepts(merged["not"], candidate):
                return False
            lists = merged.get(ALTERNATIVES, ())
            return all(
                sum(self.checks.accepts(it, candidate) for it in alternatives) == 1
                for word, alternatives in lists
                if word == "oneOf"
            )
        if isinstance(candidate, dict | list):
            return self.checks.accepts(schema, candidate)
        if not merged.keys() - {"type", "description", "nullable", "title"}:
            return True
        if ALTERNATIVES in merged and candidate is not None:
            return self.checks.accepts(schema, candidate)
        # What concerns a text or a number has no references, and is often the same.
        return self.checks.accepts(_make_plain(merged), candidate)

    def _list_candidates(
        self, merged: Merged, place: Place, depth: int, *, is_fresh: bool
    ) -> Iterator[tuple[Any, bool]]:
        """Values that may conform, the most plausible first, and whether they are made."""
        chance = self.factory.random("value", *place.words)
        is_nullable, is_deep = merged.get("nullable", False), self._is_deep(depth)
        examples = [(it, False) for it in _list_examples(merged)]
        if not is_fresh:
            yield from examples
        if is_nullable and (is_deep or (is_fresh and chance.random() < _NULLS)):
            yield None, False
        if "enum" in merged:
            values = list(merged["enum"])
            yield from ((it, False) for it in chance.sample(values, len(values)))
        elif ALTERNATIVES in merged:
            made = self._list_of_alternatives(merged, place, depth, chance, is_fresh=is_fresh)
            yield from ((it, True) for it in made)
        else:
            made = self._list_of_type(merged, place, depth, chance, is_fresh=is_fresh)
            yield from ((it, True) for it in made)
        if is_nullable:
            yield None, False
        if is_fresh:
            yield from examples

    def _is_deep(self, depth: int) -> bool:
        return depth >= _FULL_DEPTH or self._count >= _FULL_COUNT

    def _list_of_alternatives(
        self, merged: Merged, place: Place, depth: int, chance: Chance, *, is_fresh: bool
    ) -> Iterator[Any]:
        document = self.checks.document
        lists = [alternatives for _, alternatives in merged[ALTERNATIVES]]
        rest = {key: value for key, value in merged.items() if key != ALTERNATIVES}
        if is_fresh:
            lists = [chance.sample(alternatives, len(alternatives)) for alternatives in lists]
        if self._is_deep(depth):  # those that end here first
            lists = [
                sorted(
                    alternatives,
                    key=lambda it: merge_schema(document, it).get("type") not in _SCALARS,
                )
                for alternatives in lists
            ]
        for chosen in product(*lists):
            parts = [part for it in chosen for part in (it, *_discriminate(document, merged, it))]
            yield self._make({"allOf": [rest, *parts]}, place, depth + 1, is_fresh=is_fresh)

    def _list_of_type(
        self, merged: Merged, place: Place, depth: int, chance: Chance, *, is_fresh: bool
    ) -> Iterator[Any]:
        match _find_type(merged):
            case "object":
                yield self._make_object(merged, place, depth, is_fresh=is_fresh)
            case "array":
                yield self._make_array(merged, place, depth, chance, is_fresh=is_fresh)
            case "boolean":
                first = chance.random() < 0.5
                yield from (first, not first)
            case "integer":
                suggested = suggest_integer(self.factory, place)
                yield from _list_integers(merged, suggested, chance)
            case "number":
                yield from _list_numbers(merged, chance)
            case _:
                yield from self._list_texts(merged, place, chance)

    # Texts

    def _list_texts(self, merged: Merged, place: Place, chance: Chance) -> Iterator[str]:
        least, most = int(merged.get("minLength", 0)), int(merged.get("maxLength", _LONGEST))
        if least > _LONGEST:
            raise SynthesisError(f"a text of {least} characters is too long to be made")
        name, patterns = merged.get("format", ""), merged.get(PATTERNS, ())
        if name in self.checks.formats:
            examples = self.checks.formats[name].examples
            yield from chance.sample(examples, len(examples))
        yield from suggest_format(self.factory, name, place)
        for n in range(_MATCHES if patterns else 0):
            # The first texts are plain, later ones of other lengths.
            repeated = 8 if n < _MATCHES // 2 else min(least, 10_000) + n
            try:
                texts = [make_matching_text(it, chance, repeated) for it in patterns]
            except ValueError:
                break
            yield from texts
            yield "".join(texts)
        if patterns:
            yield _fit(_PASSWORD, least, most)
        yield from (_fit(text, least, most) for text in self._suggest(merged, place))

    def _suggest(self, merged: Merged, place: Place) -> Iterator[str]:
        locale = str(merged.get("x-locale", self.locale))
        if isinstance(hint := merged.get("x-faker"), str):
            # Prism's users write `name.firstName`; a property of that name has such a value.
            place = replace(place, name=split_name(hint.rpartition(".")[2]))
        text = suggest_text(self.factory, place, locale)
        if text is not None:
            yield text
        elif merged.get("example") is not None:
            yield str(merged["example"])
        yield suggest_words(self.factory, place, locale)

    # Arrays and objects

    def _make_array(
        self, merged: Merged, place: Place, depth: int, chance: Chance, *, is_fresh: bool
    ) -> list[Any]:
        least, most = int(merged.get("minItems", 0)), int(merged.get("maxItems", _FULL_COUNT))
        count = least if self._is_deep(depth) else max(least, min(chance.randint(1, 3), most))
        if count > _LONGEST // 10:
            raise SynthesisError(f"a list of {count} items is too long to be made")
        items = merged.get("items", {})
        made: list[Any] = []
        seen: set[bytes] = set()
        for n in range(count if not merged.get("uniqueItems") else count + _TRIES * 5):
            item = self._make(items, _step(place, n), depth + 1, is_fresh=is_fresh or n > 0)
            if merged.get("uniqueItems"):
                key = orjson.dumps(item, option=orjson.OPT_SORT_KEYS)
                if key in seen:
                    continue
                seen.add(key)
            made.append(item)
            if len(made) == count:
                break
        return made

    def _make_object(
        self, merged: Merged, place: Place, depth: int, *, is_fresh: bool
    ) -> dict[str, Any]:
        document = self.checks.document
        properties = merged.get("properties", {})
        required = dict.fromkeys(merged.get("required", ()))
        most = int(merged.get("maxProperties", _FULL_COUNT))
        least = int(merged.get("minProperties", 0))
        optional = [
            name
            for name, schema in properties.items()
            if name not in required and not _is_write_only(document, schema)
        ]
        room = max(most - len(required), 0)
        if self._is_deep(depth):
            room = min(room, max(least - len(required), 0))
        chosen = {*required, *optional[:room]}
        above = place.above | {*place.name}
        value: dict[str, Any] = {}
        others = merged.get("additionalProperties", True)
        free = others if isinstance(others, Mapping) else {}

        def add(name: str, schema: Any) -> None:
            inner = replace(_step(place, name), name=split_name(name), above=above)
            value[name] = self._make(schema, inner, depth + 1, is_fresh=is_fresh)

        for name in (*properties, *required):  # in the order of the contract
            is_needless = name in properties and _is_write_only(document, properties[name])
            if name in chosen and name not in value and not is_needless:
                add(name, properties.get(name, free))
        if others is not False:
            wanted = max(least, 1 if not properties and isinstance(others, Mapping) else 0)
            for n in range(len(value), min(wanted, most)):
                add(f"{self.factory.fake('word', n, *place.words)}{n + 1}", free)
        return value


def _make_plain(merged: Merged) -> dict[str, Any]:
    """The rules of a text or a number as a schema of their own."""
    plain = {key: merged[key] for key in _OF_SCALARS if key in merged}
    if PATTERNS in merged:
        plain["allOf"] = [{"pattern": it} for it in merged[PATTERNS]]
    if "type" not in merged:
        plain.pop("nullable", None)
    return plain


_OF_SCALARS = (
    *("type", "nullable", "enum", "format", "minLength", "maxLength", "not", "multipleOf"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
)


def _list_examples(merged: Merged) -> Iterator[Any]:
    if "example" in merged:
        yield merged["example"]
    examples = merged.get("examples")
    if isinstance(examples, list):  # JSON Schema's own
        yield from examples
    if "default" in merged:
        yield merged["default"]


def _find_type(merged: Merged) -> str:
    if isinstance(merged.get("type"), str):
        return str(merged["type"])
    for kind, words in _TELLING.items():
        if words & merged.keys():
            return kind
    return "string"


_TELLING = {
    "object": {"properties", "required", "additionalProperties", "minProperties", "maxProperties"},
    "array": {"items", "minItems", "maxItems", "uniqueItems"},
    "string": {PATTERNS, "format", "minLength", "maxLength"},
    "number": {"minimum", "maximum", "multipleOf"},
}


def _is_write_only(document: Mapping[str, Any], schema: Any) -> bool:
    return bool(merge_schema(document, schema).get("writeOnly"))


def _discriminate(
    document: Mapping[str, Any], merged: Merged, alternative: Any
) -> Iterator[Mapping[str, Any]]:
    """What an alternative demands of the property that names it."""
    discriminator = merged.get("discriminator")
    reference = alternative.get("$ref") if isinstance(alternative, Mapping) else None
    if not isinstance(discriminator, Mapping) or not isinstance(reference, str):
        return
    name, mapping = discriminator.get("propertyName"), discriminator.get("mapping", {})
    own = reference.rpartition("/")[2]
    value = next((key for key, it in mapping.items() if it in (reference, own)), own)
    schema = combine_schemas(document, alternative).get("properties", {}).get(name, {})
    if "enum" not in merge_schema(document, schema):
        yield {"required": [name], "properties": {name: {"enum": [value]}}}


def _step(place: Place, word: int | str) -> Place:
    return replace(place, words=(*place.words, word))


def _fit(text: str, least: int, most: int) -> str:
    """A text with a length within bounds."""
    if len(text) < least:
        text = (f"{text} " * (least // (len(text) + 1) + 1))[:least]
        text = re.sub(r"\s$", "x", text)
    if len(text) > most:
        text = text[:most].rstrip() or text[:most]
        text += "x" * (least - len(text))
    return text


# Numbers


def _bounds(merged: Merged) -> tuple[float | None, float | None]:
    low, high = merged.get("minimum"), merged.get("maximum")
    if merged.get("format") in _INTEGERS:
        least, greatest = _INTEGERS[merged["format"]]
        low = least if low is None and high is not None else low
        high = greatest if high is None and low is not None else high
    return low, high


def _list_integers(merged: Merged, suggested: Iterator[int], chance: Chance) -> Iterator[int]:
    low, high = _bounds(merged)
    step = merged.get("multipleOf", 1)
    if step != int(step) or step <= 0:
        step = 1
    step = int(step)
    first, last = _find_range(low, high, step, merged)
    yield from (number for number in suggested if step == 1)
    # A plausible number is a small one.
    nearest = min(max(first, 1), last)
    yield step * chance.randint(nearest, min(last, nearest + 99))
    yield step * chance.randint(first, last)
    yield from (step * first, step * last)


def _find_range(
    low: float | None, high: float | None, step: float, merged: Merged
) -> tuple[int, int]:
    """The least and the greatest multiple of a step between two bounds."""
    first = None if low is None else ceil(low / step)
    last = None if high is None else floor(high / step)
    if first is not None and merged.get("exclusiveMinimum") is True and first * step <= (low or 0):
        first += 1
    if last is not None and merged.get("exclusiveMaximum") is True and last * step >= (high or 0):
        last -= 1
    if first is None:
        first = 1 if last is None else min(1, last)
    if last is None:
        last = max(first, 1) + 999
    return first, max(first, last)


def _list_numbers(merged: Merged, chance: Chance) -> Iterator[float]:
    low, high = _bounds(merged)
    step = merged.get("multipleOf")
    if step:
        first, last = _find_range(low, high, step, merged)
        for number in (chance.randint(first, min(last, first + 999)), first, last):
            # Of the decimals, not of the binary fraction: 3 times 0.1 is 0.3.
            yield float(f"{number * step:.12g}")
            yield number * step
    low = min(0.0, high if high is not None else 0.0) if low is None else low
    high = low + 1000 if high is None else high
    middle = low + (high - low) * chance.random()
    digits = 2
    while digits < 17:
        yield round(middle, digits)
        digits *= 2
    yield from (middle, (low + high) / 2, low, high)
