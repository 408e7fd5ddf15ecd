"""Verification of calls: how often, in which order, and what is near when it fails."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.errors import SettingError
from mockserver.journal import (
    ExchangePattern,
    Expectation,
    JournalEntry,
    JournalMessage,
    Verification,
    decode_pattern,
    verify_calls,
    verify_order,
)


def post(number: int, action: str, status: int = 200) -> JournalEntry:
    body = f'{{"action_type":"{action}"}}'
    return JournalEntry(
        id=f"1-{number}",
        sandbox="default",
        at=number,
        method="POST",
        path="/v1/customer/sessions/3/log",
        request=JournalMessage(body=body, size=len(body)),
        api="calwe",
        operation="createSessionLog",
        status=status,
    )


def get(number: int) -> JournalEntry:
    return JournalEntry(
        id=f"1-{number}",
        sandbox="default",
        at=number,
        method="GET",
        path="/v1/customer/sessions/3/log",
        api="calwe",
        operation="listSessionLogs",
        status=200,
    )


ENTRIES = [get(1), post(2, "ENTERED"), post(3, "ENDED"), post(4, "LEFT", 422), get(5)]


def verify(**expected: Any) -> Verification:
    return verify_calls(decode_pattern(expected, Expectation), ENTRIES)


@pytest.mark.parametrize(
    ("times", "is_verified", "words"),
    [
        ({}, True, "3 calls of createSessionLog, as expected."),
        ({"times": 3}, True, "3 calls"),
        ({"times": 2}, False, "Expected exactly 2 calls of createSessionLog; the journal has 3"),
        ({"times": 0}, False, "Expected exactly 0 calls"),
        ({"at_least": 3}, True, "3 calls"),
        ({"at_least": 4}, False, "Expected at least 4 calls"),
        ({"at_most": 3}, True, "3 calls"),
        ({"at_most": 2}, False, "Expected at most 2 calls"),
        ({"at_least": 1, "at_most": 2}, False, "Expected 1 to 2 calls"),
    ],
    ids=str,
)
def test_calls_are_counted(times: dict[str, int], is_verified: bool, words: str) -> None:
    verification = verify(operation="createSessionLog", **times)
    assert verification.verified is is_verified
    assert verification.count == 3
    assert list(verification.matches) == ["1-2", "1-3", "1-4"]
    assert words in verification.message


def test_a_failure_names_the_nearest_calls_and_how_they_differ() -> None:
    verification = verify(
        operation="createSessionLog", body={"action_type": "CANCELLED"}, status=200, times=1
    )
    assert verification.message.splitlines() == [
        'Expected exactly 1 call of createSessionLog with the body {"action_type": "CANCELLED"} '
        "and the status 200; the journal has 0, among 5 requests.",
        "The nearest:",
        "  1-3 POST /v1/customer/sessions/3/log 200",
        '      the body at \'/action_type\' is "ENDED", not "CANCELLED"',
        "  1-2 POST /v1/customer/sessions/3/log 200",
        '      the body at \'/action_type\' is "ENTERED", not "CANCELLED"',
        "  1-4 POST /v1/customer/sessions/3/log 422",
        "      the status is 422, not 200",
        '      the body at \'/action_type\' is "LEFT", not "CANCELLED"',
    ]


def test_an_empty_journal_has_nothing_near() -> None:
    verification = verify_calls(decode_pattern({"method": "GET"}, Expectation), [])
    assert not verification.verified
    assert verification.message == (
        "Expected at least 1 call of GET; the journal has 0, among 0 requests."
    )


def test_numbers_that_contradict_each_other_are_an_error() -> None:
    with pytest.raises(SettingError, match="not both"):
        verify(times=1, at_least=1)
    with pytest.raises(SettingError, match="greater than"):
        verify(at_least=2, at_most=1)


def in_order(*patterns: dict[str, Any]) -> Verification:
    return verify_order([decode_pattern(it, ExchangePattern) for it in patterns], ENTRIES)


def test_calls_in_order_may_have_others_between() -> None:
    verification = in_order(
        {"method": "GET"}, {"body": {"action_type": "ENDED"}}, {"method": "GET"}
    )
    assert verification.verified
    assert list(verification.matches) == ["1-1", "1-3", "1-5"]


def test_a_call_that_came_too_early_is_named() -> None:
    verification = in_order(
        {"body": {"action_type": "ENDED"}}, {"body": {"action_type": "ENTERED"}}
    )
    assert not verification.verified
    assert verification.message.splitlines()[:3] == [
        'Expected in this order, as number 2: any operation with the body {"action_type": '
        '"ENTERED"}.',
        "After 1-3, the journal has no such request.",
        "There is one before: 1-2 POST /v1/customer/sessions/3/log 200",
    ]


def test_the_same_call_does_not_count_twice() -> None:
    ended = {"body": {"action_type": "ENDED"}}
    assert in_order(ended).verified
    assert not in_order(ended, ended).verified
