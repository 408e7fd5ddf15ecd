"""Reading a scenario: everything that is wrong is said at once, with file, line and field."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from mockserver import apis, value_builder
from mockserver.clock import ClockSetting
from mockserver.errors import ScenarioError, SettingError
from mockserver.scenarios import (
    Library,
    Scenario,
    check_scenario,
    find_scenario,
    load,
    load_stream,
)
from mockserver.streamed_text import StreamedText

NAMED = "name: small\ndescription: A small world.\n"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a scenario's file; without a name of its own it begins with two lines that name it."""

    def write(text: str | bytes, name: str = "small") -> Path:
        path = tmp_path / f"{name}.yaml"
        if isinstance(text, str):
            text = (text if text.startswith("name:") else NAMED + text).encode()
        path.write_bytes(text)
        return path

    return write


def _load(path: Path) -> Scenario:
    return load(path, apis.load())


def _load_whole(path: Path) -> None:
    """Load a scenario and make its world, in which its documents have to fit together."""
    if faults := check_scenario(path, apis.load()):
        raise ScenarioError(faults)


def _faults(path: Path) -> list[str]:
    with pytest.raises(ScenarioError) as raised:
        _load_whole(path)
    assert str(raised.value) == "\n".join(str(fault) for fault in raised.value.faults)
    return [str(fault) for fault in raised.value.faults]


def _places(path: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(ScenarioError) as raised:
        _load_whole(path)
    return [(fault.file, fault.line, fault.field) for fault in raised.value.faults]


# What is right


def test_a_scenario_is_what_its_file_says(write: Write) -> None:
    scenario = _load(
        write(
            "seed: 7\n"
            "clock: {freeze: 2025-08-21T14:30:00Z}\n"
            "tokens: {calwe: {valid: [a]}}\n"
            "apis:\n"
            "  calwe:\n"
            "    documents:\n"
            "      session: [{id: '1', status: PENDING, customer: سارة}]\n"
            "    generate:\n"
            "      sessions: {count: 2}\n"
            "events: [{trigger: calwe.enter, at: 2025-08-21T14:00, with: {session: '1'}}]\n"
        )
    )
    assert (scenario.name, scenario.description) == ("small", "A small world.")
    assert scenario.seed == 7
    assert scenario.clock == ClockSetting(freeze=1_755_786_600_000_000)
    assert scenario.tokens == {"calwe": {"valid": ["a"]}}
    (row,) = scenario.documents["calwe"]
    place = row.location
    assert row.document.body == {"id": "1", "status": "PENDING", "customer": "سارة"}
    assert (place.file, place.line) == ("small.yaml", 9)
    assert place.field == "apis.calwe.documents.session.0"
    ((generation,),) = scenario.generations.values()
    assert (generation.api, dict(generation.options)) == ("calwe", {"count": 2})
    (trigger,) = scenario.triggers
    assert (trigger.api, trigger.at, dict(trigger.options)) == (
        "calwe",
        "2025-08-21T14:00",
        {"session": "1"},
    )


def test_a_scenario_that_says_little_has_the_defaults(write: Write) -> None:
    scenario = _load(write(""))
    assert (scenario.seed, scenario.clock, scenario.tokens) == (0, ClockSetting(), {})
    assert (scenario.documents, scenario.generations, scenario.triggers) == ({}, {}, [])


def test_words_that_other_yaml_takes_for_something_else_are_words(write: Write) -> None:
    scenario = _load(write("name: on\ndescription: no\n"))
    assert (scenario.name, scenario.description) == ("on", "no")


# Finding


def test_a_scenario_that_comes_with_the_package_is_found_by_name() -> None:
    assert find_scenario("default").name == "default.yaml"
    assert find_scenario("documented").name == "documented.yaml"


def test_any_other_is_found_by_its_path(write: Write) -> None:
    path = write("")
    assert find_scenario(str(path)) == path


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("defualt", "There is no scenario 'defualt'; did you mean 'default'?"),
        ("zzz", "There is no scenario 'zzz'; known: 'autozod-"),
        ("", "There is no scenario ''; known: 'autozod-"),
        ("../fixtures/default", None),
        ("nowhere.yaml", "There is no scenario file 'nowhere.yaml'."),
        ("nowhere.yml", "There is no scenario file 'nowhere.yml'."),
    ],
)
def test_one_that_is_not_there_is_refused_with_the_nearest(name: str, sentence: str | None) -> None:
    with pytest.raises(SettingError) as raised:
        find_scenario(name)
    assert sentence is None or str(raised.value).startswith(sentence)


def test_a_folder_is_no_scenario(tmp_path: Path) -> None:
    folder = tmp_path / "folder.yaml"
    folder.mkdir()
    with pytest.raises(SettingError):
        find_scenario(str(folder))


