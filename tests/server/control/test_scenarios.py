"""Scenarios over the control API: listed, read, loaded, added, and refused whole."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.files import SCENARIOS
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

ReadProblem = Callable[[httpx.Response], tuple[int, str]]
Check = Callable[[httpx.Client], None]
World = Callable[[httpx.Client], dict[str, bytes]]

FIXTURES = Path(__file__).parents[3] / "fixtures"
LOG = "/v1/customer/sessions/1/log"
YAML = {"Content-Type": "application/yaml"}
JSON = {"Content-Type": "application/json"}
_numbers = count()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of scenarios of `folder_server`, which the tests of this module share."""
    folder = tmp_path_factory.mktemp("scenarios") / "inside"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def folder_server(folder: Path) -> Iterator[str]:
    """The URL of a server with a folder of scenarios."""
    with run_in_thread(Settings(port=0, scenario="documented", scenarios=folder)) as url:
        yield url


@pytest.fixture
def of_folder(folder_server: str) -> Iterator[httpx.Client]:
    """A client of `folder_server`, in a sandbox of its own."""
    headers = {"X-Mock-Sandbox": f"of-folder-{next(_numbers)}"}
    with httpx.Client(base_url=folder_server, headers=headers, timeout=60, verify=False) as client:
        yield client


def load(client: httpx.Client, scenario: Any, **query: Any) -> httpx.Response:
    """Load a scenario: YAML where it is bytes, else as JSON, by name or whole."""
    if isinstance(scenario, bytes):
        return client.post("/__mock__/load", params=query, headers=YAML, content=scenario)
    return client.post("/__mock__/load", params=query, json={"scenario": scenario})


def reasons(response: httpx.Response) -> list[tuple[str, int, str, str]]:
    return [
        (error["file"], error["line"], error["field"], error["reason"])
        for error in response.json()["errors"]
    ]


# Listed and read


def test_the_scenarios_of_the_package_are_listed_by_name(own_client: httpx.Client) -> None:
    listed = own_client.get("/__mock__/scenarios").json()["scenarios"]
    names = [scenario["name"] for scenario in listed]

    assert names == sorted(names)
    assert names == sorted(path.stem for path in FIXTURES.glob("*.yaml"))
    assert {"name": "calwe-empty", "description": "A session whose log has no entries."} in listed


def test_one_is_read_as_it_is_written(own_client: httpx.Client) -> None:
    response = own_client.get("/__mock__/scenarios/calwe-empty")

    assert response.status_code == 200
    assert response.json() == {
        "name": "calwe-empty",
        "description": "A session whose log has no entries.",
        "source": (FIXTURES / "calwe-empty.yaml").read_text(encoding="utf-8"),
    }
    assert response.json()["source"].startswith("# yaml-language-server:")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("calwe-emty", "There is no scenario 'calwe-emty'; did you mean 'calwe-empty'?"),
        ("calwe-empty.yaml", None),
        ("CALWE-EMPTY", None),
        ("zzz", "There is no scenario 'zzz'; known: 'autozod-daylight-saving-berlin', "),
        ("..", None),
        ("%2E%2E", None),
        ("schema.json", None),
    ],
)
def test_one_that_is_not_there_is_a_404_with_the_nearest(
    own_client: httpx.Client, read_problem: ReadProblem, name: str, sentence: str | None
) -> None:
    status, detail = read_problem(own_client.get(f"/__mock__/scenarios/{name}"))

    assert status == 404
    assert sentence is None or detail.startswith(sentence)


@pytest.mark.parametrize("name", ["..%2Fsettings", "%2Fetc%2Fpasswd", "a%2Fb"])
def test_a_name_with_a_slash_is_no_path_of_ours(
    own_client: httpx.Client, read_problem: ReadProblem, name: str
) -> None:
    status, detail = read_problem(own_client.get(f"/__mock__/scenarios/{name}"))

    assert status == 404
    assert detail.startswith("There is nothing at '/__mock__/scenarios/")


def test_scenarios_of_a_folder_replace_those_of_the_package(
    of_folder: httpx.Client, folder: Path
) -> None:
    (folder / "mine.yaml").write_text(
        "name: mine\ndescription: سارة وحدها.\nextends: calwe-empty\nseed: 8\n", encoding="utf-8"
    )
    (folder / "calwe-empty.yaml").write_text(
        "name: calwe-empty\ndescription: Another.\nextends: documented\n", encoding="utf-8"
    )
    (folder / "broken.yaml").write_bytes(b"name: [\n")
    (folder / "latin.yaml").write_bytes("name: é\n".encode("latin-1"))
    (folder / "folder.yaml").mkdir()
    (folder / "notes.txt").write_text("no scenario")

    listed = {
        scenario["name"]: scenario["description"]
        for scenario in of_folder.get("/__mock__/scenarios").json()["scenarios"]
    }
    assert listed["mine"] == "سارة وحدها."
    assert listed["calwe-empty"] == "Another."
    for name in ("broken", "latin", "folder"):
        assert listed[name].startswith("It cannot be read: ")
    assert "notes" not in listed
    assert "default" in listed

    # What the folder has is what is extended and loaded, by a name or from a body.
    assert load(of_folder, "mine").json()["documents"] == 15
    assert load(of_folder, {"name": "x", "description": "d", "extends": "mine"}).json()["seed"] == 8
    assert load(of_folder, "broken").status_code == 422
    assert load(of_folder, "folder").status_code == 422
    # A file that comes later is known at once.
    (folder / "later.yaml").write_text("name: later\ndescription: Later.\n", encoding="utf-8")
    assert load(of_folder, "later").status_code == 200
    created = of_folder.post("/__mock__/sandboxes", json={"name": "of-mine", "scenario": "mine"})
    assert created.json()["seed"] == 8


