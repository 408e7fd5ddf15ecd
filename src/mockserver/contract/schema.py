"""Schemas of a contract, each compiled once, that find every violation and its rule's pointer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn
from urllib.parse import quote

import jsonschema_rs
from msgspec import Struct

from mockserver.contract.dialect import Direction, Translation
from mockserver.contract.formats import Format
from mockserver.contract.node import follow, refuse_loops
from mockserver.errors import ContractError, suggest_nearest
from mockserver.json_pointer import escape, split_pointer, step
from mockserver.memo import Kept

_URI = "urn:contract"
_SURROGATE = re.compile("[\ud800-\udfff]")
_EXTERNAL = re.compile(r"^(?:Resource|Failed to resolve) '([^']*)'")
_ELSEWHERE = "leads to another file; bundle the files into one"
_PATTERNS = jsonschema_rs.FancyRegexOptions(size_limit=64 * 2**20)
"""A compiled pattern such as `^.{1,65536}$` may take more memory than Rust allows by default."""


_MAX_LISTED = 12
"""So many values of an `enum` are listed; of more the validator lists two."""
_INLINE = "#/properties/#"
"""Where an inline schema is in the object with which it is compiled."""


class SchemaViolation(Struct, frozen=True):
    """What a value violates in its schema.

    `location` is a JSON Pointer below the value, `rule` the pointer into the contract.
    `unexpected` names the properties that a closed schema does not know. A value that cannot be
    shown, since it is nested too deeply or has half a surrogate pair in it, is None.
    """

    location: str
    rule: str
    code: str
    value: Any
    message: str
    unexpected: tuple[str, ...] = ()

    def explain(self, schema: Any) -> Iterator[tuple[str, str]]:
        """Each place and what is wrong there; of an unknown property, the nearest known one.

        `schema` is the whole one, into which `rule` points.
        """
        if not self.unexpected:
            yield self.location, self.message
            return
        for token in split_pointer(self.rule)[:-1]:
            schema = step(schema, token)
        for word in self.unexpected:
            nearest = suggest_nearest(word, schema["properties"])
            yield f"{self.location}/{escape(word)}", f"'{word}' is not known here; {nearest}"


class Schema(Struct, frozen=True):
    """A compiled schema; `pointer` is its own place in the contract.

    `validator` validates an object, and this schema its property `key`. `examples` has a text of
    each format.
    """

    pointer: str
    validator: jsonschema_rs.Draft4Validator
    key: str
    written_rules: Mapping[str, str]
    examples: Mapping[str, str]

    def accepts(self, value: Any) -> bool:
        """Whether a value conforms."""
        if isinstance(value, str) and not value.isascii() and _SURROGATE.search(value):
            return False  # half of a surrogate pair, which no JSON can carry
        try:
            return self.validator.is_valid({self.key: value})
        except UnicodeEncodeError:
            return False

    def find_violations(self, value: Any) -> Iterator[SchemaViolation]:
        """Every violation in a value; none when the schema accepts it."""
        reason = "half of a surrogate pair is no character"
        try:
            violations = list(map(self._describe, self.validator.iter_errors({self.key: value})))
        except ValueError as error:
            # The validator copies what is wrong in order to show it, and cannot copy this.
            violations, reason = [], str(error)
        if not violations and not self.accepts(value):
            message = f"it violates its schema, and cannot be shown: {reason}"
            violations = [SchemaViolation("", self.pointer, "type", None, message)]
        yield from violations

    def _describe(self, error: jsonschema_rs.ValidationError) -> SchemaViolation:
        rule, code = _pointer(error.schema_path), error.kind.name
        if rule.startswith(_INLINE):
            rule = f"#{rule.removeprefix(_INLINE)}"
        if rule in self.written_rules:
            rule = self.written_rules[rule]
            code = rule.rpartition("/")[2]
        return SchemaViolation(
            location=_pointer(error.instance_path[1:])[1:],
            rule=rule,
            code=code,
            value=error.instance,
            message=self._write_message(error),
            unexpected=tuple(getattr(error.kind, "unexpected", ())),
        )

    def _write_message(self, error: jsonschema_rs.ValidationError) -> str:
        """The validator's sentence, with all values of a short list, and an example of a format."""
        message: str = error.message
        if example := self.examples.get(getattr(error.kind, "format", "")):
            return f'{message}, such as "{example}"'
        options = getattr(error.kind, "options", ())  # those of an `enum`
        if not 3 < len(options) <= _MAX_LISTED:
            return message  # it lists them itself, or there are too many
        *values, last = (json.dumps(option, ensure_ascii=False) for option in options)
        before, phrase, _ = message.rpartition(" is not one of ")
        return f"{before}{phrase}{', '.join(values)} or {last}"


_Resource = tuple[jsonschema_rs.Registry, Mapping[str, str]]
"""The document as the compiler knows it, in which every reference resolves, and its rules."""


