"""Making a world of a scenario: its documents, what it generates, the events it triggers."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mockserver import apis
from mockserver.clock import ClockSetting, format_moment, parse_moment
from mockserver.errors import ScenarioError
from mockserver.sandbox import Sandboxes, Template
from mockserver.scenarios import build_template, check_scenario, load
from mockserver.store import Document, FileStore, Store

FROZEN = "name: small\ndescription: A small world.\nclock: {freeze: 2025-08-21T14:30:00Z}\n"
SESSION = "apis:\n  calwe:\n    documents:\n      session: [{id: '1', status: PENDING}]\n"

Make = Callable[..., Template]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A template of a scenario's text."""

    def make(text: str = "", *, frozen: str = FROZEN, **given: Any) -> Template:
        path = tmp_path / "small.yaml"
        path.write_text(frozen + text)
        served = apis.load()
        return build_template(load(path, served), served, **given)

    return make


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(FileStore(tmp_path / "store.sqlite")) as store:
        yield store


def _all(store: Store, template: Template, api: str, kind: str) -> list[Document]:
    with Sandboxes(store, template).open("a", api, writing=False) as world:
        return world.documents.list_all(kind)


def _faults(store: Store, template: Template) -> list[str]:
    with pytest.raises(ScenarioError) as raised:
        Sandboxes(store, template)
    return [str(fault) for fault in raised.value.faults]


def _rows(store: Store) -> int:
    with closing(sqlite3.connect(store.path)) as connection:
        (count,) = connection.execute(
            "SELECT (SELECT count(*) FROM documents) + (SELECT count(*) FROM worlds)"
        ).fetchone()
        return int(count)


# The template


def test_a_template_has_the_settings_of_its_scenario(make: Make) -> None:
    made = make("seed: 7\ntokens: {calwe: {valid: [a]}}\n")
    assert (made.scenario, made.seed) == ("small", 7)
    assert made.clock.is_frozen
    assert made.clock.now() == 1_755_786_600_000_000
    assert made.tokens == {"calwe": {"valid": ["a"]}}
    assert made.name.startswith("small-")


def test_without_a_clock_of_its_own_a_world_has_the_real_one(make: Make) -> None:
    assert make(frozen="name: a\ndescription: b\n").clock.mode == "real"


def test_what_is_given_goes_before_what_the_scenario_says(make: Make) -> None:
    made = make("seed: 7\n", seed=0, clock=ClockSetting(freeze=0))
    assert (made.seed, made.clock.now(), made.clock.is_frozen) == (0, 0, True)


def test_the_name_changes_with_whatever_would_make_another_world(make: Make) -> None:
    names = [
        make().name,
        make("seed: 1\n").name,
        make(seed=2).name,
        make(clock=ClockSetting(freeze=5)).name,
        make(SESSION).name,
    ]
    assert len(set(names)) == 5
    assert make().name == names[0]


def test_the_name_changes_with_the_scenario_that_is_extended(tmp_path: Path) -> None:
    base, path = tmp_path / "base.yaml", tmp_path / "small.yaml"
    path.write_text(FROZEN + "extends: base\n")
    names = set()
    for seed in (1, 2):
        base.write_text(f"name: base\ndescription: b\nseed: {seed}\n")
        served = apis.load()
        names.add(build_template(load(path, served), served).name)
    assert len(names) == 2


# Documents


def test_the_documents_are_in_the_world(store: Store, make: Make) -> None:
    made = make(SESSION)
    assert _all(store, made, "calwe", "session") == [
        Document("session", "1", {"id": "1", "status": "PENDING"})
    ]
    assert _all(store, made, "ekran", "session") == []


def test_an_owners_documents_are_in_the_order_of_time_however_they_are_written(
    store: Store, make: Make
) -> None:
    made = make(
        SESSION.replace("PENDING", "COMPLETED")
        + "      entry:\n"
        + "        - {session: '1', at: 2025-08-20T15:00:00Z, action_type: LEFT}\n"
        + "        - {session: '1', at: 2025-08-20T14:00:00Z, action_type: ENTERED}\n"
        + "        - {session: '1', at: 2025-08-20T15:00:00Z, action_type: ENDED}\n"
        + "        - {session: '1', at: 1969-08-20T15:00:00Z, action_type: CANCEL_REQUEST}\n"
    )
    with Sandboxes(store, made).open("a", "calwe", writing=False) as world:
        entries = world.documents.list_by_owner("entry", "1")
    assert [entry.body["action_type"] for entry in entries] == [
        "CANCEL_REQUEST",
        "ENTERED",
        "LEFT",
        "ENDED",
    ]