def test_a_link_that_leads_out_of_the_folder_is_not_extended_from_a_file(
    of_folder: httpx.Client, folder: Path, read_problem: ReadProblem
) -> None:
    outside = folder.parent / "outside"
    (folder / "below").mkdir()
    outside.mkdir()
    (outside / "secret.yaml").write_text("name: secret\ndescription: d\nseed: 6600066\n")
    (folder / "below" / "link.yaml").symlink_to(outside / "secret.yaml")
    (folder / "below" / "good.yaml").write_text("name: good\ndescription: d\nseed: 5\n")
    for name, extended in (
        ("up", "../outside/secret.yaml"),
        ("linked", "below/link.yaml"),
        ("absolute", str(outside / "secret.yaml")),
        ("fine", "below/good.yaml"),
    ):
        text = f"name: {name}\ndescription: d\nextends: {extended}\n"
        (folder / f"{name}.yaml").write_text(text)

    for name in ("up", "linked", "absolute"):
        status, detail = read_problem(load(of_folder, name))
        assert status == 422
        assert "lies outside the folder of this file" in detail
        assert "6600066" not in detail
    assert load(of_folder, "fine").json()["seed"] == 5


# Loaded, in the place of the world


def test_a_scenario_is_loaded_by_name_and_a_reset_returns_to_it(named_client: httpx.Client) -> None:
    response = load(named_client, "calwe-ended")

    assert response.status_code == 200
    sandbox = response.json()
    assert (sandbox["scenario"], sandbox["seed"], sandbox["documents"]) == ("calwe-ended", 0, 5)
    assert sandbox["clock"]["now"] == "2025-08-21T14:30:00Z"
    assert named_client.get(LOG).status_code == 404
    log = named_client.get("/v1/customer/sessions/4200/log").json()["data"]
    assert [(entry["action_type"], entry["date"]) for entry in log["data"]] == [
        ("ENTERED", "1:00 PM"),
        ("LEFT", "1:44 PM"),
        ("ENDED", "1:45 PM"),
        ("SESSION_PERIOD", "1:45 PM"),
    ]

    named_client.delete("/__mock__/state/calwe/session/4200?cascade=true")
    assert named_client.post("/__mock__/reset").json()["documents"] == 5
    load(named_client, "documented")


def test_yaml_json_and_name_load_the_same_world(own_client: httpx.Client, world: World) -> None:
    source = own_client.get("/__mock__/scenarios/ekran-running").json()["source"]
    as_json = {
        "name": "ekran-running",
        "description": "A session that is finished and two that are still running, "
        "in one of which nobody did anything.",
        "clock": {"freeze": "2025-08-21T17:30:00Z"},
        "apis": {
            "ekran": {
                "documents": {
                    "session": [
                        {
                            "clientGuid": "3f2a9c1e-7b54-4d0e-9a61-5c8e2f7d1b03",
                            "logoutDate": "2025-08-21T12:00:00.000+00:00",
                            "loginDate": "2025-08-21T08:00:00.000+00:00",
                            "sessionId": 731,
                            "userId": 41,
                        }
                    ],
                    "activity": [{"sessionId": 731, "at": "2025-08-21T11:58:00.000+00:00"}],
                }
            }
        },
        "events": [
            {"trigger": event, "at": f"2025-08-21T{at}:00Z", "with": options}
            for event, at, options in (
                (
                    "ekran.log_in",
                    "09:00",
                    {"user": 42, "client": "8c41d7e2-0f96-4b3a-8e25-b7a90c6d4f11"},
                ),
                ("ekran.act", "09:45", {"session": 732}),
                ("ekran.act", "16:20", {"session": 732}),
                ("ekran.act", "17:10", {"session": 732}),
                (
                    "ekran.log_in",
                    "10:00",
                    {"user": 43, "client": "e5b06f38-2c1d-4a97-b3f4-19d8a7c5e620"},
                ),
            )
        ],
    }

    worlds = []
    for scenario in ("ekran-running", source.encode(), as_json):
        assert load(own_client, scenario).status_code == 200
        worlds.append(world(own_client))
    assert worlds[0] == worlds[1] == worlds[2]


