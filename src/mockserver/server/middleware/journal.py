"""The journal middleware: what each client sent, and what it truly saw, faults included."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable, Iterator, Sequence

from msgspec import Struct
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.api import Api
from mockserver.clock import SECOND, machine_now, read_monotonic
from mockserver.contract import Violation
from mockserver.errors import Fact
from mockserver.journal import (
    Exchange,
    Field,
    Journal,
    JournalChange,
    JournalEntry,
    JournalFact,
    JournalMessage,
    RedactedHead,
    Redactor,
    measure_fields,
)
from mockserver.memo import Memo
from mockserver.redaction import SecretNames
from mockserver.server.content_coding import decode_start
from mockserver.server.forwarded import REASON
from mockserver.server.metrics import Metrics
from mockserver.server.middleware.sandbox import SCOPE_KEY, find_sandbox_name
from mockserver.server.responses import ErrorResponses
from mockserver.server.store_calls import StoreCalls
from mockserver.server.urls import make_link
from mockserver.store import Document

WHY_HEADER = b"x-mock-why"
_SCOPE_KEY = "mockserver.notes"
_LOOK_SECONDS = 0.02
"""How often it is asked whether entries that wait have to be written."""
_MOST_AT_ONCE = 25
"""So many entries are made and written before requests go on."""
_FIXED_SIZE = 1_000
"""What an exchange takes in the memory besides its fields and bodies, in bytes."""
_PARSED = 10
"""So many times the size of a body may be that of its values."""
_WRITING_SECONDS = 2.0
"""How long a response waits for its entry to be written, where it does."""
_MAX_NOTED = 100
_MARGIN = 4_096
"""So much more of a body is redacted than is kept, so that a secret at the end is whole."""
_FIELDS = {f"x-mock-{name}".encode(): name for name in ("evidence", "source", "fault")}

_log = logging.getLogger("mockserver.access")


class Notes(Struct, gc=False):
    """What the server itself knows of an exchange besides its messages."""

    api: str = ""
    operation: str = ""
    sandbox: str = ""
    world_at: int | None = None
    problem: str = ""
    fault: str = ""
    violations: Sequence[Violation] = ()
    facts: Sequence[Fact] = ()
    changes: Sequence[tuple[Document, str]] = ()


def get_notes(scope: Scope) -> Notes:
    """The notes on the exchange of a scope, where they are kept; otherwise new ones."""
    notes: Notes | None = scope.get(_SCOPE_KEY)
    return notes or Notes()


def keep_notes(scope: Scope) -> Scope:
    """The scope, in which notes are kept whether there is a journal or not."""
    return scope if _SCOPE_KEY in scope else {**scope, _SCOPE_KEY: Notes()}


class JournalExchanges:
    """Adds every exchange of a vendor's API, and of none, to the journal, the log and the metrics.

    Those of the mock's own paths are left out: all that begin with `ignored`, and reading those in
    `pages`. A response that is no success names the page that explains it.
    """

    def __init__(
        self,
        app: ASGIApp,
        journal: Journal,
        store_calls: StoreCalls,
        metrics: Metrics,
        problems: ErrorResponses,
        apis: Iterable[Api],
        ignored: str,
        pages: Collection[str],
        body_limit: int,
    ) -> None:
        """Of a body, `body_limit` bytes are kept."""
        self._app = app
        self._journal = journal
        self._store_calls = store_calls
        self._metrics = metrics
        self._problems = problems
        self._ignored = ignored
        self._pages = pages
        self._body_limit = body_limit
        self._redactors = {
            api.name: Redactor(SecretNames.of(api.contract, is_narrow=True)) for api in apis
        }
        self._other = Redactor(SecretNames(is_narrow=True))
        self.read_own_fields = Memo(_read_own_fields, measure_fields)
        self._writing: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._is_own(scope):
            await self._app(scope, receive, send)
            return
        notes = Notes()
        exchange = _Exchange(self, scope, receive, send, notes, self._journal.make_id())
        try:
            await self._app({**scope, _SCOPE_KEY: notes}, exchange.receive, exchange.send)
        finally:
            exchange.finish()

    def _is_own(self, scope: Scope) -> bool:
        """Whether a request is one to the mock itself. An API may have a page's path."""
        path = scope["path"]
        if path.startswith(self._ignored):
            return True
        is_page = path in self._pages and scope["method"] in ("GET", "HEAD")
        return is_page and not self._problems.find_api(path)

    def count(self, notes: Notes, status: int, duration: int) -> None:
        """Count an exchange, which took so many microseconds."""
        self._metrics.count(
            notes.api,
            notes.operation,
            status=status,
            seconds=duration / SECOND,
            violations=notes.violations,
            is_faulty=bool(notes.fault),
        )

    def add(self, seen: _SeenExchange) -> None:
        """Add an exchange to the journal, which is made an entry when it is written, and log it."""
        exchange: Exchange = seen
        if _log.isEnabledFor(logging.INFO):
            exchange = seen.make_entry()
            _log.info("", extra={"exchange": exchange})
        is_first = self._journal.add(seen.sandbox, seen.measure(), exchange)
        if is_first and self._journal.is_awaited:
            self._begin_writing()
        elif is_first:
            asyncio.get_running_loop().call_later(_LOOK_SECONDS, self._look)

    def _look(self) -> None:
        """Write some of the entries that wait, if it is time, and look again later."""
        loop = asyncio.get_running_loop()
        if self._journal.is_due and self._journal.write(_MOST_AT_ONCE) and self._journal.is_due:
            loop.call_soon(self._look)
        elif not self._journal.is_idle:
            loop.call_later(_LOOK_SECONDS, self._look)

    def _begin_writing(self) -> None:
        """Write the entries in a thread, after those that are being written."""
        before = self._writing

        async def write() -> None:
            if before:
                await asyncio.wait({before})
            await self._store_calls.call(self._journal.write, is_spare=True)

        self._writing = asyncio.create_task(write())

    async def wait_until_written(self) -> None:
        """Wait for the entries that were added, if the journal is awaited; but not for long."""
        if self._writing:
            await asyncio.wait({self._writing}, timeout=_WRITING_SECONDS)

    def get_redactor(self, notes: Notes, path: str) -> Redactor:
        if notes.api:
            return self._redactors[notes.api]
        api = self._problems.find_api(path)
        return self._redactors[api.name] if api else self._other

    @property
    def kept_size(self) -> int:
        """How many bytes of a body are collected."""
        return self._body_limit + _MARGIN

    @property
    def body_limit(self) -> int:
        return self._body_limit

    @property
    def is_interested(self) -> bool:
        """Whether exchanges are added to the journal, or logged."""
        return self.explains or _log.isEnabledFor(logging.INFO)

    @property
    def explains(self) -> bool:
        """Whether there is a journal, so that a response can be explained."""
        return self._journal.kept > 0