def test_what_is_generated_comes_beside_what_is_written(store: Store, make: Make) -> None:
    made = make(SESSION + "    generate: {sessions: {count: 3, first_id: 2}}\n")
    keys = [document.key for document in _all(store, made, "calwe", "session")]
    assert keys == ["1", "2", "3", "4"]


def test_a_key_that_is_both_written_and_generated_is_said_with_its_place(
    store: Store, make: Make
) -> None:
    made = make(SESSION + "    generate:\n      sessions: {count: 3, first_id: 1}\n")
    assert _faults(store, made) == [
        "small.yaml:9: apis.calwe.generate.sessions: there is another session with the key '1'"
    ]
    assert _rows(store) == 0


# Generators' options


@pytest.mark.parametrize(
    ("api", "generator", "option"),
    [
        ("calwe", "sessions", "count: 0"),
        ("autozod", "agents", "count: 0"),
        ("avaamo", "changes", "count: 0"),
        ("ekran", "sessions", "count: 0"),
        ("calwe", "sessions", "count: 100001"),
        ("calwe", "sessions", "count: 5, first: now"),
        ("calwe", "sessions", "count: 5, days: -1"),
        ("calwe", "sessions", "count: -1"),
        ("calwe", "sessions", "count: 1, locale: xx_XX"),
        ("calwe", "sessions", "count: 1, locale: ''"),
        ("autozod", "agents", "count: -1"),
        ("autozod", "agents", "count: 1, first_team: -5"),
        ("autozod", "agents", "count: 1, locale: ../x"),
        ("avaamo", "changes", "count: 3, agents: 0"),
        ("avaamo", "changes", "count: 3, first: now"),
        ("avaamo", "changes", "count: 3, locale: nowhere"),
        ("ekran", "sessions", "count: 3, users: 0"),
        ("ekran", "sessions", "count: -3"),
        ("ekran", "sessions", "count: 3, first: now"),
        ("ekran", "sessions", "count: 3, first_id: 2147483647"),
    ],
)
def test_an_option_that_makes_no_sense_is_said_with_its_place(
    store: Store, make: Make, api: str, generator: str, option: str
) -> None:
    text = f"apis:\n  {api}:\n    generate:\n      {generator}:\n        {{{option}}}\n"
    with pytest.raises(ScenarioError) as raised:
        Sandboxes(store, make(text))
    assert _rows(store) == 0
    assert raised.value.faults[0].file == "small.yaml"
    assert raised.value.faults[0].line in (7, 8)
    assert raised.value.faults[0].field.startswith(f"apis.{api}.generate.{generator}")


@pytest.mark.parametrize(
    ("option", "field"),
    [
        ("count: '5'", "apis.calwe.generate.sessions.count"),
        ("count: 5.5", "apis.calwe.generate.sessions.count"),
        ("count: true", "apis.calwe.generate.sessions.count"),
        ("count: null", "apis.calwe.generate.sessions.count"),
        ("count: 5, locale: 1", "apis.calwe.generate.sessions.locale"),
        ("first: -5d", "apis.calwe.generate.sessions"),
    ],
)
def test_an_option_of_a_wrong_type_is_said_with_its_place(
    make: Make, option: str, field: str
) -> None:
    with pytest.raises(ScenarioError) as raised:
        make(f"apis:\n  calwe:\n    generate:\n      sessions: {{{option}}}\n")
    (fault,) = raised.value.faults
    assert (fault.file, fault.line, fault.field) == ("small.yaml", 7, field)


# Events