def test_what_the_body_leaves_out_is_not_left_over_from_before(own_client: httpx.Client) -> None:
    load(own_client, "ekran-key-required", seed=9)
    sandbox = load(own_client, {"name": "little", "description": "d"}).json()

    assert (sandbox["scenario"], sandbox["seed"], sandbox["documents"]) == ("little", 0, 0)
    assert sandbox["clock"]["mode"] == "real"
    assert own_client.get("/ekranapi/sessions").json() == []


def test_the_seed_of_the_request_goes_before_the_scenario_s(own_client: httpx.Client) -> None:
    scenario = {
        "name": "seeded",
        "description": "d",
        "seed": 3,
        "clock": {"freeze": "2025-08-21T14:30:00Z"},
        "apis": {"ekran": {"generate": {"sessions": {"count": 5}}}},
    }

    def sessions(**query: int) -> tuple[str, bytes]:
        assert load(own_client, scenario, **query).status_code == 200
        response = own_client.get("/ekranapi/sessions")
        return response.headers["x-mock-seed"], response.content

    own, other = sessions(), sessions(seed=4)
    assert (own[0], other[0]) == ("3", "4")
    assert own[1] != other[1]
    assert sessions(seed=3) == own
    assert sessions(seed=2**63 - 1)[0] == "9223372036854775807"
    # A reset keeps the seed that it was loaded with.
    assert own_client.post("/__mock__/reset").json()["seed"] == 9223372036854775807


def test_a_scenario_s_own_clock_goes_before_that_of_the_server(
    start: Callable[..., httpx.Client],
) -> None:
    client = start(scenario="documented", freeze_at=1_893_456_000_000_000)

    assert client.get("/__mock__/clock").json()["now"] == "2030-01-01T00:00:00Z"
    assert load(client, "documented").json()["clock"]["now"] == "2025-08-21T14:30:00Z"
    shifted = {"name": "s", "description": "d", "clock": {"shift": "PT1H", "rate": 2}}
    clock = load(client, shifted).json()["clock"]
    assert (clock["mode"], clock["rate"]) == ("scaled", 2)
    # It goes on from what it showed when the world was made, a moment before it was loaded.
    assert clock["offset"] > 3_599


def test_tokens_are_the_loaded_scenario_s(own_client: httpx.Client) -> None:
    load(own_client, "ekran-key-required")
    statuses = [
        own_client.get("/ekranapi/sessions", headers=headers).status_code
        for headers in ({}, {"ApiKey": "other"}, {"ApiKey": "monitoring-key"})
    ]

    assert statuses == [401, 401, 200]
    load(own_client, "documented")
    assert own_client.get("/ekranapi/sessions").status_code == 200


def test_a_body_extends_what_has_a_name(own_client: httpx.Client) -> None:
    sandbox = load(
        own_client,
        b"name: later\ndescription: d\nextends: documented\nclock: {freeze: 2030-01-01}\n"
        b"events:\n- {trigger: calwe.end, with: {session: '1'}}\n",
    ).json()

    assert (sandbox["scenario"], sandbox["documents"]) == ("later", 17)
    log = own_client.get(LOG).json()["data"]["data"]
    assert [entry["date"] for entry in log] == ["2:30 PM", "2:35 PM", "12:00 AM", "12:00 AM"]


def test_loading_one_leaves_snapshots_and_other_sandboxes_alone(own_client: httpx.Client) -> None:
    other = {"X-Mock-Sandbox": f"other-{next(_numbers)}", "Authorization": "Bearer t"}
    assert own_client.get(LOG, headers=other).json()["data"]["total"] == 2
    own_client.post("/__mock__/snapshots", json={"name": "kept"})
    load(own_client, "ekran-empty")

    assert own_client.get("/__mock__/clock", headers=other).json()["now"] == "2025-08-21T14:30:00Z"
    assert own_client.get(LOG, headers=other).json()["data"]["total"] == 2
    [snapshot] = own_client.get("/__mock__/snapshots").json()["snapshots"]
    assert (snapshot["name"], snapshot["scenario"]) == ("kept", "documented")


# Added


def test_added_documents_are_beside_the_existing_ones(own_client: httpx.Client) -> None:
    response = load(own_client, "calwe-ended", mode="add")

    assert response.status_code == 200
    assert response.json()["documents"] == 20
    assert response.json()["scenario"] == "documented"
    assert own_client.get(LOG).json()["data"]["total"] == 2
    assert own_client.get("/v1/customer/sessions/4200/log").json()["data"]["total"] == 4
    # A reset knows nothing of it.
    assert own_client.post("/__mock__/reset").json()["documents"] == 15
    assert own_client.get("/v1/customer/sessions/4200/log").status_code == 404


