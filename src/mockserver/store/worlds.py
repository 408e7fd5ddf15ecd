"""The worlds of a store: templates, sandboxes and snapshots, and the partitions of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import orjson
from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from mockserver.clock import Clock
from mockserver.store.driver import execute
from mockserver.store.tables import (
    collections,
    fault_responses,
    new_id,
    partitions,
    world_partitions,
    worlds,
)

world, reference, response_row = worlds.c, world_partitions.c, fault_responses.c

MAX_RESPONSES = 100
"""How many responses are remembered in a world."""

Role = Literal["draft", "template", "sandbox", "snapshot"]
"""A draft becomes a template when all of its documents are there."""


@dataclass(frozen=True, slots=True)
class WorldRecord:
    """What the store knows of a world besides its documents.

    `owner` is the sandbox that a snapshot belongs to, and empty for other roles. `origin` is the
    template that a reset returns to. `tokens` is the scenario's, by API. `mutations` are those
    that are on, by name. `validation` is how requests are validated. `upstreams` are the
    deployments that requests are forwarded to, `faults` the rules of faults and `fault_states` what
    is remembered of them, as texts; `began` is the moment of its clock when the world was made.
    `variants` are the counts of `count_variant`, as a text.
    `created` and `used` are moments of the machine. The store gives the `id`.
    """

    role: Role
    name: str
    scenario: str
    seed: int
    clock: Clock
    tokens: dict[str, Any]
    created: int
    used: int
    owner: str = ""
    origin: int | None = None
    mutations: tuple[str, ...] = ()
    validation: str = "strict"
    upstreams: str = ""
    faults: str = ""
    fault_states: str = ""
    began: int = 0
    variants: str = ""
    id: int = 0


class Worlds:
    """The worlds, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, role: Role, name: str, owner: str = "") -> WorldRecord | None:
        """The world of that name, or None."""
        values = {"role": role, "owner": owner, "name": name}
        row = execute(self._connection, _BY_NAME, values).fetchone()
        return _record(row) if row else None

    def get_by_id(self, id: int) -> WorldRecord:
        """The world of that id, which must be there."""
        row = self._connection.execute(select(worlds).where(world.id == id)).one()
        return _record(row)

    def get_with_partition(
        self, role: Role, name: str, api: str
    ) -> tuple[WorldRecord, int | None, bool] | None:
        """A sandbox or a template, its partition for an API, and whether that is frozen."""
        values = {"role": role, "owner": "", "name": name, "api": api}
        row = execute(self._connection, _OPENED, values).fetchone()
        if row is None:
            return None
        *_, partition, is_frozen = row
        return _record(row[:-2]), partition, bool(is_frozen)

    def list_all(self, role: Role, owner: str = "") -> list[WorldRecord]:
        """Every world of a role and an owner, by name."""
        rows = self._connection.execute(
            select(worlds).where(world.role == role, world.owner == owner).order_by(world.name)
        )
        return [_record(row) for row in rows]

    def count(self, role: Role, owner: str = "") -> int:
        counted = (
            select(func.count()).select_from(worlds).where(world.role == role, world.owner == owner)
        )
        return int(self._connection.execute(counted).scalar_one())

    def count_by_owner(self, role: Role) -> dict[str, int]:
        counted = select(world.owner, func.count()).where(world.role == role).group_by(world.owner)
        return {owner: int(size) for owner, size in self._connection.execute(counted)}

    def add(self, record: WorldRecord, by_api: Mapping[str, int]) -> WorldRecord:
        """Add a world with these partitions; the record with its id."""
        id = new_id(self._connection.execute(insert(worlds).values(_columns(record))))
        self._add_partitions(id, by_api)
        return replace(record, id=id)

    def update(self, record: WorldRecord) -> None:
        self._connection.execute(
            update(worlds).where(world.id == record.id).values(**_columns(record))
        )

    def replace_origin(self, old: int, new: int) -> None:
        """Let every world whose origin is a template have another one."""
        self._connection.execute(update(worlds).where(world.origin == old).values(origin=new))

    def set_fault_states(self, id: int, states: str) -> None:
        execute(self._connection, _SET_FAULT_STATES, {"the_id": id, "states": states})

    def count_variant(self, record: WorldRecord, operation: str) -> int:
        """Count a response of an operation that is to be another one each time.

        Returns how many there were before this transaction, which must hold the sandbox's lock.
        """
        counts = orjson.loads(record.variants or "{}")
        before: int = counts.get(operation, 0)
        variants = orjson.dumps({**counts, operation: before + 1}).decode()
        execute(self._connection, _SET_VARIANTS, {"the_id": record.id, "variants": variants})
        return before

    def exchange_response(self, id: int, rule: str, request: str, response: bytes) -> bytes | None:
        """Remember the last response to a request for a rule; the one before it, or None.

        A world has at most MAX_RESPONSES of them: the oldest is forgotten.
        """
        of_world = response_row.world == id
        own = and_(of_world, response_row.rule == rule, response_row.request == request)
        before = self._connection.execute(select(response_row.response).where(own)).scalar()
        self._connection.execute(delete(fault_responses).where(own))
        values = {"world": id, "rule": rule, "request": request, "response": response}
        self._connection.execute(insert(fault_responses).values(values))
        ids = select(response_row.id).where(of_world).order_by(response_row.id.desc())
        newest = ids.limit(MAX_RESPONSES)
        is_old = and_(of_world, response_row.id.not_in(newest))
        self._connection.execute(delete(fault_responses).where(is_old))
        return before

    def forget_responses(self, id: int, *rules: str) -> None:
        """Forget the responses that were remembered for rules, or all of a world's."""
        named = [response_row.rule.in_(rules)] if rules else []
        self._connection.execute(delete(fault_responses).where(response_row.world == id, *named))

    def remove(self, record: WorldRecord) -> None:
        """Remove a world, and the snapshots of a sandbox.

        Garbage collection deletes the partitions that no other world references.
        """
        if record.role == "sandbox":
            self._remove(world.role == "snapshot", world.owner == record.name)
        self._remove(world.id == record.id)

    def _remove(self, *conditions: Any) -> None:
        ids = select(world.id).where(*conditions)
        self._connection.execute(delete(world_partitions).where(reference.world.in_(ids)))
        self._connection.execute(delete(fault_responses).where(response_row.world.in_(ids)))
        self._connection.execute(delete(worlds).where(*conditions))

    def note_uses(self, used: Mapping[str, int]) -> None:
        """Store when sandboxes were last used, but never an earlier moment than the stored one."""
        rows = [{"the_name": name, "moment": moment} for name, moment in used.items()]
        if rows:
            self._connection.execute(_TOUCH, rows)

    def note_use_of_all(self, moment: int) -> None:
        """Store that every sandbox was used at a moment, but never an earlier one."""
        is_older = world.role == "sandbox", world.used < moment
        self._connection.execute(update(worlds).where(*is_older).values(used=moment))

    def list_unused(self, role: Role, moment: int, limit: int) -> list[WorldRecord]:
        """Up to so many worlds of a role that were last used before a moment, the oldest first.

        Templates that are the origin of another world are left out.
        """
        values = {"role": role, "moment": moment, "limit": limit}
        return [_record(row) for row in execute(self._connection, _UNUSED, values).fetchall()]

    def list_unchanged(self, record: WorldRecord, limit: int) -> list[WorldRecord]:
        """Up to so many sandboxes that are still like a new one, the least recently used first.

        `record` is a new one. A sandbox with snapshots is not among them.
        """
        own = (*_CLOCK, "origin", "tokens", "mutations", "validation", "upstreams", "faults")
        # Without rules, the states only count what requests have asked for themselves, as the
        # variants always do.
        has_new_states = or_(world.faults == "", world.fault_states == "")
        new, other = _columns(record), worlds.alias()
        of_origin = select(reference.partition).where(reference.world == record.origin)
        is_changed = (
            select(reference.world)
            .where(reference.world == world.id, reference.partition.not_in(of_origin))
            .exists()
        )
        has_snapshots = (
            select(other.c.id)
            .where(other.c.role == "snapshot", other.c.owner == world.name)
            .exists()
        )
        rows = self._connection.execute(
            select(worlds)
            .where(world.role == "sandbox", *(world[name] == new[name] for name in own))
            .where(has_new_states, ~is_changed, ~has_snapshots)
            .order_by(world.used, world.name)
            .limit(limit)
        )
        return [_record(row) for row in rows]

    def get_partitions(self, id: int) -> dict[str, int]:
        rows = self._connection.execute(
            select(reference.api, reference.partition).where(reference.world == id)
        )
        return {api: int(partition) for api, partition in rows}

    def set_partitions(self, id: int, by_api: Mapping[str, int]) -> None:
        """Let a world reference these partitions and no others."""
        self._connection.execute(delete(world_partitions).where(reference.world == id))
        self._add_partitions(id, by_api)

    def freeze(self, id: int) -> None:
        """Freeze the partitions of a world: they are never written to again, and can be shared."""
        own = select(reference.partition).where(reference.world == id)
        self._connection.execute(
            update(partitions).where(partitions.c.id.in_(own)).values(is_frozen=True)
        )

    def get_sizes(self, ids: Iterable[int]) -> dict[int, int]:
        """How many documents each of these worlds has."""
        wanted = list(ids)
        sizes = (
            select(collections.c.partition, func.sum(collections.c.size).label("size"))
            .where(
                collections.c.partition.in_(
                    select(reference.partition).where(reference.world.in_(wanted))
                )
            )
            .group_by(collections.c.partition)
            .subquery()
        )
        rows = self._connection.execute(
            select(reference.world, func.sum(sizes.c.size))
            .join(sizes, sizes.c.partition == reference.partition)
            .where(reference.world.in_(wanted))
            .group_by(reference.world)
        )
        found = {id: int(size) for id, size in rows}
        return {id: found.get(id, 0) for id in wanted}

    def _add_partitions(self, id: int, by_api: Mapping[str, int]) -> None:
        rows = [{"world": id, "api": api, "partition": by_api[api]} for api in by_api]
        if rows:
            self._connection.execute(insert(world_partitions), rows)