# Unknown words


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("sed: 1\n", "small.yaml:3: sed: 'sed' is not known here; did you mean 'seed'?"),
        (
            "tokens:\n  clawe: {}\n",
            "small.yaml:4: tokens.clawe: 'clawe' is not known here; did you mean 'calwe'?",
        ),
        (
            "tokens:\n  calwe:\n    vaild: []\n",
            "small.yaml:5: tokens.calwe.vaild: 'vaild' is not known here; did you mean 'valid'?",
        ),
        (
            "apis:\n  ekrn: {}\n",
            "small.yaml:4: apis.ekrn: 'ekrn' is not known here; did you mean 'ekran'?",
        ),
        (
            "apis:\n  calwe:\n    document: {}\n",
            "small.yaml:5: apis.calwe.document: "
            "'document' is not known here; did you mean 'documents'?",
        ),
        (
            "apis:\n  calwe:\n    documents:\n      sesion: []\n",
            "small.yaml:6: apis.calwe.documents.sesion: "
            "'sesion' is not known here; did you mean 'session'?",
        ),
        (
            "apis:\n  avaamo:\n    generate:\n      change: {count: 1}\n",
            "small.yaml:6: apis.avaamo.generate.change: "
            "'change' is not known here; did you mean 'changes'?",
        ),
        (
            "apis:\n  ekran:\n    generate:\n      sessions:\n        count: 1\n        userz: 3\n",
            "small.yaml:8: apis.ekran.generate.sessions.userz: "
            "'userz' is not known here; did you mean 'user'?",
        ),
        (
            "events:\n  - triger: calwe.enter\n    trigger: calwe.enter\n"
            "    with: {session: '1'}\n",
            "small.yaml:4: events.0.triger: 'triger' is not known here; did you mean 'trigger'?",
        ),
        (
            "x: 1\n",
            "small.yaml:3: x: 'x' is not known here; known: 'apis', 'clock', 'description', "
            "'events', 'extends', 'faults', 'name', 'seed', 'tokens', 'validation'",
        ),
    ],
)
def test_an_unknown_word_is_said_with_the_nearest_known_one(
    write: Write, text: str, fault: str
) -> None:
    assert _faults(write(text)) == [fault]


def test_an_unknown_word_in_a_clock_is_said_with_the_nearest_known_one(write: Write) -> None:
    (fault,) = _faults(write("clock: {freze: 2025-08-21}\n"))
    assert fault.startswith("small.yaml:3: clock")
    assert "did you mean 'freeze'?" in fault


def test_an_unknown_field_of_a_document_is_named_where_it_stands(write: Write) -> None:
    faults = _faults(
        write(
            "apis:\n  calwe:\n    documents:\n      session:\n"
            "        - {id: '1', status: PENDING}\n"
            "        - id: '2'\n          status: PENDING\n          costumer: x\n"
        )
    )
    (fault,) = faults
    assert fault.startswith("small.yaml:8: apis.calwe.documents.session.1")
    assert "'costumer'" in fault


# All of it at once


def test_every_fault_of_one_sort_is_said_at_once(write: Write) -> None:
    text = (
        "apis:\n"
        "  calwe:\n"
        "    documents:\n"
        "      session:\n"
        "        - {id: 1, status: PENDING}\n"
        "        - {id: '2', status: DONE}\n"
        "        - {id: '3'}\n"
        "  ekran:\n"
        "    documents:\n"
        "      activity:\n"
        "        - {sessionId: x, at: someday}\n"
    )
    assert _places(write(text)) == [
        ("small.yaml", 7, "apis.calwe.documents.session.0.id"),
        ("small.yaml", 8, "apis.calwe.documents.session.1.status"),
        ("small.yaml", 9, "apis.calwe.documents.session.2"),
        ("small.yaml", 13, "apis.ekran.documents.activity.0.sessionId"),
        ("small.yaml", 13, "apis.ekran.documents.activity.0.at"),
    ]


def test_clock_documents_and_events_are_validated_together(write: Write) -> None:
    text = (
        "clock: {freeze: someday}\n"
        "apis:\n"
        "  autozod:\n"
        "    documents:\n"
        "      team: [{id: 1, name: x, timezone: Mars/Olympus}]\n"
        "events:\n"
        "  - {trigger: calwe.entr, with: {session: '1'}}\n"
        "  - {trigger: calwe.enter, at: noon, with: {sesion: '1'}}\n"
    )
    assert _faults(write(text)) == [
        "small.yaml:3: clock.freeze: 'someday' is not a moment; "
        "write it like 2025-08-21T14:30:00Z, -1d 3h, now or today 09:00 Asia/Riyadh",
        "small.yaml:7: apis.autozod.documents.team.0.timezone: 'Mars/Olympus' is no time zone; "
        "write one like 'Asia/Riyadh'",
        "small.yaml:9: events.0.trigger: there is no event 'calwe.entr'; "
        "did you mean 'calwe.enter'?",
        "small.yaml:10: events.1.with.sesion: 'calwe.enter' takes no 'sesion'; "
        "did you mean 'session'?",
        "small.yaml:10: events.1.with.session: 'calwe.enter' needs 'session'",
        "small.yaml:10: events.1.at: 'noon' is not a moment; write it like 2025-08-21T14:30:00Z, "
        "-1d 3h, now or today 09:00 Asia/Riyadh",
    ]


