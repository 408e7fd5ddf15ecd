"""The places of an exchange that a finding speaks of."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver import apis
from mockserver.check.reports.page.highlights import Suspects, suspects
from mockserver.check.validation.finding import Finding

CONTRACT = apis.load()["ekran"].contract
SESSION = "#/components/schemas/Session"


def found(place: str, code: str = "type", rule: str = "#/x", **more: Any) -> Finding:
    return Finding("ekran", "listSessions", code, rule, "documented", "wrong", place, **more)


def spoken_of(finding: Finding, half: str = "response", body: Any = None) -> Suspects:
    return suspects(finding, half, body, CONTRACT)


def test_the_value_is_found_again_among_the_items_of_a_list() -> None:
    finding = found("/response/body/*/userId", value="61")
    body = [{"userId": 61}, {"userId": "61"}, {"userId": "16"}, {"userId": "61"}, {}]
    assert spoken_of(finding, body=body).wrong == [(1, "userId"), (3, "userId")]
    assert spoken_of(finding, "request", body) == Suspects()


def test_true_is_not_one_and_a_name_of_digits_is_an_index_too() -> None:
    finding = found("/response/body/*", value=True)
    assert spoken_of(finding, body=[1, True]).wrong == [(1,)]
    assert spoken_of(finding, body={"0": True, "a": True}).wrong == [("0",)]


def test_the_whole_body_can_be_what_is_wrong() -> None:
    assert spoken_of(found("/response/body", value={}), body={}).wrong == [()]


def test_what_is_missing_is_named_where_it_should_stand() -> None:
    whole = {"clientGuid": "", "logoutDate": "", "loginDate": "", "sessionId": 1, "userId": 2}
    body = [whole, {"sessionId": 1}]
    finding = found("/response/body/*", "required", f"{SESSION}/required", value={"sessionId": 1})
    said = spoken_of(finding, body=body)
    assert said.wrong == ()
    assert said.missing == {(1,): ["clientGuid", "logoutDate", "loginDate", "userId"]}


def test_what_is_too_much_is_marked_and_not_all_that_it_stands_in() -> None:
    body = [{"sessionId": 1, "extra": 2}]
    rule = f"{SESSION}/additionalProperties"
    finding = found("/response/body/*", "additionalProperties", rule, value=body[0])
    assert spoken_of(finding, body=body).wrong == [(0, "extra")]


def test_a_parameter_and_a_header_are_named() -> None:
    query = found("/request/query/start", "pattern")
    assert spoken_of(query, "request") == Suspects("query", "start")
    header = found("/response/headers/allow", "required")
    assert spoken_of(header) == Suspects("headers", "allow", is_absent=True)
    assert spoken_of(found("/response/status", "status")) == Suspects("status")


@pytest.mark.parametrize(
    ("code", "rule", "status", "part"),
    [
        ("server-error", "#/paths", 500, "status"),
        ("refused", "#/paths", 400, "status"),
        ("invariant", "invariant:bounds-are-in-utc", 200, ""),
        ("case", "case:with-an-impossible-end", 422, "status"),
        ("case", "case:with-an-impossible-end", 400, ""),
        ("unmatched", "#/paths", 404, ""),
    ],
)
def test_the_status_is_meant_where_no_place_is_told_and_it_is_what_is_wrong(
    code: str, rule: str, status: int, part: str
) -> None:
    assert spoken_of(found("", code, rule, status=status)) == Suspects(part)


def test_a_place_that_is_no_pointer_speaks_of_nothing() -> None:
    assert spoken_of(found("GET:/a/*", "unmatched", status=404)) == Suspects()