def test_events_are_triggered_in_their_order_each_at_its_moment(store: Store, make: Make) -> None:
    made = make(
        SESSION
        + "events:\n"
        + "  - {trigger: calwe.enter, at: 2025-08-21T14:00:00Z, with: {session: '1'}}\n"
        + "  - {trigger: calwe.leave, at: 2025-08-21T14:10:00Z, with: {session: '1'}}\n"
        + "  - {trigger: calwe.end, with: {session: '1'}}\n"
    )
    with Sandboxes(store, made).open("a", "calwe", writing=False) as world:
        entries = [
            (entry.body["action_type"], entry.body["at"])
            for entry in world.documents.list_by_owner("entry", "1")
        ]
        assert world.documents.get("session", "1").body["status"] == "COMPLETED"
    assert entries == [
        ("ENTERED", "2025-08-21T14:00:00+00:00"),
        ("LEFT", "2025-08-21T14:10:00+00:00"),
        ("ENDED", "2025-08-21T14:30:00+00:00"),
        ("SESSION_PERIOD", "2025-08-21T14:30:00+00:00"),
    ]


def test_a_event_can_move_what_was_generated(store: Store, make: Make) -> None:
    made = make(
        "apis: {calwe: {generate: {sessions: {count: 2, first_id: 1}}}}\n"
        "events: [{trigger: calwe.cancel, with: {session: '1'}}]\n"
    )
    statuses = [item.body["status"] for item in _all(store, made, "calwe", "session")]
    assert statuses == ["CANCELLED", "IN_PROGRESS"]


def test_a_event_moves_its_own_api_only(store: Store, make: Make) -> None:
    made = make("events: [{trigger: ekran.log_in, with: {user: 5}}]\n")
    (session,) = _all(store, made, "ekran", "session")
    assert session.body["userId"] == 5
    assert session.body["loginDate"] == "2025-08-21T14:30:00.000+00:00"
    assert _all(store, made, "calwe", "session") == []


@pytest.mark.parametrize(
    ("events", "fault"),
    [
        (
            "  - {trigger: calwe.enter, with: {session: '9'}}\n",
            "small.yaml:9: events.0.trigger: there is no session '9'",
        ),
        (
            "  - {trigger: calwe.end, with: {session: '1'}}\n"
            "  - {trigger: calwe.enter, with: {session: '1'}}\n",
            "small.yaml:10: events.1.trigger: the session '1' is COMPLETED; its log is closed",
        ),
        (
            "  - trigger: autozod.go_on_duty\n    with: {agent: x}\n",
            "small.yaml:9: events.0.trigger: there is no agent 'x'",
        ),
        (
            "  - {trigger: ekran.act, with: {session: 1}}\n",
            "small.yaml:9: events.0.trigger: there is no session 1",
        ),
        (
            "  - {trigger: avaamo.change_team, with: {action: x, name: y, by: 1}}\n",
            "small.yaml:9: events.0.trigger: 'x' is no action; "
            "known: 'create', 'destroy', 'update'",
        ),
    ],
)
def test_a_event_that_does_not_move_is_said_with_its_place_and_nothing_is_loaded(
    store: Store, make: Make, events: str, fault: str
) -> None:
    assert _faults(store, make(SESSION + "events:\n" + events)) == [fault]
    assert _rows(store) == 0


@pytest.mark.parametrize(
    "events",
    [
        "  - {trigger: ekran.log_in, at: 2025-08-21T14:00:00Z, with: {user: 1}}\n"
        "  - {trigger: ekran.log_out, at: 2025-08-21T13:00:00Z, with: {session: 1}}\n",
        "  - {trigger: ekran.log_in, at: 2025-08-21T14:00:00Z, with: {user: 1}}\n"
        "  - {trigger: ekran.act, at: 2025-08-21T13:00:00Z, with: {session: 1}}\n",
    ],
    ids=["logs out before having logged in", "acts before having logged in"],
)
def test_a_event_at_an_impossible_moment_is_said_with_its_place(
    store: Store, make: Make, events: str
) -> None:
    (fault,) = _faults(store, make(SESSION + "events:\n" + events))
    assert fault.startswith("small.yaml:10: events.1.")


# The same again


def test_two_stores_get_the_same_world(tmp_path: Path, make: Make) -> None:
    made = make("apis: {avaamo: {generate: {changes: {count: 20}}}}\n")
    found = []
    for name in ("one", "other"):
        with closing(FileStore(tmp_path / f"{name}.sqlite")) as store:
            found.append(_all(store, made, "avaamo", "change"))
    assert found[0] == found[1]
    assert len(found[0]) == 20


Faults = Callable[[str], list[str]]
HEAD = "name: small\ndescription: A small world.\n"


