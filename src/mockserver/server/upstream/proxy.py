"""The proxy middleware: which requests go to an upstream, and which ones the mock responds to."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.contract import Headers, Unmatched
from mockserver.errors import HttpError, PreferenceError
from mockserver.sandbox import Sandboxes
from mockserver.server.middleware.dispatch import UPSTREAM_DECIDED, WorldHasUpstream
from mockserver.server.middleware.request_guard import receive_first
from mockserver.server.middleware.sandbox import find_sandbox_name
from mockserver.server.preference import read_preference
from mockserver.server.responses import ErrorResponses
from mockserver.server.store_calls import ReadRecord
from mockserver.server.upstream.call import FORWARDED, ForwardedCall
from mockserver.server.upstream.fields import is_own_request, read_max_forwards
from mockserver.server.upstream.setting import Upstreams, read_upstreams

_EMPTY: Message = {"type": "http.request", "body": b"", "more_body": False}
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
_UNUSUAL_FIELDS = frozenset({b"expect", b"transfer-encoding", b"content-encoding"})


class Proxy:
    """Forwards requests to the upstream of their API, if the world or the server has one.

    It comes before what belongs to the mock alone: CORS, the limits of bodies, HEAD and OPTIONS.
    A world without upstreams costs nothing: most requests go on at once, and `Dispatch`, which
    opens the world anyway, raises WorldHasUpstream. Those that would be refused or changed on the
    way to it are looked up here (ADR 042).
    """

    def __init__(
        self,
        app: ASGIApp,
        forward: ASGIApp,
        catch: Callable[[ASGIApp], ASGIApp],
        sandboxes: Sandboxes,
        read_record: ReadRecord,
        problems: ErrorResponses,
        defaults: Upstreams,
        body_limit: int,
    ) -> None:
        """`forward` gets what is forwarded; `catch` makes an app whose errors become responses."""
        self._app = app
        self._forward = forward
        self._catch = catch
        self._sandboxes = sandboxes
        self._read_record = read_record
        self._problems = problems
        self._defaults = defaults
        self._body_limit = body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        api = self._problems.find_api(scope["path"])
        if api is None:
            await self._app(scope, receive, send)
            return
        if api.name not in self._defaults and (kind := self._find_kind(scope)) != "unusual":
            first = await receive() if kind == "body" else _EMPTY
            # A body is here as a whole, as most are, or it may be long in coming.
            if not first.get("more_body"):
                own = receive_first([first], receive) if kind == "body" else receive
                try:
                    await self._app(scope, own, send)
                    return
                except WorldHasUpstream:
                    pass
            receive = receive_first([first], receive)
        await self._catch(self._look_up)(scope, receive, send)

    def _find_kind(self, scope: Scope) -> str:
        """Whether a request has a `body` or is `empty`, or might not get to `Dispatch` as it is."""
        kind = "empty" if scope["method"] in _METHODS else "unusual"
        for name, value in scope["headers"]:
            if name in _UNUSUAL_FIELDS:
                return "unusual"
            if name == b"content-length" and kind == "empty":
                kind = "body" if int(value) <= self._body_limit else "unusual"
        return kind

    async def _look_up(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises MockserverError."""
        call = await self._find_call(scope)
        if call is None or _prefers_response(scope):
            await self._app({**scope, UPSTREAM_DECIDED: True}, receive, send)
            return
        if is_own_request(scope):
            raise HttpError(
                508, f"The upstream '{call.upstream.url}' leads to this server itself; give another"
            )
        await self._forward({**scope, FORWARDED: call}, receive, send)

    async def _find_call(self, scope: Scope) -> ForwardedCall | None:
        api = self._problems.find_api(scope["path"])
        assert api is not None  # noqa: S101 - the caller has found it
        name = find_sandbox_name(scope)
        if not name:
            return None  # the mock refuses it
        record = await self._read_record(name)
        own = read_upstreams(record.upstreams) if record else {}
        upstream = own[api.name] if api.name in own else self._defaults.get(api.name)
        if upstream is None or read_max_forwards(scope) == 0:
            return None
        self._sandboxes.note_use(name)
        method = _find_method(scope)
        found = api.contract.match(method, scope["path"][len(api.contract.base) :])
        operation, values = (None, {}) if isinstance(found, Unmatched) else found
        if operation and operation.id in upstream.mock:
            return None
        if scope["method"] == "OPTIONS":
            operation = None  # it was about another request
        return ForwardedCall(api, upstream, operation, values, record.faults if record else "")


def _find_method(scope: Scope) -> str:
    """The method of the operation that a request is about."""
    method: str = scope["method"]
    if method == "HEAD":
        return "GET"
    # The preflight of a browser asks for another request (Fetch, section 3.3.2).
    wanted = [value for name, value in scope["headers"] if name == b"access-control-request-method"]
    return wanted[0].decode("latin-1") if method == "OPTIONS" and wanted else method


def _prefers_response(scope: Scope) -> bool:
    """Whether the client prefers a response that the mock has to make, or a wrong preference."""
    headers = Headers.decode(scope["headers"])
    try:
        preference, _ = read_preference(headers, scope["query_string"].decode("latin-1"))
    except PreferenceError:
        return True
    return bool(preference.of_response)
