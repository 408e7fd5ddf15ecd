"""Makes a world of a scenario: its documents, what it generates, the events it triggers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from mockserver import __version__
from mockserver.api import Api
from mockserver.clock import ClockSetting
from mockserver.errors import DocumentError, EventError, ScenarioError, ScenarioFault, SettingError
from mockserver.sandbox import Template, World
from mockserver.scenarios.relations import find_relation_faults, nothing
from mockserver.scenarios.scenario import EventCall, GeneratorCall, LocatedDocument, Scenario

__all__ = ["add_to_world", "build_template"]


def build_template(
    scenario: Scenario,
    apis: Mapping[str, Api],
    *,
    seed: int | None = None,
    clock: ClockSetting | None = None,
) -> Template:
    """What sandboxes of this scenario are made from.

    `seed` and `clock` go before the scenario's own. Populating raises ScenarioError when what was
    generated or triggered does not fit.
    """
    chosen_seed = scenario.seed if seed is None else seed
    setting = clock or scenario.clock or ClockSetting()
    parts = (__version__, *scenario.sources, str(chosen_seed), str(setting))
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()
    return Template(
        name=f"{scenario.name}-{digest}",
        scenario=scenario.name,
        seed=chosen_seed,
        clock=setting.make_clock(),
        tokens=scenario.tokens,
        populate=lambda world: _populate(scenario, apis, world),
        checks={name: api.check_document for name, api in apis.items()},
    )


def add_to_world(
    scenario: Scenario, apis: Mapping[str, Api], world: Callable[[str], World]
) -> None:
    """Add what a scenario describes to a world that is there, and trigger its events in it.

    Raises ScenarioError; what has been added by then is for the transaction to forget.
    """
    _populate(scenario, apis, world, is_new=False)


def _populate(
    scenario: Scenario,
    apis: Mapping[str, Api],
    world: Callable[[str], World],
    *,
    is_new: bool = True,
) -> None:
    """Everything that is wrong in one step is said together; the next one builds upon it."""
    rows = {name: list(scenario.documents.get(name, [])) for name in apis}
    _refuse(
        fault
        for generation in scenario.generations.values()
        for fault in _generate(generation, world(generation.api), rows[generation.api])
    )
    stored = {name: nothing if is_new else world(name).documents.get for name in apis}
    _refuse(
        fault
        for name in apis
        for fault in find_relation_faults(apis[name], rows[name], stored=stored[name])
    )
    _refuse(fault for name in apis for fault in _store(rows[name], world(name)))
    _refuse(
        fault for trigger in scenario.triggers for fault in _trigger(trigger, world(trigger.api))
    )


def _refuse(faults: Iterable[ScenarioFault]) -> None:
    found = list(faults)
    if found:
        raise ScenarioError(found)


def _generate(
    generation: GeneratorCall, world: World, rows: list[LocatedDocument]
) -> Iterator[ScenarioFault]:
    try:
        documents = generation.generator(world, **generation.options)
        rows.extend(LocatedDocument(document, generation.place) for document in documents)
    except (EventError, SettingError) as error:
        yield generation.place.make_fault(str(error))


def _store(rows: Sequence[LocatedDocument], world: World) -> Iterator[ScenarioFault]:
    try:
        world.documents.extend(row.document for row in rows)
    except DocumentError as error:
        place = next(row.place for row in rows if row.document is error.document)
        yield place.make_fault(str(error))


def _trigger(trigger: EventCall, world: World) -> Iterator[ScenarioFault]:
    acting = world if trigger.at is None else world.freeze_at(trigger.at)
    try:
        trigger.event(acting, **trigger.options)
    except (EventError, DocumentError) as error:
        yield trigger.place.make_fault(str(error))
