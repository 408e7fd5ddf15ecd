"""Operations are called in one sequence of requests, each validated with those before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from mockserver import apis
from mockserver.check.http.caller import Call, HttpCaller
from mockserver.contract import place_credential
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
def test_a_credential_is_sent_in_the_header_of_its_scheme(
    name: str, headers: dict[str, str]
) -> None:
    operation = APIS[name].contract.operations[0]
    assert place_credential(APIS[name].contract, operation, "secret") == (headers, {})


@pytest.fixture
def recorded() -> list[tuple[Interaction, int]]:
    return []


@pytest.fixture
def call(context: Callable[..., Any], mock_url: str, recorded: list[Any]) -> Any:
    """A sequence of requests to the mock's Calwe, in a world of its own."""

    def record(interaction: Interaction, before: Sequence[Interaction]) -> None:
        recorded.append((interaction, len(before)))

    made = context(mock_url, "calwe")
    with made.sequence("documented") as caller:
        caller.record = record
        yield caller


def test_each_exchange_is_recorded_with_those_before_it(
    call: HttpCaller, recorded: list[Any]
) -> None:
    first = call("listSessionLogs", id="1", per_page=1)
    second = call("createSessionLog", id="1", body={"action_type": "ENTERED"})
    third = call("listSessionLogs", id="1")
    assert [seen.status for seen in (first, second, third)] == [200, 200, 200]
    assert first.response_body["data"]["total"] == 2
    assert third.response_body["data"]["total"] == 3
    assert third.arguments == {"id": "1", "page": 1, "per_page": 30}
    assert [count for _, count in recorded] == [0, 1, 2]
    assert call.before == [first, second, third]


def test_the_moment_is_that_of_the_world(call: HttpCaller) -> None:
    assert call.now == 1_755_786_600_000_000
    assert call("listSessionLogs", id="1").moment == 1_755_786_600_000_000


@pytest.mark.parametrize("credential", [None, "invalid"])
def test_another_credential_is_meant_to_be_refused(
    call: HttpCaller, credential: str | None
) -> None:
    seen = call.send(Call("listSessionLogs", {"id": "1"}, credential=credential))
    assert (seen.status, seen.is_admitted) == (401, False)


def test_another_method_and_another_path_can_be_called(call: HttpCaller) -> None:
    assert call.send(Call("listSessionLogs", {"id": "1"}, method="DELETE")).status == 405
    assert call.send(Call("listSessionLogs", {"id": "1", "page": 1}, suffix="/more")).status == 404
