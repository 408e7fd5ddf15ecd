"""Applies faults: what the rules of the world say, and what the request prefers."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack, suppress
from functools import partial
from math import ceil
from tempfile import SpooledTemporaryFile

from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.api import Api
from mockserver.clock import SECOND, read_monotonic
from mockserver.contract import TOO_MANY_REQUESTS, Headers, Response, Unmatched
from mockserver.errors import HttpError, MockserverError
from mockserver.factory import Factory
from mockserver.fault import (
    Decision,
    Delay,
    Effect,
    FaultRequest,
    FaultRule,
    FaultRules,
    Match,
    decide,
    format_states,
    read_rules,
    read_states,
)
from mockserver.sandbox import Sandboxes
from mockserver.server.delivery import (
    IN_MEMORY,
    Body,
    Collected,
    Exchange,
    cut_connection,
    hold_body,
    send_changed_response,
)
from mockserver.server.framework import ROUTING_CONTEXT
from mockserver.server.middleware.dispatch import (
    FAULTS_DECIDED,
    WorldHasFaults,
    require_no_upstream,
)
from mockserver.server.middleware.journal import get_notes, note_call
from mockserver.server.middleware.sandbox import get_sandbox_name
from mockserver.server.preference import NO_PREFERENCE, SCOPE_KEY, Preference, get_preference
from mockserver.server.responses import ErrorResponses, make_refusal_response, send_response
from mockserver.server.store_calls import StoreCalls
from mockserver.server.upstream.call import FORWARDED
from mockserver.store import WorldRecord

_LOOK_MICROSECONDS = 400_000
"""So long all who wait in a world believe the last look at its rules."""
_MAX_SEEN = 1_000
_MAX_REMEMBERED = 256 * 1024
"""The largest body that is remembered for a stale response."""


class Faults:
    """Applies faults to requests to the vendors, outside the validation (ADR 036).

    The request is handled first and the response held back afterwards, as by a server that is slow:
    no transaction waits, and what the request writes stays although the client may not hear of it.
    """

    def __init__(
        self,
        app: ASGIApp,
        sandboxes: Sandboxes,
        problems: ErrorResponses,
        store_calls: StoreCalls,
    ) -> None:
        self._app = app
        self._store_calls = store_calls
        self._sandboxes = sandboxes
        self._problems = problems
        self._seen: dict[str, tuple[int, FaultRules]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises HttpError, and what the handling of the request raises."""
        api = self._problems.find_api(scope["path"])
        if api is None or FAULTS_DECIDED in scope:
            await self._app(scope, receive, send)
            return
        preference = get_preference(scope)
        preferred = None if preference is NO_PREFERENCE else _make_rule(preference)
        body: Body | None = None
        if not (preferred or (_is_unrouted(scope) and await self._has_rules(api, scope))):
            try:
                await self._app(scope, receive, send)
                return
            except WorldHasFaults as found:
                body = found.body
        elif FORWARDED not in scope:
            body = (await receive())["body"]
        with ExitStack() as stack:
            if body is None:
                body = stack.enter_context(SpooledTemporaryFile(IN_MEMORY))
                if not await hold_body(scope, receive, body):
                    return
            exchange = Exchange(self._app, self._problems, scope, body, receive, send)
            await self._decide_and_apply(api, exchange, preferred)

    async def _decide_and_apply(
        self, api: Api, exchange: Exchange, preferred: FaultRule | None
    ) -> None:
        scope = exchange.scope
        decision = await self._decide(api, exchange, preferred)
        own = [rule for rule in decision.delaying if rule is not preferred]
        if own:
            exchange.holds = partial(self._holds, get_sandbox_name(scope), own)
        if preferred and preferred.name not in decision.faults:
            scope[SCOPE_KEY] = NO_PREFERENCE  # its rate has left this request out
        elif preferred and preferred.effect == Effect():  # there is a rate, and nothing else
            decision.faults.remove(preferred.name)
        await self._apply(api, decision, exchange)

    async def _has_rules(self, api: Api, scope: Scope) -> bool:
        """Whether the world has rules, of a path without an operation: no world is opened for it.

        Raises WorldHasUpstream.
        """
        with suppress(MockserverError):  # its name is malformed, or the store is busy: it is a 404
            if record := await self._read_record(get_sandbox_name(scope)):
                require_no_upstream(scope, api, record.upstreams)
                return bool(record.faults)
        return False

    async def _decide(self, api: Api, exchange: Exchange, preferred: FaultRule | None) -> Decision:
        """Decide in a transaction of its own: the counters hold for all processes of the server.

        Raises WorldHasUpstream.
        """
        scope = exchange.scope
        found = api.contract.match(scope["method"], scope["path"][len(api.contract.base) :])
        operation = None if isinstance(found, Unmatched) else found[0].id
        note_call(scope, api, operation or "")  # it may get no further
        request = FaultRequest(
            api=api.name,
            operation=operation,
            method=scope["method"],
            path=scope["path"],
            headers=Headers.decode(scope["headers"]).fields,
        )
        first = [preferred] if preferred else []
        is_counted = preferred is not None and preferred.match.percent is not None

        def attempt() -> Decision:
            with self._sandboxes.open_record(get_sandbox_name(scope)) as (transaction, record):
                if FORWARDED not in scope:
                    require_no_upstream(scope, api, record.upstreams)
                now = record.clock.now()
                rules = read_rules(record.faults)
                matching = rules.find_matching(request, now, record.began)
                states = read_states(record.fault_states)
                decision = decide([*first, *matching], states, now, Factory(record.seed))
                if matching or is_counted:
                    transaction.worlds.set_fault_states(record.id, format_states(states))
                return decision

        return await self._store_calls.attempt(attempt)

    async def _read_record(self, sandbox: str) -> WorldRecord | None:
        return await self._store_calls.call(partial(self._sandboxes.get_record, sandbox))

    async def _holds(self, sandbox: str, rules: Iterable[FaultRule]) -> bool:
        """Whether a world still has these rules. All that wait in it share a look at the store."""
        looked, known = self._seen.get(sandbox, (0, FaultRules()))
        if read_monotonic() > looked + _LOOK_MICROSECONDS:
            try:
                record = await self._read_record(sandbox)
            except MockserverError:  # a store that is busy says nothing of the rules
                return True
            if len(self._seen) > _MAX_SEEN:
                self._seen.clear()
            known = read_rules(record.faults) if record else FaultRules()
            self._seen[sandbox] = read_monotonic(), known
        return all(rule in known for rule in rules)

    async def _apply(self, api: Api, decision: Decision, exchange: Exchange) -> None:
        effect = decision.effect or Effect()
        status = TOO_MANY_REQUESTS if effect.rate_limit else effect.status
        if status:
            _note_faults(exchange.scope, decision)
            await exchange.wait(decision.delay)
            refusal = _make_refusal(api, status, effect)
            await send_response(refusal, exchange.make_send(decision))
            return
        if effect.connection in ("reset", "empty", "garbage"):
            _note_faults(exchange.scope, decision)
            if effect.handled:
                await exchange.collect()
            await exchange.wait(decision.delay)
            cut_connection(exchange, effect.connection, decision)
            return
        if effect.duplicate:
            await exchange.collect()
        if _needs_body(decision, effect):
            response = await self._collect(decision, exchange)
            _note_faults(exchange.scope, decision)
            await exchange.wait(decision.delay)
            await send_changed_response(response, decision, effect, exchange)
            return
        _note_faults(exchange.scope, decision)
        await exchange.pass_on(decision)

    async def _collect(self, decision: Decision, exchange: Exchange) -> Collected:
        """The response, or the one before it to the same request."""
        response = await exchange.collect()
        if not decision.remembering or len(response.body) > _MAX_REMEMBERED:
            return response
        key, stored = exchange.digest(), response.encode()
        name = get_sandbox_name(exchange.scope)

        def attempt() -> bytes | None:
            found = None
            with self._sandboxes.open_record(name) as (transaction, record):
                for rule in decision.remembering:
                    before = transaction.worlds.exchange_response(record.id, rule, key, stored)
                    found = before if rule == decision.stale else found
            return found

        before = await self._store_calls.attempt(attempt)
        if before:
            return Collected.decode(before)
        if decision.stale:
            decision.faults.remove(decision.stale)
        return response


