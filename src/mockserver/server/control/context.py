"""What the operations of the control API work with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from mockserver.api import Api
from mockserver.clock import ClockSetting, machine_now
from mockserver.journal import Journal
from mockserver.sandbox import Sandbox, SandboxSession, Template
from mockserver.scenarios import Library, Scenario, build_template, load
from mockserver.server.checks import Checks
from mockserver.server.control import views
from mockserver.server.metrics import Metrics
from mockserver.server.mutations import Mutations
from mockserver.server.upstream.setting import Upstreams
from mockserver.server.watch import WatchState
from mockserver.settings import Settings
from mockserver.store import WorldRecord

PREFIX = "/__mock__"
"""The base path of the control API, as in its contract, and of the mock's own pages."""


@dataclass(frozen=True)
class ServerContext:
    """What stays the same while the server runs, unless changed files are taken in.

    `apis` are all APIs of a world, `served` those that this server serves. Sandboxes are made from
    `scenario` and its `template` by default. `mutations` are those that can be turned on.
    `upstreams` are those of sandboxes without their own. `watch` says what was taken in, if files
    are watched.
    """

    apis: Mapping[str, Api]
    served: Mapping[str, Api]
    library: Library
    settings: Settings
    scenario: Scenario
    template: Template
    mutations: Mutations = field(default_factory=Mutations)
    metrics: Metrics = field(default_factory=Metrics)
    watch: WatchState | None = None
    upstreams: Upstreams = field(default_factory=dict)


class ControlContext(Struct, frozen=True):
    """The first argument of every operation: all sandboxes in one transaction, and the server."""

    session: SandboxSession
    server: ServerContext
    journal: Journal
    checks: Checks

    @property
    def sandbox(self) -> Sandbox:
        return self.session.sandbox

    @property
    def existing_sandbox(self) -> Sandbox:
        """The sandbox, for an operation that writes and creates none. Raises UnknownNameError."""
        self.session.get_sandbox(self.session.name)
        return self.sandbox

    @property
    def apis(self) -> Mapping[str, Api]:
        return self.server.apis

    def load_scenario(self, name: str) -> Scenario:
        """Read a scenario of the library. Raises UnknownNameError and ScenarioError."""
        library = self.server.library
        return load(library.get_path(name), self.apis, library)

    def build_template(
        self,
        scenario: Scenario | None = None,
        *,
        seed: int | None = None,
        clock: ClockSetting | None = None,
    ) -> Template:
        """The template of a scenario, or of the server's own, with a seed and a clock.

        The options `--seed` and `--freeze-at` of the server apply to its own scenario only.
        """
        if scenario is not None:
            return build_template(scenario, self.apis, seed=seed, clock=clock, loaded=machine_now())
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
        return self.format_sandboxes([record])[0]

    def format_sandboxes(self, records: Sequence[WorldRecord]) -> list[dict[str, Any]]:
        """Sandboxes with the number of their documents and snapshots."""
        worlds = self.session.transaction.worlds
        documents = worlds.get_sizes(record.id for record in records)
        snapshots = worlds.count_by_owner("snapshot")
        return [
            views.format_sandbox(record, documents[record.id], snapshots.get(record.name, 0))
            for record in records
        ]
