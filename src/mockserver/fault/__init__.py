"""Faults: what should go wrong between a world and its clients, and when.

A rule has a *match* and an *effect*. `decide` says what the rules do to one request, from their
counters, the world's clock and its seed; it neither waits nor sends anything.
"""

from mockserver.fault.decision import Decision, decide
from mockserver.fault.effect import CONNECTION_FAULTS, MAX_DELAY, Delay, Effect, RateLimit
from mockserver.fault.matching import FaultRequest, FaultRules, read_rules
from mockserver.fault.rule import (
    MAX_RULES,
    RULE_SCHEMA,
    FaultRule,
    Match,
    find_rule_faults,
    format_rules,
)
from mockserver.fault.state import RuleState, format_states, read_states

__all__ = [
    "CONNECTION_FAULTS",
    "MAX_DELAY",
    "MAX_RULES",
    "RULE_SCHEMA",
    "Decision",
    "Delay",
    "Effect",
    "FaultRequest",
    "FaultRule",
    "FaultRules",
    "Match",
    "RateLimit",
    "RuleState",
    "decide",
    "find_rule_faults",
    "format_rules",
    "format_states",
    "read_rules",
    "read_states",
]
