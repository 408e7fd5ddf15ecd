"""A target: a deployment under test, and what may be done to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Target"]


@dataclass(frozen=True)
class Target:
    """A deployment of one or more APIs.

    `url` is what stands before the bases of the contracts. `credentials` has one for each API, and
    `known` the ids that the deployment is known to have, by API and name. Without `allow_writes`
    only safe methods are sent. `rate` is in requests a second, `time_limit` and `timeout` in
    seconds; 0 is no limit. `verify` is whether a certificate is verified, or the file of those to
    trust. `headers` go with every request.
    """

    name: str
    url: str
    apis: tuple[str, ...] = ()
    credentials: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    allow_writes: bool = False
    rate: float = 0.0
    time_limit: float = 0.0
    timeout: float = 10.0
    verify: bool | str = True
    headers: Mapping[str, str] = field(default_factory=dict)
    evidence: str = "documented"