class _Exchange:
    """One exchange, while its messages pass."""

    def __init__(
        self,
        owner: JournalExchanges,
        scope: Scope,
        receive: Receive,
        send: Send,
        notes: Notes,
        id: str,
    ) -> None:
        self._owner, self._scope, self._notes, self._id = owner, scope, notes, id
        self._receive, self._send = receive, send
        self._at, self._began = machine_now(), read_monotonic()
        self._sent, self._received = _Body(), _Body()
        self._status = 0
        self._fields: tuple[Field, ...] = ()
        self._is_finished = False

    async def receive(self) -> Message:
        message = await self._receive()
        if body := message.get("body"):
            self._sent.add(body, self._owner.kept_size)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._fields = tuple(message["headers"])
            if self._status >= 400 and self._owner.explains:
                # Below a name that no sandbox can have, the explanation would be refused too.
                named = find_sandbox_name(self._scope)
                scope = self._scope if named else {**self._scope, SCOPE_KEY: None}
                why = make_link(scope, f"/__mock__/journal/{self._id}/why")
                message = {**message, "headers": [*self._fields, (WHY_HEADER, why.encode())]}
            if REASON in message:  # forwarded, with the names of its fields as they were sent
                self._fields = tuple((name.lower(), value) for name, value in self._fields)
        elif message["type"] == "http.response.body":
            if body := message.get("body"):
                self._received.add(body, self._owner.kept_size)
            if not message.get("more_body"):
                # Before the client has the response, so that it finds the entry.
                self.finish()
                await self._owner.wait_until_written()
        await self._send(message)

    def finish(self) -> None:
        """Add the exchange to the journal, once."""
        if self._is_finished:
            return
        self._is_finished = True
        duration = read_monotonic() - self._began
        self._owner.count(self._notes, self._status, duration)
        if self._owner.is_interested:
            scope = self._scope
            seen = _SeenExchange(
                owner=self._owner,
                id=self._id,
                sandbox=self._notes.sandbox or find_sandbox_name(scope),
                at=self._at,
                duration=duration,
                method=scope["method"],
                path=scope["path"],
                raw_path=scope["raw_path"],
                query=scope["query_string"],
                headers=scope["headers"],
                sent=self._sent,
                status=self._status,
                fields=self._fields,
                received=self._received,
                notes=self._notes,
            )
            self._owner.add(seen)


