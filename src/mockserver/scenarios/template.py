"""Makes worlds from scenarios: documents are written and generated, then events are triggered."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

from mockserver import __version__
from mockserver.api import Api
from mockserver.clock import SECOND, ClockSetting
from mockserver.errors import DocumentError, EventError, ScenarioError, ScenarioFault, SettingError
from mockserver.fault import format_rules
from mockserver.sandbox import OpenBatch, Sandboxes, Template, World, integrity
from mockserver.scenarios.library import Library
from mockserver.scenarios.loader import load
from mockserver.scenarios.scenario import (
    BATCH,
    FunctionCall,
    LocatedDocument,
    Location,
    Scenario,
    note_fault,
)
from mockserver.store import Document, Documents, FileStore

_SHARED = 3_600 * SECOND
"""How long data is shared that was generated in long relative periods."""


def build_template(
    scenario: Scenario,
    apis: Mapping[str, Api],
    *,
    seed: int | None = None,
    clock: ClockSetting | None = None,
    loaded: int = 0,
) -> Template:
    """The template of a scenario. `seed` and `clock` replace those of the scenario.

    `loaded` is when it is loaded: a scenario with relative moments and a clock that is not frozen
    has another template each time, or each hour if nothing is relative but long periods of its
    generators: generating data takes some hundred times as long as sharing it.

    Populating it raises ScenarioError if documents do not fit together or an event is refused.
    """
    chosen_seed = scenario.seed if seed is None else seed
    setting = clock or scenario.clock
    moment = 0
    if setting.freeze is None and scenario.is_relative:
        moment = loaded
    elif setting.freeze is None and scenario.has_long_periods:
        moment = loaded // _SHARED
    parts = (__version__, *scenario.sources, str(chosen_seed), str(setting), str(moment))
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()
    return Template(
        name=f"{scenario.name}-{digest}",
        scenario=scenario.name,
        seed=chosen_seed,
        clock=setting.make_clock(),
        tokens=scenario.tokens,
        validation=scenario.validation,
        faults=format_rules(scenario.faults.values()),
        populate=partial(add_to_world, scenario, apis, is_new=True),
        checks={name: api.check_document for name, api in apis.items()},
    )


def add_to_world(
    scenario: Scenario, apis: Mapping[str, Api], open_batch: OpenBatch, *, is_new: bool = False
) -> None:
    """Add the documents and events of a scenario to a world, some at a time.

    A new world has no documents to look up. Events need all documents, so only the faults of
    documents, or those of events, are reported together. Raises ScenarioError; what was added must
    be undone then.
    """
    with open_batch(writing=False) as open_world:
        # One present for everything, however long it takes.
        now = max((open_world(api).now for api in apis), default=0)
    adder = _Adder(apis, open_batch, now, is_new=is_new)
    for api, documents in scenario.documents.items():
        for document in documents:
            if isinstance(document, LocatedDocument):
                adder.add(api, document)
                continue
            for found in document.read(apis[api], now):
                adder.add(api, found)
    if scenario.streamed:
        scenario.streamed.read(apis, now, adder.add)
    for calls in scenario.generations.values():
        for n, call in enumerate(calls):
            adder.write()  # a generator may look for what is there
            with open_batch(writing=False) as open_world:
                world = open_world(call.api).freeze_at(now)
            stored, factory = _StoredDocuments(open_batch, call.api), world.factory.make_branch(n)
            world = replace(world, documents=cast(Documents, stored), factory=factory)
            for found in _generate(call, apis[call.api], world):
                adder.add(call.api, found)
    adder.finish()
    faults: list[ScenarioFault] = []
    for call in scenario.triggers:
        with open_batch(written=[call.api]) as open_world:
            world = open_world(call.api).freeze_at(now)
            faults.extend(list(_trigger(call, world)) or adder.check_event(call, world.documents))
    _raise(faults)


class _StoredDocuments:
    """Reads documents of a world, each time in a batch of its own.

    In one for as long as a generator runs, a database would have to keep what all others delete.
    """

    def __init__(self, open_batch: OpenBatch, api: str) -> None:
        self._open_batch = open_batch
        self._api = api

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def read(*args: Any, **more: Any) -> Any:
            with self._open_batch(writing=False) as open_world:
                return getattr(open_world(self._api).documents, name)(*args, **more)

        return read


class _Adder:
    """Adds documents to the worlds of several APIs, some at a time, unless one is wrong."""

    def __init__(
        self, apis: Mapping[str, Api], open_batch: OpenBatch, now: int, *, is_new: bool
    ) -> None:
        self._open_batch = open_batch
        self._is_new = is_new
        self._new: dict[str, integrity.NewDocuments[Location]] = {
            name: integrity.NewDocuments(api.kinds_by_name) for name, api in apis.items()
        }
        self._chronologies: dict[str, integrity.Chronology[Location]] = {
            name: integrity.Chronology(api.kinds_by_name, now) for name, api in apis.items()
        }
        self._batch: list[tuple[str, LocatedDocument]] = []
        self._invalid: list[ScenarioFault] = []
        self._misfits: list[ScenarioFault] = []

    def add(self, api: str, found: LocatedDocument | ScenarioFault) -> None:
        """Add a document, or note a fault in one. Raises ScenarioError for too many faults."""
        if isinstance(found, ScenarioFault):
            note_fault(self._invalid, found)
        elif reason := (
            self._new[api].add(found.document, found.location)
            or self._chronologies[api].add(found.document, found.location)
        ):
            note_fault(self._misfits, found.location.make_fault(reason))
        else:
            self._batch.append((api, found))
            if len(self._batch) >= BATCH:
                self.write()

    def finish(self) -> None:
        """Add what is left. Raises ScenarioError with all faults.

        What lacks a document that is invalid itself is no fault.
        """
        _raise(self._invalid)
        self.write()
        with self._open_batch(writing=False) as open_world:
            for api, new in self._new.items():
                stored = [] if self._is_new else [open_world(api).documents.get]
                for location, reason in new.find_faults(*stored):
                    note_fault(self._misfits, location.make_fault(reason))
                chronology, documents = self._chronologies[api], open_world(api).documents
                for place, reason in chronology.find_faults(documents, is_new=self._is_new):
                    if place:  # else what is stored contradicts itself already
                        note_fault(self._misfits, place.make_fault(reason))
        _raise(self._misfits)

    def check_event(self, call: FunctionCall, documents: Documents) -> Iterator[ScenarioFault]:
        """The faults of what an event has written."""
        written = [document for document, how in documents.changes if how != "removed"]
        chronology = self._chronologies[call.api]
        for reason in chronology.find_event_faults(written, documents):
            yield call.location.make_fault(reason)

    def write(self) -> None:
        """Write what has been added, unless something is wrong."""
        by_api: defaultdict[str, list[Document]] = defaultdict(list)
        batch, self._batch = self._batch, []
        with self._open_batch(written={api for api, _ in batch}) as open_world:
            for api, located in batch:
                document, known = located.document, open_world(api).documents.get
                if not self._is_new and document.key and known(document.kind, document.key):
                    reason = integrity.explain_duplicate(document)
                    note_fault(self._misfits, located.location.make_fault(reason))
                by_api[api].append(document)
            if not self._invalid and not self._misfits:
                for api, documents in by_api.items():
                    open_world(api).documents.extend_checked(documents)


def check_scenario(
    path: Path, apis: Mapping[str, Api], library: Library | None = None
) -> tuple[ScenarioFault, ...]:
    """The faults of a scenario's file; its world is made in a temporary store to find them all."""
    try:
        scenario = load(path, apis, library)
        with closing(FileStore()) as store:
            Sandboxes(store, build_template(scenario, apis))
    except ScenarioError as error:
        return error.faults
    return ()


def _raise(faults: Iterable[ScenarioFault]) -> None:
    found = sorted(faults, key=lambda fault: (fault.file, fault.line))
    if found:
        raise ScenarioError(found)


def _generate(
    call: FunctionCall, api: Api, world: World
) -> Iterator[LocatedDocument | ScenarioFault]:
    try:
        for document in call.function(world, **call.options):
            api.check_document(document)
            yield LocatedDocument(document, call.location)
    except (DocumentError, EventError, SettingError) as error:
        yield call.location.make_fault(str(error))


def _trigger(call: FunctionCall, world: World) -> Iterator[ScenarioFault]:
    try:
        call.act(world)
    except (EventError, DocumentError, SettingError) as error:
        yield call.location.make_fault(str(error))
