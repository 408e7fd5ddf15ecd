"""A target: what may be done to a deployment."""

from __future__ import annotations

from mockserver.check.target import Target


def test_nothing_is_written_to_a_deployment_unless_that_is_said() -> None:
    target = Target("staging", "https://staging.example")
    assert target.allow_writes is False
    assert target.verify is True
    assert (target.rate, target.time_limit, target.timeout) == (0, 0, 10)
    assert target.evidence == "documented"
