"""Decodes recorded exchanges for an API: arguments, the body, the moment by the world's clock."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum, auto
from functools import cached_property, partial, reduce
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


class WorldClock:
    """What the clock of a world showed, as far as exchanges say so, or where it was frozen."""

    def __init__(self, frozen: int | None = None) -> None:
        self.frozen = frozen
        self._shown: dict[int, int] = {}

    def note(self, at: int, shown: int) -> None:
        """Note what a response showed at a moment by the clock of the recorder."""
        self._shown[at] = shown

    @property
    def newest(self) -> int | None:
        """What is known to be the present; None where nothing was shown."""
        if self.frozen is not None or not self._shown:
            return self.frozen
        return self._shown[max(self._shown)]

    @cached_property
    def _moments(self) -> list[int]:
        """When something was shown, known when all exchanges have been read."""
        return sorted(self._shown)

    def read(self, at: int) -> int:
        """The moment by the clock of the world: as long after what was shown last."""
        if self.frozen is not None or not self._moments:
            return at if self.frozen is None else self.frozen
        recorded = self._moments[max(bisect_right(self._moments, at) - 1, 0)]
        return at + self._shown[recorded] - recorded


class _Use(Enum):
    """What of an exchange can be used."""

    NOTHING = auto()
    STATUS = auto()
    BODY = auto()
    KNOWN_MEMBERS = auto()


class Observer:
    """The observations of one API in one world, which can be iterated over again and again.

    `left_out` has the reasons why exchanges are no observations; `used` is how many are, and
    `newest` when the last one was by the recorder's clock, or the world's where it is known.
    """

    def __init__(self, api: Api, spool: Spool, clock: WorldClock) -> None:
        self.left_out: Counter[str] = Counter()
        self.used = 0
        self.newest: tuple[int, int | None] = (0, None)
        self._api = api
        self._spool = spool
        self._clock = clock
        self._uses = [self._survey(exchange, times) for exchange, times in spool.read(api.name)]

    def __iter__(self) -> Iterator[Observation]:
        exchanges = self._spool.read(self._api.name)
        for (exchange, _), use in zip(exchanges, self._uses, strict=True):
            if use is _Use.NOTHING:
                continue
            found = self._api.contract.match(exchange.method, exchange.path)
            assert not isinstance(found, Unmatched)  # noqa: S101 - `_survey` has seen it
            operation, path_values = found
            yield Observation(
                operation,
                path_values,
                self._read_arguments(exchange, operation, path_values),
                exchange.status,
                self._clock.read(exchange.at) if exchange.world_at is None else exchange.world_at,
                exchange.url,
                partial(self._load_body, exchange, operation, use),
            )

    def _survey(self, exchange: RecordedExchange, times: int) -> _Use:
        """What of an exchange can be used; why not, and what it says of the clock."""
        found = self._api.contract.match(exchange.method, exchange.path)
        if isinstance(found, Unmatched):
            self.left_out[_NO_OPERATION] += times
            return _Use.NOTHING
        operation, _ = found
        use, reason = self._find_use(exchange, operation)
        if reason:
            self.left_out[reason] += times
        if use is not _Use.NOTHING:
            self.used += times
            self.newest = exchange.at, exchange.world_at
        if exchange.world_at is None and use in (_Use.BODY, _Use.KNOWN_MEMBERS):
            body = json.loads(exchange.response)
            if (shown := self._find_present(operation, body)) is not None:
                self._clock.note(exchange.at, shown)
        return use

    def _find_use(self, exchange: RecordedExchange, operation: Operation) -> tuple[_Use, str]:
        is_refusal = exchange.status >= 400
        if not exchange.response:
            return _Use.STATUS, ""
        try:
            body = json.loads(exchange.response, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            return (_Use.STATUS, "") if is_refusal else (_Use.NOTHING, _NO_JSON)
        violations = self._validate(exchange, operation, exchange.response)
        if not violations:
            return _Use.BODY, ""
        if is_refusal:
            return _Use.STATUS, ""
        if self._remove_unknown(body, violations):
            violations = self._validate(exchange, operation, json.dumps(body))
            if not violations:
                return _Use.KNOWN_MEMBERS, _UNKNOWN_MEMBERS
        first = violations[0]
        # Its message may have a value of the body, and this stands in the scenario.
        place = re.sub(r"/[0-9]+(?=/|$)", "/*", first.location)
        return _Use.NOTHING, f"break the contract at {place} ({first.code}, {first.evidence})"

    def _load_body(self, exchange: RecordedExchange, operation: Operation, use: _Use) -> Any:
        if use is _Use.STATUS:
            return None
        body = json.loads(exchange.response)
        if use is _Use.KNOWN_MEMBERS:
            self._remove_unknown(body, self._validate(exchange, operation, exchange.response))
        return body

    def _remove_unknown(self, body: Any, violations: Iterable[Violation]) -> bool:
        """Remove the members of a body that the contract does not have; whether there are some."""
        unknown = [it for it in violations if it.code == "additionalProperties"]
        for violation in unknown:
            tokens = split_pointer(violation.location.removeprefix(_BODY))
            parent = reduce(step, tokens, body)
            rule = split_pointer(unquote(violation.rule))[:-1]
            known = reduce(step, rule, self._api.contract.document).get("properties", {})
            for name in parent.keys() - known.keys():
                del parent[name]
        return bool(unknown)

    def _validate(
        self, exchange: RecordedExchange, operation: Operation, text: str
    ) -> list[Violation]:
        headers = Headers([("content-type", exchange.response_type)])
        response = Response(exchange.status, headers, text.encode("utf-8", "replace"))
        found = self._api.validator.validate_response(operation, response)
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
        validator = self._api.validator
        return validator.validate_request(operation, request, path_values).arguments

    def _find_present(self, operation: Operation, body: Any) -> int | None:
        """The moment of a response, where its contract has a member that says it (`x-moments`)."""
        moments = self._api.traits.operations[operation.id].moments
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


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")
