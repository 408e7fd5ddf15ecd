"""Sandboxes: isolated worlds on one server, made on first use and removed when idle.

A sandbox is made from a *template*, which holds the documents of a scenario. It shares the
partitions of the template, one for each API, until its first write to an API, which copies that
API's partition. So making a sandbox, resetting it, taking a snapshot and restoring it cost a few
rows, however many documents there are.
"""

from mockserver.sandbox.comparison import Comparison, FieldChange, compare
from mockserver.sandbox.ids import KnownId, find_ids
from mockserver.sandbox.sandbox import DEFAULT, Sandbox, check_name
from mockserver.sandbox.sandboxes import Sandboxes
from mockserver.sandbox.session import SandboxSession, open_session
from mockserver.sandbox.template import OpenBatch, Template
from mockserver.sandbox.world import REFUSED_TOKEN, VALIDATIONS, Tokens, World

__all__ = [
    "DEFAULT",
    "REFUSED_TOKEN",
    "VALIDATIONS",
    "Comparison",
    "FieldChange",
    "KnownId",
    "OpenBatch",
    "Sandbox",
    "SandboxSession",
    "Sandboxes",
    "Template",
    "Tokens",
    "World",
    "check_name",
    "compare",
    "find_ids",
    "open_session",
]
