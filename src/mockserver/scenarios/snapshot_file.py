"""Snapshot files: JSON with one document a line. Reading one validates every document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from msgspec import Struct

from mockserver.api import Api, list_operations
from mockserver.clock import (
    SECOND,
    Clock,
    check_clock_moment,
    format_moment,
    machine_now,
    parse_clock_moment,
)
from mockserver.contract import Schema, Schemas
from mockserver.errors import ScenarioError, ScenarioFault, SettingError, UnknownNameError, look_up
from mockserver.fault import FaultRule, find_rule_faults, format_rules, read_rules
from mockserver.kind import closed_object
from mockserver.sandbox import OpenBatch, Template, integrity
from mockserver.scenarios.scenario import BATCH, Location, note_fault
from mockserver.store import Collection, Document, Transaction, WorldRecord
from mockserver.streamed_text import StreamedText
from mockserver.value_builder import Row

_FILE = "snapshot"
_FORMAT = {"format": "mockserver-snapshot", "version": 1}


class WrittenSnapshot(Struct, frozen=True):
    """A snapshot as a file that `read_snapshot` reads, in UTF-8; and its value, without documents.

    The contract is compared with the latter: with a hundred thousand documents it would be a piece
    of work of a tenth of a second, in which nothing else runs. Each was validated when it came.
    """

    content: bytes
    head: Mapping[str, Any]


def write_snapshot(transaction: Transaction, record: WorldRecord) -> WrittenSnapshot:
    """A snapshot as a file."""
    shown = record.clock.get_time_at(record.created)
    offset = 0.0 if record.clock.is_frozen else (shown - record.created) / SECOND
    header = {
        **_FORMAT,
        "scenario": record.scenario,
        "seed": record.seed,
        "clock": {"now": format_moment(shown), "rate": record.clock.rate, "offset": offset},
        "tokens": record.tokens,
    }
    if record.validation != "strict":
        header["validation"] = record.validation
    if record.faults:
        header["faults"] = [rule.data for rule in read_rules(record.faults)]
    heads: list[dict[str, Any]] = []
    collections: list[bytes] = []
    for api, partition in sorted(transaction.worlds.get_partitions(record.id).items()):
        for collection in transaction.partitions.list_collections(partition):
            if collection.documents or collection.last:
                place = {"kind": collection.kind, "owner": collection.owner}
                heads.append({"api": api, **place, "last": collection.last})
                collections.append(_format_collection(heads[-1], collection))
    head = orjson.dumps(header).removesuffix(b"}")
    content = head + b',"collections":[\n' + b",\n".join(collections) + b"\n]}\n"
    header["collections"] = [{**collection, "documents": []} for collection in heads]
    return WrittenSnapshot(content, header)


def _format_collection(head: Mapping[str, Any], collection: Collection) -> bytes:
    lines = [
        orjson.dumps({"seq": seq, "key": document.key, "body": document.body})
        for seq, document in collection.documents.items()
    ]
    begin = orjson.dumps(head).removesuffix(b"}")
    return begin + b',"documents":[\n' + b",\n".join(lines) + b"\n]}"


def read_snapshot(text: StreamedText, apis: Mapping[str, Api]) -> Template:
    """The template of a snapshot file whose value without documents has a valid shape.

    Populating it reads the documents, and raises ScenarioError with everything wrong in the file.
    """
    data = text.source.data
    headers = _Headers(data["collections"], apis)
    clock, clock_faults = Clock(), []
    try:
        clock = _read_clock(data["clock"])
    except SettingError as error:
        clock_faults = [_locate("clock").make_fault(str(error))]

    rules = data.get("faults", [])
    operations = list_operations(apis.values())
    rule_faults = [
        _locate(f"faults.{n}{pointer.replace('/', '.')}").make_fault(reason)
        for n, rule in enumerate(rules)
        for pointer, reason in find_rule_faults(rule, operations)
    ]

    def populate(open_batch: OpenBatch) -> None:
        reader = _DocumentReader(headers, apis, open_batch, [*clock_faults, *rule_faults])
        text.read_rows(reader.take)
        reader.finish()

    return Template(
        name=f"{_FILE}-{text.digest}",
        scenario=data["scenario"],
        seed=data["seed"],
        clock=clock,
        tokens=data["tokens"],
        validation=data.get("validation", "strict"),
        faults="" if rule_faults else format_rules(map(FaultRule.read, rules)),
        populate=populate,
    )


def _read_clock(data: Mapping[str, Any]) -> Clock:
    """A frozen clock, one with an offset from the machine's, or one with a rate."""
    real = machine_now()
    now = parse_clock_moment(data["now"])
    if data["rate"] == 0:
        return Clock.frozen_at(now)
    if data["rate"] == 1:
        shifted = check_clock_moment(real + round(data["offset"] * SECOND))
        return Clock(real=real, virtual=shifted)
    return Clock(real=real, virtual=now, rate=data["rate"])


