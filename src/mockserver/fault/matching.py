"""Which rules of a world a request matches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import msgspec
import orjson

from mockserver.fault.rule import FaultRule, Match, resolve_bound
from mockserver.memo import Memo


class FaultRequest(msgspec.Struct, frozen=True, gc=False):
    """A request as rules see it; `operation` is None for a path that has none."""

    api: str
    operation: str | None
    method: str
    path: str
    headers: Sequence[tuple[str, str]] = ()


class FaultRules:
    """The rules of a world, in their order."""

    def __init__(self, rules: Iterable[FaultRule] = ()) -> None:
        self._rules = tuple(rules)
        self._find_about = Memo(self._list_about, lambda key: len(key[-1]))

    def __iter__(self) -> Iterator[FaultRule]:
        return iter(self._rules)

    def find_matching(self, request: FaultRequest, now: int, began: int) -> list[FaultRule]:
        """The rules that a request matches, but for how many did so before it.

        `now` is the moment of the world's clock, `began` the one at which the world began.
        """
        about = self._find_about((request.api, request.operation, request.method, request.path))
        return [
            rule
            for rule in about
            if _has_fields(rule.match, request) and _is_time(rule.match, now, rule.began, began)
        ]

    def _list_about(self, key: tuple[str, str | None, str, str]) -> tuple[FaultRule, ...]:
        return tuple(rule for rule in self._rules if _is_about(rule.match, *key))


@lru_cache(maxsize=256)
def read_rules(text: str) -> FaultRules:
    """The rules of a world, as it stores them."""
    stored = orjson.loads(text) if text else ()
    return FaultRules(FaultRule.read(rule, rule["began"]) for rule in stored)


def _is_about(match: Match, api: str, operation: str | None, method: str, path: str) -> bool:
    return (
        match.api in (None, api)
        and match.operation in (None, operation)
        and match.method in (None, method)
        and (match.path is None or match.path.matches(path))
    )


def _has_fields(match: Match, request: FaultRequest) -> bool:
    return all(
        any(name == sent and pattern.match(value) for sent, value in request.headers)
        for name, pattern in match.headers
    )


def _is_time(match: Match, now: int, rule_began: int | None, world_began: int) -> bool:
    began = world_began if rule_began is None else rule_began
    if match.start is not None and now < resolve_bound(match.start, began):
        return False
    return match.end is None or now < resolve_bound(match.end, began)
