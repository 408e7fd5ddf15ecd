"""A request that is forwarded, in the scope of the steps that it meets."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from mockserver.api import Api
from mockserver.contract import Operation
from mockserver.server.upstream.setting import Upstream

FORWARDED = "mockserver.forwarded_call"
"""The key of the forwarded call in an ASGI scope."""


class ForwardedCall(Struct, frozen=True):
    """A request that is forwarded, with what the contract and the world know of it.

    `operation` is None where the contract has none. `faults` are the rules of the world, as a text.
    """

    api: Api
    upstream: Upstream
    operation: Operation | None
    path_values: Mapping[str, str]
    faults: str
