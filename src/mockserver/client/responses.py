"""What a server answers, as the control contract describes it.

Moments are aware datetimes in UTC, durations are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

__all__ = [
    "Answer",
    "Api",
    "ClockState",
    "Document",
    "Event",
    "EventOption",
    "Info",
    "Kind",
    "Limits",
    "Mutation",
    "Operation",
    "Page",
    "Sandbox",
    "Scenario",
    "ScenarioSource",
    "Snapshot",
    "TriggeredEvent",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What every answer has besides: its JSON, with what this client knows nothing of."""

    json: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of an API, and why it is believed."""

    id: str
    method: str
    path: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Api(Answer):
    """An API that is served; `openapi` and `docs` are paths on the server."""

    name: str
    title: str
    base: str
    operations: tuple[Operation, ...]
    evidence: Mapping[str, int]
    openapi: str
    docs: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a server takes: bytes of a body, sandboxes, snapshots in one, seconds unused."""

    body: int
    control_body: int
    sandboxes: int
    snapshots: int
    idle: int


@dataclass(frozen=True, slots=True)
class Info(Answer):
    """A server: its version, what it serves, and what its sandboxes are made from."""

    version: str
    apis: tuple[str, ...]
    scenario: str
    seed: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class ClockState(Answer):
    """What a world's clock shows: `mode` is `real`, `frozen`, `shifted` or `scaled`.

    `rate` is how many seconds pass in a second, `offset` how many it is ahead of the machine's.
    """

    now: datetime
    mode: str
    rate: float
    offset: float


@dataclass(frozen=True, slots=True)
class Sandbox(Answer):
    """A world and how it is; `age` and `idle` are seconds since it was made and last asked."""

    name: str
    scenario: str
    seed: int
    clock: ClockState
    documents: int
    snapshots: int
    created: datetime
    used: datetime
    age: float
    idle: float


@dataclass(frozen=True, slots=True)
class Scenario(Answer):
    """A world written down that the server knows."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class ScenarioSource(Answer):
    """A scenario in full: `source` is its YAML, as it is written."""

    name: str
    description: str
    source: str


@dataclass(frozen=True, slots=True)
class Snapshot(Answer):
    """A world put aside."""

    name: str
    scenario: str
    seed: int
    clock: ClockState
    documents: int
    taken: datetime


@dataclass(frozen=True, slots=True)
class Kind(Answer):
    """A type of documents: what one belongs to, and how many there are."""

    api: str
    kind: str
    parent: str | None
    size: int


@dataclass(frozen=True, slots=True)
class Document(Answer):
    """A thing in a world; `owner` is the key of what it belongs to, or empty."""

    api: str
    kind: str
    key: str
    owner: str
    at: datetime | None
    until: datetime | None
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page(Answer):
    """Some of a kind's documents, and how many there are in all."""

    page: int
    per_page: int
    total: int
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class EventOption:
    """An option of an event: `type` is `string`, `integer`, `number` or `boolean`."""

    name: str
    type: str
    required: bool
    default: Any = None
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Event(Answer):
    """An event and what it can be told."""

    name: str
    api: str
    description: str
    options: tuple[EventOption, ...]


@dataclass(frozen=True, slots=True)
class Mutation(Answer):
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


@dataclass(frozen=True, slots=True)
class TriggeredEvent(Answer):
    """An event that was triggered, and at which moment of the world."""

    event: str
    at: datetime
