"""The context of an operation: the templates that a scenario, a seed and a clock make."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mockserver import apis, scenarios
from mockserver.clock import ClockSetting
from mockserver.errors import ScenarioError, UnknownNameError
from mockserver.journal import Journal
from mockserver.sandbox import DEFAULT, Sandboxes, open_session
from mockserver.scenarios import Library
from mockserver.server.checks import Checks
from mockserver.server.control import ControlContext, ServerContext
from mockserver.settings import Settings
from mockserver.store import FileStore

NOON = 1_755_777_600_000_000
"""2025-08-21T12:00:00Z"""


@pytest.fixture
def context(tmp_path: Path, vendors: tuple[str, ...]) -> Iterator[ControlContext]:
    """The context of a server that was started with a seed and a clock of its own."""
    known_apis = apis.load(vendors)
    settings = Settings(scenario="documented", seed=9, freeze_at=NOON, scenarios=tmp_path)
    library = Library(tmp_path)
    scenario = scenarios.load(library.get_path("documented"), known_apis, library)
    template = scenarios.build_template(scenario, known_apis, seed=9, clock=settings.clock)
    known = ServerContext(
        known_apis, {"calwe": known_apis["calwe"]}, library, settings, scenario, template
    )
    with closing(FileStore()) as store:
        sandboxes = Sandboxes(store, template, settings)
        with open_session(sandboxes, DEFAULT, writing=True) as session:
            yield ControlContext(session, known, Journal(None, print), Checks(sandboxes, settings))


def test_without_a_wish_it_is_the_server_s_own(context: ControlContext) -> None:
    assert context.build_template() is context.server.template
    assert context.sandbox.record.seed == 9


def test_a_wish_goes_before_what_the_server_was_started_with(context: ControlContext) -> None:
    seeded = context.build_template(seed=0)
    assert (seeded.scenario, seeded.seed, seeded.clock.now()) == ("documented", 0, NOON)

    timed = context.build_template(clock=ClockSetting(freeze=5))
    assert (timed.scenario, timed.seed, timed.clock.now()) == ("documented", 9, 5)
    assert len({seeded.name, timed.name, context.build_template().name}) == 3


def test_another_scenario_knows_nothing_of_what_the_server_was_started_with(
    context: ControlContext,
) -> None:
    scenario = context.load_scenario("documented")
    own = context.build_template(scenario)
    assert (own.seed, own.clock.now()) == (1, 1_755_786_600_000_000)

    wished = context.build_template(scenario, seed=4, clock=ClockSetting(freeze=6))
    assert (wished.seed, wished.clock.now()) == (4, 6)
    assert context.build_template(context.load_scenario("ekran-key-required")).tokens != own.tokens


def test_a_scenario_is_read_when_it_is_named(context: ControlContext, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="There is no scenario 'mine'"):
        context.load_scenario("mine")
    (tmp_path / "mine.yaml").write_text("name: mine\ndescription: d\nseed: 3\n", encoding="utf-8")
    assert context.load_scenario("mine").seed == 3
    (tmp_path / "mine.yaml").write_text("name: mine\n", encoding="utf-8")
    with pytest.raises(ScenarioError):
        context.load_scenario("mine")


def test_it_has_all_apis_and_shows_a_sandbox_with_its_size(context: ControlContext) -> None:
    assert list(context.apis) == ["autozod", "avaamo", "calwe", "ekran"]
    shown = context.format_sandbox(context.sandbox.record)
    assert (shown["name"], shown["documents"], shown["snapshots"]) == ("default", 15, 0)


def test_sandboxes_are_shown_with_the_numbers_of_their_documents_and_snapshots(
    context: ControlContext,
) -> None:
    new = context.format_sandbox(context.sandbox.record)
    context.session.create_sandbox("b", context.build_template())
    context.sandbox.take_snapshot("one")
    context.sandbox.take_snapshot("two")
    documents = context.sandbox.open_world("calwe").documents
    documents.remove("entry", documents.list_all("entry")[0].key)

    shown = context.format_sandboxes(context.session.list_sandboxes())
    assert [(one["name"], one["snapshots"]) for one in shown] == [("b", 0), ("default", 2)]
    assert [new["documents"] - one["documents"] for one in shown] == [0, 1]
    assert context.format_sandboxes([]) == []
