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
OWN = [
    pytest.param(api, item, id=f"{name}-{item.name}")
    for name, api in APIS.items()
    for item in api.formats
]


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


def test_some_vendor_has_a_format_of_its_own() -> None:
    assert len(OWN) > 0  # or the tests below hold nothing


@pytest.mark.parametrize(("api", "own"), OWN)
def test_a_vendors_examples_conform(api: Any, own: Format) -> None:  # noqa: ARG001
    assert own.examples
    assert [text for text in own.examples if not own.check(text)] == []


@pytest.mark.parametrize(("api", "own"), OWN)
def test_a_vendors_counterexamples_do_not_conform(api: Any, own: Format) -> None:  # noqa: ARG001
    assert own.counterexamples
    assert [text for text in own.counterexamples if own.check(text)] == []


@pytest.mark.parametrize(("api", "own"), OWN)
@pytest.mark.parametrize("spoil", ["{}\n", "\n{}", " {}", "{} ", "{}x", "{}{}", "{}\x00"])
def test_a_vendors_example_with_something_around_it_does_not_conform(
    api: Any,  # noqa: ARG001
    own: Format,
    spoil: str,
) -> None:
    spoiled = [spoil.format(*[text] * spoil.count("{}")) for text in own.examples]
    assert [text for text in spoiled if own.check(text)] == []


@pytest.mark.parametrize(("api", "own"), OWN)
def test_the_validator_sees_a_vendors_format_as_the_table_does(api: Any, own: Format) -> None:
    schema = api.validator.schemas.compile_inline({"type": "string", "format": own.name})
    assert [text for text in own.examples if not schema.accepts(text)] == []
    assert [text for text in own.counterexamples if schema.accepts(text)] == []


@pytest.mark.parametrize(("api", "own"), OWN)
def test_the_contract_has_the_tables_pattern_beside_the_format(api: Any, own: Format) -> None:
    beside = [pattern for name, pattern in places(api.contract.document) if name == own.name]
    assert beside
    assert set(beside) == {own.pattern}


@pytest.mark.parametrize("api", APIS.values(), ids=APIS.keys())
def test_a_contract_names_no_format_that_nobody_checks(api: Any) -> None:
    named = {name for name, _ in places(api.contract.document)}
    assert named - STANDARD == {own.name for own in api.formats}