def test_two_unknown_words_in_one_place_are_both_said(write: Write) -> None:
    assert _places(write("sed: 1\nclok: real\n")) == [
        ("small.yaml", 3, "sed"),
        ("small.yaml", 4, "clok"),
    ]


def test_an_unknown_word_hides_no_wrong_document_and_no_wrong_event(write: Write) -> None:
    text = (
        "sed: 1\n"
        "apis: {calwe: {documents: {session: [{id: 1, status: PENDING}]}}}\n"
        "events: [{trigger: calwe.entr}]\n"
    )
    assert _places(write(text)) == [
        ("small.yaml", 3, "sed"),
        ("small.yaml", 4, "apis.calwe.documents.session.0.id"),
        ("small.yaml", 5, "events.0.trigger"),
    ]


def test_the_faults_of_two_files_are_said_together(write: Write) -> None:
    write("name: base\ndescription: b\nclock: {freeze: x}\n", "base")
    assert _places(write("extends: base\nevents: [{trigger: calwe.x}]\n")) == [
        ("base.yaml", 3, "clock.freeze"),
        ("small.yaml", 4, "events.0.trigger"),
    ]


# Moments


@pytest.mark.parametrize(
    "moment", ["2025-02-31", "2025-08-21T25:00", "someday", "1755786600", "'21-08-2025'"]
)
def test_a_clock_that_shows_no_moment_is_refused(write: Write, moment: str) -> None:
    ((file, line, field),) = _places(write(f"clock:\n  freeze: {moment!s}\n"))
    assert (file, line) == ("small.yaml", 4) or (file, line, field) == ("small.yaml", 3, "clock")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-08-21T14:30:00Z", 1_755_786_600_000_000),
        ("2025-08-21T17:30:00+03:00", 1_755_786_600_000_000),
        ("2025-08-21T14:30", 1_755_786_600_000_000),
        ("2025-08-21", 1_755_734_400_000_000),
    ],
)
def test_a_clock_is_frozen_at_any_moment_that_can_be_written(
    write: Write, text: str, moment: int
) -> None:
    assert _load(write(f"clock: {{freeze: {text}}}\n")).clock == ClockSetting(freeze=moment)


def _entry(moment: str) -> str:
    return (
        "apis:\n  calwe:\n    documents:\n      session: [{id: '1', status: PENDING}]\n"
        "      entry:\n        - session: '1'\n          action_type: LEFT\n"
        f"          at: {moment}\n"
    )


@pytest.mark.parametrize("moment", ["2016-12-31T23:59:60Z", "2025-02-31T00:00:00Z", "'12:30'"])
def test_a_moment_that_no_calendar_has_is_said_with_its_place(write: Write, moment: str) -> None:
    assert [place[1:] for place in _places(write(_entry(moment)))] == [
        (10, "apis.calwe.documents.entry.0.at")
    ]


def test_a_moment_in_small_letters_is_read_or_refused_but_nothing_worse(write: Write) -> None:
    with suppress(ScenarioError):
        assert _load(write(_entry("2016-12-31t23:59:00z"))).documents["calwe"]


@pytest.mark.parametrize("end", ["2016-12-31T23:59:60Z", "2016-12-31T24:00:00Z"])
def test_duty_at_a_moment_that_no_calendar_has_is_said_with_its_place(
    write: Write, end: str
) -> None:
    agent = "a" * 24
    places = _places(
        write(
            "apis:\n  autozod:\n    documents:\n      team: [{id: 1, name: x, timezone: UTC}]\n"
            f"      agent: [{{id: {agent}, name: y, team_id: 1}}]\n"
            f"      duty: [{{agent_id: {agent}, start: 2016-12-31T08:00:00Z, end: '{end}'}}]\n"
        )
    )
    assert [place[:2] for place in places] == [("small.yaml", 8)]
    assert places[0][2].startswith("apis.autozod.documents.duty.0")


# Documents and what they belong to

_SESSION = "apis:\n  calwe:\n    documents:\n      session: [{id: '1', status: PENDING}]\n"


def test_two_documents_of_one_key_are_refused(write: Write) -> None:
    text = _SESSION.replace("[", "\n        - ").replace("]", "")
    path = write(
        text + "        - {id: '2', status: PENDING}\n        - {id: '1', status: CANCELLED}\n"
    )
    assert _faults(path) == [
        "small.yaml:9: apis.calwe.documents.session.2: there is another session with the key '1'"
    ]


def test_one_key_in_two_kinds_is_no_double(write: Write) -> None:
    text = (
        "apis:\n  avaamo:\n    documents:\n"
        "      agent: [{id: 1, display_name: a, email: b, status: away}]\n"
        "      resource: [{id: 1, type: Team, name: c}]\n"
    )
    assert len(_load(write(text)).documents["avaamo"]) == 2