def test_clock_seed_and_tokens_stay_when_something_is_added(own_client: httpx.Client) -> None:
    own_client.post("/__mock__/clock/freeze", json={"at": "2030-06-01T00:00:00Z"})
    sandbox = load(
        own_client,
        {
            "name": "more",
            "description": "d",
            "seed": 99,
            "clock": {"freeze": "1999-01-01"},
            "tokens": {"ekran": {"required": True}},
            "events": [{"trigger": "calwe.leave", "with": {"session": "1"}}],
        },
        mode="add",
    ).json()

    assert (sandbox["seed"], sandbox["clock"]["now"]) == (1, "2030-06-01T00:00:00Z")
    assert own_client.get("/ekranapi/sessions").status_code == 200
    # An event without a moment of its own is triggered at the world's.
    entries = own_client.get("/__mock__/state/calwe/entry").json()["documents"]
    assert entries[-1]["at"] == "2030-06-01T00:00:00Z"


@pytest.mark.parametrize("form", ["yaml", "json", "name"])
def test_what_is_added_may_belong_to_what_is_there(
    of_folder: httpx.Client, folder: Path, form: str
) -> None:
    entry = {"session": "1", "at": "2025-08-21T14:00:00Z", "action_type": "CANCEL_REQUEST"}
    scenario = {
        "name": "one-entry",
        "description": "d",
        "apis": {"calwe": {"documents": {"entry": [entry]}}},
    }
    (folder / "one-entry.yaml").write_text(json.dumps(scenario))
    body: dict[str, Any] = {"yaml": json.dumps(scenario).encode(), "json": scenario}

    response = load(of_folder, body.get(form, "one-entry"), mode="add")
    assert response.status_code == 200, response.text
    log = of_folder.get(LOG, headers={"Authorization": "Bearer t"}).json()["data"]["data"]
    assert [item["action_type"] for item in log] == ["ENTERED", "LEFT", "CANCEL_REQUEST"]
    # In the place of the world it has nothing to belong to.
    refused = load(of_folder, body.get(form, "one-entry"))
    assert refused.status_code == 422
    assert [fault[3] for fault in reasons(refused)] == ["there is no session '1' in this scenario"]


def test_what_belongs_to_nothing_there_is_not_added(
    own_client: httpx.Client, check_unchanged: Check
) -> None:
    entries = [
        {"session": id, "at": "2025-08-21T14:00:00Z", "action_type": "LEFT"} for id in ("1", "9")
    ]
    response = load(
        own_client,
        {
            "name": "x",
            "description": "d",
            "apis": {"calwe": {"documents": {"entry": entries}}},
            "events": [{"trigger": "calwe.end", "with": {"session": "1"}}],
        },
        mode="add",
    )

    assert response.status_code == 422
    assert reasons(response) == [
        (
            "body",
            1,
            "apis.calwe.documents.entry.1",
            "there is no session '9' in this scenario",
        )
    ]
    check_unchanged(own_client)


def test_what_lies_outside_its_parent_there_is_not_added(own_client: httpx.Client) -> None:
    activity = {"sessionId": 124, "at": "2025-08-21T14:00:00Z"}
    response = load(
        own_client,
        {
            "name": "x",
            "description": "d",
            "apis": {"ekran": {"documents": {"activity": [activity]}}},
        },
        mode="add",
    )

    assert [fault[3] for fault in reasons(response)] == ["it lies outside its session '124'"]


def test_what_is_there_already_is_not_added_again(
    own_client: httpx.Client, check_unchanged: Check
) -> None:
    response = load(own_client, "documented", mode="add")

    assert response.status_code == 422
    assert response.json()["detail"].startswith(
        "9 things are wrong, and nothing was changed: the first is documented.yaml:12: "
    )
    assert (
        "documented.yaml",
        12,
        "apis.calwe.documents.session.0",
        "there is another session with the key '1'",
    ) in reasons(response)
    check_unchanged(own_client)


def test_generating_more_goes_on_with_the_world_s_seed(own_client: httpx.Client) -> None:
    more = {
        "name": "more",
        "description": "d",
        "seed": 5,
        "apis": {"calwe": {"generate": {"sessions": {"count": 3, "first_id": 100}}}},
    }

    def customers() -> list[Any]:
        own_client.post("/__mock__/reset")
        assert load(own_client, more, mode="add").status_code == 200
        found = own_client.get("/__mock__/state/calwe/session").json()["documents"]
        return [document["body"]["customer"] for document in found]

    first = customers()
    assert len(first) == 4
    more["seed"] = 6
    assert customers() == first


def test_a_seed_for_what_is_added_is_a_400(
    own_client: httpx.Client, read_problem: ReadProblem, check_unchanged: Check
) -> None:
    assert read_problem(load(own_client, "calwe-ended", mode="add", seed=1)) == (
        400,
        "What is added is generated with the world's own seed; leave it out",
    )
    check_unchanged(own_client)


# Refused


