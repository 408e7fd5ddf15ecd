"""One sandbox whole: its worlds, the template behind it, and its snapshots, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mockserver.clock import Clock, machine_now
from mockserver.errors import QuotaError, TakenNameError, UnknownNameError, suggest_nearest
from mockserver.sandbox.name import check_name
from mockserver.sandbox.template import DocumentCheck, Template, accept_any, get_or_add_template
from mockserver.sandbox.world import World
from mockserver.store import NO_PARTITION, Transaction, WorldRecord

__all__ = ["Sandbox", "open_world"]


def open_world(
    transaction: Transaction,
    record: WorldRecord,
    api: str,
    partition: int | None,
    *,
    is_frozen: bool,
    check: DocumentCheck,
    url: str = "",
    documented_only: bool = False,
) -> World:
    """The world of a sandbox as an API sees it; its first write gives it a partition of its own."""

    def claim() -> int:
        if partition is not None and not is_frozen:
            return partition
        partitions = transaction.partitions
        own = partitions.create() if partition is None else partitions.copy(partition)
        transaction.worlds.set_partition(record.id, api, own)
        return own

    documents = transaction.documents(
        NO_PARTITION if partition is None else partition, claim, check
    )
    return World.from_record(record, api, documents, url=url, documented_only=documented_only)


class Sandbox:
    """One sandbox with all its APIs and snapshots, inside one transaction.

    `record` is what it is now. What is done here is kept when the transaction ends.
    """

    def __init__(
        self,
        transaction: Transaction,
        record: WorldRecord,
        checks: Mapping[str, DocumentCheck],
        most_snapshots: int,
    ) -> None:
        self.record = record
        self.transaction = transaction
        self._checks = checks
        self._most_snapshots = most_snapshots
        self._worlds: dict[str, World] = {}

    def open_world(self, api: str) -> World:
        """The sandbox as an API sees it; to be asked for anew once it is another or put aside."""
        if api not in self._worlds:
            opened = self.transaction.worlds.get_with_partition(self.record.name, api)
            assert opened is not None  # noqa: S101 - the record came from there
            _, partition, is_frozen = opened
            check = self._checks.get(api, accept_any)
            self._worlds[api] = open_world(
                self.transaction, self.record, api, partition, is_frozen=is_frozen, check=check
            )
        return self._worlds[api]

    def get_partition(self, api: str) -> int:
        """The partition that holds an API's documents now."""
        return self.transaction.worlds.get_partitions(self.record.id).get(api, NO_PARTITION)

    @property
    def origin(self) -> WorldRecord:
        """The template that a reset leads back to."""
        assert self.record.origin is not None  # noqa: S101 - a sandbox is made from a template
        return self.transaction.worlds.get_by_id(self.record.origin)

    def reset(self) -> None:
        """Become again what the sandbox was made from."""
        self._become(self.origin, self.record.origin)

    def load_template(self, template: Template) -> None:
        """Become what a template says, and be led back to that by a reset.

        Raises what populating it raises.
        """
        made = get_or_add_template(self.transaction, template)
        self.transaction.worlds.update(replace(made, used=machine_now()))
        self._become(made, made.id)

    def set_clock(self, clock: Clock) -> None:
        """Give the world another clock."""
        self._update(replace(self.record, clock=clock))

    def set_mutations(self, names: Iterable[str]) -> None:
        """Give the world these mutations, and no others."""
        self._update(replace(self.record, mutations=tuple(sorted(set(names)))))

    def list_snapshots(self) -> list[WorldRecord]:
        """The snapshots, the oldest first."""
        found = self.transaction.worlds.list_all("snapshot", self.record.name)
        return sorted(found, key=lambda record: (record.created, record.name))

    def get_snapshot(self, name: str) -> WorldRecord:
        """The snapshot of that name. Raises UnknownNameError with the nearest one."""
        found = self.transaction.worlds.get("snapshot", name, self.record.name)
        if found is None:
            known = [record.name for record in self.list_snapshots()]
            raise UnknownNameError(
                f"The sandbox '{self.record.name}' has no snapshot '{name}'; {suggest_nearest(name, known)}"
            )
        return found

    def take_snapshot(self, name: str, *, replacing: bool = False) -> WorldRecord:
        """Put the world aside under a name.

        It costs some rows, however large the world is: what the sandbox holds is frozen, and
        copied when it is next written to. Raises TakenNameError and QuotaError.
        """
        worlds = self.transaction.worlds
        worlds.freeze(self.record.id)
        self._worlds.clear()
        return self._put_aside(
            replace(self.record, name=name),
            worlds.get_partitions(self.record.id),
            replacing=replacing,
        )

    def import_snapshot(self, name: str, template: Template) -> WorldRecord:
        """Make a snapshot of a template, in the place of one that has the name.

        Once it is restored, a reset leads back to it. Raises QuotaError, and what populating
        raises.
        """
        made = get_or_add_template(self.transaction, template)
        held = self.transaction.worlds.get_partitions(made.id)
        # The template may have been there for a while, or have taken a while to make: its clock has
        # run on since, and is to show what it was set to.
        clock = template.clock.resume(template.clock.real)
        record = replace(made, name=name, origin=made.id, clock=clock)
        return self._put_aside(record, held, replacing=True)

    def _put_aside(
        self, record: WorldRecord, held: Mapping[str, int], *, replacing: bool
    ) -> WorldRecord:
        """Keep a world that holds frozen partitions as a snapshot of this sandbox."""
        worlds, owner = self.transaction.worlds, self.record.name
        known = worlds.get("snapshot", check_name(record.name, "snapshot"), owner)
        if known and not replacing:
            raise TakenNameError(
                f"The sandbox '{owner}' has a snapshot '{record.name}' already; "
                "take it with 'replace', or under another name"
            )
        if known:
            worlds.remove(known.id)
        elif worlds.count("snapshot", owner) >= self._most_snapshots:
            raise QuotaError(
                f"The sandbox '{owner}' has {self._most_snapshots} snapshots, which is as many as "
                "it may have; delete one, or start the server with a larger --max-snapshots"
            )
        now = machine_now()
        kept = replace(record, role="snapshot", owner=owner, created=now, used=now)
        return worlds.add(kept, held)

    def restore_snapshot(self, name: str) -> None:
        """Become what a snapshot is. Raises UnknownNameError."""
        kept = self.get_snapshot(name)
        self._become(kept, kept.origin)

    def delete_snapshot(self, name: str) -> None:
        """Delete a snapshot. Raises UnknownNameError."""
        self.transaction.worlds.remove(self.get_snapshot(name).id)

    def _become(self, other: WorldRecord, origin: int | None) -> None:
        self._update(
            replace(
                self.record,
                origin=origin,
                scenario=other.scenario,
                seed=other.seed,
                clock=other.clock.resume(other.created),
                tokens=other.tokens,
                mutations=other.mutations,
            )
        )
        worlds = self.transaction.worlds
        worlds.set_partitions(self.record.id, worlds.get_partitions(other.id))

    def _update(self, record: WorldRecord) -> None:
        self.record = record
        self.transaction.worlds.update(record)
        self._worlds.clear()  # each has the record's clock and partitions in it
