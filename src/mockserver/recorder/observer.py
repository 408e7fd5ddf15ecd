"""Decodes recorded exchanges for an API: arguments, the body, the moment by the world's clock."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any
from urllib.parse import unquote

from mockserver.api import Api
from mockserver.contract import (
    SAFE_METHODS,
    Headers,
    Operation,
    Request,
    Response,
    Unmatched,
    Violation,
)
from mockserver.inference import Observation
from mockserver.json_pointer import split_pointer, step
from mockserver.recorder.exchange import RecordedExchange
from mockserver.recorder.spool import Spool
from mockserver.traits.times import read_time

_BODY = "/response/body"
_NO_OPERATION = "are calls of a path or a method that the contract does not have"
_NO_JSON = "have a body that is no JSON, such as an error page"
_UNKNOWN_MEMBERS = "have members that the contract does not have; the rest was used"


@dataclass
class WorldClock:
    """What the clock of a world showed, as far as exchanges say so.

    It was `frozen` at a moment, or `shown` has moments by the recorder's clock, each with the one
    that a response showed.
    """

    frozen: int | None = None
    shown: dict[int, int] = field(default_factory=dict)

    def read(self, at: int) -> int:
        """The moment by the clock of the world: as long after what was shown last."""
        if self.frozen is not None:
            return self.frozen
        recorded = max((it for it in self.shown if it <= at), default=min(self.shown, default=at))
        return at + self.shown.get(recorded, recorded) - recorded


@dataclass
class Observer:
    """The observations of one API in one world.

    They can be iterated over again and again. After each iteration, `left_out` has the reasons why
    exchanges are no observations, and `used` how many are.
    """

    api: Api
    spool: Spool
    clock: WorldClock
    left_out: Counter[str] = field(default_factory=Counter)
    used: int = 0
    _times: int = 1

    def __iter__(self) -> Iterator[Observation]:
        self.left_out.clear()
        self.used = 0
        for exchange, times in self.spool.read(self.api.name):
            self._times = times
            if not (found := self._match(exchange)):
                continue
            operation, path_values, response = found
            at = exchange.world_at
            if at is None:
                if (shown := self._find_present(operation, response.body)) is not None:
                    self.clock.shown[exchange.at] = shown
                at = self.clock.read(exchange.at)
            self.used += times
            yield Observation(
                operation,
                path_values,
                self._read_arguments(exchange, operation, path_values),
                exchange.status,
                response.body,
                at,
                exchange.url,
            )

    def _match(
        self, exchange: RecordedExchange
    ) -> tuple[Operation, Mapping[str, str], _Decoded] | None:
        found = self.api.contract.match(exchange.method, exchange.path)
        if isinstance(found, Unmatched):
            self.left_out[_NO_OPERATION] += self._times
            return None
        operation, path_values = found
        decoded = self._decode(exchange, operation)
        return (operation, path_values, decoded) if decoded else None

    def _decode(self, exchange: RecordedExchange, operation: Operation) -> _Decoded | None:
        """The body of a response, where it conforms; None where the exchange is of no use."""
        is_refusal = exchange.status >= 400
        if not exchange.response:
            return _Decoded(None)
        try:
            body = json.loads(exchange.response, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            if not is_refusal:
                self.left_out[_NO_JSON] += self._times
                return None
            return _Decoded(None)
        violations = self._validate(exchange, operation, exchange.response)
        unknown = [it for it in violations if it.code == "additionalProperties"]
        if unknown and len(unknown) == len(violations) and not is_refusal:
            self._remove_unknown(body, unknown)
            violations = self._validate(exchange, operation, json.dumps(body))
            if not violations:
                self.left_out[_UNKNOWN_MEMBERS] += self._times
        if not violations:
            return _Decoded(body)
        if is_refusal:
            return _Decoded(None)
        first = violations[0]
        # Its message may have a value of the body, and this stands in the scenario.
        place = re.sub(r"/[0-9]+(?=/|$)", "/*", first.location)
        reason = f"break the contract at {place} ({first.code}, {first.evidence})"
        self.left_out[reason] += self._times
        return None

    def _remove_unknown(self, body: Any, violations: Iterable[Violation]) -> None:
        """Remove the members of a body that the contract does not have."""
        for violation in violations:
            tokens = split_pointer(violation.location.removeprefix(_BODY))
            parent = reduce(step, tokens, body)
            rule = split_pointer(unquote(violation.rule))[:-1]
            known = reduce(step, rule, self.api.contract.document).get("properties", {})
            for name in parent.keys() - known.keys():
                del parent[name]

    def _validate(
        self, exchange: RecordedExchange, operation: Operation, text: str
    ) -> list[Violation]:
        headers = Headers([("content-type", exchange.response_type)])
        response = Response(exchange.status, headers, text.encode("utf-8", "replace"))
        found = self.api.validator.validate_response(operation, response)
        return [it for it in found if it.location.startswith((_BODY, "/response/status"))]

    def _read_arguments(
        self, exchange: RecordedExchange, operation: Operation, path_values: Mapping[str, str]
    ) -> Mapping[str, Any]:
        headers = [("content-type", exchange.request_type)] if exchange.request_type else []
        request = Request(
            exchange.method,
            exchange.path,
            exchange.query,
            Headers(headers),
            exchange.request.encode("utf-8", "replace"),
        )
        validator = self.api.validator
        return validator.validate_request(operation, request, path_values).arguments

    def _find_present(self, operation: Operation, body: Any) -> int | None:
        """The moment of a response, where its contract has a member that says it (`x-moments`)."""
        moments = self.api.traits.operations[operation.id].moments
        if not moments or body is None or operation.method not in SAFE_METHODS:
            return None
        for pointer in moments.now:
            try:
                value = reduce(step, split_pointer(pointer), body)
            except (LookupError, TypeError, ValueError):
                continue
            is_whole = moments.unit != "time-of-day"
            if is_whole and (moment := read_time(value, moments.unit)) is not None:
                return moment
        return None


@dataclass(frozen=True)
class _Decoded:
    body: Any


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")