_NAMED = (
    world.role == bindparam("role"),
    world.owner == bindparam("owner"),
    world.name == bindparam("name"),
)
_BY_NAME = select(worlds).where(*_NAMED)
_OPENED = (
    select(worlds, reference.partition, partitions.c.is_frozen)
    .outerjoin(
        world_partitions, and_(reference.world == world.id, reference.api == bindparam("api"))
    )
    .outerjoin(partitions, partitions.c.id == reference.partition)
    .where(*_NAMED)
)
_other = worlds.alias()
_UNUSED = (
    select(worlds)
    .where(
        world.role == bindparam("role"),
        world.used < bindparam("moment"),
        ~select(_other.c.id).where(_other.c.origin == world.id).exists(),
    )
    .order_by(world.used, world.name)
    .limit(bindparam("limit"))
)
_TOUCH = (
    update(worlds)
    .where(
        world.role == "sandbox",
        world.owner == "",
        world.name == bindparam("the_name"),
        world.used < bindparam("moment"),
    )
    .values(used=bindparam("moment"))
)


_SET_FAULT_STATES = (
    update(worlds).where(world.id == bindparam("the_id")).values(fault_states=bindparam("states"))
)
_SET_VARIANTS = (
    update(worlds).where(world.id == bindparam("the_id")).values(variants=bindparam("variants"))
)
_CLOCK = ("clock_real", "clock_virtual", "clock_rate")
_COLUMN_NAMES = [column.name for column in world]
_PLAIN = (
    *("role", "owner", "name", "origin", "scenario", "seed", "created", "used"),
    *("validation", "upstreams", "faults", "fault_states", "began", "variants"),
)


def _columns(record: WorldRecord) -> dict[str, Any]:
    return {
        **{name: getattr(record, name) for name in _PLAIN},
        "clock_real": record.clock.real,
        "clock_virtual": record.clock.virtual,
        "clock_rate": record.clock.rate,
        "tokens": orjson.dumps(record.tokens).decode(),
        "mutations": " ".join(record.mutations),
    }


@lru_cache(maxsize=64)  # a world in use is read again at each request
def _record(row: Sequence[Any]) -> WorldRecord:
    """The record of a row of the table, whose columns are in its order.

    It is the same object as long as the row does not change, and so must not be changed.
    """
    column = dict(zip(_COLUMN_NAMES, row, strict=True))
    return WorldRecord(
        id=column["id"],
        **{name: column[name] for name in _PLAIN},
        clock=Clock(column["clock_real"], column["clock_virtual"], column["clock_rate"]),
        tokens=orjson.loads(column["tokens"]),
        mutations=tuple(column["mutations"].split()),
    )
