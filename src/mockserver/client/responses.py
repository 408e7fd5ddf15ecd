"""The responses of the control API as classes, and their decoding.

Moments are aware datetimes in UTC, durations are seconds. Fields that a class does not have are
ignored, so that a client can talk to a newer server.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec

from mockserver.errors import UnexpectedResponseError
from mockserver.json_pointer import ABSENT

T = TypeVar("T")

ResponseMoment = Annotated[datetime, msgspec.Meta(tz=True)]


class Response(msgspec.Struct, frozen=True, dict=True):
    """A response of the control API.

    Two responses are equal if their fields are, whatever else is in their JSON.
    """

    @property
    def json(self) -> Mapping[str, Any]:
        """The JSON that the server sent, with the fields that this client does not know."""
        json: Mapping[str, Any] = self.__dict__.get("json", {})
        return json


class Operation(msgspec.Struct, frozen=True):
    """An operation of an API, and its evidence."""

    id: str
    method: str
    path: str
    evidence: str


class Api(Response, frozen=True):
    """An API that the server serves; `openapi`, `client` and `docs` are paths below its URL."""

    name: str
    title: str
    base: str
    operations: tuple[Operation, ...]
    evidence: Mapping[str, int]
    openapi: str
    client: str
    docs: str


class Limits(msgspec.Struct, frozen=True):
    """A server's limits: request bodies in bytes, sandboxes, snapshots of each, idle seconds."""

    body: int
    control_body: int
    sandboxes: int
    snapshots: int
    idle: int


class Watch(msgspec.Struct, frozen=True):
    """When changed files were last taken in, and what is wrong with them as they are now."""

    taken_in: ResponseMoment | None
    error: str | None


class Info(Response, frozen=True):
    """A server: its version, its APIs, the scenario and seed of new sandboxes, its limits."""

    version: str
    apis: tuple[str, ...]
    scenario: str
    seed: int
    limits: Limits
    watch: Watch | None = None


class ClockState(Response, frozen=True):
    """The state of a sandbox's clock: `mode` is `real`, `frozen`, `shifted` or `scaled`.

    `rate` is how many seconds pass in a real second, `offset` how many seconds the clock is ahead
    of the machine's.
    """

    now: ResponseMoment
    mode: str
    rate: float
    offset: float


class Sandbox(Response, frozen=True):
    """A sandbox; `age` and `idle` are the seconds since it was created and since it was used."""

    name: str
    scenario: str
    seed: int
    clock: ClockState
    documents: int
    snapshots: int
    created: ResponseMoment
    used: ResponseMoment
    age: float
    idle: float


class Upstream(Response, frozen=True):
    """The deployment that the requests of an API are forwarded to; `timeout` is in seconds."""

    api: str
    url: str
    enforce: bool
    mock: tuple[str, ...]
    timeout: float


class JournalMessage(msgspec.Struct, frozen=True):
    """The header fields and the body of a request or a response, without secrets.

    A body that is no text is in base64. `size` is that of the whole body, in bytes; only the
    beginning is kept if it `is_truncated`.
    """

    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    is_base64: bool = False
    size: int = 0
    is_truncated: bool = False


class JournalViolation(msgspec.Struct, frozen=True):
    """A place in an exchange, the keyword that it violates, the rule, its evidence, a sentence.

    `severity` is `error` or `warning`.
    """

    location: str
    keyword: str
    rule: str
    evidence: str
    message: str
    severity: str


class JournalFact(msgspec.Struct, frozen=True):
    """A document on which a refusal rests; without a sentence, there is no such document."""

    kind: str
    key: str
    sentence: str = ""


class JournalChange(msgspec.Struct, frozen=True):
    """A document that a request `added`, `changed` or `removed`."""

    kind: str
    key: str
    change: str


class JournalEntry(Response, frozen=True):
    """An exchange as the client saw it.

    `at` is by the machine's clock, `world_at` by that of the sandbox. `duration` is in
    milliseconds. `api` and `operation` are empty if no operation matches, `status` is 0 if the
    client got no response.
    """

    id: str
    sandbox: str
    at: ResponseMoment
    method: str
    path: str
    query: str
    request: JournalMessage
    api: str
    operation: str
    status: int
    response: JournalMessage
    duration: float
    world_at: ResponseMoment | None
    evidence: str
    source: str
    fault: str
    problem: str
    violations: tuple[JournalViolation, ...]
    facts: tuple[JournalFact, ...]
    changes: tuple[JournalChange, ...]

    @property
    def target(self) -> str:
        """The path and the query."""
        return f"{self.path}?{self.query}" if self.query else self.path


class JournalPage(Response, frozen=True):
    """Exchanges of a sandbox: how many the server keeps, how many it has, and some of them."""

    kept: int
    total: int
    entries: tuple[JournalEntry, ...]


class RecordedJournal(Response, frozen=True):
    """A scenario that was made of exchanges: its YAML in `text`, and what it has.

    `exchanges` is from how many the `documents` were inferred, which are counted by API and kind.
    """

    name: str
    text: str
    exchanges: int
    documents: Mapping[str, Mapping[str, int]]
    not_used: Mapping[str, int]
    notes: tuple[str, ...]


class NearMiss(msgspec.Struct, frozen=True):
    """An exchange that is not as expected, and how it differs."""

    id: str
    method: str
    target: str
    status: int
    differences: tuple[str, ...]


class Verification(Response, frozen=True):
    """Whether calls were as expected, in words too; `matches` are the ids of those that were."""

    verified: bool
    message: str
    count: int
    matches: tuple[str, ...]
    nearest: tuple[NearMiss, ...]


