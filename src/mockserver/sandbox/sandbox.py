"""One sandbox with all its APIs: its worlds, its template and its snapshots, in one transaction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from mockserver.clock import Clock, machine_now, steady_now
from mockserver.errors import (
    QuotaError,
    SandboxNameError,
    TakenNameError,
    look_up,
)
from mockserver.sandbox.template import Template, get_or_add_template
from mockserver.sandbox.world import DocumentCheck, World
from mockserver.store import Transaction, WorldRecord

DEFAULT = "default"
"""The sandbox of a request that names none."""

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


def check_name(name: str, what: str = "sandbox") -> str:
    """The name, if a sandbox or a snapshot can have it. Raises SandboxNameError."""
    if not _NAME.fullmatch(name):
        raise SandboxNameError(
            f"'{name[:64]}' cannot be a {what}'s name: use 1 to 64 letters, digits, '.', '_', '-'"
        )
    return name


class Sandbox:
    """One sandbox with all its APIs and snapshots, in one transaction. `record` is its record."""

    def __init__(
        self,
        transaction: Transaction,
        record: WorldRecord,
        checks: Mapping[str, DocumentCheck],
        max_snapshots: int,
        *,
        may_block: bool = True,
    ) -> None:
        self.record = record
        self.transaction = transaction
        self._checks = checks
        self._max_snapshots = max_snapshots
        self._may_block = may_block
        self._worlds: dict[str, World] = {}

    def open_world(self, api: str) -> World:
        """The world of an API. It is outdated after a reset, a restore or a snapshot."""
        if api not in self._worlds:
            world = World.open(
                self.transaction,
                "sandbox",
                self.record.name,
                api,
                self._checks,
                may_block=self._may_block,
            )
            assert world is not None  # noqa: S101 - the record is in the store
            self._worlds[api] = world
        return self._worlds[api]

    @property
    def origin(self) -> WorldRecord:
        """The template that the sandbox returns to when it is reset."""
        assert self.record.origin is not None  # noqa: S101 - a sandbox is made from a template
        return self.transaction.worlds.get_by_id(self.record.origin)

    def reset(self) -> None:
        """Return to the template that the sandbox was made from."""
        self._replace_world(self.origin, self.record.origin)

    def load_template(self, template: Template) -> None:
        """Replace the world by that of a template, which becomes the origin.

        Raises what populating the template raises.
        """
        record = get_or_add_template(self.transaction, template)
        self.transaction.worlds.update(replace(record, used=steady_now()))
        self._replace_world(record, record.id)

    def set_clock(self, clock: Clock) -> None:
        self._update(replace(self.record, clock=clock))

    def set_mutations(self, names: Iterable[str]) -> None:
        """Turn on these mutations and turn off all others."""
        self._update(replace(self.record, mutations=tuple(sorted(set(names)))))

    def set_validation(self, mode: str) -> None:
        """Set how requests are validated."""
        self._update(replace(self.record, validation=mode))

    def set_upstreams(self, upstreams: str) -> None:
        """Replace the deployments that requests are forwarded to."""
        self._update(replace(self.record, upstreams=upstreams))

    def set_faults(self, rules: str, states: str, *forgotten: str) -> None:
        """Replace the rules of faults and their states; what `forgotten` rules remember goes."""
        self._update(replace(self.record, faults=rules, fault_states=states))
        if forgotten:
            self.transaction.worlds.forget_responses(self.record.id, *forgotten)

    def list_snapshots(self) -> list[WorldRecord]:
        """The snapshots, the oldest first."""
        snapshots = self.transaction.worlds.list_all("snapshot", self.record.name)
        return sorted(snapshots, key=lambda record: (record.created, record.name))

    def get_snapshot(self, name: str) -> WorldRecord:
        """The snapshot of that name. Raises UnknownNameError with the nearest name."""
        known = {record.name: record for record in self.list_snapshots()}
        return look_up(known, name, f"The sandbox '{self.record.name}' has no snapshot")

    def take_snapshot(self, name: str, *, replacing: bool = False) -> WorldRecord:
        """Take a snapshot of the world; `replacing` one of the same name is allowed then.

        It costs a few rows, however large the world is: its partitions are frozen, and copied at
        the next write. Raises TakenNameError and QuotaError.
        """
        worlds = self.transaction.worlds
        worlds.freeze(self.record.id)
        self._worlds.clear()
        return self._add_snapshot(
            replace(self.record, name=name),
            worlds.get_partitions(self.record.id),
            replacing=replacing,
        )

    def import_snapshot(self, name: str, template: Template) -> WorldRecord:
        """Make a snapshot of a template, which replaces a snapshot of the same name.

        Restoring it makes that template the origin. Raises QuotaError, and what populating the
        template raises.
        """
        stored = get_or_add_template(self.transaction, template)
        partitions = self.transaction.worlds.get_partitions(stored.id)
        # The template may be older, or populating may have taken a while: its clock has run on, but
        # the snapshot has to show the moment that it was set to.
        clock = template.clock.resume(template.clock.real)
        record = replace(stored, name=name, origin=stored.id, clock=clock)
        return self._add_snapshot(record, partitions, replacing=True)

    def _add_snapshot(
        self, record: WorldRecord, partitions: Mapping[str, int], *, replacing: bool
    ) -> WorldRecord:
        worlds, owner = self.transaction.worlds, self.record.name
        known = worlds.get("snapshot", check_name(record.name, "snapshot"), owner)
        if known and not replacing:
            raise TakenNameError(
                f"The sandbox '{owner}' has a snapshot '{record.name}' already; "
                "take it with 'replace', or under another name"
            )
        if known:
            worlds.remove(known)
        elif worlds.count("snapshot", owner) >= self._max_snapshots:
            raise QuotaError(
                f"The sandbox '{owner}' has {self._max_snapshots} snapshots, which is as many as "
                "it may have; delete one, or start the server with a larger --max-snapshots"
            )
        snapshot = replace(
            record, role="snapshot", owner=owner, created=machine_now(), used=steady_now()
        )
        return worlds.add(snapshot, partitions)

    def restore_snapshot(self, name: str) -> None:
        """Return to a snapshot. Raises UnknownNameError."""
        snapshot = self.get_snapshot(name)
        self._replace_world(snapshot, snapshot.origin)

    def delete_snapshot(self, name: str) -> None:
        """Delete a snapshot. Raises UnknownNameError."""
        self.transaction.worlds.remove(self.get_snapshot(name))

    def _replace_world(self, other: WorldRecord, origin: int | None) -> None:
        clock = other.clock.resume(other.created)
        self._update(
            replace(
                self.record,
                origin=origin,
                scenario=other.scenario,
                seed=other.seed,
                clock=clock,
                tokens=other.tokens,
                mutations=other.mutations,
                validation=other.validation,
                upstreams=other.upstreams,
                faults=other.faults,
                fault_states=other.fault_states,
                variants=other.variants,
                began=other.began if other.role == "snapshot" and other.began else clock.now(),
            )
        )
        worlds = self.transaction.worlds
        worlds.forget_responses(self.record.id)
        worlds.set_partitions(self.record.id, worlds.get_partitions(other.id))

    def _update(self, record: WorldRecord) -> None:
        self.record = record
        self.transaction.worlds.update(record)
        self._worlds.clear()  # each of them has the record's clock and partitions
