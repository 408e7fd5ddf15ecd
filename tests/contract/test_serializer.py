"""A request to an operation, serialized as OpenAPI says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockserver import apis
from mockserver.contract import Contract, Outgoing, Unmatched, Validator, serialize_request
from mockserver.errors import ContractError

APIS = apis.load()
LIST = APIS["calwe"].contract.operation("listSessionLogs")
CREATE = APIS["calwe"].contract.operation("createSessionLog")
CHANGES = APIS["avaamo"].contract.operation("listChangeLogs")


def test_parameters_are_sent_in_their_locations() -> None:
    outgoing = serialize_request(LIST, {"id": "1", "page": 2, "per_page": 30})
    assert outgoing.target == "/customer/sessions/1/log?page=2&per_page=30"
    assert (outgoing.request.method, outgoing.request.path) == ("GET", "/customer/sessions/1/log")
    assert outgoing.request.query == "page=2&per_page=30"
    assert outgoing.request.body == b""


@pytest.mark.parametrize(
    ("id", "path"),
    [("a/b", "a%2Fb"), ("جلسة", "%D8%AC%D9%84%D8%B3%D8%A9"), ("a b?c#d%", "a%20b%3Fc%23d%25")],
)
def test_a_value_in_a_path_is_encoded_whole_and_validated_decoded(id: str, path: str) -> None:
    outgoing = serialize_request(LIST, {"id": id})
    assert outgoing.target == f"/customer/sessions/{path}/log"
    assert outgoing.request.path == f"/customer/sessions/{id}/log"


def test_a_list_is_written_in_the_style_of_its_parameter() -> None:
    assert serialize_request(CHANGES, {"actions": ["create", "update"]}).target.endswith(
        "?actions=create%2Cupdate"
    )


def test_a_request_without_a_value_for_its_path_is_an_error() -> None:
    with pytest.raises(ContractError, match="'listSessionLogs' lacks 'id', part of its path"):
        serialize_request(LIST, {"page": 1})


def test_an_unknown_argument_is_sent_in_the_query() -> None:
    assert serialize_request(LIST, {"id": "1", "more": True}).request.query == "more=true"


@pytest.mark.parametrize(
    ("body", "content"),
    [
        ({"action_type": "ENTERED"}, b'{"action_type": "ENTERED"}'),
        (None, b"null"),
        ("نص", '"نص"'.encode()),
        (b"{", b"{"),
    ],
)
def test_a_body_is_json_and_bytes_are_sent_as_they_are(body: object, content: bytes) -> None:
    request = serialize_request(CREATE, {"id": "1"}, body).request
    assert request.body == content
    assert request.headers.get("content-type") == "application/json"


def test_a_content_type_in_the_headers_replaces_that_of_the_contract() -> None:
    request = serialize_request(CREATE, {"id": "1"}, {}, {"Content-Type": "text/plain"}).request
    assert request.headers.get("content-type") == "text/plain"


def test_without_a_body_there_is_no_content_type() -> None:
    request = serialize_request(CREATE, {"id": "1"}).request
    assert (request.body, request.headers.get("content-type")) == (b"", None)


# Everything that the contract package reads can be written: what is read back is what was sent.

WORDS = {"type": "array", "items": {"type": "string"}}
POINT = {"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "string"}}}


def make_validator(
    parameter: dict[str, Any] | None = None, media: str = "", encoding: Any = None
) -> Validator:
    schema = {
        "type": "object",
        "properties": {
            "n": {"type": "integer"},
            "words": WORDS,
            "point": POINT,
            "file": {"type": "string", "format": "binary"},
        },
        "additionalProperties": False,
    }
    operation = {"responses": {}, "parameters": [parameter] if parameter else []}
    if media:
        content = {media: {"schema": schema, "encoding": encoding or {}}}
        operation["requestBody"] = {"content": content}
    path = "/a/{p}" if parameter and parameter["in"] == "path" else "/a"
    document = {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "paths": {path: {"post": operation}},
    }
    return Validator(Contract.parse(json.dumps(document)))


def read_back(validator: Validator, outgoing: Outgoing) -> dict[str, Any]:
    request = outgoing.request
    found = validator.contract.match(request.method, request.path)
    assert not isinstance(found, Unmatched)
    validated = validator.validate_request(found[0], request, found[1])
    assert validated.violations == []
    return validated.arguments


@pytest.mark.parametrize("explode", [True, False])
@pytest.mark.parametrize(
    ("location", "style"),
    [
        ("query", "form"),
        ("query", "spaceDelimited"),
        ("query", "pipeDelimited"),
        ("query", "deepObject"),
        ("path", "simple"),
        ("path", "label"),
        ("path", "matrix"),
        ("header", "simple"),
    ],
)
@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, 5),
        (WORDS, ["a", "سجل"]),
        (POINT, {"x": 1, "y": "b c"}),
    ],
)
def test_every_style_is_serialized(
    location: str, style: str, explode: bool, schema: dict[str, Any], value: Any
) -> None:
    if location == "header" and value == ["a", "سجل"]:
        value = ["a", "b"]  # headers are ASCII
    if style == "spaceDelimited" and isinstance(value, dict):
        value = {"x": 1, "y": "b"}
    parameter = {
        "name": "p",
        "in": location,
        "required": True,
        "style": style,
        "explode": explode,
        "schema": schema,
    }
    validator = make_validator(parameter)
    operation = validator.contract.operations[0]
    assert read_back(validator, serialize_request(operation, {"p": value})) == {"p": value}


@pytest.mark.parametrize(
    ("schema", "value"),
    [({"type": "string"}, "b=c; d"), (WORDS, ["a", "سجل"]), (POINT, {"x": 1, "y": "b c"})],
)
def test_a_cookie_is_serialized(schema: dict[str, Any], value: Any) -> None:
    parameter = {"name": "p", "in": "cookie", "explode": False, "schema": schema}
    validator = make_validator(parameter)
    operation = validator.contract.operations[0]
    assert read_back(validator, serialize_request(operation, {"p": value})) == {"p": value}


def test_an_object_for_a_parameter_of_another_type_is_json() -> None:
    assert (
        serialize_request(LIST, {"id": "1", "page": {"a": 1}}).request.query
        == "page=%7B%22a%22%3A%201%7D"
    )


@pytest.mark.parametrize("location", ["query", "path", "header", "cookie"])
def test_a_parameter_with_content_is_json(location: str) -> None:
    content = {"application/json": {"schema": {}}}
    validator = make_validator({"name": "p", "in": location, "required": True, "content": content})
    operation = validator.contract.operations[0]
    for value in ("5", 5, ["a"], {"a": [1]}):
        assert read_back(validator, serialize_request(operation, {"p": value})) == {"p": value}


@pytest.mark.parametrize(
    ("media", "encoding"),
    [
        ("application/x-www-form-urlencoded", {}),
        ("application/x-www-form-urlencoded", {"point": {"contentType": "application/json"}}),
        ("application/x-www-form-urlencoded", {"words": {"style": "pipeDelimited"}}),
        ("application/x-www-form-urlencoded", {"point": {"style": "form"}}),
        ("multipart/form-data", {}),
        ("multipart/form-data", {"file": {"contentType": "image/png, image/*"}}),
    ],
)
def test_a_form_is_serialized(media: str, encoding: Any) -> None:
    validator = make_validator(media=media, encoding=encoding)
    operation = validator.contract.operations[0]
    body: dict[str, Any] = {"n": 5, "words": ["a", "سجل"], "point": {"x": 1, "y": "b c"}}
    if media == "multipart/form-data":
        body["file"] = b"\x00\xff\r\n"
    assert read_back(validator, serialize_request(operation, {}, body)) == {"body": body}


def test_a_credential_in_a_cookie_joins_the_cookies_of_the_parameters() -> None:
    parameter = {"name": "p", "in": "cookie", "schema": {"type": "string"}}
    operation = make_validator(parameter).contract.operations[0]
    request = serialize_request(operation, {"p": "a"}, headers={"Cookie": "session=b"}).request
    assert request.headers.fields == (("cookie", "p=a; session=b"),)
