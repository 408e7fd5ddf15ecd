"""No credential is in a scenario, wherever and however it was spelt in the traffic."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from leaks import ENCODERS, SECRET, find_leak

from mockserver import apis
from mockserver.recorder import RecordedScenario
from mockserver.recorder.exchange import HarReader
from mockserver.traffic.recording import Recording

Record = Callable[..., RecordedScenario]
Entry = Callable[..., dict[str, Any]]

APIS = apis.load()
SESSIONS = "http://h/ekranapi/sessions"


def make_session(id: int, guid: str) -> dict[str, Any]:
    return {
        "clientGuid": guid,
        "logoutDate": "2000-01-23T05:56:07.000+00:00",
        "loginDate": "2000-01-23T04:56:07.000+00:00",
        "sessionId": id,
        "userId": 61,
    }


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("place", ["header", "cookie", "query", "basic"])
def test_a_secret_of_a_later_request_is_nowhere(
    record: Record, entry: Entry, name: str, place: str
) -> None:
    echo = ENCODERS[name](SECRET)
    url, headers = f"{SESSIONS}?start=1999-01-01", {}
    if place == "header":
        headers = {"ApiKey": SECRET}
    elif place == "cookie":
        headers = {"Cookie": f"sid={SECRET}"}
    elif place == "query":
        url += f"&access_token={SECRET}"
    else:
        user = base64.b64encode(f"ann:{SECRET}".encode()).decode()
        headers = {"Authorization": f"Basic {user}"}
    before = [make_session(1, echo), make_session(2, f"a {echo} b"), make_session(3, "plain")]
    scenario = record(
        entry(SESSIONS, before), entry(url, [], headers=headers), keeps_personal_data=True
    )
    assert find_leak(scenario.text) == ""
    assert "sessionId: 3" in scenario.text


def test_a_secret_is_known_by_its_name_or_its_form(record: Record, entry: Entry) -> None:
    jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"
    texts = [
        f"see {jwt}",
        "Bearer q8Zx2Lw0Pk5N",
        "https://ann:p4ssw0rd9@h/",
        '{"password": "hunter22x"}',
    ]
    scenario = record(
        entry(SESSIONS, [make_session(n, text) for n, text in enumerate(texts, 1)]),
        keeps_personal_data=True,
    )
    assert scenario.counts == {"ekran": {"session": 4}}
    for secret in (jwt, "q8Zx2Lw0Pk5N", "p4ssw0rd9", "hunter22x"):
        assert secret not in scenario.text


def test_what_is_kept_until_the_scenario_is_made_has_none(
    recording: Callable[..., Recording], entry: Entry
) -> None:
    call = entry(f"{SESSIONS}?token={SECRET}", [make_session(1, SECRET)])
    kept = list(HarReader(recording(call), list(APIS.values())).read())
    assert [exchange.api for exchange in kept] == ["ekran"]
    assert find_leak(msgspec.json.encode(kept).decode()) == ""
