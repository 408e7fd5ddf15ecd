"""Operations are asked in one thread of requests, each validated with those before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from mockserver import apis
from mockserver.check.http.caller import Call, HttpCaller, credential_headers
from mockserver.check.validation.observation import Observation
from mockserver.invariant import Interaction

APIS = apis.load()


@pytest.mark.parametrize(
    ("name", "headers"),
    [
        ("calwe", {"Authorization": "Bearer secret"}),
        ("autozod", {"Authorization": "Bearer secret"}),
        ("avaamo", {"access-token": "secret"}),
        ("ekran", {"ApiKey": "secret"}),
    ],
)
def test_a_credential_goes_where_the_contract_wants_it(name: str, headers: dict[str, str]) -> None:
    operation = APIS[name].contract.operations[0]
    assert credential_headers(APIS[name], operation, "secret") == headers


@pytest.fixture
def told() -> list[tuple[Observation, int]]:
    return []


@pytest.fixture
def ask(context: Callable[..., Any], mock_url: str, told: list[Any]) -> Any:
    """A thread of requests to the mock's Calwe, in a world of its own."""

    def record(observation: Observation, before: Sequence[Interaction]) -> None:
        told.append((observation, len(before)))

    made = context(mock_url, "calwe")
    with made.sequence("documented") as asking:
        asking.record = record
        yield asking


def test_each_exchange_is_told_with_those_before_it(ask: HttpCaller, told: list[Any]) -> None:
    first = ask("listSessionLogs", id="1", per_page=1)
    second = ask("createSessionLog", id="1", body={"action_type": "ENTERED"})
    third = ask("listSessionLogs", id="1")
    assert [seen.status for seen in (first, second, third)] == [200, 200, 200]
    assert first.response_body["data"]["total"] == 2
    assert third.response_body["data"]["total"] == 3
    assert third.arguments == {"id": "1", "page": 1, "per_page": 30}
    assert [count for _, count in told] == [0, 1, 2]
    assert ask.before == [first, second, third]


def test_the_worlds_own_moment_is_known(ask: HttpCaller) -> None:
    assert ask.now == 1_755_786_600_000_000
    assert ask("listSessionLogs", id="1").moment == 1_755_786_600_000_000


@pytest.mark.parametrize("credential", [None, "invalid"])
def test_another_credential_is_meant_to_be_refused(ask: HttpCaller, credential: str | None) -> None:
    seen = ask.send(Call("listSessionLogs", {"id": "1"}, credential=credential))
    assert (seen.status, seen.is_admitted) == (401, False)


def test_a_method_and_a_path_of_ones_own_can_be_tried(ask: HttpCaller) -> None:
    assert ask.send(Call("listSessionLogs", {"id": "1"}, method="DELETE")).status == 405
    assert ask.send(Call("listSessionLogs", {"id": "1", "page": 1}, suffix="/more")).status == 404