def test_a_child_without_its_parent_is_refused(write: Write) -> None:
    text = "      entry: [{session: '9', at: 2025-08-20T14:30:00Z, action_type: LEFT}]\n"
    assert _faults(write(_SESSION + text)) == [
        "small.yaml:7: apis.calwe.documents.entry.0: there is no session '9' in this scenario"
    ]


def test_a_parent_may_stand_after_its_child(write: Write) -> None:
    text = (
        "apis:\n  calwe:\n    documents:\n"
        "      entry: [{session: '1', at: 2025-08-20T14:30:00Z, action_type: LEFT}]\n"
        "      session: [{id: '1', status: PENDING}]\n"
    )
    assert len(_load(write(text)).documents["calwe"]) == 2


def _ekran(logout: str, *activities: str) -> str:
    rows = "".join(f"        - {{sessionId: 5, at: {at}}}\n" for at in activities)
    return (
        "apis:\n  ekran:\n    documents:\n      session:\n        - clientGuid: x\n"
        "          loginDate: 2025-08-20T08:00:00.000+00:00\n"
        f"          logoutDate: {logout}\n"
        "          sessionId: 5\n          userId: 1\n"
        f"      activity:\n{rows}"
    )


def test_a_child_outside_its_parents_time_is_refused(write: Write) -> None:
    text = _ekran(
        "2025-08-20T09:00:00.000+00:00",
        "2025-08-20T07:59:59Z",
        "2025-08-20T08:00:00Z",
        "2025-08-20T09:00:00Z",
        "2025-08-20T09:00:01Z",
    )
    assert _faults(write(text)) == [
        "small.yaml:13: apis.ekran.documents.activity.0: it lies outside its session '5'",
        "small.yaml:16: apis.ekran.documents.activity.3: it lies outside its session '5'",
    ]


def test_a_child_of_what_is_still_running_may_come_at_any_time_after_it_began(
    write: Write,
) -> None:
    assert _load(write(_ekran("null", "2025-08-20T23:00:00Z"))).documents["ekran"]
    assert _places(write(_ekran("null", "2025-08-20T07:00:00Z"))) == [
        ("small.yaml", 13, "apis.ekran.documents.activity.0")
    ]


def test_what_ends_before_it_began_is_refused(write: Write) -> None:
    assert _places(write(_ekran("2025-08-20T07:00:00.000+00:00", "2025-08-20T07:30:00Z"))) == [
        ("small.yaml", 9, "apis.ekran.documents.session.0.logoutDate")
    ]


@pytest.mark.parametrize("number", [2**63, 10**30])
def test_a_number_too_large_for_the_store_is_said_with_its_place(write: Write, number: int) -> None:
    text = (
        "apis:\n  autozod:\n    documents:\n      team:\n"
        f"        - id: {number}\n          name: x\n          timezone: UTC\n"
    )
    assert _places(write(text)) == [("small.yaml", 7, "apis.autozod.documents.team.0.id")]


# Events


@pytest.mark.parametrize(
    ("event", "fault"),
    [
        (
            "{trigger: calwe.entr}",
            "small.yaml:4: events.0.trigger: there is no event 'calwe.entr'; "
            "did you mean 'calwe.enter'?",
        ),
        (
            "{trigger: clawe.enter}",
            "small.yaml:4: events.0.trigger: there is no event 'clawe.enter'; "
            "did you mean 'calwe.enter'?",
        ),
        (
            "{trigger: enter}",
            "small.yaml:4: events.0.trigger: there is no event 'enter'; "
            "did you mean 'calwe.enter'?",
        ),
        (
            "{trigger: calwe.enter}",
            "small.yaml:4: events.0.with.session: 'calwe.enter' needs 'session'",
        ),
        (
            "{trigger: calwe.enter, with: {session: 1}}",
            "small.yaml:4: events.0.with.session: 1 is not of type string",
        ),
        (
            "{trigger: calwe.leave, with: {session: '1', temporarily: 'yes'}}",
            "small.yaml:4: events.0.with.temporarily: 'yes' is not of type boolean",
        ),
        (
            "{trigger: calwe.enter, with: {session: '1', world: x}}",
            "small.yaml:4: events.0.with.world: 'calwe.enter' takes no 'world'; known: 'session'",
        ),
        (
            "{trigger: calwe.enter, with: {session: '1'}, at: 2025-02-31}",
            "small.yaml:4: events.0.at: '2025-02-31' is not a moment; "
            "write it like 2025-08-21T14:30:00Z, -1d 3h, now or today 09:00 Asia/Riyadh",
        ),
    ],
)
def test_a_event_that_cannot_be_triggered_is_said_with_its_place(
    write: Write, event: str, fault: str
) -> None:
    assert _faults(write(f"events:\n  - {event}\n")) == [fault]


def test_a_private_function_is_no_event(write: Write) -> None:
    (place,) = _places(write("events: [{trigger: calwe._open, with: {session: '1'}}]\n"))
    assert place == ("small.yaml", 3, "events.0.trigger")


# Extending


