"""Sandboxes: isolated worlds on one server, made on first use, sharing until they write.

A sandbox is made from a *template*: a sandbox that holds what a scenario describes and that nobody
can name. It reads the template's documents until it first writes to an API; only then does it get
that API's documents for itself. Making one therefore costs one row, however large the scenario.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from mockserver.clock import Clock, machine_now
from mockserver.errors import SandboxNameError
from mockserver.factory import Factory
from mockserver.store import Document, Documents, SandboxRecord, Store, Transaction

__all__ = ["DEFAULT", "Blueprint", "Sandboxes", "Tokens", "World", "check_name"]

DEFAULT = "default"
"""The sandbox of a request that names none."""

REFUSED_TOKEN = "invalid"  # noqa: S105 - it is a token that opens nothing
"""The credential that is refused everywhere, so that a client can try its 401 path anywhere."""

_log = logging.getLogger("mockserver")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


def check_name(name: str) -> str:
    """The name, if a sandbox can be called that. Raises SandboxNameError."""
    if not _NAME.fullmatch(name):
        raise SandboxNameError(
            f"'{name[:64]}' cannot be a sandbox's name: use 1 to 64 letters, digits, '.', '_', '-'"
        )
    return name


@dataclass(frozen=True, slots=True)
class Tokens:
    """Which credentials an API of a world accepts.

    Any that is not blank, unless `valid` lists them; `required` demands one even where the contract
    does not.
    """

    valid: tuple[str, ...] | None = None
    required: bool = False

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
    """

    sandbox: str
    documents: Documents
    clock: Clock
    factory: Factory
    tokens: Tokens = field(default_factory=Tokens)
    url: str = ""
    documented_only: bool = False

    @cached_property
    def now(self) -> int:
        """The world's moment, in microseconds since the epoch: one and the same in one request."""
        return self.clock.now()

    def at(self, moment: int) -> World:
        """The same world with its clock stopped at a moment."""
        return replace(self, clock=Clock.frozen_at(moment))


@dataclass(frozen=True)
class Blueprint:
    """What a sandbox is made from.

    `name` says what it is, and changes whenever it would make another world; `populate` is called
    once, with a function that gives the world of an API to put documents into. `checks` has a
    function for each API that raises for a document which must not be stored, then or later.
    """

    name: str
    scenario: str
    seed: int
    clock: Clock
    tokens: Mapping[str, Any]
    populate: Callable[[Callable[[str], World]], None]
    checks: Mapping[str, Callable[[Document], None]] = field(default_factory=dict)

    @property
    def template(self) -> str:
        """The name of the sandbox that holds the documents; no request can name it."""
        return f"@{self.name}"


class Sandboxes:
    """All the sandboxes of one store; new ones are made from the blueprint."""

    def __init__(
        self,
        store: Store,
        blueprint: Blueprint,
        *,
        documented_only: bool = False,
    ) -> None:
        self._store = store
        self._blueprint = blueprint
        self._documented_only = documented_only
        self._prepare()

    @contextmanager
    def open(self, name: str, api: str, *, writing: bool, url: str = "") -> Iterator[World]:
        """The world of a sandbox for one API, in one transaction; made if it is not there.

        What was written is kept when the block ends, and forgotten when it raises.
        Raises SandboxNameError.
        """
        check_name(name)
        with self._store.transaction(writing=writing) as transaction:
            record = transaction.sandbox(name)
            if record:
                yield self._world(transaction, record, api, url)
                return
        self._create(name)
        with self.open(name, api, writing=writing, url=url) as world:
            yield world

    def _prepare(self) -> None:
        blueprint = self._blueprint
        with self._store.transaction(writing=True) as transaction:
            existing = transaction.sandbox(DEFAULT)
            if existing and existing.base != blueprint.template:
                _log.warning(
                    "The store keeps its worlds: '%s' comes from the scenario '%s' and stays so.",
                    DEFAULT,
                    existing.scenario,
                )
            if transaction.sandbox(blueprint.template):
                return
            record = self._record(blueprint.template, base=None)
            transaction.create_sandbox(record)
            worlds: dict[str, World] = {}

            def world(api: str) -> World:
                return worlds.setdefault(api, self._world(transaction, record, api, ""))

            blueprint.populate(world)

    def _create(self, name: str) -> None:
        with self._store.transaction(writing=True) as transaction:
            if transaction.sandbox(name) is None:
                transaction.create_sandbox(self._record(name, base=self._blueprint.template))

    def _record(self, name: str, base: str | None) -> SandboxRecord:
        blueprint = self._blueprint
        return SandboxRecord(
            name=name,
            base=base,
            own=frozenset(),
            scenario=blueprint.scenario,
            seed=blueprint.seed,
            clock=blueprint.clock,
            tokens=dict(blueprint.tokens),
            created=machine_now(),
        )

    def _world(self, transaction: Transaction, record: SandboxRecord, api: str, url: str) -> World:
        partition = record.name if record.base is None or api in record.own else record.base
        return World(
            sandbox=record.name,
            documents=transaction.documents(
                partition,
                api,
                lambda: _claim(transaction, record.name, api),
                self._blueprint.checks.get(api, _no_check),
            ),
            clock=record.clock,
            factory=Factory(record.seed),
            tokens=_tokens(record.tokens.get(api, {})),
            url=url,
            documented_only=self._documented_only,
        )


def _no_check(_: Document) -> None:
    """Everything may be stored."""


def _claim(transaction: Transaction, name: str, api: str) -> str:
    """Give a sandbox documents of its own for an API, copied from its base; its name."""
    record = transaction.sandbox(name)
    if record and record.base is not None and api not in record.own:
        transaction.copy_documents(api, record.base, name)
        transaction.update_sandbox(replace(record, own=record.own | {api}))
    return name


def _tokens(setting: Mapping[str, Any]) -> Tokens:
    valid = setting.get("valid")
    return Tokens(
        valid=None if valid is None else tuple(valid), required=bool(setting.get("required", False))
    )
