"""What an operation of the control API has in hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.api import Api
from mockserver.clock import ClockSetting
from mockserver.sandbox import Blueprint, Desk, Limits, Sandbox
from mockserver.scenarios import Library, Scenario, blueprint, load
from mockserver.server.control import views
from mockserver.server.mutations import Mutations
from mockserver.settings import Settings
from mockserver.store import WorldRecord

__all__ = ["PREFIX", "Controls", "Known"]

PREFIX = "/__mock__"
"""The base of the control API, as its contract says, and of the mock's own pages."""


@dataclass(frozen=True)
class Known:
    """What the server knows from its start.

    `apis` are all that a world has, `served` those that this server serves. `scenario` and
    `blueprint` are what sandboxes are made from unless somebody says otherwise. `mutations` are those
    that can be turned on.
    """

    apis: Mapping[str, Api]
    served: Mapping[str, Api]
    library: Library
    settings: Settings
    scenario: Scenario
    blueprint: Blueprint
    limits: Limits
    mutations: Mutations = field(default_factory=Mutations)


@dataclass(frozen=True)
class Controls:
    """The desk, and what the server knows."""

    desk: Desk
    known: Known

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox that the request names."""
        return self.desk.sandbox

    @property
    def apis(self) -> Mapping[str, Api]:
        """The APIs that a world has."""
        return self.known.apis

    def named(self, name: str, *, is_whole: bool = True) -> Scenario:
        """The scenario of that name. Raises UnknownNameError and ScenarioError."""
        library = self.known.library
        return load(library.path(name), self.apis, library, is_whole=is_whole)

    def blueprint(
        self,
        scenario: Scenario | None = None,
        *,
        seed: int | None = None,
        clock: ClockSetting | None = None,
    ) -> Blueprint:
        """What a scenario, or the server's own, makes with a seed and a clock.

        What the server was started with holds for its own scenario only.
        """
        if scenario is not None:
            return blueprint(scenario, self.apis, seed=seed, clock=clock)
        if seed is None and clock is None:
            return self.known.blueprint
        settings = self.known.settings
        return blueprint(
            self.known.scenario,
            self.apis,
            seed=settings.seed if seed is None else seed,
            clock=clock or settings.clock,
        )

    def shown(self, record: WorldRecord) -> dict[str, Any]:
        """A sandbox with its size."""
        return views.sandbox(record, self.desk.sizes([record])[record.id])
