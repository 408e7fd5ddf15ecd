"""The client profile of a contract: its types, without its rules."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from mockserver.contract import (
    Contract,
    make_client_profile,
    prepend_server,
    write_client_profile,
    write_contract,
)


def make_document(schema: str, **components: str) -> dict[str, Any]:
    """A document whose one operation takes `New` and responds with `schema`, in YAML."""
    document: dict[str, Any] = yaml.safe_load(f"""
openapi: 3.0.3
info:
  title: Things
  version: '1'
  description: |
    What there is.

    More of it.
paths:
  /things:
    post:
      operationId: makeThing
      x-evidence: assumed
      parameters:
        - name: size
          in: query
          schema: {{type: integer, allOf: [{{minimum: 1}}], x-evidence: documented}}
      requestBody:
        content: {{application/json: {{schema: {{$ref: '#/components/schemas/New'}}}}}}
      responses:
        '200':
          description: ok
          x-evidence: documented
          content:
            application/json:
              schema: {schema}
              examples: {{one: {{x-request: {{}}, value: {{x-kept: 1}}}}}}
components:
  x-traits: {{Pages: {{}}}}
  schemas:
    New: {{type: object, properties: {{name: {{type: string, minLength: 1}}}}}}
""")
    document["components"]["schemas"] |= {
        name: yaml.safe_load(text) for name, text in components.items()
    }
    return document


def simplify(schema: str, **components: str) -> Any:
    """The schema of the response in the client profile."""
    profile = make_client_profile(make_document(schema, **components))
    responses = profile["paths"]["/things"]["post"]["responses"]
    return responses["200"]["content"]["application/json"]["schema"]


@pytest.mark.parametrize(
    ("schema", "simple"),
    [
        # One Arabic sentence, or two: a type of its own would have an unreadable name.
        ("{type: string, enum: [تم الحفظ]}", {"type": "string", "example": "تم الحفظ"}),
        ("{type: string, enum: [تم, لا]}", {"type": "string", "example": "تم"}),
        ("{type: string, enum: [Not found.]}", {"type": "string", "example": "Not found."}),
        ("{type: integer, enum: [200]}", {"type": "integer", "example": 200}),
        ("{type: boolean, enum: [false]}", {"type": "boolean", "example": False}),
        ("{nullable: true, enum: [null]}", {"nullable": True}),
        # Names are a type.
        ("{type: string, enum: [on_duty, a-b]}", {"type": "string", "enum": ["on_duty", "a-b"]}),
        ("{type: integer, enum: [1, 2]}", {"type": "integer", "enum": [1, 2]}),
        (
            "{type: string, nullable: true, enum: [A, null]}",
            {"type": "string", "nullable": True, "enum": ["A"]},
        ),
        # OpenAPI 3.0 has no type for null.
        ("{type: object, nullable: true, not: {type: object}}", {"description": "Always null."}),
        ("{type: array, maxItems: 0, items: {type: object}}", {"type": "array", "items": {}}),
        # What a client receives has no rules, and it may have more properties.
        ("{type: string, minLength: 1, pattern: '^a', format: date-dmy}", {"type": "string"}),
        ("{type: string, format: date-time}", {"type": "string", "format": "date-time"}),
        ("{type: object, additionalProperties: false}", {"type": "object"}),
        (
            "{type: object, additionalProperties: {type: string, maxLength: 2}}",
            {"type": "object", "additionalProperties": {"type": "string"}},
        ),
        # A part that only narrows is none of the type.
        (
            "{type: number, x-evidence: documented, allOf: [{type: integer, minimum: 0}]}",
            {"type": "number"},
        ),
        ("{type: string, allOf: [{type: string, enum: [User]}]}", {"type": "string"}),
        ("{type: integer, allOf: [{format: int64}]}", {"format": "int64", "type": "integer"}),
        (
            "{type: object, properties: {a: {}}, required: [a], allOf: [{required: [b]}]}",
            {"type": "object", "properties": {"a": {}}, "required": ["a"]},
        ),
    ],
)
def test_a_schema_keeps_its_type_alone(schema: str, simple: Any) -> None:
    assert simplify(schema) == simple


def test_a_part_that_adds_properties_stays_a_part() -> None:
    schema = "{type: object, allOf: [{$ref: '#/components/schemas/Base'}], required: [id]}"
    simple = simplify(schema, Base="{type: object, properties: {id: {type: string}}}")
    assert simple["allOf"] == [{"$ref": "#/components/schemas/Base"}]


def test_a_named_object_stays_named_and_a_named_text_does_not() -> None:
    names = {"owner": "Owner", "seconds": "Seconds", "state": "State", "notes": "Notes"}
    references = {key: {"$ref": f"#/components/schemas/{name}"} for key, name in names.items()}
    schema = json.dumps({"type": "object", "properties": references})
    components = {
        "Owner": "{type: object, properties: {name: {type: string, minLength: 1}}}",
        "Seconds": "{type: integer, minimum: 0}",
        "State": "{type: string, enum: [OPEN, SHUT]}",
        "Notes": "{type: array, minItems: 1, items: {type: string}}",
    }
    document = make_document(schema, **components)
    profile = make_client_profile(document)
    assert profile["components"]["schemas"] == {
        "New": {"type": "object", "properties": {"name": {"type": "string", "minLength": 1}}},
        "Owner": {"type": "object", "properties": {"name": {"type": "string"}}},
        "State": {"type": "string", "enum": ["OPEN", "SHUT"]},
    }
    assert simplify(schema, **components)["properties"] == {
        "owner": {"$ref": "#/components/schemas/Owner"},
        "seconds": {"type": "integer"},
        "state": {"$ref": "#/components/schemas/State"},
        "notes": {"type": "array", "items": {"type": "string"}},
    }


def test_what_a_client_sends_keeps_its_rules() -> None:
    profile = make_client_profile(make_document("{}"))
    (size,) = profile["paths"]["/things"]["post"]["parameters"]
    assert size == {"name": "size", "in": "query", "schema": {"minimum": 1, "type": "integer"}}
    new = profile["components"]["schemas"]["New"]
    assert new["properties"]["name"] == {"type": "string", "minLength": 1}


def test_extensions_are_left_out_but_not_of_values_and_names() -> None:
    document = make_document("{type: object, properties: {x-name: {type: string}}}")
    profile = make_client_profile(document)
    operation = profile["paths"]["/things"]["post"]
    media = operation["responses"]["200"]["content"]["application/json"]
    assert list(operation) == ["operationId", "parameters", "requestBody", "responses"]
    assert list(profile["components"]) == ["schemas"]
    assert media["examples"] == {"one": {"value": {"x-kept": 1}}}
    assert media["schema"]["properties"] == {"x-name": {"type": "string"}}


def test_the_description_says_that_it_is_a_profile() -> None:
    description = make_client_profile(make_document("{}"))["info"]["description"]
    assert description.startswith("What there is.\n\nThis is the client profile of the contract")


def test_a_document_is_not_changed_by_its_profile() -> None:
    document = make_document("{type: string, enum: [A sentence.]}")
    make_client_profile(document)
    assert document == make_document("{type: string, enum: [A sentence.]}")


URL = "http://127.0.0.1:4010/it's"
SOURCE = """# A comment.
openapi: 3.0.3
info: {title: A, version: '1'}
servers:
  - url: /v1  # the vendor's
