"""Calwe's cases expect the bodies that the page shows."""

from __future__ import annotations

from mockserver.check.cases import read_cases

CASES = read_cases("calwe")


def test_what_the_page_shows_is_expected_literally() -> None:
    bodies = {one.name: one.expect["contains"] for one in CASES.cases if "contains" in one.expect}
    not_found = {
        "success": False,
        "message": "لم يتم العثور على الجلسة",
        "data": None,
        "statusCode": 404,
    }
    ended = {
        "success": False,
        "message": "لايمكنك تسجيل سجل العمليات بعد انتهاء الجلسة",
        "data": None,
        "statusCode": 422,
    }
    invalid = {
        "success": False,
        "message": "بيانات غير صالحة",
        "data": {"action_type": ["نوع الإجراء غير صالح"]},
        "statusCode": 422,
    }

    assert bodies["list-of-an-unknown-session"] == not_found
    assert bodies["create-in-an-unknown-session"] == not_found
    assert bodies["create-in-an-ended-session"] == ended
    assert bodies["create-with-an-invalid-type"] == invalid
