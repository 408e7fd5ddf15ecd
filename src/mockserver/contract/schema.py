"""A schema of a contract, compiled once, that finds every breach and where the contract says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from mockserver.contract.dialect import Translation
from mockserver.contract.formats import Format
from mockserver.contract.references import refuse_loops
from mockserver.errors import ContractError
from mockserver.json_pointer import escape

__all__ = ["Schema", "SchemaViolation", "Schemas"]


@dataclass(frozen=True, slots=True)
class SchemaViolation:
    """What a value breaks in its schema.

    `location` is a JSON Pointer below the value, `rule` the pointer into the contract.

    `unexpected` names the properties that a closed schema does not know. A value that the validator
    cannot show, since it is nested too deeply or has half a character in it, is told as None.
    """

    location: str
    rule: str
    code: str
    value: Any
    message: str
    unexpected: tuple[str, ...] = ()


class Schema:
    """A compiled schema; `pointer` is its own place in the contract."""

    def __init__(
        self,
        validator: jsonschema_rs.Draft4Validator,
        pointer: str,
        format_bounds: frozenset[str],
    ) -> None:
        self._validator = validator
        self._pointer = pointer
        self._format_bounds = format_bounds

    def accepts(self, value: Any) -> bool:
        """Whether a value conforms."""
        try:
            return self._validator.is_valid(value)
        except UnicodeEncodeError:  # half of a surrogate pair, which no JSON can carry
            return False

    def find_violations(self, value: Any) -> Iterator[SchemaViolation]:
        """Every breach in a value; none when the schema accepts it."""
        try:
            yield from map(self._breach, list(self._validator.iter_errors(value)))
        except ValueError as error:
            # The validator copies what is wrong in order to show it, and cannot copy this.
            if not self.accepts(value):
                message = f"it breaks its schema, and cannot be shown: {error}"
                yield SchemaViolation("", self._pointer, "type", None, message)

    def _breach(self, error: jsonschema_rs.ValidationError) -> SchemaViolation:
        rule, code = self._rule(error)
        return SchemaViolation(
            location="".join(f"/{escape(token)}" for token in error.instance_path),
            rule=rule,
            code=code,
            value=error.instance,
            message=error.message,
            unexpected=tuple(getattr(error.kind, "unexpected", ())),
        )

    def _rule(self, error: jsonschema_rs.ValidationError) -> tuple[str, str]:
        """Where the contract says what was breached, and the keyword there."""
        rule = "#" + "".join(f"/{escape(token)}" for token in error.schema_path)
        if rule in self._format_bounds:
            return rule.rpartition("/")[0] + "/format", "format"
        return rule, error.kind.name


class Schemas:
    """All the schemas of one document.

    Each is compiled with the whole document as its root, so that every reference resolves, and so
    that the validator's own paths are pointers into the contract.
    """

    def __init__(self, document: Mapping[str, Any], formats: Iterable[Format] = ()) -> None:
        """Raises ContractError for a reference that leads to nothing but itself."""
        refuse_loops(document)
        self._document = Translation(document)
        self._formats = {item.name: item.check for item in formats}

    def compile(self, pointer: str) -> Schema:
        """The schema at a pointer such as `#/components/schemas/Entry`. Raises ContractError."""
        path = quote(pointer.removeprefix("#"), safe="/~")
        return self._compile({"$ref": f"#{path}"}, pointer)

    def compile_inline(self, schema: Mapping[str, Any]) -> Schema:
        """A schema that is not in the document, but may refer to it. Raises ContractError."""
        return self._compile(schema, "#")

    def _compile(self, schema: Mapping[str, Any], pointer: str) -> Schema:
        beside = Translation(schema)
        try:
            validator = jsonschema_rs.Draft4Validator(
                {**self._document.schema, **beside.schema},
                formats=self._formats,
                validate_formats=True,
                offline=True,  # a contract must not make us open files or ask hosts
            )
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise ContractError(f"the schema {dict(schema)} cannot be compiled: {error}") from error
        bounds = frozenset(self._document.format_bounds | beside.format_bounds)
        return Schema(validator, pointer, bounds)
