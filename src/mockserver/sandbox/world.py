"""A world: the state of one sandbox as one API sees it, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

from msgspec import Struct

from mockserver.clock import Clock
from mockserver.errors import SettingError, WouldBlockError
from mockserver.factory import Factory
from mockserver.moment import resolve_moment
from mockserver.store import NO_PARTITION, Document, Documents, Role, Transaction

VALIDATIONS = ("strict", "warn", "off")
"""What happens to a request that breaks the contract: refused, served with a warning, served."""

DocumentCheck = Callable[[Document], None]
"""Raises DocumentError for a document that must not be stored."""

MAX_COPIED = 5_000
"""So many documents are copied in less than a tenth of a second."""
REFUSED_TOKEN = "invalid"  # noqa: S105 - a token that is accepted nowhere
"""The credential that every API refuses, so that a client can always test its 401 path."""


class Tokens(Struct, frozen=True):
    """Which credentials an API of a world accepts.

    Any that is not blank, or those in `valid`. `required` demands a credential even where the
    contract does not.
    """

    valid: tuple[str, ...] | None = None
    required: bool = False

    @classmethod
    def from_setting(cls, setting: Mapping[str, Any]) -> Tokens:
        """The tokens of an API in a scenario."""
        valid = setting.get("valid")
        return cls(None if valid is None else tuple(valid), setting.get("required", False))

    def accepts(self, credential: str) -> bool:
        if not credential.strip() or credential == REFUSED_TOKEN:
            return False
        return self.valid is None or credential in self.valid


@dataclass
class World:
    """The state of one sandbox as one API sees it, in one transaction.

    `url` is that of the request, without its query, for responses that link to themselves.
    `count_variant` counts a response of an operation that is to be another one each time, in a
    transaction that writes, and returns how many there were before.
    `documented_only`: whether to leave out what is only assumed. `mutations` are the names of those
    that are on in the sandbox; vendors ignore them, how requests are validated (`validation`), and
    the texts of `upstreams` and `faults`.
    """

    sandbox: str
    documents: Documents
    clock: Clock
    factory: Factory
    count_variant: Callable[[str], int]
    tokens: Tokens = field(default_factory=Tokens)
    url: str = ""
    documented_only: bool = False
    mutations: tuple[str, ...] = ()
    validation: str = "strict"
    upstreams: str = ""
    faults: str = ""
    began: int = 0

    @classmethod
    def open(
        cls,
        transaction: Transaction,
        role: Role,
        name: str,
        api: str,
        checks: Mapping[str, DocumentCheck],
        *,
        may_block: bool = True,
        **more: Any,
    ) -> World | None:
        """A sandbox or a template as an API sees it; None if there is none of that name.

        Unless it `may_block`, the first write to a shared partition that is large raises
        WouldBlockError.
        """
        opened = transaction.worlds.get_with_partition(role, name, api)
        if opened is None:
            return None
        record, partition, is_frozen = opened

        def claim() -> int:
            # ADR 022: the first write to a shared partition copies it.
            if partition is not None and not is_frozen:
                return partition
            partitions = transaction.partitions
            if partition and not may_block and partitions.has_more_than(partition, MAX_COPIED):
                raise WouldBlockError(record.name, api)
            own = partitions.create() if partition is None else partitions.copy(partition)
            by_api = transaction.worlds.get_partitions(record.id)
            transaction.worlds.set_partitions(record.id, {**by_api, api: own})
            return own

        return cls(
            sandbox=record.name,
            documents=transaction.documents(partition or NO_PARTITION, claim, checks.get(api)),
            clock=record.clock,
            factory=Factory(record.seed),
            count_variant=partial(transaction.worlds.count_variant, record),
            tokens=Tokens.from_setting(record.tokens.get(api, {})),
            mutations=record.mutations,
            validation=record.validation,
            upstreams=record.upstreams,
            faults=record.faults,
            began=record.began,
            **more,
        )

    @cached_property
    def now(self) -> int:
        """The present moment, in microseconds since the epoch; constant in a request."""
        return self.clock.now()

    def read_moment(self, text: str) -> int:
        """The moment that a text such as `-1d` names at present. Raises SettingError."""
        return resolve_moment(text, self.now)

    def read_period(self, first: str, last: str) -> tuple[int, int]:
        """Two such moments. Raises SettingError unless the first is before the last."""
        start, end = self.read_moment(first), self.read_moment(last)
        if start >= end:
            raise SettingError(f"the first moment, '{first}', is not before the last, '{last}'")
        return start, end

    def freeze_at(self, moment: int) -> World:
        """The same world at a moment."""
        return replace(self, clock=Clock.frozen_at(moment))
