"""The control API of a running server, in Python."""

from mockserver.client.client import Client
from mockserver.client.responses import (
    Api,
    ClockState,
    Diff,
    Document,
    DocumentChange,
    Event,
    EventOption,
    FieldChange,
    Info,
    Kind,
    Limits,
    Mutation,
    Operation,
    Page,
    Response,
    Sandbox,
    Scenario,
    ScenarioSource,
    Snapshot,
    TriggeredEvent,
)
from mockserver.client.world import Clock, State
from mockserver.json_pointer import ABSENT

__all__ = [
    "ABSENT",
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
    "Response",
    "Sandbox",
    "Scenario",
    "ScenarioSource",
    "Snapshot",
    "State",
    "TriggeredEvent",
]
