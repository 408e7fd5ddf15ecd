"""What a world remembers of its rules: how often each matched, and the tokens of its bucket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import orjson
from msgspec import Struct

from mockserver.clock import SECOND
from mockserver.fault.effect import RateLimit


@dataclass(frozen=True, slots=True)
class RuleState:
    """How many requests a rule matched, and how many it was applied to.

    `level` is what a token bucket holds, where a token is as many as the microseconds of its period
    (None: it is full), at the moment `at` of the world's clock.
    """

    matched: int = 0
    applied: int = 0
    level: int | None = None
    at: int = 0


class Grant(Struct, frozen=True):
    """Whether a request gets a token, and what the client is told: durations are in seconds."""

    is_granted: bool
    remaining: int
    until_token: int
    until_full: int


def take_token(state: RuleState, limit: RateLimit, now: int) -> tuple[RuleState, Grant]:
    """Take a token, if the bucket has one. Whole numbers only: nothing is lost by rounding."""
    capacity = limit.burst * limit.per
    passed = max(now - state.at, 0)  # a clock can be set back
    level = capacity if state.level is None else min(state.level + passed * limit.limit, capacity)
    is_granted = level >= limit.per
    if is_granted:
        level -= limit.per
    grant = Grant(
        is_granted=is_granted,
        remaining=level // limit.per,
        until_token=_to_seconds(limit.per - level, limit),
        until_full=_to_seconds(capacity - level, limit),
    )
    return replace(state, level=level, at=now), grant


def _to_seconds(missing: int, limit: RateLimit) -> int:
    """The whole seconds after which so much has flowed in."""
    return -(-max(missing, 0) // (limit.limit * SECOND))


def format_states(states: Mapping[str, RuleState]) -> str:
    """States by name as the text that a world stores."""
    return orjson.dumps({name: asdict(state) for name, state in states.items()}).decode()


def read_states(text: str) -> dict[str, RuleState]:
    """The states of a world's rules by name."""
    if not text:
        return {}
    return {name: RuleState(**state) for name, state in orjson.loads(text).items()}
