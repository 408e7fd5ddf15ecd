"""Values of schemas: plausible, conforming, and the same for the same seed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.contract import Contract, Format, Schemas
from mockserver.errors import SynthesisError
from mockserver.factory import Factory
from mockserver.synthesis.values import Checks, ValueMaker

NOW = 1_755_786_600_000_000  # 2025-08-21T14:30:00Z

COMPONENTS: dict[str, Any] = {
    "Id": {"type": "integer", "format": "int64", "minimum": 1},
    "Tree": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        },
    },
    "Chain": {
        "type": "object",
        "required": ["next"],
        "properties": {
            "next": {
                "nullable": True,
                "type": "object",
                "allOf": [{"$ref": "#/components/schemas/Link"}],
            }
        },
    },
    "Link": {
        "type": "object",
        "nullable": True,
        "required": ["next"],
        "properties": {"next": {"$ref": "#/components/schemas/Link"}},
    },
    "Endless": {
        "type": "object",
        "required": ["self"],
        "properties": {"self": {"$ref": "#/components/schemas/Endless"}},
    },
    "Expression": {
        "oneOf": [
            {"type": "number"},
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["left", "right"],
                "properties": {
                    "left": {"$ref": "#/components/schemas/Expression"},
                    "right": {"$ref": "#/components/schemas/Expression"},
                },
            },
        ]
    },
    "Cat": {
        "type": "object",
        "required": ["kind", "lives"],
        "properties": {"kind": {"type": "string"}, "lives": {"type": "integer", "maximum": 9}},
    },
    "Dog": {
        "type": "object",
        "required": ["kind", "bark"],
        "properties": {"kind": {"type": "string"}, "bark": {"type": "boolean"}},
    },
}


def make_checks(*formats: Format, **components: Any) -> Checks:
    document = {"openapi": "3.0.3", "components": {"schemas": {**COMPONENTS, **components}}}
    return Checks(Contract(document), formats)


CHECKS = make_checks()


def make(
    schema: Any,
    name: str = "",
    *,
    seed: int = 1,
    n: int = 0,
    locale: str = "en_US",
    fresh: bool = True,
    checks: Checks = CHECKS,
) -> Any:
    maker = ValueMaker(checks, Factory(seed), NOW, locale, ("test", n), fresh=fresh)
    return maker.make(schema, name)


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


SHAPES: list[Any] = [
    {},
    {"type": "string"},
    {"type": "string", "minLength": 200},
    {"type": "string", "maxLength": 1},
    {"type": "string", "minLength": 3, "maxLength": 3},
    {"type": "string", "maxLength": 0},
    {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"},
    {"type": "string", "pattern": "^[a-z]*$", "minLength": 30, "maxLength": 40},
    {"type": "string", "pattern": "^(?!0)[0-9]{2}$"},
    {"type": "string", "pattern": r"^\+[1-9]\d{1,14}$"},
    {"type": "string", "pattern": r"^https://", "format": "uri"},
    {"type": "string", "pattern": r"^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)(?=.*[!?]).{8,20}$"},
    {"type": "string", "pattern": r"\.000\+00:00$", "format": "date-time"},
    {"allOf": [{"type": "string", "pattern": "^a"}, {"pattern": "b$"}, {"maxLength": 9}]},
    {"type": "string", "enum": ["a", "b"]},
    {"type": "string", "nullable": True, "enum": [None]},
    {"type": "string", "nullable": True, "enum": ["a", None]},
    {"enum": [True, 1, "1", {"a": [1]}]},
    *(
        {"type": "string", "format": name}
        for name in (
            "date-time",
            "date",
            "time",
            "email",
            "uuid",
            "uri",
            "uri-reference",
            "hostname",
            "ipv4",
            "ipv6",
            "byte",
            "binary",
            "password",
            "regex",
            "json-pointer",
            "unknown",
        )
    ),
    {"type": "integer"},
    {"type": "integer", "format": "int32"},
    {"type": "integer", "minimum": 5, "maximum": 5},
    {"type": "integer", "minimum": -10, "maximum": -5},
    {
        "type": "integer",
        "minimum": 0,
        "exclusiveMinimum": True,
        "maximum": 2,
        "exclusiveMaximum": True,
    },
    {"type": "integer", "multipleOf": 7, "minimum": 50},
    {"type": "integer", "minimum": 9223372036854775807},
    {"type": "number"},
    {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "exclusiveMinimum": True,
        "exclusiveMaximum": True,
    },
    {"type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 100},
    {"type": "number", "minimum": 1e-9, "maximum": 2e-9},
    {"type": "number", "format": "float", "maximum": -0.5},
    {"allOf": [{"type": "number", "minimum": 3}, {"type": "integer", "maximum": 4}]},
    {"type": "boolean"},
    {"type": "boolean", "enum": [False]},
    {"type": "array", "items": {"type": "string"}},
    {"type": "array", "items": {"type": "integer"}, "minItems": 7},
    {"type": "array", "items": {"type": "integer"}, "maxItems": 0},
    {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 2},
    {"type": "array", "items": {"enum": ["a", "b", "c"]}, "uniqueItems": True, "minItems": 3},
    {
        "type": "array",
        "items": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
    },
    {"type": "object"},
    {"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "integer"}}},
    {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2},
    {
        "type": "object",
        "additionalProperties": False,
        "properties": {"a": {}, "b": {}, "c": {}},
        "maxProperties": 1,
    },
    {
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "properties": {"a": {"type": "string"}},
    },
    {"allOf": [{"type": "object", "required": ["a"]}, {"properties": {"a": {"type": "integer"}}}]},
    {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "integer", "minimum": 3}}},
            {"type": "object", "properties": {"a": {"maximum": 3}}, "required": ["a"]},
        ]
    },
    {"type": "object", "nullable": True, "not": {"type": "object"}},
    {"type": "string", "not": {"pattern": "^[a-z]"}, "minLength": 1, "enum": ["a", "B"]},
    {"oneOf": [{"type": "integer"}, {"type": "number"}], "not": {"type": "integer"}},
    {"anyOf": [{"type": "string"}, {"type": "integer"}]},
    {
        "oneOf": [
            {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}},
            {"type": "object", "required": ["b"], "properties": {"b": {"type": "integer"}}},
        ],
        "type": "object",
        "properties": {"c": {"type": "string"}},
    },
    {
        "oneOf": [ref("Cat"), ref("Dog")],
        "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat"}},
    },
    {"type": "array", "items": ref("Id")},
    ref("Tree"),
    ref("Chain"),
    ref("Expression"),
    {"type": "object", "properties": {"password": {"type": "string", "writeOnly": True}}},
    {
        "type": "object",
        "properties": {"id": {"allOf": [ref("Id")], "readOnly": True, "nullable": True}},
    },
    {"type": "string", "example": 5},
    {"type": "integer", "default": "many"},
    {
        "type": "object",
        "properties": {"const": {"enum": [1.5]}, "x": {"type": "string", "format": "date"}},
    },
]


@pytest.mark.parametrize("fresh", [False, True], ids=["example", "fresh"])
@pytest.mark.parametrize("number", range(len(SHAPES)))
def test_a_value_conforms_to_its_schema(number: int, fresh: bool) -> None:
    schema = SHAPES[number]
    compiled = Schemas(CHECKS.document).compile_inline(schema)

    values = [make(schema, n=n, fresh=fresh) for n in range(10)]

    assert [list(compiled.find_violations(value)) for value in values] == [[]] * 10


SCALARS = st.one_of(
    st.builds(lambda text: {"type": "string", "enum": [text]}, st.text(max_size=5)),
    st.builds(
        lambda least, more: {"type": "string", "minLength": least, "maxLength": least + more},
        st.integers(0, 40),
        st.integers(0, 40),
    ),
    st.sampled_from(["date-time", "date", "email", "uuid", "ipv4", "uri"]).map(
        lambda name: {"type": "string", "format": name, "nullable": True}
    ),
    st.builds(
        lambda low, more, step: {
            "type": "integer",
            "minimum": low,
            "maximum": low + more + step,
            "multipleOf": step,
        },
        st.integers(-(10**6), 10**6),
        st.integers(0, 10**6),
        st.integers(1, 50),
    ),
    st.builds(
        lambda low, more: {"type": "number", "minimum": low, "maximum": low + more},
        st.floats(-1e6, 1e6),
        st.floats(0, 1e6),
    ),
    st.just({"type": "boolean"}),
)
NAMES = st.sampled_from(["id", "name", "email", "created_at", "status", "userName", "x", "قيمة"])


def _close(properties: dict[str, Any], closed: bool, required: set[str]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if known := sorted(required & properties.keys()):
        schema["required"] = known
    return {**schema, "additionalProperties": False} if closed else schema


SCHEMAS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.builds(
            lambda items, least: {"type": "array", "items": items, "minItems": least},
            inner,
            st.integers(0, 3),
        ),
        st.builds(_close, st.dictionaries(NAMES, inner, max_size=4), st.booleans(), st.sets(NAMES)),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"anyOf": parts}),
        st.builds(lambda part: {"allOf": [part, {"description": "the same"}]}, inner),
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(SCHEMAS, st.booleans())
def test_a_value_conforms_to_any_schema(schema: dict[str, Any], fresh: bool) -> None:
    value = make(schema, fresh=fresh)

    assert list(Schemas(CHECKS.document).compile_inline(schema).find_violations(value)) == []


def test_the_same_seed_makes_the_same_value_and_another_one_another() -> None:
    schema = {"type": "array", "minItems": 3, "items": ref("Tree")}

    assert make(schema, seed=5, n=2) == make(schema, seed=5, n=2)
    assert make(schema, seed=5, n=2) != make(schema, seed=5, n=3)
    assert make(schema, seed=5, n=2) != make(schema, seed=6, n=2)


def test_another_property_changes_no_value() -> None:
    name, city = {"type": "string"}, {"type": "string"}
    one = make({"type": "object", "properties": {"name": name, "city": city}})
    two = make({"type": "object", "properties": {"age": {"type": "integer"}, "city": city}})

    assert one["city"] == two["city"]


ARABIC = "[\u0600-\u06ff ,.]+"


@pytest.mark.parametrize(
    ("name", "locale", "pattern"),
    [
        ("first_name", "ar_SA", ARABIC),
        ("customerName", "ar_SA", ARABIC),
        ("coach", "ar_AA", ARABIC),
        ("message", "ar_SA", f"{ARABIC}\\."),
        ("title", "ar", ARABIC),
        ("display_name", "en_US", "[A-Z][a-z]+ [A-Z][A-Za-z']+"),
        ("whatever", "en_US", "[a-z]+ [a-z]+"),
        ("email", "ar_SA", "[a-z]+\\.[a-z]+@example\\.com"),
        ("created_at", "en_US", "2025-0[78]-[0-9]{2}T[0-9:]{8}Z"),
        ("endDate", "en_US", "2025-0[78]-[0-9]{2}"),
        ("website_url", "en_US", "https://example\\.com/[a-z-]+"),
        ("avatar", "en_US", "https://example\\.com/[a-z-]+\\.png"),
        ("country_code", "ar_SA", "SA"),
        ("locale", "ar_SA", "ar"),
        ("color", "en_US", "#[0-9a-f]{6}"),
        ("order_id", "en_US", "[0-9a-f]{12}"),
    ],
)
def test_a_text_is_what_the_name_of_its_property_says(name: str, locale: str, pattern: str) -> None:
    texts = [make({"type": "string"}, name, locale=locale, n=n) for n in range(20)]

    assert [text for text in texts if not re.fullmatch(pattern, text)] == []


def test_the_name_of_a_person_is_one_and_the_name_of_a_thing_is_not() -> None:
    named = {"type": "object", "properties": {"name": {"type": "string"}}}
    made = make({"type": "object", "properties": {"customer": named, "product": named}})

    assert re.fullmatch("[A-Z][a-z]+ [A-Z][A-Za-z']+", made["customer"]["name"])
    assert re.fullmatch("[a-z]+ [a-z]+", made["product"]["name"])


def test_the_hints_of_prism_s_users_are_understood() -> None:
    schema = {"type": "string", "x-faker": "name.firstName"}

    assert make(schema, "x") == make({"type": "string"}, "first_name")


def test_the_example_of_a_schema_is_its_first_value_and_the_next_ones_are_others() -> None:
    schema = {
        "type": "array",
        "minItems": 3,
        "items": {"type": "string", "example": "A-1", "pattern": "^[A-C]-[0-9]$"},
    }

    first, *others = make(schema, fresh=False)

    assert first == "A-1"
    assert "A-1" not in others


def test_a_format_of_the_vendor_has_its_examples() -> None:
    clock = Format("clock", "[0-9]:[0-9]{2}", ("1:05", "2:30"), ("x",))
    schema = {"type": "string", "format": "clock"}

    assert {make(schema, n=n, checks=make_checks(clock)) for n in range(20)} == {"1:05", "2:30"}


def test_what_contains_itself_without_end_is_refused() -> None:
    with pytest.raises(SynthesisError, match="contains itself, and what it contains is required"):
        make(ref("Endless"))


def test_a_schema_that_contains_itself_many_times_is_made_in_bounds() -> None:
    properties = {f"p{n}": ref("Wide") for n in range(10)}
    checks = make_checks(Wide={"type": "object", "properties": properties})

    def count(value: Any) -> int:
        return 1 + sum(map(count, value.values()))

    assert count(make(ref("Wide"), checks=checks)) < 20_000