def test_everything_wrong_is_said_at_once_with_its_line(
    own_client: httpx.Client, read_problem: ReadProblem, check_unchanged: Check
) -> None:
    response = load(
        own_client,
        b"name: wrong\n"
        b"description: Five faults.\n"
        b"sed: 1\n"
        b"clock: {freeze: someday}\n"
        b"apis:\n"
        b"  calwe:\n"
        b"    documents:\n"
        b"      session: [{id: '1', status: ASLEEP}]\n"
        b"  ekrn: {}\n"
        b"events: [{trigger: calwe.entr, with: {session: '1'}}]\n",
    )

    assert read_problem(response)[0] == 422
    assert read_problem(response)[1] == (
        "5 things are wrong, and nothing was changed: the first is body:3: sed: "
        "'sed' is not known here; did you mean 'seed'?"
    )
    assert [fault[:3] for fault in reasons(response)] == [
        ("body", 3, "sed"),
        ("body", 4, "clock.freeze"),
        ("body", 8, "apis.calwe.documents.session.0.status"),
        ("body", 9, "apis.ekrn"),
        ("body", 10, "events.0.trigger"),
    ]
    assert reasons(response)[4][3] == "there is no event 'calwe.entr'; did you mean 'calwe.enter'?"
    check_unchanged(own_client)


def test_of_very_many_faults_a_hundred_are_shown_and_all_are_counted(
    own_client: httpx.Client,
) -> None:
    sessions = [{"id": str(n), "status": "ASLEEP"} for n in range(1_000)]
    response = load(
        own_client,
        {
            "name": "x",
            "description": "d",
            "apis": {"calwe": {"documents": {"session": sessions}}},
        },
    )

    assert response.status_code == 422
    assert response.json()["detail"].startswith("1000 things are wrong, and nothing was changed: ")
    assert len(response.json()["errors"]) == 100


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        (
            [
                {"trigger": "calwe.leave", "with": {"session": "1"}},
                {"trigger": "calwe.enter", "with": {"session": "77"}},
            ],
            "there is no session '77'",
        ),
        (
            [
                {"trigger": "calwe.end", "with": {"session": "1"}},
                {"trigger": "calwe.leave", "with": {"session": "1"}},
            ],
            "the session '1' is COMPLETED; its log is closed",
        ),
        (
            [
                {"trigger": "ekran.log_in", "with": {"user": 1}},
                {"trigger": "ekran.log_in", "with": {"user": 2**31}},
            ],
            "the session '144'.userId: 2147483648 is greater than the maximum of 2147483647",
        ),
    ],
)
def test_a_event_that_fails_takes_back_what_was_done_before_it(
    own_client: httpx.Client, check_unchanged: Check, events: list[Any], reason: str
) -> None:
    scenario = {"name": "x", "description": "d", "events": events}
    for mode, extends in (("add", {}), ("replace", {"extends": "documented"})):
        response = load(own_client, {**scenario, **extends}, mode=mode)
        assert response.status_code == 422
        assert reasons(response) == [("body", 1, "events.1.trigger", reason)]
        check_unchanged(own_client)


def test_what_cannot_be_generated_leaves_the_world_alone(
    own_client: httpx.Client, world: World
) -> None:
    before = world(own_client)
    response = load(
        own_client,
        {
            "name": "x",
            "description": "d",
            "apis": {
                "calwe": {"generate": {"sessions": {"count": 2, "locale": "xx_YY"}}},
                "ekran": {"generate": {"sessions": {"count": 2}}},
            },
        },
    )

    assert response.status_code == 422
    assert [fault[2] for fault in reasons(response)] == ["apis.calwe.generate.sessions"]
    assert world(own_client) == before


def test_a_name_that_is_not_there_is_a_404_with_the_nearest(
    own_client: httpx.Client, read_problem: ReadProblem, check_unchanged: Check
) -> None:
    for mode in ("replace", "add"):
        assert read_problem(load(own_client, "documentd", mode=mode)) == (
            404,
            "There is no scenario 'documentd'; did you mean 'documented'?",
        )
    assert read_problem(load(own_client, "../fixtures/documented.yaml"))[0] == 404
    assert read_problem(load(own_client, str(FIXTURES / "documented.yaml")))[0] == 404
    check_unchanged(own_client)


@pytest.mark.parametrize(
    ("extended", "reason"),
    [
        ("../../etc/passwd.yaml", "There is no scenario '../../etc/passwd.yaml'; known: "),
        ("/etc/passwd.yaml", "There is no scenario '/etc/passwd.yaml'; known: "),
        ("documented.yaml", "There is no scenario 'documented.yaml'; did you mean 'documented'?"),
        ("./documented.yaml", "There is no scenario './documented.yaml'; did you mean 'document"),
        ("documentd", "There is no scenario 'documentd'; did you mean 'documented'?"),
        ("x", "There is no scenario 'x'; known: "),
    ],
)
def test_a_body_extends_no_file(own_client: httpx.Client, extended: str, reason: str) -> None:
    texts = [
        f"name: x\ndescription: d\nextends: {extended}\n".encode(),
        {"name": "x", "description": "d", "extends": extended},
    ]
    for text, line in zip(texts, (3, 1), strict=True):
        response = load(own_client, text)
        assert response.status_code == 422
        [fault] = reasons(response)
        assert fault[:3] == ("body", line, "extends")
        assert fault[3].startswith(reason)