def test_a_scenario_goes_on_from_the_one_it_extends(write: Write) -> None:
    write(
        "name: base\n"
        "description: b\n"
        "seed: 5\n"
        "clock: {freeze: 2025-08-21T14:30:00Z}\n"
        "tokens: {calwe: {valid: [a]}, ekran: {required: true}}\n"
        "apis:\n"
        "  calwe: {documents: {session: [{id: '1', status: PENDING}]}}\n"
        "events: [{trigger: calwe.enter, with: {session: '1'}}]\n",
        "base",
    )
    scenario = _load(
        write(
            "extends: base\n"
            "tokens: {calwe: {valid: [b]}}\n"
            "apis:\n"
            "  calwe: {documents: {session: [{id: '2', status: PENDING}]}}\n"
            "events: [{trigger: calwe.leave, with: {session: '1'}}]\n"
        )
    )
    assert (scenario.name, scenario.description) == ("small", "A small world.")
    assert (scenario.seed, scenario.clock) == (5, ClockSetting(freeze=1_755_786_600_000_000))
    assert scenario.tokens == {"calwe": {"valid": ["b"]}, "ekran": {"required": True}}
    assert [row.document.key for row in scenario.documents["calwe"]] == ["1", "2"]
    assert [trigger.function.name for trigger in scenario.triggers] == [
        "calwe.enter",
        "calwe.leave",
    ]


def test_seed_and_clock_of_the_extended_one_can_be_replaced(write: Write) -> None:
    write("name: base\ndescription: b\nseed: 5\nclock: {freeze: 2025-08-21}\n", "base")
    scenario = _load(write("extends: base\nseed: 0\nclock: real\n"))
    assert (scenario.seed, scenario.clock) == (0, ClockSetting())
    scenario = _load(write("extends: base\nclock: {freeze: 2025-08-22}\n"))
    assert (scenario.seed, scenario.clock) == (5, ClockSetting(freeze=1_755_820_800_000_000))


def test_extending_goes_as_deep_as_it_is_written(write: Write) -> None:
    write("name: one\ndescription: b\nseed: 1\n", "one")
    write("name: two\ndescription: b\nextends: one\n", "two")
    write("name: three\ndescription: b\nextends: two\n", "three")
    scenario = _load(write("extends: three\n"))
    assert (scenario.name, scenario.seed) == ("small", 1)


def test_each_file_is_noted_before_it_is_read_or_looked_for(write: Write) -> None:
    write("name: one\ndescription: b\nextends: none\n", "one")
    path = write("extends: one\n")
    noted: list[Path] = []

    with pytest.raises(ScenarioError):
        load(path, apis.load(), None, noted.append)

    assert [it.name for it in noted] == ["small.yaml", "one.yaml", "one.yaml", "none.yaml"]


def test_documents_may_belong_to_those_of_the_extended_scenario(write: Write) -> None:
    write("name: base\ndescription: b\n" + _SESSION, "base")
    entry = "{session: '1', at: 2025-08-20T14:30:00Z, action_type: LEFT}"
    text = f"extends: base\napis: {{calwe: {{documents: {{entry: [{entry}]}}}}}}\n"
    assert len(_load(write(text)).documents["calwe"]) == 2


def test_a_document_that_the_extended_scenario_has_already_is_refused(write: Write) -> None:
    write("name: base\ndescription: b\n" + _SESSION, "base")
    text = "extends: base\napis: {calwe: {documents: {session: [{id: '1', status: PENDING}]}}}\n"
    assert _places(write(text)) == [("small.yaml", 4, "apis.calwe.documents.session.0")]


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_loop_is_refused_where_it_closes(write: Write, length: int) -> None:
    names = ["small", "b", "c"][:length]
    for name, extended in zip(names, [*names[1:], "small"], strict=True):
        path = write(f"name: {name}\ndescription: d\nextends: {extended}\n", name)
        if name == "small":
            first = path
    assert _faults(first) == [f"{names[-1]}.yaml:3: extends: 'small' extends itself"]


def test_what_is_not_there_cannot_be_extended(write: Write) -> None:
    write("name: base\ndescription: b\n", "base")
    assert _faults(write("seed: 1\nextends: bse\n")) == [
        "small.yaml:4: extends: There is no scenario 'bse'; did you mean 'base'?"
    ]


def test_a_scenario_of_ones_own_can_extend_one_that_comes_with_the_package(write: Write) -> None:
    scenario = _load(write("extends: documented\n"))
    assert scenario.clock == ClockSetting(freeze=1_755_786_600_000_000)
    assert "calwe" in scenario.documents


@pytest.mark.parametrize("extended", ["base.yaml", "./base.yaml"])
def test_a_file_to_extend_is_looked_for_beside_the_one_that_extends_it(
    write: Write, extended: str
) -> None:
    write("name: base\ndescription: b\nseed: 5\n", "base")
    assert _load(write(f"extends: {extended}\n")).seed == 5


