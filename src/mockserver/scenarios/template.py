"""Makes worlds from scenarios: documents are written and generated, then events are triggered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from mockserver import __version__
from mockserver.api import Api
from mockserver.clock import ClockSetting
from mockserver.errors import DocumentError, EventError, ScenarioError, ScenarioFault, SettingError
from mockserver.sandbox import Sandboxes, Template, World, integrity
from mockserver.scenarios.loader import load
from mockserver.scenarios.scenario import FunctionCall, LocatedDocument, Scenario
from mockserver.store import Store


def build_template(
    scenario: Scenario,
    apis: Mapping[str, Api],
    *,
    seed: int | None = None,
    clock: ClockSetting | None = None,
) -> Template:
    """The template of a scenario. `seed` and `clock` replace those of the scenario.

    Populating it raises ScenarioError if documents do not fit together or an event is refused.
    """
    chosen_seed = scenario.seed if seed is None else seed
    setting = clock or scenario.clock
    parts = (__version__, *scenario.sources, str(chosen_seed), str(setting))
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()
    return Template(
        name=f"{scenario.name}-{digest}",
        scenario=scenario.name,
        seed=chosen_seed,
        clock=setting.make_clock(),
        tokens=scenario.tokens,
        populate=lambda open_world: add_to_world(scenario, apis, open_world, is_new=True),
        checks={name: api.check_document for name, api in apis.items()},
    )


def add_to_world(
    scenario: Scenario,
    apis: Mapping[str, Api],
    open_world: Callable[[str], World],
    *,
    is_new: bool = False,
) -> None:
    """Add the documents and events of a scenario to a world; a new one has no documents to look up.

    Each step needs the one before it, so only the faults of one step are reported together. Raises
    ScenarioError; the transaction must be undone then.
    """
    documents = {name: list(scenario.documents.get(name, [])) for name in apis}
    _raise(
        fault
        for call in scenario.generations.values()
        for fault in _generate(call, apis[call.api], open_world(call.api), documents[call.api])
    )
    _raise(
        fault
        for name, api in apis.items()
        for fault in _find_faults(api, documents[name], None if is_new else open_world(name))
    )
    for name in apis:
        # The loader has checked what is written, `_generate` what is generated.
        checked = (located.document for located in documents[name])
        open_world(name).documents.extend_checked(checked)
    _raise(fault for call in scenario.triggers for fault in _trigger(call, open_world(call.api)))


def check_scenario(path: Path, apis: Mapping[str, Api]) -> tuple[ScenarioFault, ...]:
    """The faults of a scenario's file; its world is made in a temporary store to find them all."""
    try:
        scenario = load(path, apis)
        with closing(Store()) as store:
            Sandboxes(store, build_template(scenario, apis))
    except ScenarioError as error:
        return error.faults
    return ()


def _raise(faults: Iterable[ScenarioFault]) -> None:
    found = sorted(faults, key=lambda fault: (fault.file, fault.line))
    if found:
        raise ScenarioError(found)


def _generate(
    call: FunctionCall, api: Api, world: World, documents: list[LocatedDocument]
) -> Iterator[ScenarioFault]:
    try:
        for document in call.function(world, **call.options):
            api.check_document(document)
            documents.append(LocatedDocument(document, call.location))
    except (DocumentError, EventError, SettingError) as error:
        yield call.location.make_fault(str(error))


def _find_faults(
    api: Api, documents: Sequence[LocatedDocument], stored: World | None
) -> Iterator[ScenarioFault]:
    new = [located.document for located in documents]
    find_stored = stored.documents.get if stored else lambda _kind, _key: None
    for n, reason in integrity.find_faults(api.kinds_by_name, new, find_stored):
        yield documents[n].location.make_fault(reason)


def _trigger(call: FunctionCall, world: World) -> Iterator[ScenarioFault]:
    acting = world if call.at is None else world.freeze_at(call.at)
    try:
        call.function(acting, **call.options)
    except (EventError, DocumentError) as error:
        yield call.location.make_fault(str(error))