def test_a_scenario_of_the_folder_that_extends_itself_is_refused(
    of_folder: httpx.Client, folder: Path
) -> None:
    for name, extended in (("self", "self"), ("one", "two"), ("two", "one")):
        text = f"name: {name}\ndescription: d\nextends: {extended}\n"
        (folder / f"{name}.yaml").write_text(text)

    assert reasons(load(of_folder, "self")) == [
        ("self.yaml", 3, "extends", "'self' extends itself")
    ]
    assert reasons(load(of_folder, "one")) == [("two.yaml", 3, "extends", "'one' extends itself")]
    body = load(of_folder, {"name": "self", "description": "d", "extends": "self"})
    assert reasons(body) == [("self.yaml", 3, "extends", "'self' extends itself")]


HOSTILE_YAML: list[tuple[str, bytes, str]] = [
    ("empty", b"# nothing\n", 'null is not of type "object"'),
    ("list", b"[]\n", '[] is not of type "object"'),
    ("brackets", b"[" * 100_000, "it is nested more than 100 deep"),
    ("closed brackets", b"[" * 50_000 + b"]" * 50_000, "it is nested more than 100 deep"),
    ("braces", b"{a: " * 100_000, "it is nested more than 100 deep"),
    ("loop", b"a: &a [*a]\n", "it is nested more than 100 deep"),
    (
        "object",
        b"name: !!python/object/apply:os.system [ls]\n",
        "the tag 'tag:yaml.org,2002:python/object/apply:os.system' is not allowed",
    ),
    ("tag", b"name: !secret x\n", "the tag '!secret' is not allowed"),
    ("number", b"seed: " + b"9" * 5_000, "a number of 5000 digits is too large"),
    ("infinity", b"seed: 1e999\n", "the number 1e999 is too large"),
    ("nul", b"name: a\x00b\n", "it has the control character 0x00"),
    ("surrogate", b'name: "\\uD800"\n', "half of a surrogate pair is no character"),
    ("double key", b"name: a\nname: b\n", "the key 'name' stands twice"),
    ("two documents", b"a: 1\n---\nb: 2\n", "another document begins here; a file has one"),
    ("odd key", b"? [a]\n: b\n", "a key must be a plain word"),
    ("open quote", b'"' + b"\\n" * 100_000, "found unexpected end of stream"),
]


@pytest.mark.parametrize(
    ("text", "reason"), [case[1:] for case in HOSTILE_YAML], ids=[case[0] for case in HOSTILE_YAML]
)
def test_hostile_yaml_is_a_422_with_a_line_and_nothing_worse(
    own_client: httpx.Client, read_problem: ReadProblem, text: bytes, reason: str
) -> None:
    response = load(own_client, text)

    assert read_problem(response)[0] == 422
    assert reason in reasons(response)[0][3]
    assert reasons(response)[0][0] == "body"
    assert own_client.get("/__mock__/clock").json()["now"] == "2025-08-21T14:30:00Z"


@pytest.mark.parametrize(
    "content",
    [b"name: \xff\n", b"name: \xed\xa0\x80\n", "name: é\n".encode("latin-1"), b"\xff\xfen\x00"],
    ids=["byte", "surrogate", "latin", "utf-16"],
)
def test_yaml_that_is_not_utf_8_is_a_400(
    own_client: httpx.Client, read_problem: ReadProblem, content: bytes
) -> None:
    status, detail = read_problem(load(own_client, content))

    assert status == 400
    assert detail.startswith("The body is not UTF-8: ")


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


HOSTILE_JSON: list[tuple[str, bytes, int, str]] = [
    ("no json", b"name: x", 400, "/request/body: the body is not JSON"),
    ("latin", b'{"scenario": "\xe9"}', 400, "/request/body: the body is not UTF-8: there is"),
    ("surrogate", b'{"scenario": "\\ud800"}', 400, "half of a surrogate pair is no character"),
    ("infinity", b'{"scenario": 1e999}', 400, "the body cannot be read: a number is too large"),
    ("digits", b'{"scenario": ' + b"9" * 5_000 + b"}", 400, "the body is not JSON"),
    ("brackets", b"[" * 100_000, 400, "/request/body: the body is nested more than 100 deep"),
    ("nothing", b"null", 400, "/request/body: null is not of type"),
    ("empty name", b'{"scenario": ""}', 400, "/request/body/scenario"),
    ("number", b'{"scenario": 5}', 400, "/request/body/scenario"),
    ("list", b'{"scenario": []}', 400, "/request/body/scenario"),
    ("word", b'{"scenario": {}, "mode": "add"}', 400, "'mode' was unexpected"),
    ("depth 99", b'{"scenario": ' + nested(99) + b"}", 422, "'a' is not known here"),
    ("depth 200", b'{"scenario": ' + nested(200) + b"}", 400, "nested more than 100 deep"),
    ("depth 1000", b'{"scenario": ' + nested(1_000) + b"}", 400, "nested more than 100 deep"),
    (
        "list in a name",
        b'{"scenario": {"name": ' + b"[" * 900 + b"]" * 900 + b"}}",
        400,
        "nested more than 100 deep",
    ),
    ("seed", b'{"scenario": {"name": "x", "description": "d", "seed": 1e3}}', 422, "seed"),
    (
        "large seed",
        b'{"scenario": {"name": "x", "description": "d", "seed": 9223372036854775808}}',
        422,
        "seed: 9223372036854775808 is greater than the maximum",
    ),
    (
        "large id",
        b'{"scenario": {"name": "x", "description": "d", "apis": {"avaamo": {"documents": '
        b'{"change": [{"id": 1, "resource": {"id": 1, "type": "User"}, "action": "update", '
        b'"changelog": "c", "timestamp": 1, "dashboard_user": {"id": '
        + b"9" * 30
        + b', "display_name": "x", "email": "x"}}]}}}}}',
        422,
        "it cannot be stored: Integer exceeds 64-bit range",
    ),
    (
        "long name",
        b'{"scenario": {"name": "' + b"x" * 256 + b'", "description": "d"}}',
        422,
        "is longer than 255 characters",
    ),
]


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [case[1:] for case in HOSTILE_JSON],
    ids=[case[0] for case in HOSTILE_JSON],
)
def test_hostile_json_is_refused_and_nothing_worse(
    own_client: httpx.Client, read_problem: ReadProblem, content: bytes, status: int, words: str
) -> None:
    response = own_client.post("/__mock__/load", headers=JSON, content=content)

    assert read_problem(response)[0] == status
    sentences = [
        read_problem(response)[1],
        *(error["reason"] for error in response.json()["errors"]),
    ]
    assert any(words in sentence for sentence in sentences)
    assert own_client.get("/__mock__/clock").json()["now"] == "2025-08-21T14:30:00Z"


