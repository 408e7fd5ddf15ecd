"""The journal through the client, against a real server."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from threading import Thread

import httpx
import pytest

from mockserver.client import Client, JournalChange
from mockserver.errors import ProblemError

LOG = "/v1/customer/sessions/1/log"
BEARER = {"Authorization": "Bearer t"}
_numbers = count()


@pytest.fixture
def client(documented_server: str) -> Iterator[Client]:
    with Client(documented_server, sandbox=f"journal-{next(_numbers)}") as client:
        yield client


@pytest.fixture
def app(client: Client) -> Iterator[httpx.Client]:
    headers = {**BEARER, "X-Mock-Sandbox": client.sandbox or ""}
    with httpx.Client(base_url=client.url, headers=headers, verify=False) as app:
        yield app


def test_exchanges_are_read_found_and_cleared(client: Client, app: httpx.Client) -> None:
    app.post(f"{LOG}?x=1", json={"action_type": "ENTERED"})
    app.get("/nothing")
    page = client.journal.read(limit=1)
    assert (page.kept, page.total) == (1000, 2)
    assert page.entries[0].target == "/nothing"
    (entry,) = client.journal.find("createSessionLog", status=200)
    assert (entry.method, entry.target, entry.status) == ("POST", f"{LOG}?x=1", 200)
    assert entry.request.body == '{"action_type":"ENTERED"}'
    (change,) = entry.changes
    assert change == JournalChange("entry", change.key, "added")
    assert client.journal.get(entry.id) == entry
    assert client.journal.list(status="4XX")[0].path == "/nothing"
    assert client.journal.list(violations=True) == ()
    client.journal.clear()
    assert client.journal.list() == ()


def test_calls_are_verified(client: Client, app: httpx.Client) -> None:
    app.post(LOG, json={"action_type": "ENTERED"})
    app.get(LOG)
    journal = client.journal
    journal.assert_called("createSessionLog", times=1, body={"action_type": "ENTERED"})
    journal.assert_called(method="GET", path="/v1/**", headers={"X-Other": None})
    journal.assert_not_called("createCoachSessionLog")
    journal.assert_order({"method": "POST"}, {"operation": "listSessionLogs"})
    assert journal.verify("listSessionLogs").count == 1
    with pytest.raises(AssertionError) as caught:
        journal.assert_called("createSessionLog", body={"action_type": "ENDED"})
    assert 'the body at \'/action_type\' is "ENTERED", not "ENDED"' in str(caught.value)
    with pytest.raises(AssertionError, match="Expected exactly 0 calls of listSessionLogs"):
        journal.assert_not_called("listSessionLogs")
    with pytest.raises(AssertionError, match="in this order, as number 2"):
        journal.assert_order({"method": "GET"}, {"method": "POST"})


def test_a_body_of_null_is_a_pattern_too(client: Client, app: httpx.Client) -> None:
    app.post(LOG, content="null", headers={"Content-Type": "application/json"})
    client.journal.assert_called(body=None)
    client.journal.assert_not_called(body={})


def test_a_pattern_that_has_no_meaning_is_refused(client: Client, app: httpx.Client) -> None:
    app.get(LOG)
    with pytest.raises(ProblemError, match="opration"):
        client.journal.verify(opration="listSessionLogs")


def test_a_failure_is_explained(client: Client, app: httpx.Client) -> None:
    app.get("/v1/customers/sessions/1/log")
    explanation = client.journal.explain(client.journal.list()[-1].id)
    assert "Did you mean GET /v1/customer/sessions/{id}/log?" in explanation.sentences[0]
    assert explanation.nearest[0].operation == "calwe.listSessionLogs"


def test_exchanges_are_followed(client: Client, app: httpx.Client) -> None:
    app.get(LOG)
    following = client.journal.follow(operation="listSessionLogs")

    def send() -> None:
        app.get("/nothing")
        app.get(f"{LOG}?page=2")

    def take() -> None:
        taken.append(next(following).query)

    taken: list[str] = []
    after = client.journal.list()[0].id
    send()
    assert [next(client.journal.follow(after=after)).path] == ["/nothing"]
    reading = Thread(target=take)
    reading.start()
    while not taken:
        app.get(f"{LOG}?page=3")
    reading.join()
    assert taken == ["page=3"]
