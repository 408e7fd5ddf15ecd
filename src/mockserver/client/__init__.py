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
    Fault,
    FieldChange,
    Info,
    Kind,
    KnownId,
    Limits,
    LoggedRequest,
    LoggedViolation,
    Mutation,
    Operation,
    Page,
    RequestList,
    Response,
    Sandbox,
    Scenario,
    ScenarioSource,
    Snapshot,
    TriggeredEvent,
)
from mockserver.client.world import Clock, Faults, State
from mockserver.installation import check_installation as _check_installation
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
    "Fault",
    "Faults",
    "FieldChange",
    "Info",
    "Kind",
    "KnownId",
    "Limits",
    "LoggedRequest",
    "LoggedViolation",
    "Mutation",
    "Operation",
    "Page",
    "RequestList",
    "Response",
    "Sandbox",
    "Scenario",
    "ScenarioSource",
    "Snapshot",
    "State",
    "TriggeredEvent",
]

# Again, because the other distribution may have replaced `mockserver/__init__.py`. That imports
# `mockserver.client`, and finds this one.
_check_installation()
