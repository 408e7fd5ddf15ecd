"""String formats: the rule itself, and every vendor's own against its contract."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from mockserver.apis import load
from mockserver.contract import Format, Schemas

STANDARD = {"int32", "int64", "float", "double", "byte", "binary", "date", "date-time", "password"}
APIS = load()
OWN = [(api, item) for api in APIS.values() for item in api.formats]


def places(node: Any) -> Iterator[tuple[str, Any]]:
    """Every format that a contract names, with the pattern beside it."""
    if isinstance(node, dict):
        if isinstance(node.get("format"), str):
            yield node["format"], node.get("pattern")
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from places(item)


DAY = Format("day", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", (), (), read=date.fromisoformat)


@pytest.mark.parametrize("text", ["2025-08-21", "2024-02-29"])
def test_a_text_conforms_that_fits_and_can_be_read(text: str) -> None:
    assert DAY.check(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025-02-29",
        "2025-8-21",
        " 2025-08-21",
        "2025-08-21\n",
        "2025-08-21T00",
        "２０２５-０８-２１",
        "2025-08-21\x00",
        "9" * 5_000,
        "\ud800",
    ],
)
def test_a_text_does_not_conform_that_does_not_fit_or_names_nothing(text: str) -> None:
    assert DAY.check(text) is False


def test_the_pattern_must_fit_the_whole_text_even_without_anchors() -> None:
    loose = Format("loose", "[ab]", (), ())
    assert loose.check("a")
    assert not loose.check("ab")
    assert not loose.check("xa")


def test_a_format_validates_texts_and_lets_everything_else_pass() -> None:
    schema = Schemas({"day": {"format": "day"}}, [DAY]).compile("#/day")
    assert schema.accepts("2025-08-21")
    assert not schema.accepts("2025-02-31")
    assert schema.accepts(5)
    assert schema.accepts(None)


def test_a_vendors_format_conforms_to_its_own_examples_and_counterexamples() -> None:
    wrong = []
    for api, own in OWN:
        schema = api.validator.schemas.compile_inline({"type": "string", "format": own.name})
        assert own.examples
        assert own.counterexamples
        spoiled = [
            spoil.format(text, text)
            for text in own.examples
            for spoil in ("{}\n", "\n{}", " {}", "{} ", "{}x", "{}{}", "{}\x00")
        ]
        for accepts in (own.check, schema.accepts):
            wrong += [(own.name, text) for text in own.examples if not accepts(text)]
            refused = (*own.counterexamples, *spoiled)
            wrong += [(own.name, text) for text in refused if accepts(text)]
    assert OWN
    assert wrong == []


def test_a_contract_has_the_pattern_of_a_vendors_format_beside_it() -> None:
    for api, own in OWN:
        beside = {pattern for name, pattern in places(api.contract.document) if name == own.name}
        assert (own.name, beside) == (own.name, {own.pattern})


def test_a_contract_names_no_format_without_a_check() -> None:
    for api in APIS.values():
        named = {name for name, _ in places(api.contract.document)}
        assert named - STANDARD == {own.name for own in api.formats}
