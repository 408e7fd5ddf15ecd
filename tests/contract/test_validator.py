"""The validator: every violation of an exchange, with its place, its rule and the evidence."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract import (
    Contract,
    Exchange,
    Format,
    Headers,
    Request,
    Response,
    ValidatedRequest,
    Validator,
    Violation,
)
from mockserver.contract.schema import Schema
from mockserver.errors import ContractError
from mockserver.memo import Kept

SHOP = """
openapi: 3.0.3
info: {title: A shop, version: '1'}
paths:
  /items/{id}:
    get:
      operationId: getItem
      x-evidence: documented
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer, format: int32, minimum: 1}}
        - name: fields
          in: query
          explode: false
          x-evidence: example
          schema: {type: array, items: {type: string, enum: [name, price], x-evidence: assumed}}
        - {name: page, in: query, schema: {type: integer, minimum: 1, default: 1}}
        - {$ref: '#/components/parameters/Trace'}
        - {name: who, in: cookie, schema: {type: string, minLength: 2}}
      responses:
        '200':
          description: ok
          headers:
            X-Rate: {required: true, x-evidence: assumed, schema: {type: integer, maximum: 10}}
          content:
            application/json: {schema: {$ref: '#/components/schemas/Item'}}
        4XX:
          description: no
          x-evidence: assumed
          content:
            application/problem+json: {schema: {$ref: '#/components/schemas/Problem'}}
  /items:
    post:
      operationId: addItem
      x-evidence: related
      requestBody: {$ref: '#/components/requestBodies/Item'}
      responses:
        '204': {description: done}
    put:
      operationId: guessItem
      requestBody:
        content:
          application/json: {schema: {$ref: '#/components/schemas/Item'}}
          text/*: {schema: {type: string}}
      responses:
        '200': {description: ok, content: {text/plain: {}}}
components:
  parameters:
    Trace:
      name: X-Trace
      in: header
      required: true
      x-evidence: documented
      schema: {type: boolean}
  requestBodies:
    Item:
      required: true
      x-evidence: documented
      content:
        application/json: {schema: {$ref: '#/components/schemas/Item'}}
  schemas:
    Item:
      x-evidence: documented
      type: object
      additionalProperties: false
      required: [name]
      properties:
        name: {type: string, minLength: 1, x-evidence: example}
        price: {type: number, minimum: 0, x-evidence: assumed}
        tags: {type: array, items: {oneOf: [{type: string}, {type: boolean}]}}
        a/b~c: {type: string, nullable: true, enum: [x, null]}
    Problem:
      type: object
      required: [title]
      properties: {title: {type: string}}
"""
JSON = ("Content-Type", "application/json")
GET_ITEM = "#/paths/~1items~1{id}/get"


@pytest.fixture(scope="module")
def validator() -> Validator:
    return Validator(Contract.parse(SHOP))


def get(
    validator: Validator, *, id: str = "5", query: str = "", headers: Any = None
) -> ValidatedRequest:
    """The validated request for an item."""
    fields = Headers([("X-Trace", "true")] if headers is None else headers)
    request = Request("GET", f"/items/{id}", query, fields)
    return validator.validate_request(validator.contract.operation("getItem"), request, {"id": id})


def post(
    validator: Validator, body: bytes, content_type: str = "application/json"
) -> ValidatedRequest:
    """The validated request that adds an item."""
    fields = Headers([("Content-Type", content_type)] if content_type else [])
    request = Request("POST", "/items", headers=fields, body=body)
    return validator.validate_request(validator.contract.operation("addItem"), request, {})


def validate(
    validator: Validator, status: int, body: bytes, *headers: tuple[str, str], to: str = "getItem"
) -> list[Violation]:
    return validator.validate_response(
        validator.contract.operation(to), Response(status, Headers(headers), body)
    )


def places(violations: list[Violation]) -> list[tuple[str, str, str, str]]:
    return [(v.location, v.rule, v.code, v.evidence) for v in violations]


# Requests


def test_a_request_that_conforms_is_read_into_arguments_with_the_defaults(
    validator: Validator,
) -> None:
    headers = [("x-trace", "false"), ("Cookie", "who=me")]
    validated = get(validator, query="fields=name,price", headers=headers)
    assert validated.violations == []
    assert validated.arguments == {
        "id": 5,
        "fields": ["name", "price"],
        "page": 1,
        "X-Trace": False,
        "who": "me",
    }


def test_what_was_not_sent_and_has_no_default_is_no_argument(validator: Validator) -> None:
    assert get(validator).arguments == {"id": 5, "page": 1, "X-Trace": True}


def test_what_the_contract_does_not_know_is_no_argument(validator: Validator) -> None:
    headers = [("X-Trace", "true"), ("X-Other", "1"), ("Cookie", "other=1")]
    validated = get(validator, query="other=1&Page=2", headers=headers)
    assert (validated.arguments, validated.violations) == (
        {"id": 5, "page": 1, "X-Trace": True},
        [],
    )


def test_a_default_that_one_request_changes_is_unchanged_for_the_next() -> None:
    validator = Validator(
        Contract.parse("""
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /a:
    get:
      operationId: a
      parameters:
        - {name: n, in: query, schema: {type: array, items: {type: integer}, default: [1]}}
      responses: {'200': {description: ok}}
""")
    )
    operation = validator.contract.operation("a")
    validator.validate_request(operation, Request("GET", "/a"), {}).arguments["n"].append(2)
    assert validator.validate_request(operation, Request("GET", "/a"), {}).arguments == {"n": [1]}


def test_every_violation_of_a_request_is_found_at_once_each_in_its_place(
    validator: Validator,
) -> None:
    validated = get(
        validator, id="0", query="fields=name,x,y&page=0", headers=[("Cookie", "who=i")]
    )
    assert validated.arguments == {}
    assert places(validated.violations) == [
        (
            "/request/path/id",
            f"{GET_ITEM}/parameters/0/schema/minimum",
            "minimum",
            "documented",
        ),
        (
            "/request/query/fields/1",
            f"{GET_ITEM}/parameters/1/schema/items/enum",
            "enum",
            "assumed",
        ),
        (
            "/request/query/fields/2",
            f"{GET_ITEM}/parameters/1/schema/items/enum",
            "enum",
            "assumed",
        ),
        (
            "/request/query/page",
            f"{GET_ITEM}/parameters/2/schema/minimum",
            "minimum",
            "documented",
        ),
        (
            "/request/header/X-Trace",
            "#/components/parameters/Trace/required",
            "required",
            "documented",
        ),
        (
            "/request/cookie/who",
            f"{GET_ITEM}/parameters/4/schema/minLength",
            "minLength",
            "documented",
        ),
    ]
    assert [violation.value for violation in validated.violations] == [0, "x", "y", 0, None, "i"]
    assert validated.violations[4].message == "the header parameter 'X-Trace' is missing"


def test_what_conforms_is_read_although_something_else_does_not(validator: Validator) -> None:
    validated = get(validator, query="page=x&fields=name")
    assert validated.arguments == {"id": 5, "fields": ["name"], "X-Trace": True}
    assert places(validated.violations) == [
        ("/request/query/page", f"{GET_ITEM}/parameters/2/schema/type", "type", "documented")
    ]
    assert validated.violations[0].value == "x"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "+5",
        "007",
        "5.0",
        "1e400",
        "NaN",
        "１",
        "5\n",
        " 5",
        "null",
        "2147483648",
        "-1",
        "9" * 300,
        "9" * 5_000,
        "\x00",
    ],
)
def test_what_is_no_such_number_is_one_violation_that_shows_what_was_sent(
    validator: Validator, text: str
) -> None:
    validated = get(validator, id=text)
    assert [violation.location for violation in validated.violations] == ["/request/path/id"]
    assert str(validated.violations[0].value) == text
    assert "id" not in validated.arguments


@pytest.mark.parametrize("text", ["2147483648", "9" * 300])
def test_a_number_beyond_its_format_violates_the_format(validator: Validator, text: str) -> None:
    assert places(get(validator, id=text).violations) == [
        ("/request/path/id", f"{GET_ITEM}/parameters/0/schema/format", "format", "documented")
    ]


@pytest.mark.parametrize("query", ["page=1&page=x", "page=2&page="])
def test_of_a_repeated_parameter_the_last_is_validated(validator: Validator, query: str) -> None:
    assert [v.location for v in get(validator, query=query).violations] == ["/request/query/page"]


def test_a_body_that_conforms_is_an_argument(validator: Validator) -> None:
    validated = post(validator, '{"name": "جلسة", "tags": ["a", true], "a/b~c": null}'.encode())
    assert validated.violations == []
    assert validated.arguments == {"body": {"name": "جلسة", "tags": ["a", True], "a/b~c": None}}


def test_a_body_that_comes_again_is_an_argument_of_its_own(validator: Validator) -> None:
    first = post(validator, b'{"name": "a"}')
    first.arguments["body"]["name"] = "changed"
    assert post(validator, b'{"name": "a"}').arguments == {"body": {"name": "a"}}
    with_list = post(validator, b'{"name": "a", "tags": ["a", true]}')
    with_list.arguments["body"]["tags"].append(1)
    again = post(validator, b'{"name": "a", "tags": ["a", true]}')
    assert again.arguments["body"]["tags"] == ["a", True]


def test_a_body_that_comes_again_in_another_content_type_is_read_by_that(forms: Validator) -> None:
    body = multipart(('id"', b"5"))
    assert send(forms, body, MULTIPART).arguments == {"body": {"id": 5}}
    other = (MULTIPART[0], MULTIPART[1].replace("boundary=", "boundary=other"))
    assert [it.code for it in send(forms, body, other).violations] == ["multipart"]


def test_every_violation_of_a_body_is_found_at_once_each_in_its_place(validator: Validator) -> None:
    validated = post(
        validator, b'{"name": "", "price": -1, "tags": ["a", 5], "a/b~c": "y", "more": 1}'
    )
    assert validated.arguments == {}
    item = "#/components/schemas/Item"
    assert sorted(places(validated.violations)) == [
        ("/request/body", f"{item}/additionalProperties", "additionalProperties", "related"),
        ("/request/body/a~1b~0c", f"{item}/properties/a~1b~0c/enum", "enum", "related"),
        ("/request/body/name", f"{item}/properties/name/minLength", "minLength", "related"),
        ("/request/body/price", f"{item}/properties/price/minimum", "minimum", "assumed"),
        ("/request/body/tags/1", f"{item}/properties/tags/items/oneOf", "oneOf", "related"),
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[]", "type"),
        (b"null", "type"),
        (b'"text"', "type"),
        (b"5", "type"),
        (b"{}", "required"),
        (b" ", "json"),
        (b"{", "json"),
        (b"{'name': 'a'}", "json"),
        (b'{"name": "a",}', "json"),
        (b'{"name": "\xff"}', "json"),
        (b'{"name": "\\ud800"}', "json"),
        (b'{"name": NaN}', "json"),
        (b'{"price": 1e400}', "json"),
        (b'{"name": "a"}\x00', "json"),
        ('{"name": "a"}'.encode("utf-16"), "json"),
        (b"[" * 100_000, "json"),
        (b'{"a":' * 100_000, "json"),
    ],
)
def test_a_body_that_is_no_such_object_is_one_violation_of_the_whole(
    validator: Validator, body: bytes, code: str
) -> None:
    validated = post(validator, body)
    assert [(v.location, v.code) for v in validated.violations] == [("/request/body", code)]
    assert validated.arguments == {}


@pytest.mark.parametrize("depth", [200, 300, 1_000])
def test_a_deeply_nested_body_is_validated_like_any_other(validator: Validator, depth: int) -> None:
    validated = post(validator, b"[" * depth + b"]" * depth)
    assert [(v.location, v.code) for v in validated.violations] == [("/request/body", "type")]


def test_a_whole_number_of_any_length_is_a_whole_number() -> None:
    validator = Validator(
        Contract.parse(
            SHOP.replace("price: {type: number, minimum: 0, x-", "price: {type: integer, x-")
        )
    )
    validated = post(validator, b'{"name": "a", "price": 100000000000000000000}')
    assert validated.violations == []
    assert validated.arguments == {"body": {"name": "a", "price": 100_000_000_000_000_000_000}}


def test_a_body_that_is_no_json_is_shown_in_part(validator: Validator) -> None:
    (violation,) = post(validator, b"\xff" + b"x" * 1_000).violations
    assert violation.value == "�" + "x" * 199
    assert violation.rule == "#/components/requestBodies/Item/content"
    assert violation.message.startswith("the body is not JSON: ")


def test_a_body_that_must_be_there_is_missed(validator: Validator) -> None:
    validated = post(validator, b"")
    assert places(validated.violations) == [
        ("/request/body", "#/components/requestBodies/Item/required", "required", "related")
    ]
    assert validated.violations[0].message == "the body is missing"


def test_a_body_that_may_be_left_out_may_be_left_out(validator: Validator) -> None:
    operation = validator.contract.operation("guessItem")
    assert validator.validate_request(operation, Request("PUT", "/items"), {}) == ValidatedRequest()


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/jso", "application/json5"])
def test_a_content_type_that_is_not_documented_is_a_violation_of_its_header(
    validator: Validator, content_type: str
) -> None:
    validated = post(validator, b'{"name": "a"}', content_type)
    assert places(validated.violations) == [
        (
            "/request/headers/content-type",
            "#/components/requestBodies/Item/content",
            "content-type",
            "related",
        )
    ]
    assert validated.violations[0].value == content_type


@pytest.mark.parametrize("content_type", ["Application/JSON", "application/json; charset=utf-8"])
def test_a_content_type_is_known_in_any_case_and_with_parameters(
    validator: Validator, content_type: str
) -> None:
    assert post(validator, b'{"name": "a"}', content_type).violations == []


def test_a_body_that_is_not_json_is_passed_on_as_it_came(validator: Validator) -> None:
    request = Request(
        "PUT", "/items", headers=Headers([("Content-Type", "text/csv")]), body=b"a;\xff"
    )
    validated = validator.validate_request(validator.contract.operation("guessItem"), request, {})
    assert (validated.arguments, validated.violations) == ({"body": b"a;\xff"}, [])


# Forms, and parameters of other kinds

FORMS = """
openapi: 3.0.3
info: {title: Forms, version: '1'}
paths:
  /a:
    post:
      operationId: post
      parameters:
        - {name: c, in: query, schema: {anyOf: [{type: integer, minimum: 1}, {type: boolean}]}}
        - {name: d, in: query, schema: {oneOf: [{type: string, format: date}, {type: integer}]}}
        - {name: e, in: query, allowEmptyValue: true, schema: {type: boolean}}
        - name: f
          in: query
          content: {application/json: {schema: {type: object, required: [a]}}}
        - {name: g, in: query, content: {text/plain: {}}}
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema: &schema
              type: object
              required: [id, made]
              additionalProperties: false
              properties:
                id: {type: integer}
                made: {type: string, readOnly: true}
                file: {type: string, format: binary, maxLength: 4}
                tags: {type: array, items: {type: string, minLength: 2}}
          multipart/form-data:
            schema: *schema
            encoding:
              file: {contentType: 'image/png, image/*'}
      responses:
        '200':
          description: ok
          headers:
            X-A: {content: {application/json: {schema: {type: array}}}}
          content:
            application/json: {schema: {type: integer}}
            application/json;stream=watch: {schema: {type: string}}
"""
CONTENT = "#/paths/~1a/post/requestBody/content"
FORM = ("Content-Type", "application/x-www-form-urlencoded")
MULTIPART = ("Content-Type", "multipart/form-data; boundary=b")


@pytest.fixture
def forms() -> Validator:
    return Validator(Contract.parse(FORMS))


def send(
    validator: Validator,
    body: bytes = b"",
    header: tuple[str, str] = FORM,
    query: str = "",
) -> ValidatedRequest:
    request = Request("POST", "/a", query, Headers([header]), body)
    return validator.validate_request(validator.contract.operation("post"), request, {})


def test_a_form_is_an_argument_like_any_other_body(forms: Validator) -> None:
    sent = send(forms, b"id=5&tags=ab&tags=cd")
    assert sent.violations == []
    assert sent.arguments == {"body": {"id": 5, "tags": ["ab", "cd"]}}


def test_every_violation_of_a_form_is_found(forms: Validator) -> None:
    schema = f"{CONTENT}/application~1x-www-form-urlencoded/schema"
    assert sorted(places(send(forms, b"id=x&zz=1&tags=a").violations)) == [
        ("/request/body", f"{schema}/additionalProperties", "additionalProperties", "assumed"),
        ("/request/body/id", f"{schema}/properties/id/type", "type", "assumed"),
        (
            "/request/body/tags/0",
            f"{schema}/properties/tags/items/minLength",
            "minLength",
            "assumed",
        ),
    ]


def multipart(*parts: tuple[str, bytes]) -> bytes:
    lines = (
        f'--b\r\nContent-Disposition: form-data; name="{head}\r\n\r\n'.encode() + content
        for head, content in parts
    )
    return b"\r\n".join([*lines, b"--b--\r\n"])


PNG = 'file"; filename="a.png"\r\nContent-Type: image/png'


def test_a_multipart_form_has_its_files_as_bytes(forms: Validator) -> None:
    body = multipart(('id"', b"5"), (PNG, b"\x89\xff"), ('tags"', b"ab"))
    sent = send(forms, body, MULTIPART)
    assert sent.violations == []
    assert sent.arguments == {"body": {"id": 5, "file": b"\x89\xff", "tags": ["ab"]}}


def test_every_violation_of_a_multipart_form_is_found(forms: Validator) -> None:
    media = f"{CONTENT}/multipart~1form-data"
    zipped = PNG.replace("image/png", "application/zip")
    body = multipart(('id"', b"x"), (zipped, b"\xff" * 5))
    found = send(forms, body, MULTIPART).violations
    assert sorted(places(found)) == [
        ("/request/body/file", f"{media}/encoding/file/contentType", "content-type", "assumed"),
        ("/request/body/file", f"{media}/schema/properties/file/maxLength", "maxLength", "assumed"),
        ("/request/body/id", f"{media}/schema/properties/id/type", "type", "assumed"),
    ]
    assert found[0].message == (
        "'application/zip' is not the content type of the part 'file'; "
        "documented: image/png, image/*"
    )


def test_a_body_that_is_no_multipart_is_one_violation(forms: Validator) -> None:
    (violation,) = send(forms, b"id=5", MULTIPART).violations
    assert places([violation]) == [("/request/body", CONTENT, "multipart", "assumed")]
    assert violation.message.startswith("the body is not multipart/form-data: ")


@pytest.mark.parametrize(
    ("query", "arguments"),
    [
        ("c=5", {"c": 5}),
        ("c=true", {"c": True}),
        ("d=5", {"d": 5}),
        ("d=2025-08-21", {"d": "2025-08-21"}),
        ("e=", {"e": ""}),
        ("e=true", {"e": True}),
        ("f=%7B%22a%22%3A1%7D", {"f": {"a": 1}}),
        ("g=x", {"g": "x"}),
    ],
)
def test_an_argument_is_the_value_that_its_schema_accepts(
    forms: Validator, query: str, arguments: dict[str, Any]
) -> None:
    assert send(forms, query=query) == ValidatedRequest(arguments)


@pytest.mark.parametrize(
    ("query", "rule", "code"),
    [
        ("c=0", "0/schema/anyOf", "anyOf"),
        ("c=x", "0/schema/anyOf", "anyOf"),
        ("d=2025-02-31", "1/schema/oneOf", "oneOf"),
        ("e=x", "2/schema/type", "type"),
        ("f=x", "3/content", "json"),
        ("f=%7B%7D", "3/content/application~1json/schema/required", "required"),
    ],
)
def test_a_parameter_that_no_alternative_accepts_is_a_violation(
    forms: Validator, query: str, rule: str, code: str
) -> None:
    (violation,) = send(forms, query=query).violations
    assert (violation.location, violation.rule, violation.code) == (
        f"/request/query/{query[0]}",
        f"#/paths/~1a/post/parameters/{rule}",
        code,
    )


@pytest.mark.parametrize(
    ("content_type", "body", "codes"),
    [
        ("application/json", b"5", []),
        ("application/json", b'"x"', ["type"]),
        ("application/json; stream=watch", b'"x"', []),
        ("Application/JSON;Stream=Watch", b"5", ["type"]),
        ("application/json; charset=utf-8", b"5", []),
    ],
)
def test_content_types_that_differ_in_parameters_have_their_own_schemas(
    forms: Validator, content_type: str, body: bytes, codes: list[str]
) -> None:
    found = validate(forms, 200, body, ("Content-Type", content_type), to="post")
    assert [violation.code for violation in found] == codes


@pytest.mark.parametrize(("value", "codes"), [("[1]", []), ("1", ["type"]), ("[", ["json"])])
def test_a_header_with_content_is_json(forms: Validator, value: str, codes: list[str]) -> None:
    found = validate(forms, 200, b"5", JSON, ("X-A", value), to="post")
    assert [(violation.location, violation.code) for violation in found] == [
        ("/response/headers/x-a", code) for code in codes
    ]


# Responses


def test_a_response_that_conforms_has_no_violation(validator: Validator) -> None:
    assert validate(validator, 200, b'{"name": "a"}', JSON, ("X-Rate", "10")) == []
    assert (
        validate(validator, 404, b'{"title": "a"}', ("Content-Type", "application/problem+json"))
        == []
    )
    assert validate(validator, 204, b"", to="addItem") == []


def test_every_violation_of_a_response_is_found_at_once_each_in_its_place(
    validator: Validator,
) -> None:
    found = validate(validator, 200, b'{"price": -1, "x": 1}', JSON, ("X-Rate", "11"))
    item = "#/components/schemas/Item"
    assert sorted(places(found)) == [
        ("/response/body", f"{item}/additionalProperties", "additionalProperties", "documented"),
        ("/response/body", f"{item}/required", "required", "documented"),
        ("/response/body/price", f"{item}/properties/price/minimum", "minimum", "assumed"),
        (
            "/response/headers/x-rate",
            f"{GET_ITEM}/responses/200/headers/X-Rate/schema/maximum",
            "maximum",
            "assumed",
        ),
    ]


def test_a_header_that_must_be_there_is_missed(validator: Validator) -> None:
    (violation,) = validate(validator, 200, b'{"name": "a"}', JSON)
    assert places([violation]) == [
        (
            "/response/headers/x-rate",
            f"{GET_ITEM}/responses/200/headers/X-Rate/required",
            "required",
            "assumed",
        )
    ]
    assert violation.message == "the header 'X-Rate' is missing"


@pytest.mark.parametrize("value", ["", "x", "1.5", "11", "1, 2", "９"])
def test_a_header_that_does_not_fit_is_a_violation(validator: Validator, value: str) -> None:
    found = validate(validator, 200, b'{"name": "a"}', JSON, ("x-rate", value))
    assert [violation.location for violation in found] == ["/response/headers/x-rate"]


@pytest.mark.parametrize("status", [201, 301, 500, 99])
def test_a_status_that_is_not_documented_is_a_violation(validator: Validator, status: int) -> None:
    (violation,) = validate(validator, status, b"anything")
    assert places([violation]) == [
        ("/response/status", f"{GET_ITEM}/responses", "status", "documented")
    ]
    assert violation.value == status
    assert violation.message == f"the status {status} is not documented; documented: 200, 4XX"


def test_a_content_type_that_is_not_documented_is_a_violation_of_the_response(
    validator: Validator,
) -> None:
    (violation,) = validate(validator, 404, b"{}", JSON)
    assert places([violation]) == [
        (
            "/response/headers/content-type",
            f"{GET_ITEM}/responses/4XX/content",
            "content-type",
            "assumed",
        )
    ]
    assert violation.message == (
        "'application/json' is not a documented content type; documented: application/problem+json"
    )


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"<html>"])
def test_a_response_that_says_it_is_json_and_is_not_is_a_violation(
    validator: Validator, body: bytes
) -> None:
    found = validate(validator, 200, body, JSON, ("X-Rate", "1"))
    assert places(found) == [
        ("/response/body", f"{GET_ITEM}/responses/200/content", "json", "documented")
    ]


def test_a_response_in_a_type_without_a_schema_may_hold_anything(validator: Validator) -> None:
    assert validate(validator, 200, b"\xff", ("Content-Type", "text/plain"), to="guessItem") == []


def small(media: str, schema: str, *, headers: str = "{}") -> Validator:
    return Validator(
        Contract.parse(f"""
openapi: 3.0.3
info: {{title: T, version: '1'}}
paths:
  /a:
    get:
      operationId: a
      responses:
        '200':
          description: ok
          headers: {headers}
          content: {{'{media}': {{schema: {schema}}}}}
components:
  schemas:
    Number: {{type: integer}}
""")
    )


@pytest.mark.parametrize("media", ["*/*", "application/*"])
def test_a_range_of_content_types_is_validated_by_the_type_that_was_sent(media: str) -> None:
    validator = small(media, "{type: integer}")
    assert validate(validator, 200, b"5", JSON, to="a") == []
    found = validate(validator, 200, b'"x"', JSON, to="a")
    assert places(found) == [
        (
            "/response/body",
            f"#/paths/~1a/get/responses/200/content/{media.replace('/', '~1')}/schema/type",
            "type",
            "assumed",
        )
    ]


def test_a_response_that_comes_again_is_validated_by_the_type_that_was_sent() -> None:
    validator = small("*/*", "{type: integer}")
    for _ in range(2):
        assert validate(validator, 200, b'"x"', ("Content-Type", "text/plain"), to="a") == []
        assert len(validate(validator, 200, b'"x"', JSON, to="a")) == 1


