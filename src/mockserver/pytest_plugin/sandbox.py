"""One isolated world on a server, in a test's hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mockserver.errors import MockserverError, ProblemError, UnreachableError
from mockserver.pytest_plugin.names import unique_name
from mockserver.pytest_plugin.origin import Origin, Scenario, located
from mockserver.pytest_plugin.state import State

if TYPE_CHECKING:
    from datetime import datetime

    from mockserver import client

__all__ = ["Sandbox", "create"]

_GONE = 404


class Sandbox:
    """One isolated world: where it is, and what can be done with it.

    Attributes:
        name: Its name, which no other sandbox has.
        url: The address below which any client lands in it, a browser too.
        base_url: The server's own address, for clients that send `headers`.
        headers: What a request to `base_url` carries to land in it.
        client: Its control API, whole.
        origin: What it is made from, or what was loaded since.

    What its methods raise is what the client's raise: ProblemError where the server refuses.
    """

    def __init__(self, client: client.Client, name: str, folder: Path) -> None:
        self.name = name
        self.url = f"{client.url}/__sandbox__/{name}"
        self.base_url = client.url
        self.headers = {"X-Mock-Sandbox": name}
        self.client = client.with_sandbox(name)
        self.origin = Origin()
        self._folder = folder

    def __repr__(self) -> str:
        return f"<Sandbox {self.name} of {self.base_url}>"

    @property
    def clock(self) -> client.Clock:
        """The world's clock: `read`, `freeze`, `unfreeze`, `advance`, `shift`, `rate`."""
        return self.client.clock

    @property
    def state(self) -> State:
        """The world's documents: `state(api, kind)` gives all of a kind."""
        return State(self.client.state)

    def load(
        self,
        scenario: Scenario,
        *,
        mode: Literal["replace", "add"] = "replace",
        seed: int | None = None,
    ) -> client.Sandbox:
        """Load a scenario in the world's place, or add it to the world.

        A name that the server knows, a whole scenario, or a YAML file, which is looked for in the
        test's folder. Raises SettingError when it is not there.
        """
        found = located(scenario, self._folder)
        loaded = self.client.load(found, mode=mode, seed=seed)
        if mode == "replace":
            self.origin = Origin(found, seed)
        return loaded

    def reset(self) -> client.Sandbox:
        """Take the world back to what it was made from, or to what was loaded last."""
        self.client.reset()
        self._set_clock()
        return self.client.get_sandbox(self.name)

    def event(
        self, name: str, /, *, at: str | datetime | None = None, **options: Any
    ) -> client.TriggeredEvent:
        """Trigger an event with its options, at a moment or at the world's present one."""
        return self.client.trigger(name, at=at, **options)

    def snapshot(self, name: str, *, replace: bool = False) -> client.Snapshot:
        """Put the world aside under a name."""
        return self.client.take_snapshot(name, replace=replace)

    def restore(self, name: str) -> client.Sandbox:
        """Take the world back to a snapshot."""
        return self.client.restore(name)

    def diff(
        self, from_: str | None = None, to: str | None = None, *, limit: int = 100
    ) -> client.Diff:
        """What differs from a snapshot, or the scenario, to another one, or now."""
        return self.client.diff(from_, to, limit=limit)

    def delete(self) -> None:
        """Delete it with its snapshots; nothing happens when it, or the server, is gone already."""
        try:
            self.client.delete_sandbox(self.name)
        except UnreachableError:
            return
        except ProblemError as problem:
            if problem.status != _GONE:
                raise

    def _make(self, origin: Origin) -> None:
        make = self.client.create_sandbox
        if origin.scenario is None or isinstance(origin.scenario, str):
            make(self.name, scenario=origin.scenario, seed=origin.seed, clock=origin.clock)
            self.origin = origin
            return
        make(self.name)
        self.load(origin.scenario, seed=origin.seed)
        self.origin = origin
        self._set_clock()

    def _set_clock(self) -> None:
        """Show what the world was made to show, if that is not what its scenario says."""
        setting = self.origin.clock
        if setting is None:
            return
        if "freeze" in setting:
            self.clock.freeze(setting["freeze"])
            return
        self.clock.shift(setting.get("shift", 0))
        if "rate" in setting:
            self.clock.set_rate(setting["rate"])


def create(
    client: client.Client, label: str, origin: Origin, folder: Path, mutations: Iterable[str] = ()
) -> Sandbox:
    """A fresh world with some mutations, named after a label; it loads what is in `folder`.

    Raises ClientError, and then leaves no world behind.
    """
    sandbox = Sandbox(client, unique_name(label), folder)
    try:
        sandbox._make(origin)
        for mutation in mutations:
            sandbox.client.turn_mutation_on(mutation)
    except MockserverError:
        sandbox.delete()
        raise
    return sandbox