class _Headers:
    """What stands above the documents of each collection, and what is wrong there.

    `faults` are by the number of the collection. `last` has the last number that was assigned, by
    API, kind and owner.
    """

    def __init__(self, items: Sequence[Mapping[str, Any]], apis: Mapping[str, Api]) -> None:
        self.items = items
        self.faults: dict[int, ScenarioFault] = {}
        self.last: defaultdict[str, dict[tuple[str, str], int]] = defaultdict(dict)
        for n, item in enumerate(items):
            api, kind, owner = item["api"], item["kind"], item["owner"]
            reason = "it stands there twice" if (kind, owner) in self.last[api] else ""
            try:
                kinds = look_up(apis, api, "there is no API").kinds_by_name
                look_up(kinds, kind, "there is no kind")
            except UnknownNameError as error:
                reason = str(error)
            if reason:
                self.faults[n] = _locate(f"collections.{n}").make_fault(reason)
            self.last[api][kind, owner] = item["last"]


class _DocumentReader:
    """Adds the documents of a snapshot file to the worlds of its APIs, unless one is wrong."""

    def __init__(
        self,
        headers: _Headers,
        apis: Mapping[str, Api],
        open_batch: OpenBatch,
        faults: Sequence[ScenarioFault],
    ) -> None:
        self._headers = headers
        self._apis = apis
        self._open_batch = open_batch
        self._faults = [*headers.faults.values(), *faults]
        self._new: dict[str, integrity.NewDocuments[Location]] = {
            name: integrity.NewDocuments(api.kinds_by_name) for name, api in apis.items()
        }
        self._numbers: set[int] = set()  # those in the present collection
        self._batch: list[tuple[int, int, Document]] = []  # each with its collection and number
        self._begun: set[int] = set()

    def take(self, row: Row) -> None:
        """Read one document. Raises ScenarioError for too many faults."""
        n = int(row.list.split("/")[2])
        if n in self._headers.faults:
            return
        if row.index == 0:
            self._numbers = set()
        location = _locate(f"collections.{n}.documents.{row.index}")
        faults = list(_find_shape_faults(row.value)) or list(self._read(n, row.value, location))
        for reason in faults:
            note_fault(self._faults, location.make_fault(reason))
        if len(self._batch) >= BATCH:
            self._write()

    def finish(self) -> None:
        """Add what is left. Raises ScenarioError with all faults."""
        for new in self._new.values():
            for location, reason in new.find_faults():
                note_fault(self._faults, location.make_fault(reason))
        if self._faults:
            raise ScenarioError(self._faults)
        self._write()
        empty = sorted(set(range(len(self._headers.items))) - self._begun)
        for start in range(0, len(empty), BATCH):
            self._fill({n: {} for n in empty[start : start + BATCH]})

    def _read(self, n: int, row: Mapping[str, Any], location: Location) -> Iterator[str]:
        header, seq, body = self._headers.items[n], row["seq"], row["body"]
        api = self._apis[header["api"]]
        kind = api.kinds_by_name[header["kind"]]
        reasons = [
            f"{pointer.strip('/').replace('/', '.')}: {reason}".removeprefix(": ")
            for pointer, reason in api.find_body_faults(kind, body)
        ]
        if seq in self._numbers or seq > header["last"]:
            reasons.append(f"the number {seq} stands twice, or is beyond the last one")
        self._numbers.add(seq)
        if not reasons:
            document = kind.document(body, key=row["key"])
            last = self._headers.last[api.name]
            reasons = list(integrity.find_misplacement(kind, document, header["owner"]))
            reasons = reasons or [
                *integrity.find_future_key(kind, document, last),
                *filter(None, [self._new[api.name].add(document, location)]),
            ]
            self._batch.append((n, seq, document))
        yield from reasons

    def _write(self) -> None:
        batch, self._batch = self._batch, []
        if self._faults:
            return
        by_collection: defaultdict[int, dict[int, Document]] = defaultdict(dict)
        for n, seq, document in batch:
            by_collection[n][seq] = document
        self._fill(by_collection)

    def _fill(self, by_collection: Mapping[int, Mapping[int, Document]]) -> None:
        by_api: defaultdict[str, list[Collection]] = defaultdict(list)
        for n, documents in by_collection.items():
            header = self._headers.items[n]
            last = 0 if n in self._begun else header["last"]  # it is counted once
            collection = Collection(header["kind"], header["owner"], last, documents)
            by_api[header["api"]].append(collection)
        self._begun.update(by_collection)
        with self._open_batch() as open_world:
            for api, collections in by_api.items():
                open_world(api).documents.fill(collections)


_NUMBER = {"type": "integer", "minimum": 1, "maximum": 2**62}
_ROW = closed_object(
    {"seq": _NUMBER, "key": {"type": "string", "minLength": 1}, "body": {"type": "object"}},
    required=["seq", "key", "body"],
)


@cache
def _compile_row() -> Schema:
    return Schemas({}).compile_inline(_ROW)


def _find_shape_faults(row: Any) -> Iterator[str]:
    if not _compile_row().accepts(row):
        for violation in _compile_row().find_violations(row):
            for pointer, reason in violation.explain(_ROW):
                yield f"{pointer.strip('/').replace('/', '.')}: {reason}".removeprefix(": ")


def _locate(field: str) -> Location:
    return Location(_FILE, 1, field)
