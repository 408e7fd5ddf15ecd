"""What is kept of requests, and for how long."""

from __future__ import annotations

from mockserver.server.request_log import LoggedRequest, RequestLog


def targets(log: RequestLog, sandbox: str) -> list[str]:
    return [request.target for request in log.list(sandbox)]


def test_the_newest_requests_of_each_sandbox_are_kept() -> None:
    log = RequestLog(2, 10)
    for target in ("/1", "/2", "/3"):
        log.add("a", LoggedRequest("GET", target))
    log.add("b", LoggedRequest("GET", "/4"))
    assert targets(log, "a") == ["/2", "/3"]
    assert targets(log, "b") == ["/4"]
    assert targets(log, "c") == []


def test_the_sandbox_that_had_no_request_for_longest_is_forgotten() -> None:
    log = RequestLog(2, 2)
    for sandbox in ("a", "b", "a", "c"):
        log.add(sandbox, LoggedRequest("GET", "/"))
    assert [len(log.list(sandbox)) for sandbox in ("a", "b", "c")] == [2, 0, 1]
