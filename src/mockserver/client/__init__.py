"""The control API in Python: a running server's worlds, reset, loaded, stopped and moved."""

from mockserver.client.changes import ABSENT, Diff, DocumentChange, FieldChange
from mockserver.client.client import Client
from mockserver.client.clock import Clock
from mockserver.client.responses import (
    Answer,
    Api,
    ClockState,
    Document,
    Event,
    EventOption,
    Info,
    Kind,
    Limits,
    Mutation,
    Operation,
    Page,
    Sandbox,
    Scenario,
    ScenarioSource,
    Snapshot,
    TriggeredEvent,
)
from mockserver.client.state import State

__all__ = [
    "ABSENT",
    "Answer",
    "Api",
    "Client",
    "Clock",
    "ClockState",
    "Diff",
    "Document",
    "DocumentChange",
    "Event",
    "EventOption",
    "FieldChange",
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
    "State",
    "TriggeredEvent",
]
