"""What rules do to requests: how often, in which order, and the same for the same seed."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.clock import SECOND
from mockserver.factory import Factory
from mockserver.fault import Decision, FaultRule, RuleState, decide, format_states, read_states


def rule(name: str, effect: dict[str, Any] | None = None, **match: Any) -> FaultRule:
    effect = {"status": 503} if effect is None else effect
    return FaultRule.read({"name": name, "match": match, "effect": effect})


class Requests:
    """Requests that rules match, one after the other."""

    def __init__(self, *rules: FaultRule, seed: int = 1) -> None:
        self.rules, self.seed, self.now = rules, seed, 0
        self.states: dict[str, RuleState] = {}

    def send(self) -> Decision:
        return decide(self.rules, self.states, self.now, Factory(self.seed))

    def which(self, number: int) -> list[int]:
        """The numbers, from 1, of those to which a fault was applied."""
        return [n for n in range(1, number + 1) if self.send().faults]


@pytest.mark.parametrize(
    ("match", "numbers"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7]),
        ({"every": 3}, [3, 6]),
        ({"first": 2}, [1, 2]),
        ({"every": 2, "first": 5}, [2, 4]),
        ({"every": 5, "first": 5}, [5]),
        ({"percent": 0}, []),
        ({"percent": 100}, [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_a_rule_applies_to_some_of_the_requests_that_it_matches(
    match: dict[str, Any], numbers: list[int]
) -> None:
    requests = Requests(rule("a", **match))
    assert requests.which(7) == numbers
    assert requests.states["a"] == RuleState(matched=7, applied=len(numbers))


def test_a_percentage_is_chosen_by_the_seed_and_the_name() -> None:
    some = Requests(rule("a", percent=30), seed=7).which(1_000)
    assert 250 < len(some) < 350
    assert some == Requests(rule("a", percent=30), seed=7).which(1_000)
    assert some != Requests(rule("a", percent=30), seed=8).which(1_000)
    assert some != Requests(rule("b", percent=30), seed=7).which(1_000)
    # More percent keep those of less.
    assert set(some) < set(Requests(rule("a", percent=60), seed=7).which(1_000))


def test_delays_are_fixed_uniform_or_lognormal() -> None:
    def delays(**effect: Any) -> list[int]:
        requests = Requests(rule("a", effect))
        return [requests.send().delay for _ in range(500)]

    assert set(delays(delay="250ms")) == {250_000}
    uniform = delays(delay=1, delay_max=2)
    assert len(set(uniform)) > 400
    assert 1_000_000 <= min(uniform) < 1_050_000 < 1_950_000 < max(uniform) <= 2_000_000
    lognormal = sorted(delays(delay="1s", sigma=0.5))
    assert 900_000 < lognormal[250] < 1_100_000
    assert lognormal[-1] > 2_500_000
    assert max(delays(delay="10m", sigma=3)) == 600_000_000
    assert uniform == delays(delay=1, delay_max=2)


def test_all_rules_are_combined_and_the_first_that_replaces_the_response_counts() -> None:
    requests = Requests(
        rule("slow", {"delay": "1s", "content_type": "text/html"}),
        rule("down", {"status": 503, "delay": "2s"}),
        rule("cut", {"connection": "reset"}),
        rule("slower", {"delay": "10m", "content_type": "text/plain"}),
    )
    decision = requests.send()
    assert decision.faults == ["slow", "down", "slower"]
    assert decision.delay == 600_000_000  # the most there is
    assert decision.content_type == "text/html"
    assert decision.effect is not None
    assert decision.effect.status == 503
    assert requests.states["cut"] == RuleState(matched=1, applied=0)


def test_a_bucket_refuses_what_is_too_much_and_fills_by_the_clock() -> None:
    requests = Requests(rule("limit", {"limit": 2, "per": "1m"}))
    first, second, third = requests.send(), requests.send(), requests.send()
    assert (first.faults, second.faults, third.faults) == ([], [], ["limit"])
    assert first.headers == {
        "ratelimit-limit": "2",
        "ratelimit-remaining": "1",
        "ratelimit-reset": "30",
        "x-ratelimit-limit": "2",
        "x-ratelimit-remaining": "1",
        "x-ratelimit-reset": "30",
    }
    assert (third.headers["retry-after"], third.headers["ratelimit-reset"]) == ("30", "60")
    requests.now = 29 * SECOND
    assert requests.send().headers["retry-after"] == "1"
    requests.now = 30 * SECOND
    assert requests.send().faults == []
    assert requests.send().faults == ["limit"]
    requests.now = 0  # set back
    assert requests.send().headers["retry-after"] == "30"
    requests.now = 86_400 * SECOND
    assert [bool(requests.send().faults) for _ in range(3)] == [False, False, True]


def test_a_burst_is_as_large_as_it_is_said() -> None:
    requests = Requests(rule("limit", {"limit": 1, "per": "1s", "burst": 3}))
    assert requests.which(5) == [4, 5]
    requests.now = SECOND
    assert requests.which(2) == [2]


def test_no_part_of_a_token_is_lost() -> None:
    requests = Requests(rule("limit", {"limit": 3, "per": "1s", "burst": 2}))
    granted = 0
    for requests.now in range(0, 100 * SECOND, 7_919):
        granted += not requests.send().faults
    assert granted == 2 + 299


def test_states_are_stored_and_read_again() -> None:
    requests = Requests(rule("a", {"limit": 2, "per": "1m"}), rule("b"))
    requests.send()
    assert read_states(format_states(requests.states)) == requests.states
    assert read_states("") == {}
