"""Sides: what may be asked of one is what may be asked of the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockserver import apis
from mockserver.check.comparison.side import Side, connected, sides
from mockserver.check.target.target import Target

APIS = apis.load(["calwe"])
CREATE = APIS["calwe"].contract.operation("createSessionLog")


def _sides(a: Target, b: Target) -> tuple[Side, Side]:
    with connected(a) as one, connected(b) as other:
        return sides(one, other, APIS["calwe"])


def _unchanged(_: str, status: int, body: bytes) -> tuple[int, bytes]:
    return status, body


def test_both_are_written_to_or_neither(mock_url: str, proxy: Callable[..., str]) -> None:
    blind = proxy(_unchanged, is_blind=True)
    mock = Target("mock", mock_url)
    closed, open = Target("closed", blind), Target("open", blind, allow_writes=True)
    for a, b, may in [
        (mock, mock, True),
        (mock, open, True),
        (open, open, True),
        (mock, closed, False),
        (closed, open, False),
    ]:
        for pair in (_sides(a, b), _sides(b, a)):
            assert [side.may_write for side in pair] == [may, may]
            assert [side.allows(CREATE) for side in pair] == [may, may]


def test_an_id_is_used_where_both_know_it_each_its_own(
    mock_url: str, proxy: Callable[..., str]
) -> None:
    url = proxy(_unchanged, is_blind=True)
    known: dict[str, Any] = {"calwe": {"open_session": "77", "unheard_of": "1"}}
    mock, real = _sides(Target("mock", mock_url), Target("real", url, known=known))
    assert dict(mock.known) == {"open_session": "1"}
    assert dict(real.known) == {"open_session": "77"}
    assert real.missing(["open_session", "ended_session"]) == ["ended_session"]


def test_a_thread_is_a_page_in_the_notebook(mock_url: str) -> None:
    target = Target("mock", mock_url)
    with connected(target) as one:
        side, _ = sides(one, one, APIS["calwe"])
        side.results.phase = "invariants"
        for _ in range(2):
            with side.thread("documented") as ask:
                assert ask("listSessionLogs", id="1").status == 200
    assert [len(thread) for thread in side.results.threads["invariants"]] == [1, 1]
