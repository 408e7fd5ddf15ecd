"""A schema of a contract, compiled once, that finds every breach and where the contract says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from mockserver.contract.formats import INTEGER_RANGES, Format
from mockserver.errors import ContractError
from mockserver.json_pointer import escape

__all__ = ["Breach", "Schema", "Schemas"]


@dataclass(frozen=True, slots=True)
class Breach:
    """A breach of a schema: `place` below the value judged, `rule` the pointer into the contract.

    `unexpected` names the properties that a closed schema does not know.
    """

    place: str
    rule: str
    code: str
    value: Any
    message: str
    unexpected: tuple[str, ...] = ()


class Schema:
    """A compiled schema."""

    def __init__(self, validator: jsonschema_rs.Draft4Validator) -> None:
        self._validator = validator
        self.accepts = validator.is_valid

    def breaches(self, value: Any) -> Iterator[Breach]:
        """Every breach in a value; none when the schema accepts it."""
        for error in self._validator.iter_errors(value):
            yield Breach(
                place="".join(f"/{escape(token)}" for token in error.instance_path),
                rule="#" + "".join(f"/{escape(token)}" for token in error.schema_path),
                code=error.kind.name,
                value=error.instance,
                message=error.message,
                unexpected=tuple(getattr(error.kind, "unexpected", ())),
            )


class Schemas:
    """All the schemas of one document.

    Each is compiled with the whole document as its root, so that every reference resolves, and so
    that the validator's own paths are pointers into the contract.
    """

    def __init__(self, document: Mapping[str, Any], formats: Iterable[Format] = ()) -> None:
        self._document = {key: _as_json_schema(value) for key, value in document.items()}
        self._formats = {item.name: item.check for item in formats}

    def compile(self, pointer: str) -> Schema:
        """The schema at a pointer such as `#/components/schemas/Entry`. Raises ContractError."""
        return self.compile_beside({"$ref": quote(pointer, safe="#/~")})

    def compile_beside(self, schema: Mapping[str, Any]) -> Schema:
        """A schema that is not in the document, but may refer to it. Raises ContractError."""
        try:
            validator = jsonschema_rs.Draft4Validator(
                {**self._document, **_as_json_schema(schema)},
                formats=self._formats,
                validate_formats=True,
            )
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise ContractError(f"the schema {dict(schema)} cannot be compiled: {error}") from error
        return Schema(validator)


def _as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0's dialect as JSON Schema Draft 4: `nullable`, the ranges of integer formats."""
    if isinstance(node, list):
        return [_as_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    schema = {key: _as_json_schema(value) for key, value in node.items()}
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    if isinstance(schema.get("format"), str) and schema["format"] in INTEGER_RANGES:
        least, greatest = INTEGER_RANGES[schema["format"]]
        schema.setdefault("minimum", least)
        schema.setdefault("maximum", greatest)
    return schema
