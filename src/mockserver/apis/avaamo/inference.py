"""Infers the changelog, its agents and what they configured from recorded exchanges."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from msgspec import Struct, field

from mockserver.apis.avaamo import model, wire
from mockserver.clock import SECOND
from mockserver.inference import MOST_FILLED, Draft, Observation, find_newest

_FILLED = "made up: no page with it was recorded"
_STATUS = re.compile(r" status from '[^']*' to '(\w+)'?$")
_NAME = re.compile(r" name from '.*' to '(.*)'$", re.DOTALL)

_LAST_ID = 2**63
_USER = {"id": 1, "display_name": "Recorded User", "email": "recorded@example.com"}
"""Who has made a change where no entry was recorded at all."""

Entry = Mapping[str, Any]
Key = tuple[int, int]
"""The second and the id of an entry, by which they are ordered."""


class _List(Struct):
    """What one selection of the changelog has: its length, and entries by their places in it."""

    actions: frozenset[str]
    start: int | None
    end: int | None
    now: int
    total: int = 0
    entries: dict[int, Entry] = field(default_factory=dict)

    @property
    def is_of_latest(self) -> bool:
        return self.end is not None and self.start is None

    @property
    def upto(self) -> int:
        return self.now if self.end is None else self.end

    @property
    def newest(self) -> Key:
        """After every key that it may have."""
        return self.upto // SECOND, _LAST_ID

    @property
    def oldest(self) -> Key:
        """Before every key that it may have."""
        return -(-(self.start or 0) // SECOND), 0

    def get_length(self, now: int) -> int:
        """How long it reaches, at a moment."""
        return (now if self.end is None else self.end) - (self.start or 0)

    def selects(self, entry: Entry) -> bool:
        """Whether an entry belongs to it, but for those that are too old to be the latest."""
        at = entry["timestamp"] * SECOND
        return entry["action"] in self.actions and (self.start or 0) <= at <= self.upto

    def list_seen(self) -> Iterator[tuple[Key, Key]]:
        """What pages have shown without a gap, as the newest and the oldest key of it."""
        newest: Key | None = None
        for place, entry in sorted(self.entries.items()):
            key = entry["timestamp"], entry["id"]
            newest = newest or (self.newest if place == 0 else key)
            if place + 1 not in self.entries:
                is_cut = self.is_of_latest and self.total == model.LATEST
                is_last = place + 1 == self.total and not is_cut
                yield newest, self.oldest if is_last else key
                newest = None
        if not self.total:
            yield self.newest, self.oldest


def infer(observations: Iterable[Observation], draft: Draft) -> None:
    """Put the changes, the agents and the resources into a draft."""
    lists, entries = _read(observations)
    filler = _Filler(lists, entries)
    # The clock may have run: what has no end has the same one.
    for listed in sorted(lists, key=lambda it: (it.get_length(draft.now), len(it.actions))):
        if left := filler.fill(listed):
            draft.left_out["entries that pages did not show, and that have no place"] += left
    for entry in sorted(entries.values(), key=_get_key):
        draft.put("change", entry, _FILLED if entry["id"] in filler.made_up else "")
    _add_agents(draft)
    _add_resources(draft, filler.made_up)


def _get_key(entry: Entry) -> Key:
    return entry["timestamp"], entry["id"]


def _read(observations: Iterable[Observation]) -> tuple[list[_List], dict[int, Entry]]:
    """Each selection as it was seen last, and all entries by id."""
    lists: dict[tuple[Any, ...], _List] = {}
    entries: dict[int, Entry] = {}
    for it in find_newest(observations):
        actions = frozenset(it.arguments["actions"])
        start, end = map(wire.parse_bound, map(it.arguments.get, ("start_time", "end_time")))
        key = actions, start, end
        listed, total = lists.get(key), it.body["total_entries"]
        if listed is None or listed.total != total:  # it has grown: places are others
            listed = lists[key] = _List(actions, start, end, it.at, total)
        listed.now = it.at
        first = (it.body["current_page"] - 1) * it.body["per_page"]
        listed.entries.update(enumerate(it.body["entries"], first))
        entries |= {entry["id"]: entry for entry in it.body["entries"]}
    return list(lists.values()), entries


class _Filler:
    """Makes up the entries that no page has shown, where none of the pages had another one.

    What is `closed` of a selection is seen completely, from one entry to another.
    """

    def __init__(self, lists: Iterable[_List], entries: dict[int, Entry]) -> None:
        self.made_up: set[int] = set()
        self._entries = entries
        self._unused = count(max(entries, default=0) + 1)
        self._closed = [(listed, *bounds) for listed in lists for bounds in listed.list_seen()]

    def fill(self, listed: _List) -> int:
        """Make up the entries that a selection lacks; how many could not be."""
        found = sorted(filter(listed.selects, self._entries.values()), key=_get_key, reverse=True)
        missing = 0 if listed.is_of_latest else listed.total - len(found)
        most = min(missing, MOST_FILLED - len(self.made_up))
        done = 0
        for before, gap in _list_gaps(found, listed, most):
            newer = _get_key(found[before - 1]) if before else listed.newest
            older = _get_key(found[before]) if before < len(found) else listed.oldest
            user = found[min(before, len(found) - 1)]["dashboard_user"] if found else _USER
            for _ in range(gap):
                entry = self._make_entry(listed, newer, older, user)
                if entry is None:
                    break
                self._entries[entry["id"]] = entry
                self.made_up.add(entry["id"])
                newer, done = _get_key(entry), done + 1
        if not listed.is_of_latest:
            self._closed.append(
                (listed, listed.newest, listed.oldest)
            )  # it has as many as it should
        return max(missing - done, 0)

    def _make_entry(self, listed: _List, newer: Key, older: Key, user: Entry) -> Entry | None:
        """An entry between two others; None where there is no place."""
        places = [newer, *(low for _, _, low in self._closed if older < low < newer)]
        for action in sorted(listed.actions, key=wire.ACTIONS.index):
            for place in sorted(places, reverse=True):
                key = self._find_below(place, older)
                entry = _build_entry(key, action, user) if key else None
                if entry and listed.selects(entry) and not self._is_closed(entry):
                    return entry
        return None

    def _find_below(self, newer: Key, older: Key) -> Key | None:
        """A free place before an entry: a second earlier, or in the same one with a smaller id."""
        if newer[0] > older[0]:
            return newer[0] - 1, next(self._unused)
        ids = range(newer[1] - 1, max(older[1], newer[1] - MOST_FILLED), -1)
        return next(((newer[0], id) for id in ids if id not in self._entries), None)

    def _is_closed(self, entry: Entry) -> bool:
        key = _get_key(entry)
        return any(
            newest >= key >= oldest and listed.selects(entry)
            for listed, newest, oldest in self._closed
        )


def _build_entry(key: Key, action: str, user: Entry) -> Entry:
    at, id = key
    name, resource = user["display_name"], (id, "Team")
    text = wire.describe_change(name, action, "Team", f"Team {id}")
    if action == "update":
        resource = user["id"], "User"
        text = wire.describe_attribute_change(name, "User", name, "status", "offline", "active")
    return model.build_change(id, resource, action, text, at * SECOND, dict(user)).body


def _list_gaps(found: Sequence[Entry], listed: _List, missing: int) -> Iterator[tuple[int, int]]:
    """After how many known entries others are missing, and how many, the newest first."""
    ranks = {entry["id"]: n for n, entry in enumerate(found)}
    done = 0
    for place, entry in sorted(listed.entries.items()):
        rank = ranks.get(entry["id"], place)
        gap = min(place - rank - done, missing - done)
        if gap > 0:
            yield rank, gap
            done += gap
    if missing > done:
        yield len(found), missing - done


def _add_agents(draft: Draft) -> None:
    """The users of the entries, with the status that the newest one about them says."""
    statuses: dict[int, str] = {}
    users: dict[int, Mapping[str, Any]] = {}
    for entry in draft.list_bodies("change"):
        users[entry["dashboard_user"]["id"]] = entry["dashboard_user"]
        if entry["resource"]["type"] == "User" and (found := _STATUS.search(entry["changelog"])):
            statuses[entry["resource"]["id"]] = found[1]
    for id, user in users.items():
        status = statuses.get(id, "")
        is_known = status in model.STATUSES
        body = {**user, "status": status if is_known else model.STATUSES[0]}
        draft.put("agent", body, "" if is_known else "the status is not shown")


def _add_resources(draft: Draft, made_up: Collection[int]) -> None:
    """What supervisors created or changed last and did not destroy, by the texts of the entries."""
    for entry in draft.list_bodies("change"):
        id, type = entry["resource"]["id"], entry["resource"]["type"]
        if type not in model.RESOURCE_TYPES or entry["id"] in made_up:
            continue
        if entry["action"] == "destroy":
            draft.remove("resource", str(id))
            continue
        found = _NAME.search(entry["changelog"]) if entry["action"] == "update" else None
        _, _, name = entry["changelog"].partition(f" {type} ")
        if name := found[1] if found else name:
            draft.put("resource", {"id": id, "type": type, "name": name[:255]})