# Files that are no scenarios


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"", 'small.yaml:1: null is not of type "object"'),
        (b"# nothing\n", 'small.yaml:1: null is not of type "object"'),
        (b"[]\n", 'small.yaml:1: [] is not of type "object"'),
        (b"name: a\nname: b\n", "small.yaml:2: the key 'name' stands twice"),
        (
            b"apis:\n  calwe:\n    documents: {}\n    documents: {}\n",
            "small.yaml:4: the key 'documents' stands twice",
        ),
        (b"? [a]\n: b\n", "small.yaml:1: a key must be a plain word"),
        (
            b"name: !!python/object/apply:os.system ls\n",
            "small.yaml:1: the tag 'tag:yaml.org,2002:python/object/apply:os.system' "
            "is not allowed",
        ),
        (b"\nname: !secret x\n", "small.yaml:2: the tag '!secret' is not allowed"),
        (b"a: &a [*a]\n", "small.yaml:1: it is nested more than 100 deep"),
        (b"seed: " + b"9" * 5000, "small.yaml:1: a number of 5000 digits is too large"),
        (b"seed: 1e999\n", "small.yaml:1: the number 1e999 is too large"),
        (b"a: *nobody\n", "small.yaml:1: there is no anchor 'nobody' before this alias"),
        (b"a: 1\n---\nb: 2\n", "small.yaml:2: another document begins here; a file has one"),
    ],
)
def test_what_is_no_yaml_of_ours_is_refused_with_its_line(
    write: Write, text: bytes, fault: str
) -> None:
    assert _faults(write(text)) == [fault]


@pytest.mark.parametrize(
    "text",
    [
        b"name: [\n",
        b"name: a\n  description: b\n",
        b"\tname: a\n",
        b"name: a\x00b\n",
        b"name: 'a\n",
        b"<<: 5\nname: a\ndescription: b\n",
        b"%YAML 9.9\n---\nname: a\n",
        b"[" * 90 + b"]" * 90,
        b"[" * 5000 + b"]" * 5000,
    ],
)
def test_hostile_text_is_a_fault_and_nothing_worse(write: Write, text: bytes) -> None:
    assert _faults(write(text))


@pytest.mark.parametrize(
    "value",
    ["!!python/object/apply:os.system [ls]", "!!set {a: null}", "!secret {}", "!!binary aGk="],
)
def test_a_tag_is_refused_on_whatever_it_stands(write: Write, value: str) -> None:
    (fault,) = _faults(write(f"name: a\ndescription: b\nextends: {value}\n"))
    assert fault.startswith("small.yaml:3: the tag '")


def test_aliases_that_unfold_into_too_much_are_refused(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert value_builder.MAX_VALUES == 1_000_000
    monkeypatch.setattr(value_builder, "MAX_VALUES", 50_000)  # which takes less long
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    (fault,) = _faults(write("\n".join(lines).encode()))
    assert fault.endswith("it unfolds into more than 50000 values")


def test_a_text_nested_very_deeply_does_not_end_the_process(write: Write) -> None:
    # In a process of its own, because a parser that recurses takes its process with it.
    path = write(b"[" * 100_000 + b"]" * 100_000)
    code = (
        "import sys; from pathlib import Path; from mockserver import apis, scenarios\n"
        "from mockserver.errors import ScenarioError\n"
        "try: scenarios.load(Path(sys.argv[1]), apis.load())\n"
        "except ScenarioError: print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "refused\n")


def test_a_file_that_is_not_utf_8_is_a_fault(write: Write) -> None:
    (fault,) = _faults(write("name: سارة\n".encode("cp1256")))
    assert fault == "small.yaml:1: the byte 0xd3 is no UTF-8; save the file as UTF-8"


def test_a_file_that_is_gone_is_a_fault(tmp_path: Path) -> None:
    (fault,) = _faults(tmp_path / "gone.yaml")
    assert fault.startswith("gone.yaml:1: it cannot be read: ")


def test_a_byte_order_mark_is_no_part_of_the_first_word(write: Write) -> None:
    assert _load(write(b"\xef\xbb\xbfname: a\ndescription: b\n")).name == "a"


# Clocks that run


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("{shift: 3h}", ClockSetting(shift=10_800_000_000)),
        ("{shift: -1d 12h}", ClockSetting(shift=-129_600_000_000)),
        ("{shift: 90}", ClockSetting(shift=90_000_000)),
        ("{shift: -0.5}", ClockSetting(shift=-500_000)),
        ("{shift: '90'}", ClockSetting(shift=90_000_000)),
        ("{shift: PT1H}", ClockSetting(shift=3_600_000_000)),
        ("{rate: 60}", ClockSetting(rate=60)),
        ("{rate: 0.5, shift: 1w}", ClockSetting(shift=604_800_000_000, rate=0.5)),
    ],
)
def test_a_clock_runs_as_is_said(write: Write, text: str, setting: ClockSetting) -> None:
    assert _load(write(f"clock: {text}\n")).clock == setting


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "clock:\n  rate: 60\n  freeze: 2025-08-21\n",
            "small.yaml:5: clock.freeze: a clock that is frozen has no shift and no rate",
        ),
        (
            "clock: {freeze: 2025-08-21, shift: 1h}\n",
            "small.yaml:3: clock.freeze: a clock that is frozen has no shift and no rate",
        ),
        (
            "clock:\n  rate: 2\n  shift: later\n",
            "small.yaml:5: clock.shift: 'later' is no duration; "
            "write seconds, or something like 3h, -30m or 1d 2h 5s",
        ),
        (
            "clock: {shift: -3000w}\n",
            None,
        ),
        ("clock: {rate: 0}\n", "small.yaml:3: clock.rate: 0 is less than the minimum of 1e-6"),
        ("clock: {rate: fast}\n", 'small.yaml:3: clock.rate: "fast" is not of type "number"'),
        ("clock: {}\n", "small.yaml:3: clock: {} has less than 1 property"),
        ("clock: {shift: []}\n", 'small.yaml:3: clock.shift: [] is not of types "'),
    ],
)
def test_a_clock_that_cannot_run_so_is_said_with_its_place(
    write: Write, text: str, fault: str | None
) -> None:
    (said,) = _faults(write(text))
    if fault is None:
        assert said.endswith("is no moment for a clock; one from 1970 to 2999 is")
    else:
        assert said.startswith(fault)


