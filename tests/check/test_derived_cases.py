"""Status cases that a contract implies by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mockserver import apis
from mockserver.check.derived_cases import list_cases
from mockserver.contract import Format

APIS = apis.load()
DMY = Format("dmy", "^[0-9]{2}-[0-9]{2}$", ("01-02",), ("1-2", "31-02"))


def test_every_documented_status_of_every_operation_has_a_case_or_a_reason(vendor: str) -> None:
    api = APIS[vendor]
    cases = list_cases(api)
    covered = {(case.operation, str(case.status)) for case in cases}
    documented = {
        (operation.id, status)
        for operation in api.contract.operations
        for status in operation.responses
    }
    assert documented
    assert documented <= covered
    assert len({case.name for case in cases}) == len(cases)


def _derive(tmp_path: Path, parameters: str, more: str = "") -> dict[str, object]:
    """The requests of the cases of a contract with one operation, by name."""
    (tmp_path / "openapi.yaml").write_text(f"""
openapi: 3.0.3
info: {{title: Shop, version: '1'}}
paths:
  /orders:
    get:
      operationId: listOrders
      parameters: [{parameters}]
      responses:
        '200': {{description: Orders.}}
        '422': {{description: Invalid.}}
{more}
""")
    api = replace(APIS["ekran"], name="shop", folder=tmp_path, formats=(DMY,))
    return {case.name: case.request for case in list_cases(api)}


@pytest.mark.parametrize(
    ("schema", "invalid"),
    [
        ("type: integer", {"type": "mockserver-unknown"}),
        ("type: boolean", {"type": "mockserver-unknown"}),
        (
            "type: integer, minimum: 1, maximum: 9",
            {"type": "mockserver-unknown", "minimum": 0, "maximum": 10},
        ),
        (
            "type: number, minimum: 1, exclusiveMinimum: true",
            {"type": "mockserver-unknown", "minimum": 1},
        ),
        ("type: string", {}),
        ("type: string, enum: [a, b]", {"enum": "mockserver-unknown"}),
        ("type: string, minLength: 1, maxLength: 2", {"minLength": "", "maxLength": "xxx"}),
        ("type: string, pattern: '^[?]$'", {"pattern": "-"}),
        ("type: string, format: dmy", {"format": "31-02"}),
        ("type: array, items: {type: string, enum: [a]}", {"enum": ["mockserver-unknown"]}),
    ],
)
def test_each_keyword_of_a_parameter_is_violated_once(
    tmp_path: Path, schema: str, invalid: dict[str, object]
) -> None:
    requests = _derive(tmp_path, f"{{name: q, in: query, schema: {{{schema}}}}}")
    assert {
        name.removeprefix("listOrders-422-q-"): request
        for name, request in requests.items()
        if "-422-" in name
    } == {keyword: {"parameters": {"q": value}} for keyword, value in invalid.items()}


def test_what_a_contract_does_not_document_has_no_case(tmp_path: Path) -> None:
    assert set(_derive(tmp_path, "")) == {
        "listOrders-404-unknown-path",
        "listOrders-200-head",
        "listOrders-204-options",
    }


def test_unknown_path_is_one_that_no_template_matches(tmp_path: Path) -> None:
    more = """  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    delete:
      operationId: deleteOrder
      responses: {'204': {description: Deleted.}}
"""
    unknown = _derive(tmp_path, "", more)["listOrders-404-unknown-path"]
    assert unknown == {"append": "/mockserver-unknown/mockserver-unknown"}


def test_without_a_request_that_succeeds_nothing_is_derived(tmp_path: Path) -> None:
    required = "{name: q, in: query, required: true, schema: {type: integer}}"
    assert _derive(tmp_path, required) == {}


def test_a_method_is_tried_that_the_path_does_not_have(tmp_path: Path) -> None:
    more = """        '405':
          description: Other method.
          headers: {Allow: {schema: {type: string}}}
    patch:
      operationId: changeOrders
      responses: {'200': {description: Changed.}}
"""
    requests = _derive(tmp_path, "", more)
    assert requests["listOrders-405-method-put"] == {"method": "PUT", "parameters": {}}
    assert "changeOrders-204-options" not in requests


def test_a_credential_that_may_be_missing_is_only_refused() -> None:
    names = {case.name for case in list_cases(APIS["ekran"])}
    assert "listSessions-401-refused-credential" in names
    assert "listSessions-401-missing-credential" not in names


def test_a_case_of_a_method_writes_and_names_no_real_session() -> None:
    cases = {case.name: case for case in list_cases(APIS["calwe"])}
    assert cases["createSessionLog-401-missing-credential"].writes is True
    method = cases["listSessionLogs-405-method-patch"]
    assert (method.writes, method.required_ids) == (True, [])
    assert method.request == {"method": "PATCH", "parameters": {"id": "mockserver-unknown"}}
    assert cases["listSessionLogs-200-head"].writes is False
