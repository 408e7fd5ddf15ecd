"""What a contract says of one operation: its responses, and why they are believed."""

from __future__ import annotations

import pytest

from mockserver.contract import Contract, Operation


def operation(responses: str, evidence: str = "documented") -> Operation:
    contract = Contract.parse(f"""
openapi: 3.0.3
info: {{title: T, version: '1'}}
paths:
  /a:
    get:
      operationId: a
      x-evidence: {evidence}
      responses: {responses}
""")
    return contract.operation("a")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, "200"),
        (404, "404"),
        (400, "4XX"),
        (499, "4XX"),
        (500, "default"),
        (201, "default"),
        (99, "default"),
    ],
)
def test_a_status_is_documented_by_itself_else_by_its_class_else_by_default(
    status: int, expected: str
) -> None:
    responses = ", ".join(f"{key}: {{description: d}}" for key in ("default", "4XX", "404", "200"))
    found = operation(f"{{{responses}}}").response(status)
    assert found is not None
    assert found.status == expected


@pytest.mark.parametrize("status", [201, 404, 20, 2000, 0, -200])
def test_a_status_that_nothing_documents_has_no_response(status: int) -> None:
    assert operation("{'200': {description: ok}}").response(status) is None


@pytest.mark.parametrize(
    ("responses", "expected"),
    [
        ("{'200': {description: ok}}", 200),
        ("{'404': {description: no}, '204': {description: ok}, '201': {description: ok}}", 201),
        ("{default: {description: any}}", 200),
        ("{'404': {description: no}}", 200),
        ("{2XX: {description: ok}}", 200),
        ("{2XX: {description: ok}, '204': {description: ok}}", 204),
    ],
)
def test_success_is_the_lowest_documented_status_of_success(responses: str, expected: int) -> None:
    assert operation(responses).success == expected


@pytest.mark.parametrize(
    ("of_operation", "of_response", "expected"),
    [
        ("documented", "documented", "documented"),
        ("related", "documented", "related"),
        ("documented", "assumed", "assumed"),
        ("example", "related", "related"),
    ],
)
def test_a_response_has_no_stronger_evidence_than_its_operation(
    of_operation: str, of_response: str, expected: str
) -> None:
    responses = f"{{'200': {{description: ok, x-evidence: {of_response}}}}}"
    assert operation(responses, of_operation).evidence_of(200) == expected


def test_a_response_without_evidence_of_its_own_has_its_operations() -> None:
    assert operation("{'200': {description: ok}}", "example").evidence_of(200) == "example"


def test_a_response_that_nothing_documents_is_assumed() -> None:
    assert operation("{'200': {description: ok}}").evidence_of(500) == "assumed"
