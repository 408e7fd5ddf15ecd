"""A sandbox of a test: what it is created from, and what the test can do with it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from mockserver.clock import steady_now
from mockserver.errors import MockserverError, SettingError, UnreachableError
from mockserver.moment import is_relative

if TYPE_CHECKING:
    from mockserver import client

Scenario: TypeAlias = str | Path | Mapping[str, Any]
"""The name of a scenario that the server knows, a YAML file, or a whole scenario."""

ClockSetting: TypeAlias = str | datetime | Mapping[str, Any]
"""A moment at which the clock is frozen, or a mapping with `freeze`, or `shift` and `rate`."""

_YAML = (".yaml", ".yml")
_MAX_NAME_LENGTH = 64
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._]+")
_numbers = count()


@dataclass(frozen=True)
class Origin:
    """What a sandbox is created from; None is the default of the server."""

    scenario: Scenario | None = None
    seed: int | None = None
    clock: Mapping[str, Any] | None = None

    @classmethod
    def read(
        cls,
        folder: Path,
        scenario: Scenario | None = None,
        *,
        seed: int | None = None,
        clock: ClockSetting | None = None,
    ) -> Origin:
        """The origin that these values describe; files are in `folder`. Raises SettingError."""
        if clock is not None and not isinstance(clock, Mapping):
            clock = {"freeze": clock}
        found = None if scenario is None else find_scenario(scenario, folder)
        return cls(found, seed, clock)

    def keep_moment(self, now: datetime) -> Origin:
        """The origin, in which a relative moment has become one that a reset returns to."""
        is_moving = self.clock is not None and is_relative(self.clock.get("freeze"))
        return replace(self, clock={"freeze": now}) if is_moving else self


def find_scenario(scenario: Scenario, folder: Path) -> Scenario:
    """The scenario, or where it is a file, the path of that file in a folder.

    A text that ends with `.yaml` or `.yml` is a file, any other text a name. Raises SettingError.
    """
    is_name = isinstance(scenario, str) and not scenario.endswith(_YAML)
    if is_name or isinstance(scenario, Mapping):
        return scenario
    if not isinstance(scenario, str | Path):
        raise SettingError(
            f"{scenario!r} is no scenario; give the name of one, a YAML file, or a whole one."
        )
    path = folder / scenario
    if not path.is_file():
        raise SettingError(f"There is no file '{scenario}' in '{folder}'.")
    return path


def make_unique_name(label: str) -> str:
    """A sandbox's name that begins with a label, such as a test's name, and is used only once."""
    # Time, process and number: different for runs, for processes of a machine, and for calls.
    suffix = f"{steady_now():x}.{os.getpid():x}.{next(_numbers)}"
    readable = _NOT_IN_NAMES.sub("-", label)[: _MAX_NAME_LENGTH - len(suffix) - 1].strip("-.")
    return f"{readable or 'sandbox'}-{suffix}"


class Sandbox:
    """A sandbox of a server.

    Attributes:
        name: Its name, which no other sandbox has.
        url: The URL below which every request is sent to the sandbox, by a browser too.
        base_url: The server's URL, for clients that send `headers`.
        headers: The headers with which a request to `base_url` is sent to the sandbox.
        client: The client of its control API.
        origin: What it was created from, or what was loaded since.
        clock: The clock: `read`, `freeze`, `unfreeze`, `advance`, `shift`, `set_rate`.
        state: The documents; `state(api, kind)` lists all of a kind.
        faults: The faults: `add(status=503)`, `add("slow", delay="2s")`, `list`, `get`, `clear`.
        journal: The journal: what the app under test sent, and what it got.
        assert_called: Fail unless the app called an operation, as `journal.assert_called`.
        assert_not_called: Fail if it did, as `journal.assert_not_called`.
        trigger: Trigger an event with its options, as the client does.
        take_snapshot: Take a snapshot, as the client does.
        turn_mutation_on: Turn a mutation on, as the client does.
        turn_mutation_off: Turn a mutation off, as the client does.
        set_validation: Set how requests are validated, as the client does.
        restore: Restore the sandbox from a snapshot, as the client does.
        diff: Compare two snapshots, the scenario or the present state, as the client does.

    Its methods raise what the client's methods raise, such as ProblemError if the server refuses.
    """

    def __init__(self, client: client.Client, name: str, folder: Path) -> None:
        self.name = name
        self.url = f"{client.url}/__sandbox__/{name}"
        self.base_url = client.url
        self.headers = {"X-Mock-Sandbox": name}
        self.client = client.with_sandbox(name)
        self.origin = Origin()
        self.clock, self.state = self.client.clock, self.client.state
        self.faults = self.client.faults
        self.trigger, self.diff = self.client.trigger, self.client.diff
        self.journal = self.client.journal
        self.assert_called = self.journal.assert_called
        self.assert_not_called = self.journal.assert_not_called
        self.take_snapshot, self.restore = self.client.take_snapshot, self.client.restore
        self.turn_mutation_on = self.client.turn_mutation_on
        self.turn_mutation_off = self.client.turn_mutation_off
        self.set_validation = self.client.set_validation
        self._folder = folder

    def __repr__(self) -> str:
        return f"<Sandbox {self.name} of {self.base_url}>"

    def load(
        self,
        scenario: Scenario,
        *,
        mode: Literal["replace", "add"] = "replace",
        seed: int | None = None,
    ) -> client.Sandbox:
        """Load a scenario: replace the documents of the sandbox, or add to them.

        The scenario is a name that the server knows, a YAML file in the test's folder, or a whole
        scenario. Raises SettingError if there is no such file.
        """
        found = find_scenario(scenario, self._folder)
        loaded = self.client.load(found, mode=mode, seed=seed)
        if mode == "replace":
            self.origin = Origin(found, seed)
        return loaded

    def reset(self) -> client.Sandbox:
        """Reset the sandbox to what it was created from, or to what was loaded last."""
        self.client.reset()
        self._set_clock()
        return self.client.get_sandbox(self.name)

    def delete(self) -> None:
        """Delete the sandbox and its snapshots; no error if it, or the server, is gone already."""
        with suppress(UnreachableError):
            self.client.delete_sandbox(self.name)

    def _create(self, origin: Origin) -> None:
        create = self.client.create_sandbox
        if origin.scenario is None or isinstance(origin.scenario, str):
            made = create(self.name, scenario=origin.scenario, seed=origin.seed, clock=origin.clock)
            self.origin = origin.keep_moment(made.clock.now)
            return
        create(self.name)
        # Documents may be relative to the clock: it has to be known when they are made.
        frozen = (origin.clock or {}).get("freeze")
        loaded = self.client.load(origin.scenario, seed=origin.seed, freeze_at=frozen)
        self.origin = origin.keep_moment(loaded.clock.now)
        self._set_clock()

    def _set_clock(self) -> None:
        """Set the clock as the origin says, if it says anything; a reset follows the scenario."""
        setting = self.origin.clock
        if setting is None:
            return
        if "freeze" in setting:
            self.clock.shift(0)  # a relative moment is relative to the machine's clock
            frozen = self.clock.freeze(setting["freeze"])
            self.origin = self.origin.keep_moment(frozen.now)
            return
        self.clock.shift(setting.get("shift", 0))
        if "rate" in setting:
            self.clock.set_rate(setting["rate"])


def create_sandbox(
    client: client.Client,
    label: str,
    origin: Origin,
    folder: Path,
    mutations: Iterable[str] = (),
    faults: Iterable[Callable[[client.Faults], object]] = (),
) -> Sandbox:
    """Create a sandbox with mutations turned on and faults added; its name begins with a label.

    `folder` is where the sandbox looks for scenarios. Raises ClientError, and then the sandbox is
    deleted.
    """
    sandbox = Sandbox(client, make_unique_name(label), folder)
    try:
        sandbox._create(origin)
        for mutation in mutations:
            sandbox.client.turn_mutation_on(mutation)
        for add in faults:
            add(sandbox.faults)
    except MockserverError:
        sandbox.delete()
        raise
    return sandbox
