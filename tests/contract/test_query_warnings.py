"""What of a query is probably a mistake, although the contract does not forbid it."""

from __future__ import annotations

import pytest
import yaml

from mockserver.contract import Contract, Headers, Request, Validator

PARAMETERS = """
- {name: page, in: query, schema: {type: integer}}
- {name: actions, in: query, schema: {type: array, items: {type: string}}}
- {name: ids, in: query, explode: false, schema: {type: array, items: {type: string}}}
- {name: filter, in: query, style: deepObject, schema: {type: object, properties: {a: {}}}}
- {name: any, in: query, schema: {}}
"""


def find(query: str, *more: dict[str, object]) -> list[tuple[str, str, str]]:
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1"},
        "security": [{"key": []}],
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "api_key"}}
        },
        "paths": {
            "/things": {
                "get": {
                    "operationId": "listThings",
                    "parameters": [*yaml.safe_load(PARAMETERS), *more],
                    "responses": {"200": {"description": "Things."}},
                }
            }
        },
    }
    contract = Contract.parse(yaml.safe_dump(document))
    request = Request("GET", "/things", query, Headers())
    validated = Validator(contract).validate_request(contract.operations[0], request, {})
    assert validated.violations == []
    assert {it.severity for it in validated.warnings} <= {"warning"}
    return [(it.location, it.code, it.message) for it in validated.warnings]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "page=1",
        "actions=a&actions=b",
        "filter[a]=1&filter[b]=2",
        "any=1&any=2",
        "api_key=secret",
        "page=1&&",
    ],
)
def test_a_query_as_the_contract_has_it_is_not_warned_of(query: str) -> None:
    assert find(query) == []


def test_a_parameter_that_is_not_documented_is_named_with_the_nearest_one() -> None:
    assert find("actions[]=a&pge=2") == [
        (
            "/request/query/actions[]",
            "unknown-parameter",
            "the query parameter 'actions[]' is not documented; did you mean 'actions'?",
        ),
        (
            "/request/query/pge",
            "unknown-parameter",
            "the query parameter 'pge' is not documented; did you mean 'page'?",
        ),
    ]


def test_a_single_parameter_that_is_repeated_is_warned_of() -> None:
    assert find("page=1&page=2&page=3&ids=a&ids=b") == [
        (
            "/request/query/page",
            "repeated-parameter",
            "the query parameter 'page' was sent 3 times; the last one counts",
        ),
        (
            "/request/query/ids",
            "repeated-parameter",
            "the query parameter 'ids' was sent 2 times; the last one counts",
        ),
    ]


def test_where_any_field_belongs_to_an_object_none_is_unknown() -> None:
    free = {"name": "free", "in": "query", "schema": {"type": "object"}}

    assert find("whatever=1", free) == []


def test_many_unknown_parameters_are_not_all_named() -> None:
    found = find("&".join(f"{'x' * 500}{n}=1" for n in range(100)))

    assert len(found) == 20
    assert max(len(message) for *_, message in found) < 300
