"""A snapshot as a file: JSON with a document a line, and read back with everything validated."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from mockserver.api import Api
from mockserver.clock import (
    SECOND,
    Clock,
    check_clock_moment,
    format_moment,
    machine_now,
    parse_clock_moment,
)
from mockserver.errors import ScenarioError, ScenarioFault, SettingError, suggest_nearest
from mockserver.sandbox import Template, World
from mockserver.scenarios.relations import find_relation_faults
from mockserver.scenarios.scenario import LocatedDocument, Location
from mockserver.store import (
    Collection,
    Document,
    NumberedDocument,
    Transaction,
    WorldRecord,
    parse_assigned_key,
)

__all__ = ["read_snapshot", "write_snapshot"]

_FILE = "snapshot"
_FORMAT = {"format": "mockserver-snapshot", "version": 1}


def write_snapshot(transaction: Transaction, record: WorldRecord) -> bytes:
    """A snapshot as the file that `read_snapshot` reads: JSON, a document a line, UTF-8."""
    header = {
        **_FORMAT,
        "scenario": record.scenario,
        "seed": record.seed,
        "clock": _written_clock(record),
        "tokens": record.tokens,
    }
    collections = [
        _written_collection(api, collection)
        for api, partition in sorted(transaction.worlds.get_partitions(record.id).items())
        for collection in transaction.partitions.list_collections(partition)
        if collection.documents or collection.last
    ]
    head = orjson.dumps(header).removesuffix(b"}")
    return head + b',"collections":[\n' + b",\n".join(collections) + b"\n]}\n"


def _written_collection(api: str, collection: Collection) -> bytes:
    header = {
        "api": api,
        "kind": collection.kind,
        "owner": collection.owner,
        "last": collection.last,
    }
    lines = [
        orjson.dumps({"seq": item.seq, "key": item.document.key, "body": item.document.body})
        for item in collection.documents
    ]
    head = orjson.dumps(header).removesuffix(b"}")
    return head + b',"documents":[\n' + b",\n".join(lines) + b"\n]}"


def _written_clock(record: WorldRecord) -> dict[str, Any]:
    shown = record.clock.get_time_at(record.created)
    offset = 0.0 if record.clock.is_frozen else (shown - record.created) / SECOND
    return {"now": format_moment(shown), "rate": record.clock.rate, "offset": offset}


def read_snapshot(data: Mapping[str, Any], apis: Mapping[str, Api]) -> Template:
    """What makes the world that a file holds, if it has the shape of one.

    Raises ScenarioError with everything that is wrong in it.
    """
    reader = _Reader(apis)
    clock = reader.clock(data["clock"])
    collections = reader.collections(data["collections"])
    if reader.faults:
        raise ScenarioError(reader.faults)

    def populate(world: Callable[[str], World]) -> None:
        for api, members in collections.items():
            world(api).documents.fill(members)

    digest = hashlib.blake2b(orjson.dumps(data), digest_size=8).hexdigest()
    return Template(
        name=f"{_FILE}-{digest}",
        scenario=data["scenario"],
        seed=data["seed"],
        clock=clock,
        tokens=data["tokens"],
        populate=populate,
    )


class _Reader:
    def __init__(self, apis: Mapping[str, Api]) -> None:
        self.apis = apis
        self.faults: list[ScenarioFault] = []

    def clock(self, data: Mapping[str, Any]) -> Clock:
        """The clock: stopped, as far from the machine's as it was, or going on at its rate."""
        real = machine_now()
        try:
            now = parse_clock_moment(data["now"])
            if data["rate"] == 0:
                return Clock.frozen_at(now)
            if data["rate"] == 1:
                return Clock(
                    real=real, virtual=check_clock_moment(real + round(data["offset"] * SECOND))
                )
            return Clock(real=real, virtual=now, rate=data["rate"])
        except SettingError as error:
            self.faults.append(_place("clock").make_fault(str(error)))
            return Clock()

    def collections(self, data: Sequence[Mapping[str, Any]]) -> dict[str, list[Collection]]:
        found: defaultdict[str, list[Collection]] = defaultdict(list)
        rows: defaultdict[str, list[LocatedDocument]] = defaultdict(list)
        places: set[tuple[str, str, str]] = set()
        for n, item in enumerate(data):
            place = _place(f"collections.{n}")
            where = (item["api"], item["kind"], item["owner"])
            reason = self._unknown(*where[:2])
            if reason or where in places:
                self.faults.append(place.make_fault(reason or "it stands there twice"))
                continue
            places.add(where)
            members = list(self._members(item, place.field))
            rows[item["api"]].extend(members)
            found[item["api"]].append(_collection(item, members))
        last = {(item["api"], item["kind"], item["owner"]): item["last"] for item in data}
        for api, members in rows.items():
            self.faults.extend(find_relation_faults(self.apis[api], members))
            self.faults.extend(_untimely(self.apis[api], members, last))
        return dict(found)

    def _unknown(self, api: str, kind: str) -> str | None:
        if api not in self.apis:
            return f"there is no API '{api}'; {suggest_nearest(api, list(self.apis))}"
        known = [item.name for item in self.apis[api].kinds]
        return (
            None if kind in known else f"there is no kind '{kind}'; {suggest_nearest(kind, known)}"
        )

    def _members(self, item: Mapping[str, Any], field: str) -> Iterator[LocatedDocument]:
        api = self.apis[item["api"]]
        kind = api.get_kind(item["kind"])
        numbers: set[int] = set()
        for n, written_ in enumerate(item["documents"]):
            place = _place(f"{field}.documents.{n}")
            body, seq = written_["body"], written_["seq"]
            reasons = [
                f"{pointer.strip('/').replace('/', '.')}: {reason}".removeprefix(": ")
                for pointer, reason in api.find_body_faults(kind, body)
            ]
            if not reasons:
                document = kind.document(body, key=written_["key"])
                reasons = list(_misplaced(document, kind.key(body), item["owner"]))
            if seq in numbers or seq > item["last"]:
                reasons.append(f"the number {seq} stands twice, or is beyond the last one")
            numbers.add(seq)
            self.faults.extend(place.make_fault(reason) for reason in reasons)
            if not reasons:
                yield LocatedDocument(document, place)


def _misplaced(document: Document, key: str, owner: str) -> Iterator[str]:
    if key and key != document.key:
        yield f"its key is '{document.key}', and its body says '{key}'"
    if document.owner != owner:
        yield f"it belongs to '{document.owner}', and stands with those of '{owner}'"


def _untimely(
    api: Api, rows: Sequence[LocatedDocument], last: Mapping[tuple[str, str, str], int]
) -> Iterator[ScenarioFault]:
    """Keys that the store has yet to give: it would give one to two documents."""
    for row in rows:
        kind, key = row.document.kind, row.document.key
        owner, number = (
            ("", 0) if api.get_kind(kind).key(row.document.body) else parse_assigned_key(key)
        )
        if number > last.get((api.name, kind, owner), 0):
            yield row.place.make_fault(
                f"its key '{key}' is one that another {kind} is going to have"
            )


def _collection(item: Mapping[str, Any], members: Sequence[LocatedDocument]) -> Collection:
    by_key = {written_["key"]: written_["seq"] for written_ in item["documents"]}
    numbered = tuple(NumberedDocument(by_key[row.document.key], row.document) for row in members)
    return Collection(item["kind"], item["owner"], item["last"], numbered)


def _place(field: str) -> Location:
    return Location(_FILE, 1, field)
