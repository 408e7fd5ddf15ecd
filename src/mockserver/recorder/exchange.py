"""A recorded exchange without secrets, from a HAR or from a server, and why others are left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote, unquote

from msgspec import Struct

from mockserver.api import Api
from mockserver.contract import (
    SAFE_METHODS,
    TOO_MANY_REQUESTS,
    Exchange,
    Headers,
    Request,
    Response,
)
from mockserver.journal import JournalEntry
from mockserver.redaction import FoundSecrets, Mask, SecretNames
from mockserver.traffic.attribution import AttributedCall, attribute_calls
from mockserver.traffic.har_entry import EntryFault
from mockserver.traffic.recording import Recording
from mockserver.traffic.sequences import is_control_call, order_calls

DEFAULT_SANDBOX = "default"
_OWN = "were made by the mock on request, by a fault or of the contract, and say nothing of a world"
_SERVER_ERROR = "are errors of a server or a gateway, which say nothing of documents"
_BINARY = "have a body that is no text in UTF-8"
_UNSAVED = "have no whole saved body"
_UNREADABLE = "cannot be read"
_OTHER = "are calls of other servers, or of an API that is not known"
_ON_REQUEST = re.compile(r"(?:^|[,;\s])(?:code|example|dynamic)\s*=", re.IGNORECASE)
_AS_IS = "/:@!$&()*+,;=~"
_RESETS = re.compile(r"/__mock__/(?:reset|load|snapshots/[^/]+/restore)/?")
"""The paths of the control API that replace the whole world of a sandbox."""


class RecordedExchange(Struct, omit_defaults=True):
    """An exchange with an API, without secrets.

    `path` is percent-decoded and below the base of the API; `url` has it with the base, as the
    client sent it. `at` is the moment of the response by the machine's clock, and `world_at` that
    by the clock of the world where it is known. Of the headers, only the content types are kept.
    An exchange without an `api` has replaced the whole world of its sandbox, or is `left_out` for
    a reason. One that came `again` is written as the place of the first in its file.
    """

    at: int
    sandbox: str = DEFAULT_SANDBOX
    api: str = ""
    method: str = "GET"
    url: str = ""
    path: str = ""
    query: str = ""
    request_type: str = ""
    request: str = ""
    status: int = 0
    response_type: str = ""
    response: str = ""
    world_at: int | None = None
    again: int = -1
    left_out: str = ""


class Cleaner:
    """Takes the secrets out of the exchanges of one API, also those that another exchange showed.

    `found` has the secrets that are known.
    """

    def __init__(self, api: Api) -> None:
        self.found = FoundSecrets(api.contract)
        self._names = SecretNames.of(api.contract, is_narrow=True)
        self._known = 0
        self._mask = Mask(names=self._names, keeps_types=True)

    def clean(self, exchange: RecordedExchange) -> RecordedExchange:
        """The exchange without the secrets that were found, and those that have a secret name."""
        found = self.found
        if self._known != len(found.values) + len(found.sent):
            self._known = len(found.values) + len(found.sent)
            mask = Mask(keeps_types=True).extended(found)
            self._mask = replace(mask, names=self._names)
        mask = self._mask
        exchange.path, exchange.url = mask.text(exchange.path), mask.text(exchange.url)
        exchange.query = mask.query(exchange.query)
        exchange.request = mask.body(exchange.request, exchange.request_type)
        exchange.response = mask.body(exchange.response, exchange.response_type)
        return exchange


def find_unfit(status: int, response: Headers) -> str:
    """Why a response says nothing of the documents of a world; empty where it does."""
    if response.get("x-mock-fault") or _ON_REQUEST.search(response.get("preference-applied") or ""):
        return _OWN
    if response.get("x-mock-source") in ("example", "synthesised"):
        return _OWN
    if status >= 500 or status == TOO_MANY_REQUESTS:
        return _SERVER_ERROR
    return ""


def read_journal_entry(entry: JournalEntry, apis: Mapping[str, Api]) -> RecordedExchange:
    """An exchange of a journal, which has no secrets; or why it is left out."""
    api = apis.get(entry.api)
    sent, received = Headers(entry.request.headers), Headers(entry.response.headers)
    bodies = entry.request, entry.response
    reason = find_unfit(entry.status, received)
    if api is None:
        reason = _OTHER
    elif not entry.status or any(it.is_truncated for it in bodies):
        reason = reason or _UNSAVED
    elif any(it.is_base64 for it in bodies):
        reason = reason or _BINARY
    if api is None or reason:
        return RecordedExchange(entry.at, entry.sandbox, left_out=reason)
    return RecordedExchange(
        at=entry.at,
        sandbox=entry.sandbox,
        api=api.name,
        method=entry.method,
        url=f"http://{sent.get('host') or 'localhost'}{entry.path}",
        path=unquote(entry.path).removeprefix(api.contract.base),
        query=entry.query,
        request_type=sent.media_type,
        request=entry.request.body,
        status=entry.status,
        response_type=received.media_type,
        response=entry.response.body,
        world_at=entry.world_at,
    )


def replaces_world(method: str, path: str, query: str) -> bool:
    """Whether a request to a mock's control API replaces the whole world of a sandbox."""
    is_reset = method not in SAFE_METHODS and bool(_RESETS.search(path))
    return is_reset and "mode=add" not in query


