"""What an operation has in hand: the blueprints that a scenario, a seed and a clock make."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mockserver import apis, scenarios
from mockserver.clock import ClockSetting
from mockserver.errors import ScenarioError, UnknownNameError
from mockserver.sandbox import DEFAULT, Limits, Sandboxes, at_desk
from mockserver.scenarios import Library
from mockserver.server.control import Controls, Known
from mockserver.settings import Settings
from mockserver.store import Store

NOON = 1_755_777_600_000_000
"""2025-08-21T12:00:00Z"""


@pytest.fixture
def controls(tmp_path: Path) -> Iterator[Controls]:
    """The controls of a server that was started with a seed and a clock of its own."""
    known_apis = apis.load()
    settings = Settings(scenario="documented", seed=9, freeze_at=NOON, scenarios=tmp_path)
    library = Library(tmp_path)
    scenario = scenarios.load(library.path("documented"), known_apis, library)
    blueprint = scenarios.blueprint(scenario, known_apis, seed=9, clock=settings.clock)
    limits = Limits(3, 2, 1)
    known = Known(
        known_apis, {"calwe": known_apis["calwe"]}, library, settings, scenario, blueprint, limits
    )
    with closing(Store()) as store:
        sandboxes = Sandboxes(store, blueprint, limits=limits)
        with at_desk(sandboxes, DEFAULT, writing=True) as desk:
            yield Controls(desk, known)


def test_without_a_wish_it_is_the_server_s_own(controls: Controls) -> None:
    assert controls.blueprint() is controls.known.blueprint
    assert controls.sandbox.record.seed == 9


def test_a_wish_goes_before_what_the_server_was_started_with(controls: Controls) -> None:
    seeded = controls.blueprint(seed=0)
    assert (seeded.scenario, seeded.seed, seeded.clock.now()) == ("documented", 0, NOON)

    timed = controls.blueprint(clock=ClockSetting(freeze=5))
    assert (timed.scenario, timed.seed, timed.clock.now()) == ("documented", 9, 5)
    assert len({seeded.name, timed.name, controls.blueprint().name}) == 3


def test_another_scenario_knows_nothing_of_what_the_server_was_started_with(
    controls: Controls,
) -> None:
    scenario = controls.named("documented")
    own = controls.blueprint(scenario)
    assert (own.seed, own.clock.now()) == (1, 1_755_786_600_000_000)

    wished = controls.blueprint(scenario, seed=4, clock=ClockSetting(freeze=6))
    assert (wished.seed, wished.clock.now()) == (4, 6)
    assert controls.blueprint(controls.named("ekran-key-required")).tokens != own.tokens


def test_a_scenario_is_read_when_it_is_named(controls: Controls, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="There is no scenario 'mine'"):
        controls.named("mine")
    (tmp_path / "mine.yaml").write_text("name: mine\ndescription: d\nseed: 3\n", encoding="utf-8")
    assert controls.named("mine").seed == 3
    (tmp_path / "mine.yaml").write_text("name: mine\n", encoding="utf-8")
    with pytest.raises(ScenarioError):
        controls.named("mine")


def test_one_that_is_to_be_added_may_belong_to_what_is_there(
    controls: Controls, tmp_path: Path
) -> None:
    (tmp_path / "more.yaml").write_text(
        "name: more\ndescription: d\napis:\n  calwe:\n    documents:\n      entry:\n"
        "        - {session: '1', at: 2025-08-21T09:00:00Z, action_type: LEFT}\n",
        encoding="utf-8",
    )

    assert controls.named("more", is_whole=False).documents["calwe"]
    with pytest.raises(ScenarioError, match="there is no session '1' in this scenario"):
        controls.named("more")


def test_it_has_all_apis_and_shows_a_sandbox_with_its_size(controls: Controls) -> None:
    assert list(controls.apis) == ["autozod", "avaamo", "calwe", "ekran"]
    shown = controls.shown(controls.sandbox.record)
    assert (shown["name"], shown["documents"], shown["snapshots"]) == ("default", 15, 0)