# The name


def test_a_name_has_at_most_255_characters(write: Write) -> None:
    assert _load(write(f"name: {'س' * 255}\ndescription: d\n")).name == "س" * 255
    ((file, line, field),) = _places(write(f"name: {'س' * 256}\ndescription: d\n"))
    assert (file, line, field) == ("small.yaml", 1, "name")


# Numbers that cannot be stored


def test_a_number_that_cannot_be_stored_is_said_with_the_place_of_its_document(
    write: Write,
) -> None:
    text = (
        "apis:\n  avaamo:\n    documents:\n      change:\n"
        "        - id: 1\n          resource: {id: 1, type: User}\n          action: update\n"
        "          changelog: c\n          timestamp: 1\n"
        f"          dashboard_user: {{id: {2**64}, display_name: x, email: x}}\n"
    )
    assert _faults(write(text)) == [
        "small.yaml:7: apis.avaamo.documents.change.0: "
        "it cannot be stored: Integer exceeds 64-bit range"
    ]


# What a file can extend, and where that is looked for


def test_a_file_beside_goes_before_its_namesake_in_the_package(write: Write) -> None:
    write("name: documented\ndescription: d\nseed: 99\n", "documented")

    assert _load(write("extends: documented\n")).seed == 99


def test_a_file_beside_goes_before_its_namesake_in_the_library(
    write: Write, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    for name, seed in (("base", 1), ("other", 2), ("documented", 3)):
        text = f"name: {name}\ndescription: d\nseed: {seed}\n"
        (library / f"{name}.yaml").write_text(text, encoding="utf-8")
    write("name: base\ndescription: d\nseed: 5\n", "base")

    def seed(extended: str) -> int:
        path = write(f"extends: {extended}\n")
        return load(path, apis.load(), Library(library)).seed

    assert seed("base") == 5
    assert seed("other") == 2
    assert seed("documented") == 3
    assert seed("default") == 42


def test_what_comes_with_the_package_extends_what_comes_with_it(tmp_path: Path) -> None:
    (tmp_path / "documented.yaml").write_text("name: documented\ndescription: d\nseed: 99\n")
    library = Library(tmp_path)

    assert load(library.get_path("documented"), apis.load(), library).seed == 99
    scenario = load(library.get_path("ekran-key-required"), apis.load(), library)
    assert scenario.seed == 1
    assert "calwe" in scenario.documents


@pytest.mark.parametrize(
    "extended", ["../outside.yaml", "below/../../outside.yaml", "{outside}", "link.yaml", "link"]
)
def test_nothing_outside_its_folder_is_extended(tmp_path: Path, extended: str) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("name: outside\ndescription: d\nseed: 66\n", encoding="utf-8")
    inside = tmp_path / "inside"
    (inside / "below").mkdir(parents=True)
    (inside / "link.yaml").symlink_to(outside)
    name = extended.format(outside=outside)
    path = inside / "small.yaml"
    path.write_text(NAMED + f"extends: {name}\n", encoding="utf-8")

    assert _faults(path) == [
        f"small.yaml:3: extends: '{name}' lies outside the folder of this file; "
        "extend what is in it, or below"
    ]


@pytest.mark.parametrize("extended", ["below/deep.yaml", "./below/deep.yaml", "way.yaml", "way"])
def test_what_is_in_its_folder_or_below_is_extended(tmp_path: Path, extended: str) -> None:
    (tmp_path / "below").mkdir()
    deep = tmp_path / "below" / "deep.yaml"
    deep.write_text("name: deep\ndescription: d\nseed: 8\n", encoding="utf-8")
    (tmp_path / "way.yaml").symlink_to(deep)
    path = tmp_path / "small.yaml"
    path.write_text(NAMED + f"extends: {extended}\n", encoding="utf-8")

    assert _load(path).seed == 8


def test_each_file_looks_in_its_own_folder(tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    (below / "base.yaml").write_text("name: base\ndescription: d\nseed: 8\n", encoding="utf-8")
    (below / "mid.yaml").write_text("name: mid\ndescription: d\nextends: base\n", encoding="utf-8")
    (tmp_path / "base.yaml").write_text("name: base\ndescription: d\nseed: 9\n", encoding="utf-8")
    path = tmp_path / "small.yaml"
    path.write_text(NAMED + "extends: below/mid.yaml\n", encoding="utf-8")

    assert _load(path).seed == 8


# Scenarios that are no files


def _said(load: Callable[[], Scenario]) -> list[str]:
    with pytest.raises(ScenarioError) as raised:
        load()
    return [str(fault) for fault in raised.value.faults]


def _load_text(text: str, library: Library, name: str = "body") -> Scenario:
    stream = StreamedText(BytesIO(text.encode()), "/apis/.*/documents/.*", is_json=False)
    return load_stream(stream, apis.load(), library, name)


def _load_data(data: Any, library: Library) -> Scenario:
    body = BytesIO(json.dumps({"scenario": data}).encode())
    stream = StreamedText(body, "/scenario/apis/.*/documents/.*", is_json=True)
    return load_stream(stream, apis.load(), library, "body", "/scenario")


def test_a_text_is_a_scenario_like_a_file() -> None:
    text = NAMED + "extends: documented\nseed: 9\n"
    scenario = _load_text(text, Library())

    assert (scenario.name, scenario.seed) == ("small", 9)
    assert scenario.clock == ClockSetting(freeze=1_755_786_600_000_000)
    assert len(scenario.sources) == 2
    assert _said(lambda: _load_text(NAMED + "sed: 1\n", Library())) == [
        "body:3: sed: 'sed' is not known here; did you mean 'seed'?"
    ]


def test_a_value_is_a_scenario_like_a_text() -> None:
    data = {"name": "small", "description": "d", "extends": "documented", "seed": 9}
    scenario = _load_data(data, Library())

    assert (scenario.name, scenario.seed, len(scenario.sources)) == ("small", 9, 2)
    assert _said(lambda: _load_data({**data, "sed": 1}, Library())) == [
        "body:1: sed: 'sed' is not known here; did you mean 'seed'?"
    ]


@pytest.mark.parametrize("data", [None, [], "x", 5, {"name": "x", "description": 5}])
def test_a_value_that_is_no_scenario_is_refused(data: Any) -> None:
    assert _said(lambda: _load_data(data, Library()))


def test_a_value_nested_too_deeply_is_refused_before_anybody_walks_down_it() -> None:
    text = "name: " + "[" * 5_000 + "]" * 5_000

    assert _said(lambda: _load_text(text, Library())) == ["body:1: it is nested more than 100 deep"]


@pytest.mark.parametrize(
    "extended", ["small", "small.yaml", "./small.yaml", "below/small.yaml", "../small.yaml"]
)
def test_what_is_no_file_extends_no_file(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extended: str
) -> None:
    write("")
    monkeypatch.chdir(tmp_path)
    data = {"name": "x", "description": "d", "extends": extended}

    (said,) = _said(lambda: _load_data(data, Library()))
    assert said.startswith(f"body:1: extends: There is no scenario '{extended}'; ")
    (said,) = _said(
        lambda: _load_text(f"name: x\ndescription: d\nextends: {extended}\n", Library(), "b")
    )
    assert said.startswith(f"b:3: extends: There is no scenario '{extended}'; ")


def test_what_it_extends_is_looked_for_in_the_library(write: Write, tmp_path: Path) -> None:
    write("name: base\ndescription: b\nseed: 5\n", "base")
    write("name: mid\ndescription: b\nextends: base.yaml\n", "mid")
    data = {"name": "x", "description": "d", "extends": "mid"}

    assert _load_data(data, Library(tmp_path)).seed == 5


def test_a_scenario_can_extend_the_one_of_the_package_whose_place_it_takes(tmp_path: Path) -> None:
    text = "name: documented\ndescription: d\nextends: documented\nseed: 99\n"
    (tmp_path / "documented.yaml").write_text(text)
    library = Library(tmp_path)
    scenario = load(library.get_path("documented"), apis.load(), library)
    assert scenario.seed == 99
    assert "calwe" in scenario.documents


def test_a_scenario_of_a_library_is_called_like_its_file(tmp_path: Path) -> None:
    (tmp_path / "case-17.yaml").write_text("description: d\nname: case-71\n")
    library = Library(tmp_path)
    with pytest.raises(ScenarioError) as raised:
        load(library.get_path("case-17"), apis.load(), library)
    assert str(raised.value) == (
        "case-17.yaml:2: name: 'case-71' is loaded as 'case-17', the name of its file; "
        "write the same"
    )
