"""The control API in Python: a running server's worlds, reset, loaded, stopped and moved."""

from mockserver.client.answers import (
    Answer,
    Api,
    ClockState,
    Defect,
    Document,
    Info,
    Kind,
    Lever,
    LeverOption,
    Limits,
    Operation,
    Page,
    Pull,
    Sandbox,
    Scenario,
    ScenarioSource,
    Snapshot,
)
from mockserver.client.changes import ABSENT, Diff, DocumentChange, FieldChange
from mockserver.client.client import Client
from mockserver.client.clock import Clock
from mockserver.client.state import State

__all__ = [
    "ABSENT",
    "Answer",
    "Api",
    "Client",
    "Clock",
    "ClockState",
    "Defect",
    "Diff",
    "Document",
    "DocumentChange",
    "FieldChange",
    "Info",
    "Kind",
    "Lever",
    "LeverOption",
    "Limits",
    "Operation",
    "Page",
    "Pull",
    "Sandbox",
    "Scenario",
    "ScenarioSource",
    "Snapshot",
    "State",
]
