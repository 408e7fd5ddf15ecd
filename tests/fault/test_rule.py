"""Rules: what is wrong with one, which requests it is about, and how it is stored."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.clock import SECOND
from mockserver.fault import (
    FaultRequest,
    FaultRule,
    FaultRules,
    find_rule_faults,
    format_rules,
    read_rules,
)

OPERATIONS = {"shop": ["listItems", "createItem"], "bank": ["listItems"]}
RESET = {"connection": "reset"}


def request(**more: Any) -> FaultRequest:
    values = {"api": "shop", "operation": "listItems", "method": "GET", "path": "/v1/items/7/log"}
    return FaultRequest(**{**values, **more})


def matches(match: dict[str, Any], now: int = 0, began: int = 0, **more: Any) -> bool:
    rule = FaultRule.read({"name": "x", "match": match, "effect": RESET})
    return FaultRules([rule]).find_matching(request(**more), now, began) == [rule]


def faults(effect: dict[str, Any], **match: Any) -> list[tuple[str, str]]:
    return list(find_rule_faults({"name": "x", "match": match, "effect": effect}, OPERATIONS))


@pytest.mark.parametrize(
    ("match", "is_about"),
    [
        ({}, True),
        ({"api": "shop"}, True),
        ({"api": "bank"}, False),
        ({"operation": "listItems"}, True),
        ({"operation": "createItem"}, False),
        ({"method": "GET"}, True),
        ({"method": "POST"}, False),
        ({"path": "/v1/items/7/log"}, True),
        ({"path": "/v1/items/*/log"}, True),
        ({"path": "/v1/items/{id}/log"}, True),
        ({"path": "/v1/it*ms/?/log"}, False),
        ({"path": "/v1/**"}, True),
        ({"path": "/v1/items/7/log/**"}, True),
        ({"path": "/v1/items/7/log/x/**"}, False),
        ({"path": "/**"}, True),
        ({"path": "/v1/*"}, False),
        ({"path": "/v1/items/[0-9]/log"}, False),
        ({"headers": {"X-App": "ios *"}}, True),
        ({"headers": {"x-app": "ios 17"}}, True),
        ({"headers": {"X-App": "ios"}}, False),
        ({"headers": {"X-App": "*"}}, True),
        ({"headers": {"X-App": "*", "X-Other": "*"}}, False),
        ({"api": "shop", "method": "POST"}, False),
    ],
)
def test_a_rule_is_about_requests_that_match_in_every_part(
    match: dict[str, Any], is_about: bool
) -> None:
    assert matches(match, headers=[("x-app", "ios 17")]) is is_about


def test_a_path_without_an_operation_matches_by_api_and_path_alone() -> None:
    assert matches({"api": "shop", "path": "/v1/**"}, operation=None)
    assert not matches({"operation": "listItems"}, operation=None)


def test_a_pattern_with_many_wildcards_takes_no_time() -> None:
    path = "/" + "a" * 50_000
    assert not matches({"path": "/a*a*a*a*a*a*a*a*b"}, path=path)
    assert not matches({"headers": {"x": "a*a*a*a*a*a*a*a*b"}}, headers=[("x", "a" * 50_000)])


@pytest.mark.parametrize(
    ("match", "now", "is_time"),
    [
        ({"from": "2025-08-21T14:30:00Z"}, 1_755_786_599, False),
        ({"from": "2025-08-21T14:30:00Z"}, 1_755_786_600, True),
        ({"until": "2025-08-21T14:30:00Z"}, 1_755_786_599, True),
        ({"until": "2025-08-21T14:30:00Z"}, 1_755_786_600, False),
        ({"from": "30s"}, 1_000_029, False),
        ({"from": 30}, 1_000_030, True),
        ({"until": "30s"}, 1_000_029, True),
        ({"until": "30s"}, 1_000_030, False),
        ({"from": "10s", "until": "+20s"}, 1_000_015, True),
        ({"from": "today 17:00 Asia/Riyadh"}, 1_000_799, False),  # 1970-01-12 at 17:00 there
        ({"from": "tomorrow"}, 1_036_799, False),
        ({"from": "tomorrow"}, 1_036_800, True),
    ],
)
def test_a_window_is_between_moments_or_durations_since_the_world_began(
    match: dict[str, Any], now: int, is_time: bool
) -> None:
    assert matches(match, now * SECOND, began=1_000_000 * SECOND) is is_time


def test_the_durations_of_a_rule_that_was_added_count_from_then() -> None:
    rule = FaultRule.read(
        {"name": "x", "match": {"until": "5s"}, "effect": RESET}, began=100 * SECOND
    )
    rules = FaultRules([rule])
    assert rules.find_matching(request(), 104 * SECOND, 0) == [rule]
    assert rules.find_matching(request(), 105 * SECOND, 104 * SECOND) == []


@pytest.mark.parametrize(
    ("effect", "found"),
    [
        ({"delay": "10m"}, []),
        (
            {"delay": 800},
            [
                (
                    "/delay",
                    "'800' seconds is not from 0 s to 600 s; a number is seconds, and '800ms' are "
                    "milliseconds",
                )
            ],
        ),
        (
            {"delay": "soon"},
            [
                (
                    "/delay",
                    "'soon' is no duration; write seconds, or something like 3h, -30m or 1d 2h 5s",
                )
            ],
        ),
        ({"delay": "1s", "delay_max": "3s"}, []),
        ({"delay": "3s", "delay_max": "1s"}, [("/delay_max", "'1s' is less than the delay '3s'")]),
        ({"delay_max": "1s"}, [("/delay_max", "'delay_max' has a meaning only with 'delay'")]),
        (
            {"delay": 1, "delay_max": 2, "sigma": 1},
            [("/sigma", "an effect has 'delay_max' or 'sigma', not both")],
        ),
        (
            {"status": 503, "connection": "reset"},
            [("/connection", "a response has one of 'status' and 'connection'; make two rules")],
        ),
        ({"limit": 5}, [("/limit", "'limit' has a meaning only with 'per'")]),
        ({"limit": 5, "per": "1m", "burst": 10, "delay": "10ms"}, []),
        ({"retry_after": 5}, [("/retry_after", "'retry_after' has a meaning only with 'status'")]),
        ({"handled": True}, [("/handled", "'handled' has a meaning only with 'connection'")]),
    ],
)
def test_what_is_wrong_with_an_effect_is_said(
    effect: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert faults(effect) == [(f"/effect{place}", reason) for place, reason in found]


@pytest.mark.parametrize(
    ("match", "found"),
    [
        ({"api": "shop", "operation": "createItem"}, []),
        ({"operation": "createItem"}, []),
        ({"api": "shup"}, [("/match/api", "there is no API 'shup'; did you mean 'shop'?")]),
        (
            {"api": "bank", "operation": "createItem"},
            [
                (
                    "/match/operation",
                    "there is no operation 'createItem'; known: 'listItems'",
                )
            ],
        ),
        ({"path": "/*********"}, [("/match/path", "a pattern has at most 8 '*'")]),
        (
            {"until": "2025-13-01"},
            [
                (
                    "/match/until",
                    "'2025-13-01' is neither a moment, such as 2025-08-21T14:30:00Z or today "
                    "09:00 Asia/Riyadh, nor a duration since the rule was added, such as 30s",
                )
            ],
        ),
        (
            {"from": "later"},
            [
                (
                    "/match/from",
                    "'later' is neither a moment, such as 2025-08-21T14:30:00Z or today 09:00 "
                    "Asia/Riyadh, nor a duration since the rule was added, such as 30s",
                )
            ],
        ),
    ],
)
def test_what_is_wrong_with_a_match_is_said(
    match: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert faults(RESET, **match) == found


def test_rules_are_stored_and_read_again() -> None:
    data = {"name": "a", "match": {"api": "shop", "percent": 30}, "effect": {"delay": "80ms"}}
    rules = (FaultRule.read(data, 5), FaultRule.read({"name": "b", "effect": RESET}))
    again = tuple(read_rules(format_rules(rules)))
    assert again == rules
    assert [(rule.name, rule.began) for rule in again] == [("a", 5), ("b", None)]
    assert again[0].data == data
    assert format_rules([]) == ""
    assert list(read_rules("")) == []