class _SeenExchange(Struct, gc=False):
    """What the journal needs of an exchange until its entry is made, and no more than that.

    The scope would hold the connection.
    """

    owner: JournalExchanges
    id: str
    sandbox: str
    at: int
    duration: int
    method: str
    path: str
    raw_path: bytes
    query: bytes
    headers: Sequence[Field]
    sent: _Body
    status: int
    fields: tuple[Field, ...]
    received: _Body
    notes: Notes

    def measure(self) -> int:
        """How many bytes it holds, about."""
        size = _FIXED_SIZE + len(self.raw_path) + len(self.query) + measure_fields(self.headers)
        size += len(self.sent.start) + len(self.received.start)
        # A violation holds values of the body.
        return size + _PARSED * self.sent.size if self.notes.violations else size

    def make_entry(self) -> JournalEntry:
        """The entry, without secrets."""
        head, limit = self._redact_head(), self.owner.body_limit
        redaction = head.redaction
        sent, received = self._decode_bodies()
        is_own = self.owner.read_own_fields(self.fields).source != "upstream"
        fields = redaction.fields(self.fields)
        return self._make(
            head,
            redaction.message(head.fields, sent.start, sent.size, limit),
            redaction.message(fields, received.start, received.size, limit, is_own=is_own),
        )

    def make_summary(self) -> JournalEntry:
        """The entry without header fields and bodies; of these, it has the sizes."""
        sent, received = (JournalMessage(size=body.size) for body in self._decode_bodies())
        return self._make(self._redact_head(), sent, received)

    def _redact_head(self) -> RedactedHead:
        redactor = self.owner.get_redactor(self.notes, self.path)
        return redactor.begin(self.headers, self.query)

    def _decode_bodies(self) -> Iterator[_Body]:
        """The bodies without their codings: a secret that is compressed would be kept."""
        for body, fields in ((self.sent, self.headers), (self.received, self.fields)):
            coding = b",".join(value for name, value in fields if name == b"content-encoding")
            yield body.decode(coding.decode("latin-1"), self.owner.kept_size) if coding else body

    def _make(
        self, head: RedactedHead, request: JournalMessage, response: JournalMessage
    ) -> JournalEntry:
        notes, redaction = self.notes, head.redaction
        own = self.owner.read_own_fields(self.fields)
        return JournalEntry(
            id=self.id,
            sandbox=self.sandbox,
            at=self.at,
            method=self.method,
            path=redaction.path(self.raw_path),
            query=head.query,
            request=request,
            api=notes.api,
            operation=notes.operation,
            status=self.status,
            response=response,
            duration=self.duration * 1_000 / SECOND,
            world_at=notes.world_at,
            evidence=own.evidence,
            source=own.source,
            fault=notes.fault or own.fault,
            problem=redaction.text(notes.problem),
            violations=[redaction.violation(it) for it in notes.violations[:_MAX_NOTED]],
            facts=[JournalFact(it.kind, it.key, it.sentence) for it in notes.facts],
            changes=[JournalChange(it.kind, it.key, how) for it, how in notes.changes[:_MAX_NOTED]],
        )


class _OwnFields(Struct, frozen=True):
    """What the header fields of the mock in a response say."""

    evidence: str = ""
    source: str = ""
    fault: str = ""


def _read_own_fields(fields: Iterable[tuple[bytes, bytes]]) -> _OwnFields:
    return _OwnFields(
        **{_FIELDS[name]: value.decode("latin-1") for name, value in fields if name in _FIELDS}
    )


class _Body(Struct, gc=False):
    """The beginning of a body, and its whole size."""

    start: bytes = b""
    size: int = 0

    def add(self, part: bytes, limit: int) -> None:
        if self.size < limit:
            self.start += part[: limit - self.size]
        self.size += len(part)

    def decode(self, coding: str, limit: int) -> _Body:
        """The body without its coding; its beginning is empty if that is unknown."""
        start = decode_start(self.start, coding, limit)
        is_whole = len(self.start) == self.size and 0 < len(start) < limit
        return _Body(start, len(start) if is_whole else self.size)


def note_call(scope: Scope, api: Api, operation: str) -> None:
    """Note which operation a request calls."""
    notes = get_notes(scope)
    notes.api, notes.operation = api.name, operation
