"""Rules: which requests a fault happens to, and what it does. As JSON, and as objects."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from fnmatch import translate
from functools import lru_cache
from typing import Any

import orjson
from msgspec import Struct

from mockserver.clock import SECOND
from mockserver.errors import SettingError, suggest_nearest
from mockserver.fault.effect import (
    DURATION,
    EFFECT_SCHEMA,
    Effect,
    check_duration,
    find_effect_faults,
    read_effect,
)
from mockserver.kind import closed_object
from mockserver.moment import resolve_clock_moment

MAX_RULES = 100
"""How many rules a world may have."""

_MAX_WILDCARDS = 8
_LONGEST_WINDOW = 100 * 365 * 86_400 * SECOND
_COUNT = {"type": "integer", "minimum": 1, "maximum": 1_000_000_000}
_TEXT = {"type": "string", "minLength": 1, "maxLength": 1_000}
_NAME = {"type": "string", "pattern": r"^[A-Za-z0-9._-]{1,64}$"}
_FIELD_NAME = "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]

MATCH_SCHEMA = closed_object(
    {
        "api": _TEXT,
        "operation": _TEXT,
        "method": {"type": "string", "enum": _METHODS},
        "path": {**_TEXT, "pattern": "^/"},
        "headers": {
            "type": "object",
            "maxProperties": 20,
            "patternProperties": {_FIELD_NAME: _TEXT},
            "additionalProperties": False,
        },
        "every": _COUNT,
        "first": _COUNT,
        "percent": {"type": "number", "minimum": 0, "maximum": 100},
        "from": DURATION,
        "until": DURATION,
    }
)
"""The JSON Schema of a match. An empty one matches every request to an API."""

RULE_SCHEMA = closed_object(
    {"name": _NAME, "match": MATCH_SCHEMA, "effect": EFFECT_SCHEMA}, ["name", "effect"]
)
"""The JSON Schema of a rule."""


class PathPattern(Struct, frozen=True):
    """A path in which `*` and `{name}` stand for text between slashes, and a last `**` for all."""

    parts: tuple[re.Pattern[str], ...]
    is_open: bool

    def matches(self, path: str) -> bool:
        """Whether a whole path fits. It is compared part by part, so that none takes long."""
        parts = path.split("/")
        if self.is_open:
            parts = parts[: len(self.parts)]
        if len(parts) != len(self.parts):
            return False
        for pattern, part in zip(self.parts, parts, strict=True):  # noqa: SIM110 - half the time
            if not pattern.match(part):
                return False
        return True


class Match(Struct, frozen=True):
    """Which requests a rule is about.

    In the patterns of `headers` `*` stands for any text. A `start` and an `end` are moments of the
    world's clock, or durations since the rule began to hold, as they were written.
    """

    api: str | None = None
    operation: str | None = None
    method: str | None = None
    path: PathPattern | None = None
    headers: tuple[tuple[str, re.Pattern[str]], ...] = ()
    every: int | None = None
    first: int | None = None
    percent: float | None = None
    start: float | str | None = None
    end: float | str | None = None


class FaultRule(Struct, frozen=True):
    """A rule. `data` is the JSON that it was read from.

    `began` is the moment of the world's clock at which it was added; None is when the world began.
    """

    name: str
    match: Match
    effect: Effect
    data: Mapping[str, Any]
    began: int | None = None

    @classmethod
    def read(cls, data: Mapping[str, Any], began: int | None = None) -> FaultRule:
        """The rule of JSON without faults."""
        match, effect = data.get("match", {}), read_effect(data["effect"])
        headers = tuple(
            (name.lower(), _compile_glob(value)) for name, value in match.get("headers", {}).items()
        )
        return cls(
            name=data["name"],
            match=Match(
                api=match.get("api"),
                operation=match.get("operation"),
                method=match.get("method"),
                path=_compile_path(match["path"]) if "path" in match else None,
                headers=headers,
                every=match.get("every"),
                first=match.get("first"),
                percent=match.get("percent"),
                start=match.get("from"),
                end=match.get("until"),
            ),
            effect=effect,
            data={"name": data["name"], "match": match, "effect": data["effect"]},
            began=began,
        )


def format_rules(rules: Iterable[FaultRule]) -> str:
    """Rules as the text that a world stores; empty where there are none."""
    stored = [{**rule.data, "began": rule.began} for rule in rules]
    return orjson.dumps(stored).decode() if stored else ""


def find_rule_faults(
    data: Mapping[str, Any], operations: Mapping[str, Collection[str]]
) -> Iterator[tuple[str, str]]:
    """What is wrong with a rule of a valid shape, as pairs of a JSON Pointer and a reason.

    `operations` are the ids of each API's.
    """
    for pointer, reason in find_effect_faults(data["effect"]):
        yield f"/effect{pointer}", reason
    match: Mapping[str, Any] = data.get("match", {})
    api, operation = match.get("api"), match.get("operation")
    if api is not None and api not in operations:
        yield "/match/api", f"there is no API '{api}'; {suggest_nearest(api, operations)}"
    elif operation is not None:
        chosen = operations if api is None else {api: operations[api]}
        known = sorted({id for ids in chosen.values() for id in ids})
        if operation not in known:
            nearest = suggest_nearest(operation, known)
            yield "/match/operation", f"there is no operation '{operation}'; {nearest}"
    texts = {"path": match.get("path", ""), **match.get("headers", {})}
    for name, text in texts.items():
        if text.count("*") > _MAX_WILDCARDS:
            place = "/match/path" if name == "path" else f"/match/headers/{name}"
            yield place, f"a pattern has at most {_MAX_WILDCARDS} '*'"
    for name in ("from", "until"):
        if name in match:
            try:
                resolve_bound(match[name], 0)
            except SettingError as error:
                yield f"/match/{name}", str(error)


@lru_cache(maxsize=256)
def resolve_bound(value: float | str, began: int) -> int:
    """The moment of a bound, for a rule that began to hold at a moment. Raises SettingError."""
    if isinstance(value, str):
        with suppress(SettingError):
            return resolve_clock_moment(value, began)
    try:
        return began + check_duration(value, 0, _LONGEST_WINDOW)
    except SettingError:
        raise SettingError(
            f"'{value}' is neither a moment, such as 2025-08-21T14:30:00Z or today 09:00 "
            "Asia/Riyadh, nor a duration since the rule was added, such as 30s"
        ) from None


def _compile_glob(text: str) -> re.Pattern[str]:
    # `translate` writes atomic groups, so that no value takes long to compare.
    literal = re.sub(r"[\[?]", r"[\g<0>]", text)
    return re.compile(translate(literal))


def _compile_path(text: str) -> PathPattern:
    parts = re.sub(r"\{[^{}/]*\}", "*", text).split("/")
    is_open = parts[-1] == "**"
    return PathPattern(tuple(map(_compile_glob, parts[:-1] if is_open else parts)), is_open)
