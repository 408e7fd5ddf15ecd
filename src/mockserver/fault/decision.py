"""What the rules of a world do to one request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from msgspec import Struct, field

from mockserver.clock import SECOND
from mockserver.factory import Chance, Factory
from mockserver.fault.effect import MAX_DELAY, Effect
from mockserver.fault.rule import FaultRule, Match
from mockserver.fault.state import Grant, RuleState, take_token


class Decision(Struct):
    """What happens to a request. Durations are in microseconds.

    `faults` are the names of the rules that are applied. `effect` is the one effect that replaces
    the response. `remembering` are the rules that need the response of this request later, and
    `stale` the one whose remembered response is sent instead. `delaying` are those for which the
    client waits. `chance` is for what is random.
    """

    faults: list[str] = field(default_factory=list)
    delay: int = 0
    slow: int | None = None
    bytes_per_second: int | None = None
    content_type: str | None = None
    effect: Effect | None = None
    stale: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    remembering: list[str] = field(default_factory=list)
    delaying: list[FaultRule] = field(default_factory=list)
    chance: Chance | None = None

    def add(self, rule: FaultRule, chance: Chance) -> None:
        """Apply a rule on top of the earlier ones; the first of each sort of effects counts."""
        effect = rule.effect
        self.faults.append(rule.name)
        if effect.delay or effect.slow or effect.bytes_per_second:
            self.delaying.append(rule)
        if effect.delay:
            self.delay = min(self.delay + effect.delay.draw(chance), MAX_DELAY)
        if self.slow is None and self.bytes_per_second is None:
            self.slow, self.bytes_per_second = effect.slow, effect.bytes_per_second
        self.content_type = self.content_type or effect.content_type
        if effect.is_alternative:
            self.effect = effect
            self.chance = chance
            self.stale = rule.name if effect.stale else None

    def describe(self) -> dict[str, str]:
        """The header fields that tell the client what was applied."""
        applied = {"x-mock-fault": ", ".join(self.faults)} if self.faults else {}
        return {**self.headers, **applied}


def decide(
    matching: Iterable[FaultRule], states: dict[str, RuleState], now: int, factory: Factory
) -> Decision:
    """Count a request for the rules that it matches, and decide what they do to it.

    The states are changed. All rules that apply are combined, in their order.
    """
    decision = Decision()
    for rule in matching:
        state = states.get(rule.name, RuleState())
        state = replace(state, matched=state.matched + 1)
        effect = rule.effect
        chance = factory.random("fault", rule.name, state.matched)
        is_hit = _is_hit(rule.match, state.matched, chance)
        if effect.stale:
            decision.remembering.append(rule.name)
        if is_hit and not (effect.is_alternative and decision.effect):
            if effect.rate_limit:
                state, grant = take_token(state, effect.rate_limit, now)
                decision.headers |= _format_limit(effect.rate_limit.burst, grant, now)
                is_hit = not grant.is_granted
            if is_hit:
                decision.add(rule, chance)
                state = replace(state, applied=state.applied + 1)
        states[rule.name] = state
    return decision


def _is_hit(match: Match, number: int, chance: Chance) -> bool:
    """Whether the rule applies to the n-th request that it matches."""
    if match.first is not None and number > match.first:
        return False
    if match.every is not None and number % match.every:
        return False
    return match.percent is None or chance.random() * 100 < match.percent


def _format_limit(capacity: int, grant: Grant, now: int) -> Mapping[str, str]:
    """The fields that tell a client its limit; `X-RateLimit-Reset` is a moment, as elsewhere."""
    reset = now // SECOND + grant.until_full
    fields = {
        "ratelimit-limit": str(capacity),
        "ratelimit-remaining": str(grant.remaining),
        "ratelimit-reset": str(grant.until_full),
        "x-ratelimit-limit": str(capacity),
        "x-ratelimit-remaining": str(grant.remaining),
        "x-ratelimit-reset": str(reset),
    }
    return fields if grant.is_granted else {**fields, "retry-after": str(max(grant.until_token, 1))}
