"""A context knows what a target allows."""

from __future__ import annotations

from collections.abc import Callable

from mockserver.check.context import CheckContext

Make = Callable[..., CheckContext]


def test_a_mocks_own_worlds_may_be_written_to(context: Make, mock_url: str) -> None:
    made = context(mock_url, "calwe")
    assert made.may_write is True
    assert all(made.allows(operation) for operation in made.api.contract.operations)
    assert made.credential == "mockserver-check"
    assert made.can_run("a case", ["open_session"], writes=True)
    assert not made.can_run("a case", ["open_session", "nothing"], writes=True)
    assert made.results.skipped == ["a case: no id for nothing"]
    assert made.results.missing_ids == {}


def test_a_deployment_may_be_written_to_only_where_the_target_allows_it(
    context: Make, stub: Callable[..., str]
) -> None:
    url = stub(404, b"{}")
    made = context(url, "calwe")
    allowed = [operation.id for operation in made.api.contract.operations if made.allows(operation)]
    assert allowed == ["listSessionLogs", "listCoachSessionLogs"]
    assert not made.can_run("a case", ["open_session"], writes=False)
    assert not made.can_run("a case", writes=True)
    assert made.can_run("a case", writes=False)
    assert made.results.skipped == ["a case: no id for open_session", "a case: it writes"]
    # An id with which nothing could be sent is not missing.
    assert not made.can_run("a case", ["session_to_end"], writes=True)
    assert made.results.missing_ids == {"open_session": ""}
    made = context(
        url,
        "calwe",
        allow_writes=True,
        credentials={"calwe": "secret"},
        ids={"calwe": {"open_session": "17"}},
    )
    assert (made.may_write, made.credential) == (True, "secret")
    assert made.can_run("a case", ["open_session"], writes=True)
    assert not made.can_run("a case", ["session_to_end"], writes=True)
    assert made.results.missing_ids == {"session_to_end": ""}


def test_a_sequence_of_a_deployment_is_in_no_sandbox(
    context: Make, stub: Callable[..., str]
) -> None:
    made = context(stub())
    with made.sequence() as call:
        assert dict(call.headers) == {}
        assert call("listSessions").status == 200
    assert made.results.requests == 1


def test_the_headers_of_a_target_are_part_of_what_is_recorded(
    context: Make, stub: Callable[..., str]
) -> None:
    made = context(stub(), headers={"X-Gateway-Key": "a-key"})
    with made.sequence() as call:
        call("listSessions")
    ((_, _, exchange, _),) = made.results.traffic
    assert exchange.request.headers.get("x-gateway-key") == "a-key"
