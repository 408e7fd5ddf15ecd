"""Faults in scenarios and snapshot files: every world has them, and what is wrong has its line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver import apis
from mockserver.errors import ScenarioError
from mockserver.scenarios import load

FAULTS = "/__mock__/faults"
LOG = "/v1/customer/sessions/1/log"
BEARER = {"Authorization": "Bearer token"}
FLAKY = """\
name: flaky
description: Two faults.
extends: documented
faults:
  - {name: down, match: {operation: listSessionLogs, first: 1}, effect: {status: 503}}
  - name: until-lunch
    match: {api: ekran, until: +30m}
    effect: {status: 500}
"""


def _fault_lines(text: str, tmp_path: Path) -> list[str]:
    path = tmp_path / "wrong.yaml"
    path.write_text(f"name: wrong\ndescription: It is wrong.\n{text}")
    with pytest.raises(ScenarioError) as raised:
        load(path, apis.load())
    return [str(fault) for fault in raised.value.faults]


def test_everything_wrong_with_a_fault_is_said_with_its_line(tmp_path: Path) -> None:
    text = """\
faults:
  - name: a
    match: {operation: listSessionLog}
    effect:
      delay: 800
      sigma: 1
  - name: a
    match:
      every: 0
    effect: {conection: reset}
  - {name: b, effect: {limit: 5}}
  - {effect: {delay: 1}}
  - name: b
    effect: {delay: 1}
  - {name: c}
"""
    assert _fault_lines(text, tmp_path) == [
        "wrong.yaml:5: faults.0.match.operation: there is no operation 'listSessionLog'; did you "
        "mean 'listSessionLogs'?",
        "wrong.yaml:7: faults.0.effect.delay: '800' seconds is not from 0 s to 600 s; a number is "
        "seconds, and '800ms' are milliseconds",
        "wrong.yaml:11: faults.1.match.every: 0 is less than the minimum of 1",
        "wrong.yaml:12: faults.1.effect.conection: 'conection' is not known here; did you mean "
        "'connection'?",
        "wrong.yaml:13: faults.2.effect.limit: 'limit' has a meaning only with 'per'",
        'wrong.yaml:14: faults.3: "name" is a required property',
        "wrong.yaml:15: faults.4.name: there is a fault 'b' above",
        'wrong.yaml:17: faults.5: "effect" is a required property',
    ]


def test_a_scenario_replaces_the_faults_that_it_extends_by_name(tmp_path: Path) -> None:
    (tmp_path / "flaky.yaml").write_text(FLAKY)
    (tmp_path / "more.yaml").write_text(
        "name: more\ndescription: More.\nextends: flaky\n"
        "faults:\n  - {name: down, effect: {status: 502}}\n  - {name: slow, effect: {delay: 1}}\n"
    )
    rules = load(tmp_path / "more.yaml", apis.load()).faults
    assert [(name, rule.effect.status) for name, rule in rules.items()] == [
        ("down", 502),
        ("until-lunch", 500),
        ("slow", None),
    ]


def test_there_are_at_most_a_hundred_with_those_of_the_extended_scenario(tmp_path: Path) -> None:
    (tmp_path / "flaky.yaml").write_text(FLAKY)
    rules = [f"  - {{name: f{n}, effect: {{delay: 1}}}}\n" for n in range(99)]
    assert _fault_lines(f"extends: flaky\nfaults:\n{''.join(rules)}", tmp_path) == [
        "wrong.yaml:4: faults: with those that it extends it has 101, and 100 are allowed"
    ]


@pytest.fixture
def flaky(documented: httpx.Client) -> httpx.Client:
    """A client of a sandbox with the scenario FLAKY."""
    documented.headers.update({**BEARER, "ApiKey": "k"})
    loaded = documented.post(
        "/__mock__/load", content=FLAKY.encode(), headers={"Content-Type": "application/yaml"}
    )
    assert loaded.status_code == 200, loaded.text
    return documented


def _status(client: httpx.Client, path: str = LOG) -> int:
    return client.get(path).status_code


def test_a_reset_begins_with_the_faults_of_the_scenario_again(flaky: httpx.Client) -> None:
    def see() -> list[int]:
        return [_status(flaky), _status(flaky), _status(flaky, "/ekranapi/sessions")]

    assert see() == [503, 200, 500]
    flaky.delete(f"{FAULTS}/down")
    flaky.post(FAULTS, json={"name": "other", "effect": {"delay": 0}})
    flaky.post("/__mock__/clock/advance", json={"by": "30m"})
    assert see() == [200, 200, 200]
    flaky.post("/__mock__/reset")
    assert [it["name"] for it in flaky.get(FAULTS).json()["faults"]] == ["down", "until-lunch"]
    assert see() == [503, 200, 500]
    # The half hour begins with the world.
    flaky.post("/__mock__/clock/freeze", json={"at": "2030-01-01T00:00:00Z"})
    assert see() == [200, 200, 200]


def test_every_new_sandbox_has_them(start: Callable[..., httpx.Client], tmp_path: Path) -> None:
    (tmp_path / "flaky.yaml").write_text(FLAKY)
    client = start(scenario="flaky", scenarios=tmp_path)
    client.headers.update(BEARER)
    for name in ("one", "two"):
        client.headers["X-Mock-Sandbox"] = name
        assert [_status(client), _status(client)] == [503, 200]


def test_a_snapshot_file_has_them(flaky: httpx.Client) -> None:
    flaky.post("/__mock__/snapshots", json={"name": "one"})
    file = flaky.get("/__mock__/snapshots/one/file").content
    head: dict[str, Any] = json.loads(file)
    assert head["faults"] == [
        {
            "name": "down",
            "match": {"operation": "listSessionLogs", "first": 1},
            "effect": {"status": 503},
        },
        {
            "name": "until-lunch",
            "match": {"api": "ekran", "until": "+30m"},
            "effect": {"status": 500},
        },
    ]
    other = {"X-Mock-Sandbox": f"{flaky.headers['x-mock-sandbox']}-other"}
    json_type = {"Content-Type": "application/json"}
    url = "/__mock__/snapshots/two/file"
    assert flaky.put(url, content=file, headers={**other, **json_type}).status_code == 200
    flaky.post("/__mock__/snapshots/two/restore", headers=other)
    assert flaky.get(FAULTS, headers=other).json()["faults"][1]["name"] == "until-lunch"
    assert flaky.get(LOG, headers=other).status_code == 503

    head["faults"][1]["match"]["api"] = "ekram"
    refused = flaky.put(url, json=head)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["faults.1.match.api"]
    head["faults"] = [{"effect": {"delay": 1}}]
    assert flaky.put(url, json=head).status_code == 400