def test_the_longest_name_can_be_loaded_taken_and_carried_away(own_client: httpx.Client) -> None:
    name = "س" * 255
    assert load(own_client, {"name": name, "description": "d"}).json()["scenario"] == name
    own_client.post("/__mock__/snapshots", json={"name": "one"})

    assert own_client.get("/__mock__/snapshots/one/file").json()["scenario"] == name


def test_a_name_with_a_nul_is_refused(own_client: httpx.Client) -> None:
    response = load(own_client, {"name": "a\x00b", "description": "\x00"})

    assert response.json()["scenario"] == "a\x00b"
    own_client.post("/__mock__/snapshots", json={"name": "one"})
    assert own_client.get("/__mock__/snapshots/one/file").json()["scenario"] == "a\x00b"


def test_ten_megabytes_of_text_are_read(own_client: httpx.Client) -> None:
    text = b"name: long\ndescription: " + b"x" * 10_000_000 + b"\n"

    response = own_client.post("/__mock__/load", headers=YAML, content=text, timeout=60)
    assert (response.status_code, response.json()["scenario"]) == (200, "long")
    assert len(response.content) < 1_000


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("mode=merge", "/request/query/mode"),
        ("mode=", "/request/query/mode"),
        ("seed=-1", "/request/query/seed"),
        ("seed=1.0", "/request/query/seed"),
        ("seed=9223372036854775808", "/request/query/seed"),
        ("seed=" + "9" * 1_000, "/request/query/seed"),
        ("seed=x", "/request/query/seed"),
    ],
)
def test_a_query_that_is_not_in_the_contract_is_a_400(
    own_client: httpx.Client, read_problem: ReadProblem, query: str, field: str
) -> None:
    response = own_client.post(f"/__mock__/load?{query}", json={"scenario": "calwe-ended"})

    assert read_problem(response)[0] == 400
    assert {error["field"] for error in response.json()["errors"]} == {field}
    assert own_client.get(LOG).json()["data"]["total"] == 2


@pytest.mark.parametrize(
    "content_type", ["text/yaml", "text/plain", "application/x-yaml", "application/xml", ""]
)
def test_another_content_type_is_a_415(
    own_client: httpx.Client, read_problem: ReadProblem, content_type: str
) -> None:
    response = own_client.post(
        "/__mock__/load", headers={"Content-Type": content_type}, content=b"name: x\n"
    )

    assert read_problem(response)[0] == 415


def test_no_body_is_a_400(own_client: httpx.Client, read_problem: ReadProblem) -> None:
    for headers in (YAML, JSON):
        assert read_problem(own_client.post("/__mock__/load", headers=headers)) == (
            400,
            "The request is not what the contract says: /request/body: the body is missing",
        )