@pytest.fixture
def faults(tmp_path: Path) -> Faults:
    def faults(text: str) -> list[str]:
        path = tmp_path / "small.yaml"
        path.write_text(HEAD + text)
        return [str(fault) for fault in check_scenario(path, apis.load())]

    return faults


def test_what_is_right_has_no_faults(faults: Faults) -> None:
    assert faults("extends: documented\n") == []


def test_what_is_read_wrong_is_said(faults: Faults) -> None:
    assert faults("sed: 1\n") == [
        "small.yaml:3: sed: 'sed' is not known here; did you mean 'seed'?"
    ]


def test_what_is_generated_wrong_is_said(faults: Faults) -> None:
    text = "apis:\n  calwe:\n    generate:\n      sessions: {count: 1, locale: xx_XX}\n"
    (fault,) = faults(text)
    assert fault.startswith("small.yaml:6: apis.calwe.generate.sessions: Faker knows no names")


def test_what_cannot_be_triggered_is_said(faults: Faults) -> None:
    text = "events:\n  - {trigger: calwe.enter, with: {session: '9'}}\n"
    assert faults(text) == ["small.yaml:4: events.0.trigger: there is no session '9'"]


def test_no_file_remains(faults: Faults, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    assert faults("events: [{trigger: calwe.enter, with: {session: '9'}}]\n")
    assert list(folder.iterdir()) == []


def test_an_id_that_the_log_could_not_name_is_refused(faults: Faults) -> None:
    text = f"apis: {{calwe: {{documents: {{session: [{{id: {'a' * 256}, status: PENDING}}]}}}}}}\n"
    (fault,) = faults(text)
    assert "longer than 255 characters" in fault


def test_a_clock_that_no_vendor_could_write_is_refused(faults: Faults) -> None:
    assert faults("clock: {freeze: 1969-12-31T23:59:59Z}\n") == [
        "small.yaml:3: clock.freeze: '1969-12-31T23:59:59Z' is no moment for a clock; "
        "one from 1970 to 2999 is"
    ]


@pytest.mark.parametrize("id", ["0", "-40", "1000000000000000000000000000000"])
def test_an_id_of_a_change_counts_from_one_and_ends_somewhere(faults: Faults, id: str) -> None:
    user = "{id: 1, display_name: A, email: a@b.example}"
    change = (
        f"{{id: {id}, resource: {{id: 1, type: User}}, action: update, changelog: x, "
        f"timestamp: 1, dashboard_user: {user}}}"
    )
    (fault,) = faults(f"apis: {{avaamo: {{documents: {{change: [{change}]}}}}}}\n")
    assert "apis.avaamo.documents.change.0.id" in fault


# Relative moments

RELATIVE_DOCUMENTS = """extends: documented
apis:
  calwe:
    documents:
      session: [{id: r, status: IN_PROGRESS}]
      entry: [{session: r, at: yesterday 23:59 Asia/Riyadh, action_type: ENTERED}]
  autozod:
    documents:
      duty: [{agent_id: 68a6d35049a09719b70539b4, start: -30m, end: now}]
    generate:
      duties:
        agent: 68a6d35049a09719b70539b4
        start: -3d 09:00 Asia/Riyadh
        count: 1
        seconds: 60
        pause: 60
  avaamo:
    documents:
      change:
        - id: 1
          resource: {id: 739, type: User}
          action: update
          changelog: x
          timestamp: -1h
          dashboard_user: {id: 739, display_name: D, email: d@avaamo.example}
        - id: 2
          resource: {id: 739, type: User}
          action: update
          changelog: x
          timestamp: 2025-08-01
          dashboard_user: {id: 739, display_name: D, email: d@avaamo.example}
  ekran:
    documents:
      session:
        - clientGuid: g
          loginDate: today 07:00
          logoutDate: 2025-08-21T08:00:00.000+00:00
          sessionId: 9
          userId: 3
events:
  - {trigger: calwe.leave, at: -5m, with: {session: r}}
"""


def test_every_moment_of_a_scenario_can_be_relative_to_its_clock(store: Store, make: Make) -> None:
    made = make(RELATIVE_DOCUMENTS)
    entries = [entry.body for entry in _all(store, made, "calwe", "entry")]
    assert [body["at"] for body in entries if body["session"] == "r"] == [
        "2025-08-20T20:59:00Z",
        "2025-08-21T14:25:00+00:00",
    ]
    duties = [duty.body for duty in _all(store, made, "autozod", "duty")]
    assert [(body["start"], body["end"]) for body in duties if "08:00:00" not in body["start"]] == [
        ("2025-08-18T06:00:00+00:00", "2025-08-18T06:01:00+00:00"),
        ("2025-08-21T12:15:00Z", "2025-08-21T14:00:00Z"),
        ("2025-08-21T14:00:00Z", "2025-08-21T14:30:00Z"),
    ]
    changes = {change.key: change.body for change in _all(store, made, "avaamo", "change")}
    assert (changes["1"]["timestamp"], changes["2"]["timestamp"]) == (1_755_783_000, 1_754_006_400)
    sessions = {session.key: session.body for session in _all(store, made, "ekran", "session")}
    assert sessions["9"]["loginDate"] == "2025-08-21T07:00:00.000+00:00"
    assert sessions["9"]["logoutDate"] == "2025-08-21T08:00:00.000+00:00"


def test_another_clock_moves_what_is_relative(store: Store, make: Make) -> None:
    text = SESSION + "      entry: [{session: '1', at: -1d, action_type: ENTERED}]\n"
    made = make(text, clock=ClockSetting(freeze=86_400_000_000))
    (entry,) = _all(store, made, "calwe", "entry")
    assert entry.body["at"] == "1970-01-01T00:00:00Z"


def test_a_relative_moment_that_does_not_fit_is_said_with_its_place(
    store: Store, make: Make
) -> None:
    text = "apis:\n  autozod:\n    documents:\n      duty:\n"
    duty = "        - {agent_id: 68a6d35049a09719b70539b4, start: -1h, end: -2h}\n"
    assert _faults(store, make("extends: documented\n" + text + duty)) == [
        "small.yaml:9: apis.autozod.documents.duty.0.end: '2025-08-21T12:30:00Z' is before the "
        "start, '2025-08-21T13:30:00Z'"
    ]


def test_a_scenario_with_relative_moments_is_made_anew_at_each_load_unless_its_clock_is_frozen(
    make: Make,
) -> None:
    relative = SESSION + "      entry: [{session: '1', at: -1d, action_type: ENTERED}]\n"
    running = "name: small\ndescription: A small world.\n"

    def count_names(text: str, frozen: str) -> int:
        return len({make(text, frozen=frozen, loaded=moment).name for moment in (1, 2)})

    assert count_names(relative, running) == 2
    assert count_names(relative, FROZEN) == 1
    assert count_names(SESSION, running) == 1
    event = "events: [{trigger: calwe.enter, with: {session: '1'}}]\n"  # that is now
    assert count_names(SESSION + event, running) == 2


@pytest.mark.parametrize(
    ("options", "is_shared"),
    [
        ("sessions: {count: 2, first: -7d}", True),
        ("sessions: {count: 2}", True),  # by default the period is from -30d to now
        ("sessions: {count: 2, first: 2025-08-01}", True),
        ("sessions: {count: 2, first: -7d, last: -1s}", False),
        ("sessions: {count: 2, first: -1d}", False),
        # At midnight, or as soon as the day has changed somewhere, it is another.
        ("sessions: {count: 2, first: -30d 00:00, last: now}", False),
        ("sessions: {count: 2, first: 2025-08-01, last: today}", False),
        ("log: {session: '1', entries: 2}", False),  # the last one is now
    ],
)
def test_what_is_generated_in_a_relative_period_is_shared_for_an_hour_if_it_is_a_week(
    make: Make, options: str, is_shared: bool
) -> None:
    generated = f"apis: {{calwe: {{generate: {{{options}}}}}}}\n"
    running = "name: small\ndescription: A small world.\n"
    hour = 3_600_000_000

    def name(loaded: int) -> str:
        return make(generated, frozen=running, loaded=loaded).name

    assert (name(1) == name(hour - 1)) == is_shared
    assert name(1) != name(hour)


def test_a_clock_can_be_frozen_at_a_moment_of_today(make: Make) -> None:
    made = make(frozen="name: a\ndescription: b\nclock: {freeze: today 09:00 Asia/Riyadh}\n")
    assert made.clock.is_frozen
    assert format_moment(made.clock.now()).endswith("T06:00:00Z")


# Generators


def test_a_generator_can_be_called_several_times_with_other_values(
    store: Store, make: Make
) -> None:
    made = make(
        "apis:\n  calwe:\n    generate:\n      sessions:\n"
        "        - {count: 10, status: {PENDING: 1}}\n"
        "        - {count: 10, first_id: 100, status: {IN_PROGRESS: 3, COMPLETED: 1}}\n"
    )
    sessions = {session.key: session.body for session in _all(store, made, "calwe", "session")}
    assert len(sessions) == 20
    assert {sessions[str(n)]["status"] for n in range(2, 12)} == {"PENDING"}
    others = [sessions[str(n)] for n in range(100, 110)]
    assert {body["status"] for body in others} == {"IN_PROGRESS", "COMPLETED"}
    assert sessions["2"]["customer"] not in [body["customer"] for body in others]


def test_generated_data_lies_between_two_moments(store: Store, make: Make) -> None:
    made = make(
        "apis:\n"
        "  autozod:\n    generate:\n"
        "      agents: {count: 6, first: 2025-08-01, last: 2025-08-11T00:00:00Z}\n"
        "  avaamo:\n    generate:\n      changes: {count: 30, first: -2h, last: -1h}\n"
        "  calwe:\n    generate:\n      sessions: {count: 12, first: -10m, last: -5m}\n"
        "  ekran:\n    generate:\n      sessions: {count: 20, running: 0, first: -1d, last: -1h}\n"
    )
    bounds = {
        ("autozod", "duty"): ("2025-08-01T00:00:00Z", "2025-08-11T00:00:00Z"),
        ("avaamo", "change"): ("2025-08-21T12:29:59Z", "2025-08-21T13:30:00Z"),
        ("calwe", "entry"): ("2025-08-21T14:20:00Z", "2025-08-21T14:25:00Z"),
        ("ekran", "session"): ("2025-08-20T14:29:59Z", "2025-08-21T13:30:00Z"),
        ("ekran", "activity"): ("2025-08-20T14:29:59Z", "2025-08-21T13:30:00Z"),
    }
    for (api, kind), (first, last) in bounds.items():
        documents = _all(store, made, api, kind)
        assert len(documents) > 10
        for document in documents:
            assert parse_moment(first) <= (document.at or 0) <= parse_moment(last)


def test_a_log_is_added_to_a_session_that_exists(store: Store, make: Make) -> None:
    made = make(
        "extends: documented\n"
        "apis:\n  calwe:\n    generate:\n      log:\n"
        '        - {session: "1", entries: 4, actions: {LEFT: 1}, first: -3h, last: -2h}\n'
        '        - {session: "9", entries: 3, status: COMPLETED, customer: هند}\n'
    )
    sessions = {session.key: session.body for session in _all(store, made, "calwe", "session")}
    assert sessions["9"] == {"id": "9", "status": "COMPLETED", "customer": "هند"}
    entries = _all(store, made, "calwe", "entry")
    added = [entry.body for entry in entries if entry.owner == "1"][2:]
    assert [(body["action_type"], body["at"][11:19]) for body in added] == [
        ("LEFT", "11:30:00"),
        ("LEFT", "11:50:00"),
        ("LEFT", "12:10:00"),
        ("LEFT", "12:30:00"),
    ]
    actions = [entry.body["action_type"] for entry in entries if entry.owner == "9"]
    assert actions == ["ENTERED", "ENDED", "SESSION_PERIOD"]


def test_entries_have_actions_in_proportion_to_their_shares(store: Store, make: Make) -> None:
    made = make(
        "apis:\n  avaamo:\n    generate:\n"
        "      changes: {count: 100, actions: {create: 3, destroy: 1}}\n"
    )
    actions = [change.body["action"] for change in _all(store, made, "avaamo", "change")]
    assert set(actions) == {"create", "destroy"}
    assert 60 < actions.count("create") < 90
    left = [resource.key for resource in _all(store, made, "avaamo", "resource")]
    assert len(left) == 10 + actions.count("create") - actions.count("destroy")


def test_what_is_generated_can_belong_to_what_exists(store: Store, make: Make) -> None:
    made = make(
        "extends: documented\n"
        "apis:\n"
        "  autozod:\n    generate:\n      agents: {count: 2, team: 1000}\n"
        "  ekran:\n    generate:\n      sessions: {count: 6, user: 61}\n"
    )
    agents = _all(store, made, "autozod", "agent")
    assert [agent.owner for agent in agents] == ["1000"] * 3
    users = [session.body["userId"] for session in _all(store, made, "ekran", "session")]
    assert users == [61, 16, *[61] * 6]


@pytest.mark.parametrize(
    ("api", "generate", "field", "reason"),
    [
        (
            "calwe",
            "sessions: {count: 1, first: now}",
            "sessions",
            "the first moment, 'now', is not before the last, 'now'",
        ),
        (
            "calwe",
            "sessions: [{count: 1}, {count: 1, last: soon}]",
            "sessions.1.last",
            "'soon' is not a moment; write it like 2025-08-21T14:30:00Z, -1d 3h, now or "
            "today 09:00 Asia/Riyadh",
        ),
        (
            "calwe",
            "sessions: {count: 1, status: {PENDIN: 1}}",
            "sessions.status.PENDIN",
            "'PENDIN' is not known here; did you mean 'PENDING'?",
        ),
        (
            "calwe",
            "sessions: {count: 1, status: {PENDING: 0}}",
            "sessions",
            "one of PENDING needs a share above 0",
        ),
        (
            "calwe",
            'log: {session: "1", entries: 1, status: PENDING}',
            "log",
            "there is a session '1' already; leave out 'status', 'customer' and 'coach'",
        ),
        (
            "calwe",
            "log: {session: new, entries: 1, status: COMPLETED}",
            "log",
            "a session that is COMPLETED has at least 2 entries",
        ),
        ("autozod", "agents: {count: 1, team: 5}", "agents", "there is no team 5"),
        (
            "avaamo",
            "changes: {count: 20, actions: {destroy: 1}}",
            "changes",
            "nothing is left to destroy; give 'create' a larger share",
        ),
    ],
)
def test_an_option_without_a_meaning_is_said_with_its_place_and_the_reason(
    faults: Faults, api: str, generate: str, field: str, reason: str
) -> None:
    text = f"extends: documented\napis:\n  {api}:\n    generate:\n      {generate}\n"
    assert faults(text) == [f"small.yaml:7: apis.{api}.generate.{field}: {reason}"]


# Worlds that contradict themselves

ENDED = """apis:
  calwe:
    documents:
      session: [{id: '1', status: COMPLETED}]
      entry:
        - {session: '1', at: 2025-08-21T14:00:00Z, action_type: ENTERED}
        - {session: '1', at: 2025-08-21T14:10:00Z, action_type: ENDED}
        - {session: '1', at: 2025-08-21T14:11:00Z, action_type: SESSION_PERIOD}
"""
LATER = "the session '1' ended at 2025-08-21T14:10:00Z, and there is a later entry at "


def test_an_ended_session_has_its_period_and_no_later_entries(store: Store, make: Make) -> None:
    assert len(_all(store, make(ENDED), "calwe", "entry")) == 3


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (
            "        - {session: '1', at: 2025-08-21T14:20:00Z, action_type: LEFT}\n",
            "small.yaml:12: apis.calwe.documents.entry.3: " + LATER + "2025-08-21T14:20:00Z",
        ),
        (
            "        - {session: '1', at: -1m, action_type: LEFT}\n",
            "small.yaml:12: apis.calwe.documents.entry.3: " + LATER + "2025-08-21T14:29:00Z",
        ),
        (
            "    generate:\n      log: {session: '1', entries: 5, last: -5m}\n",
            "small.yaml:13: apis.calwe.generate.log: " + LATER + "2025-08-21T14:25:00Z",
        ),
        (
            "        - {session: '1', at: -1m, action_type: CANCELLED}\n",
            "small.yaml:12: apis.calwe.documents.entry.3: " + LATER + "2025-08-21T14:29:00Z",
        ),
    ],
)
def test_an_entry_after_the_end_of_its_session_is_said_with_its_place(
    store: Store, make: Make, more: str, fault: str
) -> None:
    assert _faults(store, make(ENDED + more)) == [fault]