def _is_unrouted(scope: Scope) -> bool:
    """Whether a request of the mock's has a path without an operation."""
    routed = scope.get("extensions", {}).get(ROUTING_CONTEXT, {})
    return FORWARDED not in scope and routed.get("operation_id") is None


def _make_rule(preference: Preference) -> FaultRule | None:
    """The rule that a preference is. It has a name that no rule of a world can have."""
    if not (preference.delay or preference.fault or preference.rate < 100):
        return None
    delay = Delay(preference.delay * 1_000) if preference.delay else None
    percent = preference.rate if preference.rate < 100 else None
    name = preference.fault or ("delay" if delay else "rate")
    effect = Effect(delay=delay, connection=preference.fault)
    return FaultRule(f"prefer:{name}", Match(percent=percent), effect, {})


def _note_faults(scope: Scope, decision: Decision) -> None:
    """Note in the journal which faults are applied."""
    get_notes(scope).fault = ", ".join(decision.faults)


def _needs_body(decision: Decision, effect: Effect) -> bool:
    """Whether the whole response is needed before its first byte is sent."""
    return bool(
        effect.truncate
        or effect.connection
        or decision.slow
        or decision.bytes_per_second
        or decision.remembering
    )


def _make_refusal(api: Api, status: int, effect: Effect) -> Response:
    """An error in the shape of the API."""
    headers = {}
    if effect.retry_after is not None:
        headers["retry-after"] = str(ceil(effect.retry_after / SECOND))
    return make_refusal_response(api.refuse(HttpError(status, headers=headers)))
