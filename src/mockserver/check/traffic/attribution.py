"""Tells which recorded calls belong to which API of which deployment, by where its contract lives.

A deployment may serve its APIs below a path of its own, as gateways do. It is known by a call that
is in a contract; whatever else lies there below the base of an API was meant for it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from urllib.parse import urlsplit

from mockserver.api import Api
from mockserver.check.traffic.recording import Call, origin_of
from mockserver.contract import Unmatched

__all__ = ["Belonging", "Belongings", "belongings"]

_SANDBOX = re.compile(r"/__sandbox__/([^/]+)(?=/|$)")
"""A mock's prefix of paths: what stands behind it belongs to a world of its own."""

_PLACES = 8
"""In how many places of one path an API's base is looked for, at most."""


@dataclass(frozen=True)
class Belonging:
    """A call of an API: the deployment's URL without the base, the path below it, its sandbox.

    `sandbox` is the one that the path names, or empty.
    """

    call: Call
    api: Api
    url: str
    path: str
    sandbox: str = ""


@dataclass(frozen=True)
class Belongings:
    """The calls that belong to an API, in their order, and others that might have.

    `unmatched_exchanges` counts, by URL and API, calls below the base of an API where nothing else is its.
    """

    calls: Sequence[Belonging]
    unmatched_exchanges: Counter[tuple[str, str]]


def belongings(calls: Iterable[Call], apis: Sequence[Api], urls: Iterable[str] = ()) -> Belongings:
    """Which calls belong to which API; with `urls` only those of the deployments below one of them.

    What is asked of such a URL itself is held against an API whose base it has in any case.
    """
    asked = {_tidy(url) for url in urls}
    places = [
        (call, [one for one in _places(call, apis) if _is_asked(one, asked)]) for call in calls
    ]
    known: defaultdict[str, set[str]] = defaultdict(set)
    best = [min(filter(_is_path, ones), key=_rank, default=None) for _, ones in places]
    for matched in filter(None, best):
        known[matched.url].add(matched.api.name)
    found, unmatched_exchanges = [], Counter[tuple[str, str]]()
    for (call, candidates), one in zip(places, best, strict=True):
        chosen = one or _unmatched(candidates, known, asked)
        if chosen is not None:
            found.append(chosen)
        elif not call.why_unjudged and (stray := _below_host(candidates)):
            unmatched_exchanges[stray.url, stray.api.name] += 1
    return Belongings(found, unmatched_exchanges)


def _places(call: Call, apis: Sequence[Api]) -> Iterator[Belonging]:
    """Every way to read a call's path as one below the base of an API."""
    path, sandbox = call.path, ""
    named = _SANDBOX.search(path)
    if named:
        path, sandbox = path[: named.start()] + path[named.end() :], named[1]
    for api in apis:
        for start in _starts(path, api.contract.base):
            rest = path[start + len(api.contract.base) :]
            yield Belonging(call, api, call.origin + path[:start], rest, sandbox)


def _starts(path: str, base: str) -> Iterator[int]:
    """Where a base stands in a path, as whole segments."""
    start = 0
    for _ in range(_PLACES):
        start = path.find(base, start)
        if start < 0:
            return
        if path[start + len(base) : start + len(base) + 1] in ("", "/"):
            yield start
        start += 1


def _is_path(one: Belonging) -> bool:
    """Whether the contract has the path, be it with another method."""
    match = one.api.contract.match(one.call.method, one.path)
    return not isinstance(match, Unmatched) or bool(match.methods)


def _rank(one: Belonging) -> tuple[bool, int, int]:
    is_unmatched = isinstance(one.api.contract.match(one.call.method, one.path), Unmatched)
    return is_unmatched, len(one.url), -len(one.api.contract.base)


def _unmatched(
    candidates: Iterable[Belonging], known: Mapping[str, Set[str]], asked: Set[str]
) -> Belonging | None:
    """The API that a call was meant for which is in no contract; None where that cannot be told.

    Where nothing of the recording is in a contract, all below the host may have been meant so.
    """
    meant = [
        one
        for one in candidates
        if one.url in asked
        or one.url in known
        or _is_own_host(one)
        or (not known and _is_host(one))
    ]
    return min(
        meant,
        key=lambda one: (one.api.name not in known.get(one.url, ()), _rank(one)),
        default=None,
    )


def _below_host(candidates: Iterable[Belonging]) -> Belonging | None:
    return min(filter(_is_host, candidates), key=_rank, default=None)


def _is_host(one: Belonging) -> bool:
    """Whether the deployment has a host for itself, and no path before the base."""
    return one.url == one.call.origin


def _is_own_host(one: Belonging) -> bool:
    """Whether it is the host that the contract itself names."""
    servers = [str(item["url"]) for item in one.api.contract.document.get("servers", ())]
    hosts = {urlsplit(url).hostname for url in servers if "{" not in url}
    return _is_host(one) and urlsplit(one.url).hostname in hosts - {None}


def _is_asked(one: Belonging, asked: Set[str]) -> bool:
    return not asked or any(one.url == url or one.url.startswith(f"{url}/") for url in asked)


def _tidy(url: str) -> str:
    parts = urlsplit(url)
    return origin_of(parts) + parts.path.rstrip("/")
