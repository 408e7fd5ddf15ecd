"""Snapshot files: JSON with one document a line. Reading one validates every document."""

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
from mockserver.errors import ScenarioError, ScenarioFault, SettingError, UnknownNameError, look_up
from mockserver.sandbox import Template, World, integrity
from mockserver.scenarios.scenario import LocatedDocument, Location
from mockserver.store import Collection, Transaction, WorldRecord

_FILE = "snapshot"
_FORMAT = {"format": "mockserver-snapshot", "version": 1}


def write_snapshot(transaction: Transaction, record: WorldRecord) -> bytes:
    """A snapshot as a file that `read_snapshot` reads, in UTF-8."""
    shown = record.clock.get_time_at(record.created)
    offset = 0.0 if record.clock.is_frozen else (shown - record.created) / SECOND
    header = {
        **_FORMAT,
        "scenario": record.scenario,
        "seed": record.seed,
        "clock": {"now": format_moment(shown), "rate": record.clock.rate, "offset": offset},
        "tokens": record.tokens,
    }
    collections = [
        _format_collection(api, collection)
        for api, partition in sorted(transaction.worlds.get_partitions(record.id).items())
        for collection in transaction.partitions.list_collections(partition)
        if collection.documents or collection.last
    ]
    head = orjson.dumps(header).removesuffix(b"}")
    return head + b',"collections":[\n' + b",\n".join(collections) + b"\n]}\n"


def _format_collection(api: str, collection: Collection) -> bytes:
    header = {
        "api": api,
        "kind": collection.kind,
        "owner": collection.owner,
        "last": collection.last,
    }
    lines = [
        orjson.dumps({"seq": seq, "key": document.key, "body": document.body})
        for seq, document in collection.documents.items()
    ]
    head = orjson.dumps(header).removesuffix(b"}")
    return head + b',"documents":[\n' + b",\n".join(lines) + b"\n]}"


def read_snapshot(data: Mapping[str, Any], apis: Mapping[str, Api]) -> Template:
    """The template of a snapshot file of valid shape. Raises ScenarioError with every fault."""
    reader = _Reader(apis)
    clock = reader.read_clock(data["clock"])
    collections = reader.read_collections(data["collections"])
    if reader.faults:
        raise ScenarioError(reader.faults)

    def populate(open_world: Callable[[str], World]) -> None:
        for api, members in collections.items():
            open_world(api).documents.fill(members)

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

    def read_clock(self, data: Mapping[str, Any]) -> Clock:
        """A frozen clock, one with an offset from the machine's, or one with a rate."""
        real = machine_now()
        try:
            now = parse_clock_moment(data["now"])
            if data["rate"] == 0:
                return Clock.frozen_at(now)
            if data["rate"] == 1:
                shifted = check_clock_moment(real + round(data["offset"] * SECOND))
                return Clock(real=real, virtual=shifted)
            return Clock(real=real, virtual=now, rate=data["rate"])
        except SettingError as error:
            self.faults.append(_locate("clock").make_fault(str(error)))
            return Clock()

    def read_collections(self, data: Sequence[Mapping[str, Any]]) -> dict[str, list[Collection]]:
        collections: defaultdict[str, list[Collection]] = defaultdict(list)
        documents: defaultdict[str, list[LocatedDocument]] = defaultdict(list)
        last: defaultdict[str, dict[tuple[str, str], int]] = defaultdict(dict)
        for n, item in enumerate(data):
            api, kind, owner = item["api"], item["kind"], item["owner"]
            reason = "it stands there twice" if (kind, owner) in last[api] else ""
            try:
                kinds = look_up(self.apis, api, "there is no API").kinds_by_name
                look_up(kinds, kind, "there is no kind")
            except UnknownNameError as error:
                reason = str(error)
            if reason:
                self.faults.append(_locate(f"collections.{n}").make_fault(reason))
                continue
            last[api][kind, owner] = item["last"]
            members = list(self._read_documents(item, f"collections.{n}"))
            documents[api].extend(members)
            numbers = {row["key"]: row["seq"] for row in item["documents"]}
            numbered = {numbers[member.document.key]: member.document for member in members}
            collections[api].append(Collection(kind, owner, item["last"], numbered))
        for api, located in documents.items():
            kinds, new = self.apis[api].kinds_by_name, [member.document for member in located]
            for n, reason in (
                *integrity.find_faults(kinds, new),
                *integrity.find_future_keys(kinds, new, last[api]),
            ):
                self.faults.append(located[n].location.make_fault(reason))
        return dict(collections)

    def _read_documents(self, item: Mapping[str, Any], field: str) -> Iterator[LocatedDocument]:
        api = self.apis[item["api"]]
        kind = api.kinds_by_name[item["kind"]]
        numbers: set[int] = set()
        for n, row in enumerate(item["documents"]):
            location = _locate(f"{field}.documents.{n}")
            body, seq = row["body"], row["seq"]
            reasons = [
                f"{pointer.strip('/').replace('/', '.')}: {reason}".removeprefix(": ")
                for pointer, reason in api.find_body_faults(kind, body)
            ]
            if not reasons:
                document = kind.document(body, key=row["key"])
                reasons = list(integrity.find_misplacement(kind, document, item["owner"]))
            if seq in numbers or seq > item["last"]:
                reasons.append(f"the number {seq} stands twice, or is beyond the last one")
            numbers.add(seq)
            self.faults.extend(location.make_fault(reason) for reason in reasons)
            if not reasons:
                yield LocatedDocument(document, location)


def _locate(field: str) -> Location:
    return Location(_FILE, 1, field)
