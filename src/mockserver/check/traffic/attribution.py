"""Attributes recorded calls to an API of a deployment, by the paths of its contract.

A deployment may serve its APIs below a path of its own, as gateways do. It is recognised by a call
that a contract has; other calls below the base of that API are then attributed to it too.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from mockserver.api import Api
from mockserver.check.traffic.recording import RecordedCall, format_origin
from mockserver.contract import Unmatched

_SANDBOX = re.compile(r"/__sandbox__/([^/]+)(?=/|$)")
"""A mock's path prefix that selects a sandbox."""

_POSITIONS = 8
"""At how many positions of one path an API's base is tried, at most."""


@dataclass(frozen=True)
class AttributedCall:
    """A call of an API: the deployment's URL without the base, the path below it, its sandbox.

    `sandbox` is the one that the path names, or empty.
    """

    call: RecordedCall
    api: Api
    url: str
    path: str
    sandbox: str = ""

    @cached_property
    def has_path(self) -> bool:
        """Whether the contract has the path, be it with another method."""
        return not isinstance(self._match, Unmatched) or bool(self._match.methods)

    @property
    def is_host(self) -> bool:
        """Whether the API's base is at the root of the host, not below a path of a gateway."""
        return self.url == self.call.origin

    @property
    def is_own_host(self) -> bool:
        """Whether it is the host that the contract itself names."""
        servers = [str(item["url"]) for item in self.api.contract.document.get("servers", ())]
        hosts = {urlsplit(url).hostname for url in servers if "{" not in url}
        return self.is_host and urlsplit(self.url).hostname in hosts - {None}

    @property
    def rank(self) -> tuple[bool, int, int]:
        """The order of candidates: matched operations first, then short URLs, then long bases."""
        return isinstance(self._match, Unmatched), len(self.url), -len(self.api.contract.base)

    @cached_property
    def _match(self) -> object:
        return self.api.contract.match(self.call.method, self.path)


@dataclass(frozen=True)
class Attribution:
    """The calls that were attributed to an API, in their order.

    `unmatched` counts, by URL and API, the calls below the base of an API that were not, since no
    call there is in its contract.
    """

    calls: Sequence[AttributedCall]
    unmatched: Counter[tuple[str, str]]


def attribute_calls(
    calls: Iterable[RecordedCall], apis: Sequence[Api], urls: Iterable[str] = ()
) -> Attribution:
    """Attribute calls to APIs; with `urls` only calls to the deployments below one of them.

    A call below an API's base at one of these URLs themselves is always attributed to that API.
    """
    chosen_urls = {_normalize(url) for url in urls}
    candidates = [
        (call, [one for one in _candidates(call, apis) if _is_below(one.url, chosen_urls)])
        for call in calls
    ]
    best = [
        min((one for one in found if one.has_path), key=lambda one: one.rank, default=None)
        for _, found in candidates
    ]
    known: defaultdict[str, set[str]] = defaultdict(set)
    for choice in filter(None, best):
        known[choice.url].add(choice.api.name)
    attributed, unmatched = [], Counter[tuple[str, str]]()
    for (call, found), matched in zip(candidates, best, strict=True):
        chosen = matched or _choose_unmatched(found, known, chosen_urls)
        if chosen is not None:
            attributed.append(chosen)
            continue
        hosts = [one for one in found if one.is_host]
        if hosts and not call.skip_reason:
            closest = min(hosts, key=lambda one: one.rank)
            unmatched[closest.url, closest.api.name] += 1
    return Attribution(attributed, unmatched)


def _candidates(call: RecordedCall, apis: Sequence[Api]) -> Iterator[AttributedCall]:
    """Every way to read a call's path as one below the base of an API."""
    path, sandbox = call.path, ""
    named = _SANDBOX.search(path)
    if named:
        path, sandbox = path[: named.start()] + path[named.end() :], named[1]
    for api in apis:
        base = api.contract.base
        for start in _positions(path, base):
            rest = path[start + len(base) :]
            yield AttributedCall(call, api, call.origin + path[:start], rest, sandbox)


def _positions(path: str, base: str) -> Iterator[int]:
    """Where a base stands in a path, as whole segments."""
    start = 0
    for _ in range(_POSITIONS):
        start = path.find(base, start)
        if start < 0:
            return
        if path[start + len(base) : start + len(base) + 1] in ("", "/"):
            yield start
        start += 1


def _choose_unmatched(
    candidates: Iterable[AttributedCall], known: Mapping[str, Set[str]], urls: Set[str]
) -> AttributedCall | None:
    """The API that a call was meant for which is in no contract; None where that is unknown.

    Where no call of the recording is in a contract, every call below a base at a host's root counts.
    """
    likely = [
        one
        for one in candidates
        if one.url in urls or one.url in known or one.is_own_host or (not known and one.is_host)
    ]
    return min(
        likely, key=lambda one: (one.api.name not in known.get(one.url, ()), one.rank), default=None
    )


def _is_below(url: str, chosen: Set[str]) -> bool:
    return not chosen or any(url == one or url.startswith(f"{one}/") for one in chosen)


def _normalize(url: str) -> str:
    parts = urlsplit(url)
    return format_origin(parts) + parts.path.rstrip("/")
