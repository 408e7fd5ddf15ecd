"""A world in hand: one sandbox as one API sees it, for the length of one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from mockserver.clock import Clock
from mockserver.factory import Factory
from mockserver.store import Documents, WorldRecord

__all__ = ["Tokens", "World"]

REFUSED_TOKEN = "invalid"  # noqa: S105 - it is a token that opens nothing
"""The credential that is refused everywhere, so that a client can try its 401 path anywhere."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Which credentials an API of a world accepts.

    Any that is not blank, unless `valid` lists them; `required` demands one even where the contract
    does not.
    """

    valid: tuple[str, ...] | None = None
    required: bool = False

    @classmethod
    def from_setting(cls, setting: Mapping[str, Any]) -> Tokens:
        """The tokens that a scenario writes down."""
        valid = setting.get("valid")
        return cls(
            valid=None if valid is None else tuple(valid),
            required=bool(setting.get("required", False)),
        )

    def accepts(self, credential: str) -> bool:
        """Whether a credential opens the door."""
        if not credential.strip() or credential == REFUSED_TOKEN:
            return False
        return self.valid is None or credential in self.valid


@dataclass
class World:
    """One sandbox in hand, as one API sees it, for the length of one transaction.

    `url` is that of the request being answered, without its query: vendors whose answers link to
    themselves need it. `documented_only` asks to leave out what is assumed, where it can be.
    `mutations` are those of the whole sandbox, by name; they are no vendor's business.
    """

    sandbox: str
    documents: Documents
    clock: Clock
    factory: Factory
    tokens: Tokens = field(default_factory=Tokens)
    url: str = ""
    documented_only: bool = False
    mutations: tuple[str, ...] = ()

    @classmethod
    def from_record(cls, record: WorldRecord, api: str, documents: Documents, **more: Any) -> World:
        """The world of a record, as an API sees it."""
        return cls(
            sandbox=record.name,
            documents=documents,
            clock=record.clock,
            factory=Factory(record.seed),
            tokens=Tokens.from_setting(record.tokens.get(api, {})),
            mutations=record.mutations,
            **more,
        )

    @cached_property
    def now(self) -> int:
        """The world's moment, in microseconds since the epoch: one and the same in one request."""
        return self.clock.now()

    def freeze_at(self, moment: int) -> World:
        """The same world with its clock stopped at a moment."""
        return replace(self, clock=Clock.frozen_at(moment))