def test_what_conforms_is_validated_once(
    validator: Validator, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, got = b'{"name": "once"}', b'{"name": "one"}'
    post(validator, sent)
    validate(validator, 200, got, JSON, ("X-Rate", "10"))
    monkeypatch.setattr(Schema, "accepts", lambda _, value: value == 11)
    assert post(validator, sent).arguments == {"body": {"name": "once"}}
    assert validate(validator, 200, got, JSON, ("X-Rate", "11")) == []
    assert validate(validator, 200, b'{"name": "two"}', JSON, ("X-Rate", "11")) != []


def test_a_body_that_is_too_long_to_be_kept_is_not_looked_up(
    validator: Validator, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[int] = []
    monkeypatch.setattr(Kept, "get", lambda _, key: looked_up.append(len(key[-1])))
    for length in (256, 257, 8_192, 8_193):  # the hash of a body takes long if that is long
        body = b'{"name": "%s"}' % (b"a" * (length - 12))
        assert post(validator, body).violations == []
        assert validate(validator, 200, body, JSON, ("X-Rate", "10")) == []
    assert [it for it in looked_up if it >= 256] == [256, 256, 257, 8_192]


def test_a_content_type_may_be_documented_with_its_parameters() -> None:
    validator = small("application/json; charset=utf-8", "{type: integer}")
    sent = ("Content-Type", "application/json; charset=utf-8")
    assert validate(validator, 200, b"5", sent, to="a") == []


@pytest.mark.parametrize(
    ("schema", "sent", "codes"),
    [
        ("{type: array, items: {type: integer}}", "1,2", []),
        ("{type: array, items: {type: integer}}", "1, 2", []),
        ("{type: array, items: {type: integer}}", "1,x", ["type"]),
        ("{$ref: '#/components/schemas/Number'}", "5", []),
        ("{$ref: '#/components/schemas/Number'}", "x", ["type"]),
        ("{type: boolean}", "true", []),
        ("{type: boolean}", "1", ["type"]),
    ],
)
def test_a_header_of_a_response_is_read_as_its_schema_asks(
    schema: str, sent: str, codes: list[str]
) -> None:
    validator = small(
        "application/json", "{type: integer}", headers=f"{{X-A: {{schema: {schema}}}}}"
    )
    assert [v.code for v in validate(validator, 200, b"5", JSON, ("X-A", sent), to="a")] == codes


# Exchanges


def test_an_exchange_is_validated_on_both_sides(validator: Validator) -> None:
    request = Request("GET", "/items/x", headers=Headers([("X-Trace", "true")]))
    response = Response(200, Headers([JSON]), b'{"name": "a"}')
    assert [v.location for v in validator.validate_exchange(Exchange(request, response))] == [
        "/request/path/id",
        "/response/headers/x-rate",
    ]


def test_an_exchange_that_conforms_has_no_violation(validator: Validator) -> None:
    request = Request("POST", "/items", headers=Headers([JSON]), body=b'{"name": "a"}')
    assert validator.validate_exchange(Exchange(request, Response(204))) == []


def test_an_exchange_on_a_path_that_is_not_documented_is_one_violation(
    validator: Validator,
) -> None:
    (violation,) = validator.validate_exchange(
        Exchange(Request("GET", "/nowhere\n"), Response(404))
    )
    assert places([violation]) == [("/request/path", "#/paths", "path", "assumed")]
    assert violation.value == "/nowhere\n"


def test_an_exchange_with_a_method_that_is_not_documented_is_one_violation(
    validator: Validator,
) -> None:
    (violation,) = validator.validate_exchange(Exchange(Request("DELETE", "/items"), Response(200)))
    assert places([violation]) == [("/request/method", "#/paths", "method", "assumed")]
    assert violation.message == "DELETE is not documented for this path; documented: PUT, POST"


# Rules and evidence


def lead(document: Any, pointer: str) -> Any:
    """Where a pointer leads, followed without the code under test."""
    node = document
    assert pointer.startswith("#/")
    for token in pointer[2:].split("/"):
        name = token.replace("~1", "/").replace("~0", "~")
        node = node[int(name)] if isinstance(node, list) else node[name]
    return node


def test_every_rule_leads_to_a_line_of_the_contract(validator: Validator) -> None:
    violations = [
        *get(validator, id="0", query="fields=x&page=0", headers=[("Cookie", "who=i")]).violations,
        *get(validator, id="x", headers=[("X-Trace", "1")]).violations,
        *post(validator, b"").violations,
        *post(validator, b"{").violations,
        *post(validator, b"[]").violations,
        *post(validator, b"{}", "text/plain").violations,
        *post(validator, b'{"name": 5, "price": -1, "tags": [5], "a/b~c": 1, "x": 1}').violations,
        *validate(validator, 200, b"{", JSON),
        *validate(validator, 200, b'{"x": 1}', JSON, ("X-Rate", "11")),
        *validate(validator, 404, b"{}", JSON),
        *validate(validator, 404, b"{}", ("Content-Type", "application/problem+json")),
        *validate(validator, 500, b""),
        *validate(validator, 200, b"", to="addItem"),
        *validator.validate_exchange(Exchange(Request("GET", "/nowhere"), Response(200))),
        *validator.validate_exchange(Exchange(Request("DELETE", "/items"), Response(200))),
    ]
    assert len(violations) > 25
    for violation in violations:
        lead(validator.contract.document, violation.rule)
    assert lead(validator.contract.document, get(validator, id="0").violations[0].rule) == 1


@pytest.mark.parametrize(
    ("of_operation", "of_rule", "expected"),
    [
        ("documented", "documented", "documented"),
        ("documented", "assumed", "assumed"),
        ("related", "documented", "related"),
        ("assumed", "example", "assumed"),
        ("example", "related", "related"),
    ],
)
def test_a_shared_rule_has_no_stronger_evidence_than_its_operation(
    of_operation: str, of_rule: str, expected: str
) -> None:
    validator = Validator(
        Contract.parse(f"""
openapi: 3.0.3
info: {{title: T, version: '1'}}
paths:
  /a:
    post:
      operationId: a
      x-evidence: {of_operation}
      parameters:
        - {{name: n, in: query, x-evidence: {of_rule}, schema: {{type: integer}}}}
      requestBody:
        content: {{application/json: {{schema: {{$ref: '#/components/schemas/A'}}}}}}
      responses:
        '200':
          description: ok
          content: {{application/json: {{schema: {{$ref: '#/components/schemas/A'}}}}}}
components:
  schemas:
    A: {{type: object, x-evidence: {of_rule}}}
""")
    )
    request = Request("POST", "/a", "n=x", Headers([JSON]), b"5")
    found = validator.validate_exchange(Exchange(request, Response(200, Headers([JSON]), b"5")))
    assert [(v.location, v.evidence) for v in found] == [
        ("/request/query/n", expected),
        ("/request/body", expected),
        ("/response/body", expected),
    ]


def test_a_format_of_the_vendors_own_is_validated_on_both_sides() -> None:
    even = Format("even", "^[0-9]*[02468]$", ("2",), ("3",))
    validator = Validator(
        Contract.parse("""
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /a:
    get:
      operationId: a
      parameters: [{name: n, in: query, schema: {type: string, format: even}}]
      responses:
        '200':
          description: ok
          headers: {X-N: {schema: {type: string, format: even}}}
          content: {application/json: {schema: {type: string, format: even}}}
"""),
        [even],
    )
    sent = Headers([JSON, ("X-N", "5")])
    found = validator.validate_exchange(
        Exchange(Request("GET", "/a", "n=3"), Response(200, sent, b'"7"'))
    )
    assert [(v.location, v.code, v.value) for v in found] == [
        ("/request/query/n", "format", "3"),
        ("/response/headers/x-n", "format", "5"),
        ("/response/body", "format", "7"),
    ]
    sent = Headers([JSON, ("X-N", "4")])
    assert (
        validator.validate_exchange(
            Exchange(Request("GET", "/a", "n=2"), Response(200, sent, b'"8"'))
        )
        == []
    )


def test_a_contract_with_a_schema_that_cannot_be_used_is_refused_when_it_is_compiled() -> None:
    validator = small("application/json", "{type: string, pattern: '('}")
    with pytest.raises(ContractError) as caught:
        validator.compile()
    assert str(caught.value) == (
        "the schema at #/paths/~1a/get/responses/200/content/application~1json/schema/pattern "
        'cannot be compiled: "(" is not a "regex"'
    )
