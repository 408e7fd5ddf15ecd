"""Every documented status is made to happen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockserver import apis
from mockserver.check.cases import read_cases
from mockserver.check.context import CheckContext
from mockserver.check.phases.cases import run_cases

Make = Callable[..., CheckContext]


@pytest.mark.parametrize("name", apis.names())
def test_the_mock_answers_every_case_as_it_says(context: Make, mock_url: str, name: str) -> None:
    made = context(mock_url, name)
    run_cases(made)
    assert made.results.findings == {}
    cases = read_cases(name).cases
    cooked = [case for case in cases if not case.cannot]
    assert len(cooked) == made.results.requests > 0
    for case in cooked:
        assert made.results.statuses(case.operation)[case.status] > 0


def test_another_status_and_another_body_are_found(
    context: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    body = '{"success":false,"message":"لا","data":null,"statusCode":404}'.encode()
    ids = {required.name: "1" for required in read_cases("calwe").ids}
    made = context(rogue(saying(404, body)), "calwe", ids={"calwe": ids})
    run_cases(made)
    found = {str(one.source): one for one in made.results.findings.values() if one.code == "case"}
    assert found["case:list"].sentence == (
        "'list' should be answered 200, but it answers 404, and not 200"
    )
    missing = next(
        case
        for case in read_cases("calwe").cases
        if case.operation == "listSessionLogs" and case.status == 404 and case.expect
    )
    sentence = found[f"case:{missing.name}"].sentence
    assert "but its body is {" in sentence
    assert "'message': 'لا'" in sentence


def test_what_cannot_be_cooked_is_said(
    context: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    made = context(rogue(saying(404, b"{}")), "calwe")
    run_cases(made)
    assert "case 'list': no id for open_session" in made.results.skipped
    ids = {"calwe": {required.name: "1" for required in read_cases("calwe").ids}}
    made = context(rogue(saying(404, b"{}")), "calwe", ids=ids)
    run_cases(made)
    assert made.results.skipped
    assert {one.split(": ")[1] for one in made.results.skipped} >= {"it writes"}
    assert {exchange.request.method for _, _, exchange in made.results.traffic} == {"GET"}
