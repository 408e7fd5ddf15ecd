"""Sandboxes: isolated worlds on one server, made on first use, sharing until they write.

A sandbox is made from a *template*, a world that holds what a scenario describes. It holds the
template's partitions, one an API, until it first writes to an API; only then does it get a copy of
that one for itself. Making a sandbox, resetting it, putting it aside and taking it back therefore
cost some rows, however large the world is.
"""

from mockserver.sandbox.difference import Comparison, compare
from mockserver.sandbox.name import DEFAULT, check_name
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.sandboxes import Limits, Sandboxes
from mockserver.sandbox.session import SandboxSession, WorldSize, open_session
from mockserver.sandbox.template import Template
from mockserver.sandbox.world import Tokens, World

__all__ = [
    "DEFAULT",
    "Comparison",
    "Limits",
    "Sandbox",
    "SandboxSession",
    "Sandboxes",
    "Template",
    "Tokens",
    "World",
    "WorldSize",
    "check_name",
    "compare",
    "open_session",
]
