"""Requests that conform, and that a server may refuse: no document speaks of what they have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from unicodedata import category, normalize
from urllib.parse import parse_qsl

from mockserver.contract import EVIDENCE, Contract, Parameter, Violation, list_shown_examples
from mockserver.invariant import Interaction

ALWAYS_ALLOWED = frozenset({401, 403, 404, 408, 413, 414, 429, 431})
"""Refusals that do not depend on a request's form: the client, the resource, the amount."""

_LONG, _MOST, _LARGEST_INTEGER = 255, 2**31 - 1, 2**53


def is_unusual(contract: Contract, interaction: Interaction, *, is_served: bool = False) -> bool:
    """Whether a request has what no document speaks of, so that a server may well refuse it.

    That is a parameter of the query that the operation does not have, or twice, the body of a
    request that has none, a number of more than 32 bits, a control character, a very long text, and
    a value of a parameter whose values are assumed, unless the document shows it. Of a path that
    `is_served`, because it had a success before, the values are known.
    """
    request, operation = interaction.exchange.request, interaction.operation
    specs = [spec for spec in operation.parameters if spec.location == "query"]
    known = {spec.name for spec in specs} | {
        scheme["name"] for scheme in contract.security_schemes.values() if "name" in scheme
    }
    sent = Counter(name for name, _ in parse_qsl(request.query, keep_blank_values=True))
    lists = {spec.name for spec in specs if {"array", "object"} & set(spec.shape.types)}
    has_object = any("object" in spec.shape.types for spec in specs)  # its fields have other names
    unknown = [] if has_object else [name for name in sent if name not in known]
    repeated = [name for name, number in sent.items() if number > 1 and name not in lists]
    if unknown or repeated or (request.body and not operation.body):
        return True
    arguments = interaction.arguments
    return any(
        _is_extreme(arguments[spec.name]) or _is_assumed(contract, spec, arguments[spec.name])
        for spec in operation.parameters
        if spec.name in arguments and not (is_served and spec.location == "path")
    )


def _is_extreme(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) > _LONG or any(category(sign).startswith("C") for sign in value)
    return isinstance(value, int | float) and abs(value) > _MOST


def _is_assumed(contract: Contract, spec: Parameter, value: Any) -> bool:
    """Whether the values of a parameter are assumed, and this one is no example of it."""
    if contract.evidence(spec.schema_pointer or spec.pointer) != EVIDENCE[-1]:
        return False
    node = contract.resolve(spec.pointer)
    return value not in [
        *list_shown_examples(node),
        node.get("example"),
        spec.schema.get("default"),
    ]


def has_huge_number(interaction: Interaction) -> bool:
    """Whether a request has an integer that not every reader of JSON has (RFC 8259, section 6)."""
    values = interaction.arguments.values()
    return any(type(value) is int and abs(value) > _LARGEST_INTEGER for value in values)


def list_other_spellings(value: str) -> Iterator[str]:
    """A value with white space around it, in the other case, and in full width."""
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in value)
    yield from dict.fromkeys((f" {value}", f"{value} ", value.swapcase(), wide))


def is_spelt_otherwise(contract: Contract, violation: Violation) -> bool:
    """Whether a value is a listed one but for case, white space around it and Unicode form.

    Frameworks read such a value as the listed one before a rule sees it.
    """
    rule = contract.resolve(violation.rule) if violation.code == "enum" else ()
    listed = [_fold(item) for item in rule if isinstance(item, str)]
    return isinstance(violation.value, str) and _fold(violation.value) in listed


def _fold(text: str) -> str:
    return normalize("NFKC", text).strip().casefold()
