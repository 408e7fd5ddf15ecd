"""Ekran's cases expect the documented literals."""

from __future__ import annotations

from mockserver.check.cases import read_cases


def test_the_cases_expect_literal_bodies() -> None:
    bodies = [case.expect["body"] for case in read_cases("ekran").cases if "body" in case.expect]
    assert bodies == [[], {"message": "Invalid ApiKey"}]
