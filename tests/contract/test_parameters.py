"""Parameters in every style that OpenAPI 3.0.3 knows, read back into values."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract import ABSENT, Contract, Headers, RawParameters, Request

INTEGERS = "schema: {type: array, items: {type: integer}}"
WORDS = "schema: {type: array, items: {type: string}}"
COLOUR = (
    "schema: {type: object,"
    " properties: {R: {type: integer}, G: {type: integer}, B: {type: integer}}}"
)


def read(
    where: str,
    how: str,
    *,
    path: str = "",
    query: str = "",
    headers: tuple[tuple[str, str], ...] = (),
) -> Any:
    """What is read of the parameter `p` (of the header `X-P`), which `how` describes."""
    values = read_all(where, how, path=path, query=query, headers=headers)
    return values[0] if values else ABSENT


def read_all(
    where: str,
    how: str,
    *,
    path: str = "",
    query: str = "",
    headers: tuple[tuple[str, str], ...] = (),
) -> list[Any]:
    """All that can be read of it."""
    contract = Contract.parse(f"""
openapi: 3.0.3
info: {{title: T, version: '1'}}
paths:
  /{"{p}" if where == "path" else "a"}:
    get:
      operationId: a
      parameters:
        - {{name: {"X-P" if where == "header" else "p"}, in: {where}, required: true, {how}}}
      responses: {{'200': {{description: ok}}}}
components:
  schemas:
    Number: {{type: integer}}
    Numbers: {{type: array, items: {{$ref: '#/components/schemas/Number'}}}}
