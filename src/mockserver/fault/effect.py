"""What a fault does to a response or a connection."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from mockserver.clock import SECOND, parse_duration
from mockserver.errors import SettingError
from mockserver.factory import Chance
from mockserver.kind import closed_object

CONNECTION_FAULTS = {
    "reset": "reset",
    "empty": "empty",
    "garbage": "garbage",
    "malformed-chunk": "malformed-chunk",
    # The names of WireMock
    "CONNECTION_RESET_BY_PEER": "reset",
    "EMPTY_RESPONSE": "empty",
    "RANDOM_DATA_THEN_CLOSE": "garbage",
    "MALFORMED_RESPONSE_CHUNK": "malformed-chunk",
}
"""The faults of a connection by each of their names."""

TRUNCATIONS = ("body", "connection")
"""Content-Length fits the truncated body, or the connection ends before the body does."""

MAX_DELAY = 600 * SECOND
"""The longest delay, and the longest duration of a slow body."""

_MAX_COUNT = 1_000_000
_LONGEST_PERIOD = 31 * 86_400 * SECOND
DURATION = {"type": ["string", "number"], "minLength": 1, "maxLength": 64}
"""The schema of a duration: a text, or seconds."""
_COUNT = {"type": "integer", "minimum": 1, "maximum": _MAX_COUNT}

EFFECT_SCHEMA = {
    **closed_object(
        {
            "delay": DURATION,
            "delay_max": DURATION,
            "sigma": {"type": "number", "minimum": 0, "maximum": 3},
            "slow": DURATION,
            "bytes_per_second": _COUNT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "retry_after": DURATION,
            "limit": _COUNT,
            "per": DURATION,
            "burst": _COUNT,
            "connection": {"type": "string", "enum": list(CONNECTION_FAULTS)},
            "handled": {"type": "boolean"},
            "truncate": {"type": "string", "enum": list(TRUNCATIONS)},
            "content_type": {
                "type": "string",
                "pattern": r"^[!-~]([ -~]{0,253}[!-~])?$",
            },
            "stale": {"type": "boolean", "enum": [True]},
            "duplicate": {"type": "boolean", "enum": [True]},
        }
    ),
    "minProperties": 1,
}
"""The JSON Schema of an effect."""

_ALTERNATIVES = ("status", "limit", "connection", "truncate", "stale", "duplicate")
"""A response has one of these: each replaces the response, or what becomes of it."""

_NEEDS = {
    "delay_max": "delay",
    "sigma": "delay",
    "retry_after": "status",
    "limit": "per",
    "per": "limit",
    "burst": "limit",
    "handled": "connection",
}
_EXCLUDES = (("delay_max", "sigma"), ("slow", "bytes_per_second"))
_DURATIONS = {
    "delay": (0, MAX_DELAY),
    "delay_max": (0, MAX_DELAY),
    "slow": (0, MAX_DELAY),
    "retry_after": (0, _LONGEST_PERIOD),
    "per": (1_000, _LONGEST_PERIOD),
}


class Delay(Struct, frozen=True):
    """A delay in microseconds: fixed, uniform up to `most`, or lognormal around its median.

    `sigma` is the standard deviation of the logarithm.
    """

    median: int
    most: int | None = None
    sigma: float | None = None

    def draw(self, chance: Chance) -> int:
        """One delay, at most MAX_DELAY."""
        if self.most is not None:
            return chance.randint(self.median, self.most)
        if self.sigma is None:
            return self.median
        return min(round(self.median * math.exp(chance.gauss(0, self.sigma))), MAX_DELAY)


class RateLimit(Struct, frozen=True):
    """A token bucket: `limit` tokens flow in each `per` microseconds, and it holds `burst`."""

    limit: int
    per: int
    burst: int


class Effect(Struct, frozen=True):
    """What a fault does; durations are in microseconds.

    `slow` is the duration of the body. A request is `handled` although its connection is cut.
    """

    delay: Delay | None = None
    slow: int | None = None
    bytes_per_second: int | None = None
    status: int | None = None
    retry_after: int | None = None
    rate_limit: RateLimit | None = None
    connection: str | None = None
    handled: bool = False
    truncate: str | None = None
    content_type: str | None = None
    stale: bool = False
    duplicate: bool = False

    @property
    def is_alternative(self) -> bool:
        """Whether it replaces the response, so that a response can have one of this sort only."""
        return bool(
            self.status
            or self.rate_limit
            or self.connection
            or self.truncate
            or self.stale
            or self.duplicate
        )


def read_effect(data: Mapping[str, Any]) -> Effect:
    """The effect of JSON without faults."""
    durations = {name: parse_duration(data[name]) for name in _DURATIONS if name in data}
    delay = rate_limit = None
    if "delay" in data:
        delay = Delay(durations["delay"], durations.get("delay_max"), data.get("sigma"))
    if "limit" in data:
        burst = data.get("burst", data["limit"])
        rate_limit = RateLimit(data["limit"], durations["per"], burst)
    connection = data.get("connection")
    return Effect(
        delay=delay,
        slow=durations.get("slow"),
        bytes_per_second=data.get("bytes_per_second"),
        status=data.get("status"),
        retry_after=durations.get("retry_after"),
        rate_limit=rate_limit,
        connection=CONNECTION_FAULTS[connection] if connection else None,
        handled=data.get("handled", False),
        truncate=data.get("truncate"),
        content_type=data.get("content_type"),
        stale=data.get("stale", False),
        duplicate=data.get("duplicate", False),
    )


def find_effect_faults(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with an effect of a valid shape, as pairs of a JSON Pointer and a reason."""
    chosen = [name for name in _ALTERNATIVES if name in data]
    for name in chosen[1:]:
        yield f"/{name}", f"a response has one of '{chosen[0]}' and '{name}'; make two rules"
    for name, other in _NEEDS.items():
        if name in data and other not in data:
            yield f"/{name}", f"'{name}' has a meaning only with '{other}'"
    for name, other in _EXCLUDES:
        if name in data and other in data:
            yield f"/{other}", f"an effect has '{name}' or '{other}', not both"
    durations: dict[str, int] = {}
    for name, (least, most) in _DURATIONS.items():
        if name not in data:
            continue
        try:
            durations[name] = check_duration(data[name], least, most)
        except SettingError as error:
            yield f"/{name}", str(error)
    if durations.get("delay_max", MAX_DELAY) < durations.get("delay", 0):
        yield "/delay_max", f"'{data['delay_max']}' is less than the delay '{data['delay']}'"


def check_duration(value: float | str, least: int, most: int) -> int:
    """The microseconds of a duration within limits. Raises SettingError."""
    duration = parse_duration(value)
    if not least <= duration <= most:
        unit = " seconds" if isinstance(value, int | float) else ""
        raise SettingError(
            f"'{value}'{unit} is not from {_format(least)} to {_format(most)}; a number is "
            "seconds, and '800ms' are milliseconds"
        )
    return duration


def _format(duration: int) -> str:
    return f"{duration / SECOND:g} s"