def test_a_session_that_has_ended_and_says_that_it_has_not_is_a_fault_of_its_end(
    store: Store, make: Make
) -> None:
    text = ENDED.replace("COMPLETED", "IN_PROGRESS")
    assert _faults(store, make(text)) == [
        "small.yaml:10: apis.calwe.documents.entry.1: the session '1' ended at "
        "2025-08-21T14:10:00Z, and its status is IN_PROGRESS"
    ]


def test_a_clock_that_is_frozen_too_early_makes_an_event_contradict_what_is_written(
    store: Store, make: Make
) -> None:
    text = (
        "apis:\n  calwe:\n    documents:\n"
        "      session: [{id: '1', status: IN_PROGRESS}]\n"
        "      entry: [{session: '1', at: 2025-08-21T14:00:00Z, action_type: ENTERED}]\n"
        "events:\n  - {trigger: calwe.end, with: {session: '1'}}\n"
    )
    assert len(_all(store, make(text), "calwe", "entry")) == 3
    early = ClockSetting(freeze=parse_moment("2025-08-21T13:00:00Z"))
    assert _faults(store, make(text, clock=early)) == [
        "small.yaml:10: events.0.trigger: the session '1' ended at 2025-08-21T13:00:00Z, and "
        "there is a later entry at 2025-08-21T14:00:00Z"
    ]


