"""Makes a world of a scenario: its documents, what it generates, the levers it pulls."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from mockserver.clock import Clock
from mockserver.errors import LeverError, ScenarioError, SettingError
from mockserver.sandbox import Blueprint, World
from mockserver.scenarios.reading import Place, Scenario
from mockserver.store import Document

__all__ = ["blueprint"]


def blueprint(
    scenario: Scenario,
    apis: frozenset[str],
    *,
    seed: int | None = None,
    freeze_at: int | None = None,
) -> Blueprint:
    """What sandboxes of this scenario are made from, for the APIs that are served.

    `seed` and `freeze_at` (microseconds since the epoch) go before the scenario's own.
    """
    chosen_seed = scenario.seed if seed is None else seed
    moment = scenario.clock if freeze_at is None else freeze_at
    parts = (*scenario.sources, *sorted(apis), str(chosen_seed), str(moment))
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()
    return Blueprint(
        name=f"{scenario.name}-{digest}",
        scenario=scenario.name,
        seed=chosen_seed,
        clock=Clock() if moment is None else Clock.frozen_at(moment),
        tokens=scenario.tokens,
        populate=lambda world: _populate(scenario, world),
    )


def _populate(scenario: Scenario, world: Callable[[str], World]) -> None:
    generated: dict[str, list[tuple[Document, Place]]] = {}
    for generation in scenario.generations:
        rows = generated.setdefault(generation.api, [])
        try:
            documents = generation.generator(world(generation.api), **generation.options)
            rows.extend((document, generation.place) for document in documents)
        except (LeverError, SettingError) as error:
            raise ScenarioError([generation.place.fault(str(error))]) from error
    for api in sorted({*scenario.documents, *generated}):
        rows = [*scenario.documents.get(api, []), *generated.get(api, [])]
        _refuse_double_keys(rows)
        # Owners read their documents in the order of their coming, which is that of time.
        rows.sort(key=lambda row: row[0].at or 0)
        world(api).documents.extend(document for document, _ in rows)
    _pull_levers(scenario, world)


def _refuse_double_keys(rows: list[tuple[Document, Place]]) -> None:
    seen: set[tuple[str, str]] = set()
    for document, place in rows:
        if document.key and (document.kind, document.key) in seen:
            reason = f"it makes another {document.kind} with the key '{document.key}'"
            raise ScenarioError([place.fault(reason)])
        seen.add((document.kind, document.key))


def _pull_levers(scenario: Scenario, world: Callable[[str], World]) -> None:
    for pull in scenario.pulls:
        acting = world(pull.api)
        if pull.at is not None:
            acting = acting.at(pull.at)
        try:
            pull.lever(acting, **pull.options)
        except LeverError as error:
            raise ScenarioError([pull.place.fault(str(error))]) from error