def test_a_reader_sees_the_old_world_or_the_new_one_and_never_half(
    own_client: httpx.Client,
) -> None:
    """While worlds are loaded, another connection reads all that an operation can show of one."""

    def scenario(letter: str) -> dict[str, Any]:
        sessions = [
            {"id": str(n), "status": "PENDING", "customer": f"{letter}{n}"} for n in range(100)
        ]
        return {
            "name": letter,
            "description": "d",
            "seed": ord(letter),
            "apis": {"calwe": {"documents": {"session": sessions}}},
        }

    load(own_client, scenario("a"))
    seen: list[tuple[str, int, set[str]]] = []
    is_over = threading.Event()

    def read() -> None:
        with httpx.Client(
            base_url=own_client.base_url, headers=own_client.headers, timeout=60, verify=False
        ) as reader:
            while not is_over.is_set():
                response = reader.get("/__mock__/state/calwe/session?per_page=1000")
                documents = response.json()["documents"]
                letters = {document["body"]["customer"][0] for document in documents}
                seen.append((response.headers["x-mock-sandbox"], len(documents), letters))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for thread in readers:
        thread.start()
    for n in range(10):
        assert load(own_client, scenario("ba"[n % 2])).status_code == 200
        assert (
            load(own_client, {**scenario("c"), "events": [{"trigger": "calwe.x"}]}).status_code
            == 422
        )
    is_over.set()
    for thread in readers:
        thread.join()

    sandbox = own_client.headers["x-mock-sandbox"]
    assert {(name, size) for name, size, _ in seen} == {(sandbox, 100)}
    assert {"".join(letters) for _, _, letters in seen} == {"a", "b"}


def test_what_is_loaded_is_relative_to_the_moment_of_the_load(own_client: httpx.Client) -> None:
    def load_duty(clock: str) -> str:
        text = (
            f"name: late\ndescription: A duty.\nextends: documented\nclock: {clock}\n"
            "apis: {autozod: {documents: {duty: [{agent_id: 68a6d35049a09719b70539b4, "
            "start: -1h, end: now}]}}}\n"
        )
        assert load(own_client, text.encode()).status_code == 200
        documents = own_client.get("/__mock__/state/autozod/duty").json()["documents"]
        return str(documents[-1]["body"]["end"])

    assert load_duty("{freeze: 2025-08-21T18:00:00Z}") == "2025-08-21T18:00:00Z"
    first = load_duty("real")
    while load_duty("real") == first:  # in whole seconds
        pass


def test_what_is_added_must_not_contradict_what_is_there(
    own_client: httpx.Client, read_problem: ReadProblem
) -> None:
    own_client.post("/__mock__/events/calwe.end", json={"with": {"session": "1"}})
    text = (
        "name: more\ndescription: d\n"
        "apis: {calwe: {documents: {entry: [{session: '1', at: -1d, action_type: LEFT}]}}}\n"
    )
    assert load(own_client, text.encode(), mode="add").status_code == 200
    own_client.post("/__mock__/clock/advance", json={"by": "3d"})
    status, detail = read_problem(load(own_client, text.encode(), mode="add"))
    assert status == 422
    assert detail.endswith(
        "the session '1' ended at 2025-08-21T14:30:00Z, and there is a later entry at "
        "2025-08-23T14:30:00Z"
    )


def test_what_is_loaded_can_have_another_clock(
    own_client: httpx.Client, read_problem: ReadProblem
) -> None:
    text = (
        b"name: early\ndescription: d\nclock: {freeze: 2025-08-21T14:30:00Z}\n"
        b"apis: {calwe: {documents: {session: [{id: s, status: PENDING}], "
        b"entry: [{session: s, at: -1d, action_type: ENTERED}]}}}\n"
    )
    loaded = load(own_client, text, freeze_at="2030-01-02T03:00:00Z").json()
    assert (loaded["clock"]["now"], loaded["clock"]["mode"]) == ("2030-01-02T03:00:00Z", "frozen")
    entries = own_client.get("/__mock__/state/calwe/entry").json()["documents"]
    assert [entry["body"]["at"] for entry in entries] == ["2030-01-01T03:00:00Z"]
    status, detail = read_problem(load(own_client, text, freeze_at="soon"))
    assert (status, detail[:24]) == (422, "'soon' is not a moment; ")
    assert read_problem(load(own_client, text, freeze_at="now", mode="add")) == (
        400,
        "What is added comes to the world's own clock; freeze that first",
    )


# Tried, and the schema that says how they are written


def test_a_dry_run_finds_the_faults_and_leaves_the_world_alone(
    own_client: httpx.Client, world: World, read_problem: ReadProblem
) -> None:
    before = world(own_client)
    right = b"name: tried\ndescription: d\napis: {calwe: {documents: {session: []}}}\n"
    response = load(own_client, right, dry_run="true")
    assert response.status_code == 200
    assert response.json()["scenario"] == "documented"
    late = b"{session: nobody, at: -1d, action_type: ENDED}"  # found when the world is made
    wrong = b"name: tried\ndescription: d\napis:\n  calwe:\n    documents:\n      entry:\n      - "
    faults = reasons(load(own_client, wrong + late, dry_run="true"))
    assert [(line, field) for _, line, field, _ in faults] == [(7, "apis.calwe.documents.entry.0")]
    assert world(own_client) == before
    assert read_problem(load(own_client, right, dry_run="true", mode="add"))[0] == 400


def test_the_schema_of_scenarios_is_that_of_the_file_for_editors(own_client: httpx.Client) -> None:
    schema = own_client.get("/__mock__/schema").json()

    assert schema == json.loads((SCENARIOS / "schema.json").read_text("utf-8"))