@pytest.mark.parametrize(
    ("text", "place", "moment"),
    [
        (
            "  ekran:\n    documents:\n      session:\n"
            "        - {clientGuid: g,loginDate: +1h, logoutDate: null, sessionId: 1, userId: 1}\n",
            "8: apis.ekran.documents.session.0",
            "2025-08-21T15:30:00Z",
        ),
        (
            "  ekran:\n    documents:\n      session:\n"
            "        - {clientGuid: g, loginDate: -1h, logoutDate: +2h, sessionId: 1, userId: 1}\n",
            "8: apis.ekran.documents.session.0",
            "2025-08-21T16:30:00Z",
        ),
        (
            "  avaamo:\n    generate:\n      changes: {count: 1, last: +1d, first: +23h}\n",
            "7: apis.avaamo.generate.changes",
            None,
        ),
    ],
)
def test_what_an_api_has_of_the_past_is_not_in_the_future(
    store: Store, make: Make, text: str, place: str, moment: str | None
) -> None:
    (fault,) = _faults(store, make("apis:\n" + text))
    assert fault.startswith(f"small.yaml:{place}: {moment or '2025-08-22T1'}")
    assert fault.endswith(
        " is in the future, for the world's clock shows 2025-08-21T14:30:00Z; freeze it later, or "
        "write a moment such as -1h"
    )