class NearOperation(msgspec.Struct, frozen=True):
    """An operation that a request may have meant, and how it differs."""

    operation: str
    method: str
    path: str
    differences: tuple[str, ...]


class Explanation(Response, frozen=True):
    """Why an exchange was no success: a sentence for each reason."""

    id: str
    method: str
    target: str
    status: int
    operation: str
    sentences: tuple[str, ...]
    nearest: tuple[NearOperation, ...]


class Scenario(Response, frozen=True):
    """A scenario that the server can load by name."""

    name: str
    description: str


class ScenarioSource(Scenario, frozen=True):
    """A scenario with its YAML, in `source`."""

    source: str


class Snapshot(Response, frozen=True):
    """A snapshot of a sandbox."""

    name: str
    scenario: str
    seed: int
    clock: ClockState
    documents: int
    taken: ResponseMoment


class Kind(Response, frozen=True):
    """A kind of documents: the kind of their parents, and how many there are."""

    api: str
    kind: str
    parent: str | None
    size: int


class KindSchema(Response, frozen=True):
    """What the documents of a kind look like.

    `label` is the field with the name that people know a document by, `moments` are the fields that
    are moments, and `schema` is the JSON Schema (draft 4) of a body. A document has a time from one
    moment to another if the kind is an `interval`.
    """

    api: str
    kind: str
    parent: str | None
    label: str | None
    moments: tuple[str, ...]
    interval: bool
    schema: Mapping[str, Any]


class ExampleRequest(msgspec.Struct, frozen=True):
    """A request of an operation to try: `target` is below the server's URL."""

    operation: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: str


class ApiRequests(Response, frozen=True):
    """Requests to try of an API, one for each operation that has examples."""

    api: str
    title: str
    requests: tuple[ExampleRequest, ...]


class Document(Response, frozen=True):
    """A document of a sandbox; `owner` is the key of its parent, or empty."""

    api: str
    kind: str
    key: str
    owner: str
    at: ResponseMoment | None
    until: ResponseMoment | None
    body: Mapping[str, Any]


class Page(Response, frozen=True):
    """A page of the documents of a kind, and how many there are on all pages."""

    page: int
    per_page: int
    total: int
    documents: tuple[Document, ...]


class FieldChange(msgspec.Struct, frozen=True):
    """A changed field, as a JSON Pointer, and its values; ABSENT where it does not exist."""

    field: str
    before: Any = ABSENT
    after: Any = ABSENT


class DocumentChange(msgspec.Struct, frozen=True):
    """A document that was `added`, `removed` or `changed`: its body, or its changed fields."""

    api: str
    kind: str
    key: str
    change: str
    body: Mapping[str, Any] | None = None
    fields: tuple[FieldChange, ...] = ()


class Diff(Response, frozen=True, rename={"from_": "from"}):
    """The differences between two states of a sandbox.

    `from_` is a snapshot, or None for the scenario; `to` is a snapshot, or None for the present
    state. `documents` is limited, the counts are not.
    """

    from_: str | None
    to: str | None
    equal: bool
    world: tuple[FieldChange, ...]
    added: int
    removed: int
    changed: int
    documents: tuple[DocumentChange, ...]


class EventOption(msgspec.Struct, frozen=True):
    """An option of an event: `type` is `string`, `integer`, `number` or `boolean`."""

    name: str
    type: str
    required: bool
    default: Any = None
    minimum: int | None = None
    maximum: int | None = None


class KnownId(Response, frozen=True):
    """The id of a document and what it is good for; `owner`, `name` and `use` may be empty."""

    api: str
    kind: str
    key: str
    owner: str
    name: str
    use: str


class Event(Response, frozen=True):
    """An event that can be triggered, and its options."""

    name: str
    api: str
    description: str
    options: tuple[EventOption, ...]


class TriggeredEvent(Response, frozen=True):
    """An event that was triggered, and when, by the sandbox's clock."""

    event: str
    at: ResponseMoment


class Mutation(Response, frozen=True):
    """A deliberate breach of a contract, and whether responses in the sandbox have it.

    `operations` are the ids of those whose responses it changes, `operator` what is done to the
    contract; `everywhere` says that the server was started with it.
    """

    name: str
    api: str
    operations: tuple[str, ...]
    operator: str
    description: str
    active: bool
    everywhere: bool


class Fault(Response, frozen=True):
    """A rule of faults, and how many requests it matched and was applied to.

    `began` is when it began to hold, by the sandbox's clock.
    """

    name: str
    match: Mapping[str, Any]
    effect: Mapping[str, Any]
    began: ResponseMoment
    matched: int
    applied: int


def decode(type_: type[T], data: Any, source: str, place: str = "") -> T:
    """Convert the JSON of a response into an instance of a type.

    `source` is the request, and `place` where in its response the data is, for the message of
    UnexpectedResponseError.
    """
    try:
        value = msgspec.convert(data, type_)
    except msgspec.ValidationError as error:
        reason, _, inner = str(error).partition(" - at `$")
        place = (place + inner.removesuffix("`")).removeprefix(".")
        where = f"at '{place}'" if place else "as a whole"
        raise UnexpectedResponseError(
            f"The response to {source} is not what this client expects {where}: "
            f"{reason[0].lower()}{reason[1:]}. Server and client may be of different versions."
        ) from None
    _attach_json(value, data)
    return value


def _attach_json(value: Any, data: Any) -> None:
    """Give a response, and the responses in it, the JSON that they were decoded from."""
    if isinstance(value, tuple):
        for item, item_data in zip(value, data, strict=True):
            _attach_json(item, item_data)
    elif isinstance(value, Response):
        value.__dict__["json"] = data
        for field in msgspec.structs.fields(value):
            _attach_json(getattr(value, field.name), data.get(field.encode_name))