""")
    request = Request("GET", "/a", query=query, headers=Headers(headers))
    (parameter,) = contract.operation("a").parameters
    return RawParameters(request, {"p": path}).read_all(parameter)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("p=5", 5),
        ("p=1&p=2", 2),
        ("p=1&p=", ""),
        ("p=", ""),
        ("p", ""),
        ("%70=5", 5),
        ("p=%35", 5),
        ("p=+5", " 5"),
        ("p=%2B5", "+5"),
        ("p=%00", "\x00"),
        ("p=%FF", "�"),
        ("p=%zz", "%zz"),
        ("p=1;p=2", "1;p=2"),
        ("&&p=5&&", 5),
    ],
)
def test_a_repeated_parameter_counts_once_and_the_last_one_wins(query: str, expected: Any) -> None:
    assert read("query", "schema: {type: integer}", query=query) == expected


@pytest.mark.parametrize("query", ["", "P=5", "pp=5", "p[]=5", "q=p"])
def test_a_parameter_that_was_not_sent_is_absent(query: str) -> None:
    assert read("query", "schema: {type: integer}", query=query) is ABSENT
    assert read("query", INTEGERS, query=query) is ABSENT


# The table of styles in OpenAPI 3.0.3, section 4.7.12.4, and RFC 6570, to which it refers.
@pytest.mark.parametrize(
    ("how", "query", "expected"),
    [
        (f"style: form, explode: false, {WORDS}", "p=", [""]),
        (f"style: form, explode: true, {WORDS}", "p=", [""]),
        (f"{WORDS}", "p=blue&p=black&p=brown", ["blue", "black", "brown"]),
        (f"explode: true, {WORDS}", "p=blue,black", ["blue,black"]),
        (f"explode: false, {WORDS}", "p=blue,black,brown", ["blue", "black", "brown"]),
        (f"explode: false, {WORDS}", "p=a%2Cb", ["a", "b"]),  # clients' libraries write it so
        (f"explode: false, {WORDS}", "p=a,b&p=c,d", ["c", "d"]),
        (f"explode: false, {WORDS}", "p=a,,b,", ["a", "", "b", ""]),
        (f"style: spaceDelimited, {WORDS}", "p=blue%20black%20brown", ["blue", "black", "brown"]),
        (f"style: spaceDelimited, {WORDS}", "p=blue+black", ["blue", "black"]),
        (f"style: pipeDelimited, {WORDS}", "p=blue|black|brown", ["blue", "black", "brown"]),
        (f"style: pipeDelimited, {WORDS}", "p=blue%7Cblack", ["blue", "black"]),
        (f"explode: false, {INTEGERS}", "p=1,02,x,-3", [1, "02", "x", -3]),
        (INTEGERS, "p=1&p=2", [1, 2]),
    ],
)
def test_an_array_in_the_query(how: str, query: str, expected: Any) -> None:
    assert read("query", how, query=query) == expected


@pytest.mark.parametrize(
    ("how", "query"),
    [
        (f"explode: true, {COLOUR}", "R=100&G=200&B=150"),
        (f"explode: true, {COLOUR}", "other=1&R=7&R=100&G=200&B=150"),
        (f"explode: false, {COLOUR}", "p=R,100,G,200,B,150"),
        (f"style: spaceDelimited, {COLOUR}", "p=R%20100%20G%20200%20B%20150"),
        (f"style: pipeDelimited, {COLOUR}", "p=R|100|G|200|B|150"),
        (f"style: deepObject, explode: true, {COLOUR}", "p[R]=100&p[G]=200&p[B]=150"),
        (f"style: deepObject, explode: true, {COLOUR}", "p%5BR%5D=100&p%5BG%5D=200&p%5BB%5D=150"),
    ],
)
def test_an_object_in_the_query(how: str, query: str) -> None:
    assert read("query", how, query=query) == {"R": 100, "G": 200, "B": 150}


@pytest.mark.parametrize(
    ("how", "query"),
    [
        (f"explode: true, {COLOUR}", "p=1&r=100"),
        (f"explode: false, {COLOUR}", "R=100"),
        (f"style: deepObject, explode: true, {COLOUR}", "p=1&p.R=100&q[R]=100&p[R=1"),
    ],
)
def test_an_object_of_which_nothing_was_sent_is_absent(how: str, query: str) -> None:
    assert read("query", how, query=query) is ABSENT


def test_a_property_without_a_schema_is_read_if_its_owner_is_named() -> None:
    how = f"style: deepObject, explode: true, {COLOUR}"
    assert read("query", how, query="p[R]=1&p[alpha]=2") == {"R": 1, "alpha": "2"}


def test_an_additional_property_is_read_by_its_schema() -> None:
    how = (
        "style: deepObject, explode: true,"
        " schema: {type: object, additionalProperties: {type: integer}}"
    )
    assert read("query", how, query="p[a]=1&p[b]=2") == {"a": 1, "b": 2}


@pytest.mark.parametrize("sent", ["R,100,G", "R"])
def test_a_name_without_a_value_is_not_left_out_in_silence(sent: str) -> None:
    # What cannot be read stays the text it is, so that the schema refuses it.
    assert read("query", f"explode: false, {COLOUR}", query=f"p={sent}") == sent


@pytest.mark.parametrize(
    "schema",
    [
        "{type: array, items: {$ref: '#/components/schemas/Number'}}",
        "{$ref: '#/components/schemas/Numbers'}",
    ],
)
def test_items_behind_a_reference_are_read_as_it_says(schema: str) -> None:
    assert read("query", f"schema: {schema}", query="p=1&p=2") == [1, 2]


def test_properties_behind_a_reference_are_read_as_it_says() -> None:
    how = "schema: {type: object, properties: {R: {$ref: '#/components/schemas/Number'}}}"
    assert read("query", how, query="R=1") == {"R": 1}


@pytest.mark.parametrize(
    "schema",
    ["{$ref: '#/components/schemas/Number'}", "{allOf: [{$ref: '#/components/schemas/Number'}]}"],
)
def test_a_type_behind_a_reference_is_the_type(schema: str) -> None:
    assert read("query", f"schema: {schema}", query="p=5") == 5


@pytest.mark.parametrize(
    ("how", "path", "expected"),
    [
        ("schema: {type: string}", "blue", "blue"),
        ("schema: {type: integer}", "5", 5),
        ("schema: {type: integer}", "007", "007"),
        (f"explode: false, {WORDS}", "blue,black,brown", ["blue", "black", "brown"]),
        (f"explode: true, {WORDS}", "blue,black,brown", ["blue", "black", "brown"]),
        (f"explode: false, {COLOUR}", "R,100,G,200,B,150", {"R": 100, "G": 200, "B": 150}),
        (f"explode: true, {COLOUR}", "R=100,G=200,B=150", {"R": 100, "G": 200, "B": 150}),
        ("style: label, schema: {type: string}", ".blue", "blue"),
        ("style: label, schema: {type: string}", ".", ""),
        ("style: label, schema: {type: number}", ".1.5", 1.5),
        # RFC 6570 and OpenAPI 3.0.4 have commas here; the table of 3.0.3 has dots, a slip.
        (f"style: label, explode: false, {WORDS}", ".blue,black", ["blue", "black"]),
        (f"style: label, explode: true, {WORDS}", ".blue.black", ["blue", "black"]),
        (
            f"style: label, explode: false, {COLOUR}",
            ".R,100,G,200,B,150",
            {"R": 100, "G": 200, "B": 150},
        ),
        (
            f"style: label, explode: true, {COLOUR}",
            ".R=100.G=200.B=150",
            {"R": 100, "G": 200, "B": 150},
        ),
        ("style: matrix, schema: {type: string}", ";p=blue", "blue"),
        ("style: matrix, schema: {type: integer}", ";p=5", 5),
        (f"style: matrix, explode: false, {WORDS}", ";p=blue,black", ["blue", "black"]),
        (f"style: matrix, explode: true, {WORDS}", ";p=blue;p=black", ["blue", "black"]),
        (
            f"style: matrix, explode: false, {COLOUR}",
            ";p=R,100,G,200,B,150",
            {"R": 100, "G": 200, "B": 150},
        ),
    ],
)
def test_a_value_in_the_path(how: str, path: str, expected: Any) -> None:
    assert read("path", how, path=path) == expected


def test_an_exploded_object_in_matrix_style_names_its_properties_and_not_itself() -> None:
    how = f"style: matrix, explode: true, {COLOUR}"
    assert read("path", how, path=";R=100;G=200;B=150") == {"R": 100, "G": 200, "B": 150}


def test_an_empty_text_in_matrix_style_is_the_name_alone() -> None:
    assert read("path", "style: matrix, schema: {type: string}", path=";p") == ""


@pytest.mark.parametrize(
    ("how", "sent", "expected"),
    [
        ("schema: {type: string}", "blue", "blue"),
        ("schema: {type: string}", "", ""),
        ("schema: {type: integer}", "5", 5),
        ("schema: {type: integer}", "5, 6", "5, 6"),
        ("schema: {type: boolean}", "true", True),
        (f"explode: false, {INTEGERS}", "1,2", [1, 2]),
        (f"explode: true, {INTEGERS}", "1,2", [1, 2]),
        (f"explode: false, {COLOUR}", "R,100,G,200", {"R": 100, "G": 200}),
        (f"explode: true, {COLOUR}", "R=100,G=200", {"R": 100, "G": 200}),
    ],
)
def test_a_value_in_a_header(how: str, sent: str, expected: Any) -> None:
    assert read("header", how, headers=(("x-p", sent),)) == expected


def test_a_header_that_was_not_sent_is_absent() -> None:
    assert read("header", INTEGERS, headers=(("x-q", "1"),)) is ABSENT


@pytest.mark.parametrize("lines", [("1, 2",), ("1", "2"), ("1 ,2",)])
def test_an_array_in_a_header_may_have_spaces_and_lines_of_its_own(lines: tuple[str, ...]) -> None:
    # RFC 9110, section 5.6.1: a list in a header, whose commas may have space around them.
    assert read("header", INTEGERS, headers=tuple(("X-P", line) for line in lines)) == [1, 2]


@pytest.mark.parametrize(
    ("how", "sent", "expected"),
    [
        ("schema: {type: integer}", "p=5", 5),
        ("schema: {type: integer}", "a=1; p=5; b=2", 5),
        ("schema: {type: integer}", "a=1;p=5", 5),
        ("schema: {type: string}", "p=a%20b=c", "a b=c"),
        ("schema: {type: string}", "p=", ""),
        ("schema: {type: string}", "pp=1; P=2", ABSENT),
        ("schema: {type: string}", ";;", ABSENT),
        (f"explode: false, {INTEGERS}", "p=1,2", [1, 2]),
        (f"explode: false, {COLOUR}", "p=R,100,G,200", {"R": 100, "G": 200}),
    ],
)
def test_a_value_in_a_cookie(how: str, sent: str, expected: Any) -> None:
    assert read("cookie", how, headers=(("Cookie", sent),)) == expected


def test_cookies_may_stand_on_two_lines() -> None:
    # RFC 9113, section 8.2.3: HTTP/2 splits the field, and it is joined by a semicolon.
    lines = (("cookie", "a=1"), ("cookie", "p=5"))
    assert read("cookie", "schema: {type: integer}", headers=lines) == 5


def test_without_any_cookie_a_cookie_is_absent() -> None:
    assert read("cookie", "schema: {type: integer}") is ABSENT


# What OpenAPI 3.0.3 leaves open, and clients send


@pytest.mark.parametrize("style", ["form", "spaceDelimited", "pipeDelimited"])
def test_an_exploded_array_has_a_parameter_for_each_item_in_every_style(style: str) -> None:
    how = f"style: {style}, explode: true, {WORDS}"
    assert read("query", how, query="p=a&p=b|c") == ["a", "b|c"]


def test_what_nests_deeper_than_32_brackets_is_one_name() -> None:
    how = "style: deepObject, explode: true, schema: {type: object}"
    value = read("query", how, query=f"p{'[a]' * 5_000}=1")
    for _ in range(31):
        value = value["a"]
    assert value == {"a" + "][a" * 4_968: "1"}


@pytest.mark.parametrize("explode", ["true", "false"])
@pytest.mark.parametrize(
    ("schema", "query", "expected"),
    [
        ("{type: array, items: {type: integer}}", "p[]=1&p[]=2", [1, 2]),
        ("{type: array, items: {type: integer}}", "p[0]=1&p[1]=2", [1, 2]),
        ("{type: array, items: {type: integer}}", "p=1", [1]),
        ("{type: array}", "q=1", ABSENT),
        (
            "{type: object, properties: {a: {type: object, properties: {b: {type: integer}}}}}",
            "p[a][b]=1",
            {"a": {"b": 1}},
        ),
        (
            "{type: object, properties: {a: {type: array, items: {type: integer}}}}",
            "p[a][]=1&p[a][]=2",
            {"a": [1, 2]},
        ),
        (
            "{type: object, properties: {a: {type: array, items: {type: integer}}}}",
            "p[a]=1&p[a]=2",
            {"a": [1, 2]},
        ),
        ("{type: object}", "p[1]=a", {"1": "a"}),
        ("{anyOf: [{type: object}, {type: integer}]}", "p[gt]=1", {"gt": "1"}),
        ("{anyOf: [{type: object}, {type: integer}]}", "p=1", 1),
    ],
)
def test_brackets_may_nest(schema: str, query: str, expected: Any, explode: str) -> None:
    how = f"style: deepObject, explode: {explode}, schema: {schema}"
    assert read("query", how, query=query) == expected


@pytest.mark.parametrize(
    ("schema", "query", "expected"),
    [
        ("{anyOf: [{type: integer}, {type: boolean}]}", "p=5", [5, "5"]),
        ("{anyOf: [{type: integer}, {type: boolean}]}", "p=true", ["true", True]),
        ("{oneOf: [{type: string}, {type: integer}]}", "p=5", [5, "5"]),
        ("{allOf: [{minimum: 1}, {type: integer}]}", "p=5", [5]),
        ("{type: integer, anyOf: [{minimum: 1}, {type: string}]}", "p=5", [5]),
        ("{anyOf: [{type: array, items: {type: integer}}, {type: string}]}", "p=1", [[1], "1"]),
        ("{oneOf: [{$ref: '#/components/schemas/Number'}, {type: boolean}]}", "p=1", [1, "1"]),
        ("{anyOf: [{type: object, properties: {a: {type: integer}}}]}", "a=1", [{"a": 1}]),
        ("{enum: [1, true, x]}", "p=1", ["1", 1]),
        ("{}", "p=true", ["true", True]),
        ("{items: {anyOf: [{type: string}, {type: integer}]}, type: array}", "p=1&p=x", [[1, "x"]]),
    ],
)
def test_a_text_is_read_as_every_type_of_its_alternatives(
    schema: str, query: str, expected: list[Any]
) -> None:
    values = read_all("query", f"schema: {schema}", query=query)
    assert [(type(value), value) for value in values] == [
        (type(value), value) for value in expected
    ]


@pytest.mark.parametrize(
    ("where", "sent"),
    [
        ("query", {"query": "p=%7B%22a%22%3A%5B1%2C2%5D%7D"}),
        ("path", {"path": '{"a":[1,2]}'}),
        ("header", {"headers": (("X-P", '{"a":[1,2]}'),)}),
        ("cookie", {"headers": (("Cookie", "p=%7B%22a%22:[1%2C2]%7D"),)}),
    ],
)
def test_a_parameter_with_content_is_json(where: str, sent: Any) -> None:
    how = "content: {application/json: {schema: {type: object}}}"
    assert read(where, how, **sent) == {"a": [1, 2]}


def test_a_parameter_whose_content_is_no_json_is_a_text() -> None:
    assert read("query", "content: {text/plain: {schema: {type: string}}}", query="p=5") == "5"
    assert read("query", "content: {text/plain: {}}", query="p=5") == "5"
    assert read("query", "content: {application/json: {}}", query="q=5") is ABSENT


def test_content_that_says_it_is_json_must_be() -> None:
    with pytest.raises(ValueError, match="expected a JSON value"):
        read("query", "content: {application/json: {}}", query="p=x")


def test_ten_thousand_parameters_are_read() -> None:
    query = "&".join(f"p={n}" for n in range(10_000))
    assert len(read("query", INTEGERS, query=query)) == 10_000