@pytest.mark.parametrize(
    "event",
    [
        "{trigger: ekran.log_in, at: +1h, with: {user: 61}}",
        # It replaces a document, and adds none.
        "{trigger: ekran.log_out, at: +1h, with: {session: 7}}",
    ],
)
def test_an_event_in_the_future_of_the_clock_is_said_with_its_place(
    store: Store, make: Make, event: str
) -> None:
    running = "{clientGuid: g, loginDate: -1h, logoutDate: null, sessionId: 7, userId: 1}"
    text = f"apis: {{ekran: {{documents: {{session: [{running}]}}}}}}\nevents:\n  - {event}\n"
    (fault,) = _faults(store, make(text))
    assert fault.startswith("small.yaml:6: events.0.trigger: 2025-08-21T15:30:00Z is in the future")


def test_another_clock_makes_an_event_one_of_the_future(store: Store, make: Make) -> None:
    running = "{clientGuid: g, loginDate: 2025-08-21T10:00:00Z, logoutDate: null, "
    running += "sessionId: 7, userId: 1}"
    event = "{trigger: ekran.log_out, at: 2025-08-21T12:00:00Z, with: {session: 7}}"
    text = f"apis: {{ekran: {{documents: {{session: [{running}]}}}}}}\nevents:\n  - {event}\n"
    Sandboxes(store, make(text))
    frozen = ClockSetting(freeze=parse_moment("2025-08-21T11:00:00Z"))
    (fault,) = _faults(store, make(text, clock=frozen))
    assert fault.startswith("small.yaml:6: events.0.trigger: 2025-08-21T12:00:00Z is in the future")


def test_a_duty_may_be_planned(store: Store, make: Make) -> None:
    duty = "{agent_id: 68a6d35049a09719b70539b4, start: +1h, end: +2h}"
    text = f"extends: documented\napis: {{autozod: {{documents: {{duty: [{duty}]}}}}}}\n"
    assert len(_all(store, make(text), "autozod", "duty")) == 3
