"""What an operation of the control API has in hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.api import Api
from mockserver.clock import ClockSetting
from mockserver.sandbox import Limits, Sandbox, SandboxSession, Template
from mockserver.scenarios import Library, Scenario, build_template, load
from mockserver.server.control import views
from mockserver.server.mutations import Mutations
from mockserver.settings import Settings
from mockserver.store import WorldRecord

__all__ = ["PREFIX", "ControlContext", "ServerContext"]

PREFIX = "/__mock__"
"""The base of the control API, as its contract says, and of the mock's own pages."""


@dataclass(frozen=True)
class ServerContext:
    """What the server knows from its start.

    `apis` are all that a world has, `served` those that this server serves. `scenario` and
    `template` are what sandboxes are made from unless somebody says otherwise. `mutations` are those
    that can be turned on.
    """

    apis: Mapping[str, Api]
    served: Mapping[str, Api]
    library: Library
    settings: Settings
    scenario: Scenario
    template: Template
    limits: Limits
    mutations: Mutations = field(default_factory=Mutations)


@dataclass(frozen=True)
class ControlContext:
    """The session, and what the server knows."""

    session: SandboxSession
    server: ServerContext

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox that the request names."""
        return self.session.sandbox

    @property
    def apis(self) -> Mapping[str, Api]:
        """The APIs that a world has."""
        return self.server.apis

    def load_scenario(self, name: str, *, is_whole: bool = True) -> Scenario:
        """The scenario of that name. Raises UnknownNameError and ScenarioError."""
        library = self.server.library
        return load(library.get_path(name), self.apis, library, is_whole=is_whole)

    def build_template(
        self,
        scenario: Scenario | None = None,
        *,
        seed: int | None = None,
        clock: ClockSetting | None = None,
    ) -> Template:
        """What a scenario, or the server's own, makes with a seed and a clock.

        What the server was started with holds for its own scenario only.
        """
        if scenario is not None:
            return build_template(scenario, self.apis, seed=seed, clock=clock)
        if seed is None and clock is None:
            return self.server.template
        settings = self.server.settings
        return build_template(
            self.server.scenario,
            self.apis,
            seed=settings.seed if seed is None else seed,
            clock=clock or settings.clock,
        )

    def format_sandbox(self, record: WorldRecord) -> dict[str, Any]:
        """A sandbox with its size."""
        return views.format_sandbox(record, self.session.get_sizes([record])[record.id])
