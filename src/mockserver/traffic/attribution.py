"""Attributes recorded calls to an API of a deployment, by the paths of its contract.

A deployment may serve its APIs below a path of its own, as gateways do. It is recognised by a call
that a contract has; other calls below the base of that API are then attributed to it too.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from urllib.parse import urlsplit

from msgspec import Struct

from mockserver.api import Api
from mockserver.contract import Operation, Unmatched
from mockserver.traffic.recording import RecordedCall, format_origin

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
    def match(self) -> tuple[Operation, Mapping[str, str]] | Unmatched:
        """What the contract has at the path."""
        return self.api.contract.match(self.call.method, self.path)

    @property
    def has_path(self) -> bool:
        """Whether the contract has the path, be it with another method."""
        return not isinstance(self.match, Unmatched) or bool(self.match.methods)

    @property
    def is_host(self) -> bool:
        """Whether the API's base is at the root of the host, not below a path of a gateway."""
        return self.url == self.call.origin

    @property
    def rank(self) -> tuple[bool, int, int]:
        """The order of candidates: matched operations first, then short URLs, then long bases."""
        return isinstance(self.match, Unmatched), len(self.url), -len(self.api.contract.base)


class Attribution(Struct, frozen=True):
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
    parts = [urlsplit(url) for url in urls]
    chosen_urls = {format_origin(part) + part.path.rstrip("/") for part in parts}
    candidates = [_rank_candidates(call, apis, chosen_urls) for call in calls]
    matched = [
        next((candidate for candidate in ranked if candidate.has_path), None)
        for ranked in candidates
    ]
    known: defaultdict[str, set[str]] = defaultdict(set)
    for choice in filter(None, matched):
        known[choice.url].add(choice.api.name)
    attributed, unmatched = [], Counter[tuple[str, str]]()
    for ranked, best in zip(candidates, matched, strict=True):
        chosen = best or _choose_unmatched(ranked, known, chosen_urls)
        closest = next((candidate for candidate in ranked if candidate.is_host), None)
        if chosen is not None:
            attributed.append(chosen)
        elif closest is not None and not closest.call.skip_reason:
            unmatched[closest.url, closest.api.name] += 1
    return Attribution(attributed, unmatched)


def _rank_candidates(
    call: RecordedCall, apis: Sequence[Api], urls: Set[str]
) -> list[AttributedCall]:
    """Every way to read a call's path as one below the base of an API, at or below these URLs."""
    path, sandbox, candidates = call.path, "", []
    if selected := _SANDBOX.search(path):
        path, sandbox = path[: selected.start()] + path[selected.end() :], selected[1]
    for api in apis:
        base = api.contract.base
        # The base as whole segments of the path.
        positions = re.finditer(rf"(?={re.escape(base)}(/|\Z))", path)
        for start in (position.start() for position in islice(positions, _POSITIONS)):
            url = call.origin + path[:start]
            if not urls or any(f"{url}/".startswith(f"{chosen}/") for chosen in urls):
                below = path[start + len(base) :]
                candidates.append(AttributedCall(call, api, url, below, sandbox))
    return sorted(candidates, key=lambda candidate: candidate.rank)


def _choose_unmatched(
    candidates: Iterable[AttributedCall], known: Mapping[str, Set[str]], urls: Set[str]
) -> AttributedCall | None:
    """The API that a call was meant for which is in no contract; None where that is unknown.

    Where no call of the recording is in a contract, all calls below a base at a host's root count.
    """
    likely = [
        candidate
        for candidate in candidates
        if candidate.url in urls
        or candidate.url in known
        or (candidate.is_host and (not known or _is_documented_host(candidate)))
    ]
    # The first where the API is known there, else the first.
    return min(
        likely,
        key=lambda candidate: candidate.api.name not in known.get(candidate.url, ()),
        default=None,
    )


def _is_documented_host(candidate: AttributedCall) -> bool:
    servers = [str(item["url"]) for item in candidate.api.contract.document.get("servers", ())]
    hosts = {urlsplit(url).hostname for url in servers if "{" not in url}
    return urlsplit(candidate.url).hostname in hosts - {None}
