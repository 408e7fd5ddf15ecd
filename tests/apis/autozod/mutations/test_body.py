"""The parts of an answer's body, each changed by itself."""

from mockserver.apis.autozod.mutations.body import (
    with_accounts,
    with_data,
    with_days,
    with_summary,
)

BODY = {"success": True, "data": {"summary": {"n": 1}, "daily_breakdown": [{"n": 2}, None]}}


def test_only_the_part_is_changed() -> None:
    assert with_data(BODY, more=1)["data"] == {**BODY["data"], "more": 1}  # type: ignore[dict-item]
    assert with_summary(BODY, m=3)["data"] == {
        "summary": {"n": 1, "m": 3},
        "daily_breakdown": [{"n": 2}, None],
    }
    assert with_days(BODY, lambda day: day["n"])["data"] == {
        "summary": {"n": 1},
        "daily_breakdown": [2, None],
    }
    assert with_accounts(BODY, lambda account: account["n"])["data"] == {
        "summary": 1,
        "daily_breakdown": [2, None],
    }