class Schemas:
    """The schemas of one document, compiled at their first use, and once.

    The document is a resource with a URI, and what is compiled are references into it: so only the
    schemas that can be reached are compiled, every reference resolves, and the validator's own
    paths are pointers into the contract. Schemas that are compiled together are the properties of
    one object, because so they share what they refer to: Stripe's 694 take 40 MiB then instead of
    1,200, and a fortieth of the time.
    """

    def __init__(self, document: Mapping[str, Any], formats: Iterable[Format] = ()) -> None:
        """Raises ContractError for a reference that leads to nothing but itself."""
        refuse_loops(document)
        formats = tuple(formats)
        self._document = document
        self._formats = {item.name: _Texts(item.check).__getitem__ for item in formats}
        self._examples = {item.name: item.examples[0] for item in formats if item.examples}
        translation = Translation(document)
        self._directions = translation.directions
        self._resources: dict[Direction | None, _Resource] = {None: _register(translation)}
        self._compiled: dict[tuple[str, Direction | None], Schema] = {}

    def compile(self, pointer: str, direction: Direction | None = None) -> Schema:
        """The schema at a pointer such as `#/components/schemas/Entry`. Raises ContractError.

        In a request, `required` does not demand what is `readOnly`; in a response, not what is
        `writeOnly`. Without a direction it demands both.
        """
        return self.compile_all([pointer], direction)[pointer]

    def compile_all(
        self, pointers: Sequence[str], direction: Direction | None = None
    ) -> dict[str, Schema]:
        """Compile schemas together, which is cheaper than one after the other. Raises alike."""
        missing = [pointer for pointer in pointers if (pointer, direction) not in self._compiled]
        if missing:
            self._compile_missing(missing, direction)
        return {pointer: self._compiled[pointer, direction] for pointer in pointers}

    def _compile_missing(self, missing: Sequence[str], direction: Direction | None) -> None:
        registry, rules = self._resource(direction)
        references = {pointer: {"$ref": self._locate(pointer)} for pointer in missing}
        try:
            validator = self._compile(references, registry, missing[0])
        except ContractError:
            for pointer in missing if len(missing) > 1 else ():
                self.compile(pointer, direction)  # raises for the one that is wrong, by its name
            raise
        for pointer in missing:
            schema = Schema(pointer, validator, pointer, rules, self._examples)
            self._compiled[pointer, direction] = schema

    def compile_inline(self, schema: Mapping[str, Any]) -> Schema:
        """A schema that is not in the document, but may refer to it. Raises ContractError."""
        translation = Translation(schema, base=_URI)
        registry, rules = self._resource(None)
        validator = self._compile({"#": translation.schema}, registry, "#")
        written = {**rules, **translation.written_rules}
        return Schema("#", validator, "#", written, self._examples)

    def _resource(self, direction: Direction | None) -> _Resource:
        if direction not in self._directions:
            return self._resources[None]
        if direction not in self._resources:
            self._resources[direction] = _register(Translation(self._document, direction))
        return self._resources[direction]

    def _locate(self, pointer: str) -> str:
        """The URI of a schema, its own references followed."""
        try:
            place = follow(self._document, pointer)[1]
        except ContractError as error:
            raise _error(pointer, str(error)) from None
        return f"{_URI}#{quote(place.removeprefix('#'), safe='/~')}"

    def _compile(
        self, properties: Mapping[str, Any], registry: jsonschema_rs.Registry, named: str
    ) -> jsonschema_rs.Draft4Validator:
        try:
            return jsonschema_rs.Draft4Validator(
                {"properties": dict(properties)},
                formats=self._formats,
                validate_formats=True,
                registry=registry,
                pattern_options=_PATTERNS,
                offline=True,  # a contract must not open files or call hosts
            )
        except jsonschema_rs.ValidationError as error:
            place = _pointer(error.schema_path)
            external = _EXTERNAL.search(error.message)
            reason = f"'{external[1]}' {_ELSEWHERE}" if external else error.message
            raise _error(place if place != "#" else named, reason) from error
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise _error(named, str(error)) from error


_MOST_KEPT = 4_096
_LONGEST_KEPT = 64


class _Texts(Kept[str, bool]):
    """Whether texts conform to a format. It is kept for short ones, since most come again.

    The validator calls a check for each text, and looking one up takes a tenth of checking it.
    """

    def __init__(self, check: Callable[[str], bool]) -> None:
        super().__init__(most=_MOST_KEPT, longest=_LONGEST_KEPT)
        self._check = check

    def __missing__(self, text: str) -> bool:
        is_valid: bool = self._check(text)
        self.keep(text, is_valid, len(text))
        return is_valid


def _register(translation: Translation) -> _Resource:
    registry = jsonschema_rs.Registry(
        [(_URI, translation.schema)], draft=jsonschema_rs.Draft4, retriever=_retrieve_nothing
    )
    return registry, translation.written_rules


def _retrieve_nothing(uri: str) -> NoReturn:
    raise ValueError(f"'{uri}' {_ELSEWHERE}")


def _error(pointer: str, reason: str) -> ContractError:
    return ContractError(f"the schema at {pointer} cannot be compiled: {reason}")


def _pointer(path: Iterable[str | int]) -> str:
    return "#" + "".join(f"/{escape(token)}" for token in path)