class HarReader:
    """Reads the exchanges of a HAR with APIs, in their order."""

    def __init__(self, recording: Recording, apis: Sequence[Api], urls: Iterable[str] = ()) -> None:
        """With `urls`, only calls to the deployments below one of them count."""
        self._recording = recording
        self._calls = attribute_calls(recording.calls, apis, urls).calls
        called = {it.api.name: it.api for it in self._calls}
        self._cleaners = {name: Cleaner(api) for name, api in called.items()}

    def read(self) -> Iterator[RecordedExchange]:
        """Each exchange, or why it is none."""
        # A secret may stand in an exchange before the one that shows that it is one.
        for attributed in self._calls:
            self._read_call(attributed, self._cleaners[attributed.api.name].found)
        all_found = [cleaner.found for cleaner in self._cleaners.values()]
        values = {value for found in all_found for value in found.values}
        sent = {secret: None for found in all_found for secret in found.sent}
        for found in all_found:
            found.values |= values
            found.sent |= sent
        order = order_calls(self._recording.calls)
        by_call = {it.call: it for it in self._calls}
        for call in sorted(self._recording.calls, key=lambda it: order.places[it]):
            sandbox = call.summary.sandbox or DEFAULT_SANDBOX
            if is_control_call(call):
                if replaces_world(call.method, call.path, call.query):
                    yield RecordedExchange(0, sandbox)
            elif of_api := by_call.get(call):
                yield self._cleaners[of_api.api.name].clean(self._read_call(of_api))
            else:
                yield RecordedExchange(0, left_out=_OTHER)

    def _read_call(
        self, attributed: AttributedCall, found: FoundSecrets | None = None
    ) -> RecordedExchange:
        call, summary = attributed.call, attributed.call.summary
        if reason := summary.skip_reason or (summary.fault and _UNREADABLE):
            return RecordedExchange(0, left_out=reason)
        try:
            message = call.read_message()
        except EntryFault:
            return RecordedExchange(0, left_out=_UNREADABLE)
        sent, received = message.request_headers, message.response_headers
        bodies = message.request_body, message.response_body
        reason = find_unfit(summary.status, received) or (_UNSAVED if None in bodies else "")
        try:
            request, response = ((body or b"").decode() for body in bodies)
        except UnicodeDecodeError:
            request, response, reason = "", "", reason or _BINARY
        if found:
            found.add(
                Exchange(
                    Request(call.method, call.path, call.query, sent, request.encode()),
                    Response(summary.status, received, response.encode()),
                )
            )
        if reason:
            return RecordedExchange(0, left_out=reason)
        return RecordedExchange(
            at=summary.moment or 0,
            sandbox=summary.sandbox or attributed.sandbox or DEFAULT_SANDBOX,
            api=attributed.api.name,
            method=call.method,
            url=call.origin + quote(call.path, safe=_AS_IS),
            path=attributed.path,
            query=call.query,
            request_type=sent.media_type,
            request=request,
            status=summary.status,
            response_type=received.media_type,
            response=response,
            world_at=summary.moment if summary.is_of_world else None,
        )
