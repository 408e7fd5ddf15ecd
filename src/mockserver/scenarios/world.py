"""Makes a world of a scenario: its documents, what it generates, the levers it pulls."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from mockserver.api import Api
from mockserver.clock import Clock
from mockserver.errors import DocumentError, LeverError, ScenarioError, SettingError
from mockserver.sandbox import Blueprint, World
from mockserver.scenarios.relations import relation_faults
from mockserver.scenarios.scenario import Generation, Row, Scenario

__all__ = ["blueprint"]


def blueprint(
    scenario: Scenario,
    apis: Mapping[str, Api],
    *,
    seed: int | None = None,
    freeze_at: int | None = None,
) -> Blueprint:
    """What sandboxes of this scenario are made from.

    `seed` and `freeze_at` (microseconds since the epoch) go before the scenario's own. Populating
    raises ScenarioError when what was generated or pulled does not fit.
    """
    chosen_seed = scenario.seed if seed is None else seed
    moment = scenario.clock if freeze_at is None else freeze_at
    parts = (*scenario.sources, str(chosen_seed), str(moment))
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()
    return Blueprint(
        name=f"{scenario.name}-{digest}",
        scenario=scenario.name,
        seed=chosen_seed,
        clock=Clock() if moment is None else Clock.frozen_at(moment),
        tokens=scenario.tokens,
        populate=lambda world: _populate(scenario, apis, world),
        checks={name: api.check for name, api in apis.items()},
    )


def _populate(scenario: Scenario, apis: Mapping[str, Api], world: Callable[[str], World]) -> None:
    rows = {name: list(scenario.documents.get(name, [])) for name in apis}
    for generation in scenario.generations.values():
        rows[generation.api].extend(_generated(generation, world(generation.api)))
    faults = [fault for name in apis for fault in relation_faults(apis[name], rows[name])]
    if faults:
        raise ScenarioError(faults)
    for name in apis:
        _store(rows[name], world(name))
    _pull_levers(scenario, world)


def _generated(generation: Generation, world: World) -> list[Row]:
    try:
        documents = generation.generator(world, **generation.options)
        return [Row(document, generation.place) for document in documents]
    except (LeverError, SettingError) as error:
        raise ScenarioError([generation.place.fault(str(error))]) from error


def _store(rows: list[Row], world: World) -> None:
    try:
        world.documents.extend(row.document for row in rows)
    except DocumentError as error:
        place = next(row.place for row in rows if row.document is error.document)
        raise ScenarioError([place.fault(str(error))]) from error


def _pull_levers(scenario: Scenario, world: Callable[[str], World]) -> None:
    for pull in scenario.pulls:
        acting = world(pull.api)
        if pull.at is not None:
            acting = acting.at(pull.at)
        try:
            pull.lever(acting, **pull.options)
        except (LeverError, DocumentError) as error:
            raise ScenarioError([pull.place.fault(str(error))]) from error
