"""Compiled schemas: what they accept, and where they say a violation is."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from mockserver.contract import Format, Schema, Schemas, SchemaViolation
from mockserver.errors import ContractError


def schema(node: Any, **others: Any) -> Schema:
    return Schemas({"components": {"schemas": {"A": node, **others}}}).compile(
        "#/components/schemas/A"
    )


def nested(depth: int) -> Any:
    value: Any = None
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("node", "value", "place", "rule", "code"),
    [
        ({"type": "string"}, 5, "", "type", "type"),
        ({"minimum": 1}, 0, "", "minimum", "minimum"),
        ({"maxLength": 1}, "ab", "", "maxLength", "maxLength"),
        ({"pattern": "^a$"}, "b", "", "pattern", "pattern"),
        ({"enum": ["a"]}, "b", "", "enum", "enum"),
        ({"format": "date-time"}, "x", "", "format", "format"),
        ({"format": "date"}, "2025-02-31", "", "format", "format"),
        ({"required": ["a"]}, {}, "", "required", "required"),
        ({"items": {"type": "string"}}, ["a", 5], "/1", "items/type", "type"),
        (
            {"properties": {"a/b": {"type": "string"}}},
            {"a/b": 5},
            "/a~1b",
            "properties/a~1b/type",
            "type",
        ),
        (
            {"properties": {"m~n": {"type": "string"}}},
            {"m~n": 5},
            "/m~0n",
            "properties/m~0n/type",
            "type",
        ),
        ({"allOf": [{}, {"type": "string"}]}, 5, "", "allOf/1/type", "type"),
        ({"anyOf": [{"type": "string"}]}, 5, "", "anyOf", "anyOf"),
        ({"oneOf": [{"type": "string"}, {"type": "boolean"}]}, 5, "", "oneOf", "oneOf"),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, 5, "", "oneOf", "oneOf"),
        ({"not": {"type": "integer"}}, 5, "", "not", "not"),
        (
            {"additionalProperties": {"type": "string"}},
            {"a": 5},
            "/a",
            "additionalProperties/type",
            "type",
        ),
    ],
)
def test_a_violation_has_a_place_in_the_value_and_a_rule_in_the_contract(
    node: Any, value: Any, place: str, rule: str, code: str
) -> None:
    (violation,) = schema(node).find_violations(value)
    assert (violation.location, violation.rule, violation.code) == (
        place,
        f"#/components/schemas/A/{rule}",
        code,
    )


def test_a_rule_behind_references_is_named_where_it_truly_stands() -> None:
    compiled = schema(
        {"properties": {"b": {"$ref": "#/components/schemas/B"}}},
        B={"items": {"$ref": "#/components/schemas/C"}},
        C={"type": "integer"},
    )
    assert [
        (violation.location, violation.rule)
        for violation in compiled.find_violations({"b": [1, "x"]})
    ] == [("/b/1", "#/components/schemas/C/type")]


def test_a_schema_may_contain_itself() -> None:
    tree = {"type": "object", "properties": {"child": {"$ref": "#/components/schemas/A"}}}
    compiled = schema(tree)
    assert compiled.accepts({"child": {"child": {}}})
    assert [
        (violation.location, violation.rule)
        for violation in compiled.find_violations({"child": {"child": 5}})
    ] == [("/child/child", "#/components/schemas/A/type")]


@pytest.mark.parametrize("key", ["a b", "a/b", "~1", "%41", "é", "{id}", 'a"b', "#"])
def test_any_name_may_lie_on_the_way_to_a_schema(key: str) -> None:
    written = key.replace("~", "~0").replace("/", "~1")
    compiled = Schemas({"x": {key: {"type": "integer"}}}).compile(f"#/x/{written}")
    assert compiled.accepts(5)
    assert [violation.rule for violation in compiled.find_violations("5")] == [
        f"#/x/{written}/type"
    ]


def test_every_violation_is_found_at_once() -> None:
    compiled = schema(
        {
            "type": "object",
            "required": ["a", "b"],
            "properties": {"c": {"type": "string"}, "d": {"type": "string", "maxLength": 1}},
            "additionalProperties": False,
        }
    )
    found = list(compiled.find_violations({"c": 1, "d": "long", "e": 1, "f": 1}))
    assert sorted((violation.code, violation.location) for violation in found) == [
        ("additionalProperties", ""),
        ("maxLength", "/d"),
        ("required", ""),
        ("required", ""),
        ("type", "/c"),
    ]
    assert [
        violation.unexpected for violation in found if violation.code == "additionalProperties"
    ] == [("e", "f")]


def test_a_closed_schema_without_properties_tells_what_it_does_not_know() -> None:
    found = list(
        schema({"type": "object", "additionalProperties": False}).find_violations({"x": 1})
    )
    assert [(violation.location, violation.code, violation.unexpected) for violation in found] == [
        ("", "additionalProperties", ("x",))
    ]


def test_a_violation_shows_the_value_as_it_is() -> None:
    assert list(schema({"maximum": 1}).find_violations({"a": 1})) == []
    (violation,) = schema({"type": "integer"}).find_violations({"a": [None, "é"]})
    assert violation == SchemaViolation(
        location="",
        rule="#/components/schemas/A/type",
        code="type",
        value={"a": [None, "é"]},
        message='{"a":[null,"é"]} is not of type "integer"',
    )


@pytest.mark.parametrize(
    ("node", "accepted", "refused"),
    [
        ({"type": "string", "nullable": True}, [None, "a"], [5]),
        ({"type": "string", "nullable": False}, ["a"], [None]),
        ({"type": "string"}, ["a"], [None]),
        ({"type": "string", "nullable": True, "pattern": "^a$"}, [None, "a"], ["b"]),
        ({"type": "integer", "nullable": True, "minimum": 1}, [None, 1], [0]),
        # OpenAPI's clarification of 3.0.3: null must be among the enumerated, too.
        ({"type": "string", "nullable": True, "enum": ["a"]}, ["a"], [None]),
        ({"type": "string", "nullable": True, "enum": ["a", None]}, ["a", None], ["b"]),
        ({"type": "object", "nullable": True, "enum": [None]}, [None], [{}, []]),
        # And it means nothing beside no type.
        ({"nullable": True, "allOf": [{"type": "string"}]}, ["a"], [None]),
        (
            {"type": "array", "items": {"type": "object", "nullable": True}},
            [[None, {}]],
            [[5], None],
        ),
        (
            {"type": "object", "properties": {"nullable": {"type": "boolean"}}},
            [{"nullable": True}],
            [],
        ),
    ],
)
def test_nullable_allows_null_beside_the_type(
    node: Any, accepted: list[Any], refused: list[Any]
) -> None:
    compiled = schema(node)
    assert [value for value in accepted if not compiled.accepts(value)] == []
    assert [value for value in refused if compiled.accepts(value)] == []


@pytest.mark.parametrize(
    ("node", "accepted", "refused"),
    [
        (
            {"type": "integer", "format": "int32"},
            [-2147483648, 2147483647],
            [-2147483649, 2147483648, 1.5],
        ),
        (
            {"type": "integer", "format": "int64"},
            [-9223372036854775808, 9223372036854775807],
            [-9223372036854775809, 9223372036854775808, 10**400],
        ),
        ({"type": "integer", "format": "int32", "minimum": 1}, [1, 2147483647], [0, 2147483648]),
        ({"type": "integer", "format": "int32", "nullable": True}, [None, 5], [2147483648]),
        ({"type": "integer"}, [0, 10**400], [1.0, 1.5, "1", True, None]),
        ({"type": "number", "maximum": 1}, [1, 1.0, -(10**400)], [1.0000001, 10**400, "1", True]),
        ({"minimum": 0, "exclusiveMinimum": True}, [1], [0]),
        ({"maximum": 10, "exclusiveMaximum": True}, [9.99], [10]),
    ],
)
def test_numbers_have_their_ranges(node: Any, accepted: list[Any], refused: list[Any]) -> None:
    compiled = schema(node)
    assert [value for value in accepted if not compiled.accepts(value)] == []
    assert [value for value in refused if compiled.accepts(value)] == []


@pytest.mark.parametrize(
    ("bounds", "refused"),
    [
        ({"maximum": 10**12}, 2147483648),
        ({"minimum": -(10**12)}, -2147483649),
    ],
)
def test_a_wider_bound_does_not_widen_the_format(bounds: dict[str, int], refused: int) -> None:
    assert not schema({"type": "integer", "format": "int32", **bounds}).accepts(refused)


@pytest.mark.parametrize("value", [{"format": "int32"}, {"nullable": True, "type": "string"}])
def test_an_enumerated_value_is_a_value_and_no_schema(value: Any) -> None:
    assert schema({"enum": [value]}).accepts(value)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("^a$", "a\n", False),
        ("b", "abc", True),
        ("^[0-9]+$", "１", False),
        ("^[^/]+$", "a\nb", True),
        ("^\\p{Arabic}+$", "جلسة", True),
        ("^(a+)+$", "a" * 5_000 + "b", False),
    ],
)
def test_a_pattern_is_searched_for_as_ecma_has_it(pattern: str, text: str, expected: bool) -> None:
    assert schema({"type": "string", "pattern": pattern}).accepts(text) is expected


@pytest.mark.parametrize(
    "node",
    [
        {"pattern": "("},
        {"type": "text"},
        {"minLength": "1"},
        {"required": "a"},
        {"$ref": "#/components/schemas/Missing"},
        {"properties": {"a": {"$ref": "#/nowhere"}}},
        {"$ref": "other.yaml#/A"},
    ],
)
def test_a_schema_that_cannot_hold_anybody_is_refused(node: Any) -> None:
    with pytest.raises(ContractError, match="cannot be compiled"):
        schema(node)


def test_a_schema_that_is_not_there_is_refused() -> None:
    with pytest.raises(ContractError, match="#/components/schemas/Missing"):
        Schemas({"components": {}}).compile("#/components/schemas/Missing")


def test_no_file_is_opened_for_a_reference(tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text('{"type": "string"}')
    with pytest.raises(ContractError):
        schema({"$ref": outside.as_uri()})


def test_no_host_is_asked_for_a_reference() -> None:
    requested: list[str] = []

    class Outside(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requested.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"type": "string"}')

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Outside) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            with pytest.raises(ContractError):
                schema({"$ref": f"http://127.0.0.1:{server.server_port}/schema.json"})
        finally:
            server.shutdown()
            thread.join()
    assert requested == []


@pytest.mark.parametrize(
    ("node", "others"),
    [
        ({"$ref": "#/components/schemas/A"}, {}),
        ({"$ref": "#/components/schemas/B"}, {"B": {"$ref": "#/components/schemas/A"}}),
        ({"allOf": [{"$ref": "#/components/schemas/A"}]}, {}),
    ],
)
def test_a_reference_that_leads_to_nothing_but_itself_is_refused(
    node: Any, others: dict[str, Any]
) -> None:
    with pytest.raises(ContractError):
        schema(node, **others)


@pytest.mark.parametrize("depth", [200, 300, 1_000])
def test_a_deeply_nested_value_is_validated_like_any_other(depth: int) -> None:
    assert schema({"type": "array"}).accepts(nested(depth))
    violations = list(schema({"type": "string"}).find_violations(nested(depth)))
    assert [(violation.location, violation.code) for violation in violations] == [("", "type")]


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}, ["\ud800"]])
def test_a_lone_surrogate_is_validated_and_no_crash(value: Any) -> None:
    # It is no text that JSON could carry, so that no schema of a text can take it.
    compiled = schema({"type": "string"})
    assert not compiled.accepts(value)
    assert [violation.location for violation in compiled.find_violations(value)]


def test_a_schema_beside_the_document_may_refer_into_it() -> None:
    schemas = Schemas({"components": {"schemas": {"Id": {"type": "integer", "format": "int32"}}}})
    compiled = schemas.compile_inline(
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "id": {"$ref": "#/components/schemas/Id"},
                "name": {"type": "string", "nullable": True},
            },
        }
    )
    assert compiled.accepts({"id": 1, "name": None})
    assert not compiled.accepts({"id": 2147483648})
    assert not compiled.accepts({"other": 1})


def test_the_document_itself_is_left_as_it_was() -> None:
    document = {"a": {"type": "string", "nullable": True, "format": "int32"}}
    Schemas(document).compile("#/a")
    assert document == {"a": {"type": "string", "nullable": True, "format": "int32"}}


# Requests and responses

ACCOUNT = {
    "type": "object",
    "required": ["id", "name", "password"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string"},
        "password": {"$ref": "#/components/schemas/Password"},
    },
}
PASSWORD = {"type": "string", "writeOnly": True}


@pytest.mark.parametrize(
    ("direction", "value", "missing"),
    [
        ("request", {"name": "a", "password": "b"}, []),
        ("request", {"id": 1, "name": "a", "password": "b"}, []),
        ("request", {"id": 1}, ["name", "password"]),
        ("response", {"id": 1, "name": "a"}, []),
        ("response", {"name": "a", "password": "b"}, ["id"]),
        (None, {"name": "a"}, ["id", "password"]),
    ],
)
def test_a_direction_demands_no_property_of_the_other(
    direction: Any, value: Any, missing: list[str]
) -> None:
    document = {"components": {"schemas": {"A": ACCOUNT, "Password": PASSWORD}}}
    compiled = Schemas(document).compile("#/components/schemas/A", direction)
    found = list(compiled.find_violations(value))
    assert [violation.message for violation in found] == [
        f'"{name}" is a required property' for name in missing
    ]
    assert {violation.rule for violation in found} <= {"#/components/schemas/A/required"}


@pytest.mark.parametrize(
    "node",
    [
        {"allOf": [{"$ref": "#/components/schemas/Base"}], "required": ["id", "name"]},
        {"allOf": [{"$ref": "#/components/schemas/Base"}, {"required": ["id", "name"]}]},
        {"properties": {"id": {"readOnly": True}}, "allOf": [{"required": ["id", "name"]}]},
    ],
)
def test_required_stands_apart_from_the_property_that_is_read_only(node: Any) -> None:
    base = {"properties": {"id": {"type": "integer", "readOnly": True}, "name": {}}}
    schemas = Schemas({"components": {"schemas": {"A": node, "Base": base}}})
    schema = schemas.compile("#/components/schemas/A", "request")
    assert schema.accepts({"name": "a"})
    assert not schema.accepts({"id": 1})
    assert not schemas.compile("#/components/schemas/A", "response").accepts({"name": "a"})


def test_a_property_below_is_read_only_for_its_own_object_only() -> None:
    node = {
        "required": ["id"],
        "properties": {"child": {"properties": {"id": {"readOnly": True}}, "required": ["id"]}},
    }
    compiled = Schemas({"a": node}).compile("#/a", "request")
    assert compiled.accepts({"id": 1, "child": {}})
    assert not compiled.accepts({"child": {}})


@pytest.mark.parametrize(
    ("node", "accepted", "refused", "rule"),
    [
        ({"exclusiveMinimum": 3}, 3.1, 3, "exclusiveMinimum"),
        ({"exclusiveMaximum": 3}, 2, 3, "exclusiveMaximum"),
        ({"minimum": 5, "exclusiveMinimum": 3}, 5, 4, "minimum"),
        ({"minimum": 1, "exclusiveMinimum": 3}, 4, 3, "exclusiveMinimum"),
    ],
)
def test_an_exclusive_bound_may_be_a_number_as_in_openapi_3_1(
    node: Any, accepted: float, refused: float, rule: str
) -> None:
    compiled = schema(node)
    assert compiled.accepts(accepted)
    (violation,) = compiled.find_violations(refused)
    assert (violation.rule, violation.code) == (f"#/components/schemas/A/{rule}", rule)


def test_an_id_is_a_word_like_any_other() -> None:
    compiled = schema(
        {"id": "http://example.com/a", "items": {"$ref": "#/components/schemas/B"}},
        B={"type": "integer"},
    )
    assert compiled.accepts([1])
    assert not compiled.accepts(["x"])


def test_schemas_that_are_compiled_together_are_told_apart() -> None:
    schemas = Schemas(
        {"a": {"type": "integer"}, "b": {"items": {"$ref": "#/a"}}, "c": {"$ref": "#/a"}}
    )
    schemas.compile_all(["#/a", "#/b", "#/c"])
    assert schemas.compile("#/a").accepts(1)
    assert not schemas.compile("#/b").accepts(["x"])
    (violation,) = schemas.compile("#/c").find_violations("x")
    assert (violation.location, violation.rule) == ("", "#/a/type")


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        ({"pattern": "("}, '#/b/pattern cannot be compiled: "(" is not a "regex"'),
        ({"$ref": "#/c"}, "#/b cannot be compiled: the reference '#/c' leads nowhere"),
        ({"items": {"$ref": "#/c"}}, "#/b cannot be compiled: Pointer '/c' does not exist"),
        (
            {"items": {"$ref": "http://x/y"}},
            "#/b cannot be compiled: 'http://x/y' leads to another file; bundle the files into one",
        ),
        (
            {"items": {"$ref": "c.yaml#/a"}},
            "#/b cannot be compiled: 'c.yaml#/a' leads to another file; bundle the files into one",
        ),
    ],
)
def test_of_many_schemas_the_wrong_one_is_named(node: Any, reason: str) -> None:
    with pytest.raises(ContractError) as caught:
        Schemas({"a": {}, "b": node}).compile_all(["#/a", "#/b"])
    assert str(caught.value) == f"the schema at {reason}"


def test_what_nothing_refers_to_need_not_be_right() -> None:
    assert schema({"type": "string"}, B={"pattern": "("}, C={"$ref": "other.yaml"}).accepts("a")


def test_the_rule_of_an_inline_schema_is_a_pointer_into_it() -> None:
    schema = Schemas({}).compile_inline({"properties": {"a": {"type": "string"}}})
    assert [violation.rule for violation in schema.find_violations({"a": 1})] == [
        "#/properties/a/type"
    ]


@pytest.mark.parametrize(
    ("node", "value", "message"),
    [
        ({"enum": ["a", None, 2**70]}, "b", f'"b" is not one of "a", null or {2**70}'),
        (
            {"enum": ["ع", "b", "c", "d"]},
            " is not one of ",
            '" is not one of " is not one of "ع", "b", "c" or "d"',
        ),
        ({"enum": [*range(12)]}, "b", '"b" is not one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 or 11'),
        ({"enum": [*range(13)]}, "b", '"b" is not one of 0, 1 or 11 other candidates'),
        ({"format": "digit"}, "b", '"b" is not a "digit", such as "7"'),
        ({"format": "date"}, "b", '"b" is not a "date"'),
    ],
)
def test_the_message_says_what_would_be_right(node: Any, value: Any, message: str) -> None:
    digit = Format(name="digit", pattern="[0-9]", examples=("7", "8"), counterexamples=())
    schema = Schemas({"a": node}, iter([digit])).compile("#/a")
    assert [violation.message for violation in schema.find_violations(value)] == [message]