paths: {}
"""


def test_a_first_server_is_added_to_a_text_with_its_comments() -> None:
    text = write_contract(Contract.parse(SOURCE), URL)
    assert text == SOURCE.replace(
        "servers:\n",
        "servers:\n  - url: 'http://127.0.0.1:4010/it''s'\n    description: This mock server.\n",
    )
    assert [server["url"] for server in yaml.safe_load(text)["servers"]] == [URL, "/v1"]


@pytest.mark.parametrize(
    "source",
    [
        SOURCE.replace("servers:\n  - url: /v1  # the vendor's\n", ""),
        SOURCE.replace("servers:\n  - url: /v1  # the vendor's\n", "servers: [{url: /v1}]\n"),
        SOURCE.replace("servers:\n  - url: /v1", "servers:\n- url: /v1"),
        '{"openapi": "3.0.3", "info": {"title": "A", "version": "1"}, "paths": {}}',
        "openapi: 3.0.3\ninfo: {title: A, version: '1'}\npaths: {}\nx: |\n  servers:\n  - a",
    ],
)
def test_a_first_server_is_added_to_any_document(source: str) -> None:
    contract = Contract.parse(source)
    read = yaml.safe_load(write_contract(contract, URL))
    assert read == prepend_server(contract.document, URL)
    assert read["servers"][0] == {"url": URL, "description": "This mock server."}


def test_a_profile_is_written_without_aliases_and_with_lines_as_lines() -> None:
    tag = "- name: A\n  description: |\n    One line.\n    And one.\n"
    source = SOURCE + "tags:\n" + tag.replace("- ", "- &tag\n  ", 1) + "- *tag\n"
    text = write_client_profile(Contract.parse(source), URL)
    assert text.endswith(f"tags:\n{tag}{tag}")
