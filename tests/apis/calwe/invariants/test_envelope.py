"""The envelope's invariants: two breaches of each that they see, and one oddity that they bear."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

ENDED = "لايمكنك تسجيل سجل العمليات بعد انتهاء الجلسة"
INVALID = "بيانات غير صالحة"
UNKNOWN = "لم يتم العثور على الجلسة"
UNAUTHENTICATED = "يجب عليك تسجيل الدخول"
LISTED = "تم جلب البيانات بنجاح"
SAVED = "تم حفظ البيانات بنجاح"


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (200, 200, []),
        (200, 201, ["statusCode is 201 in an answer of status 200"]),
        (404, 200, ["statusCode is 200 in an answer of status 404"]),
        (200, "200", None),
        (500, 200, None),
    ],
)
def test_status_code_repeats_the_status(calwe: Any, status: int, code: Any, said: Any) -> None:
    now = calwe.seen("listSessionLogs", calwe.envelope(True, LISTED, {}, code), status)
    assert calwe.validated("status-code-repeats-the-status", now) == said


@pytest.mark.parametrize(
    ("status", "success", "said"),
    [
        (200, True, []),
        (422, False, []),
        (200, False, ["success is false in an answer of status 200"]),
        (404, True, ["success is true in an answer of status 404"]),
        (404, None, None),
        (502, True, None),
    ],
)
def test_success_says_how_it_ended(calwe: Any, status: int, success: Any, said: Any) -> None:
    now = calwe.seen("createSessionLog", calwe.envelope(success, "", None, status), status)
    assert calwe.validated("success-says-how-it-ended", now) == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"success":true,"message":"تم"}', []),
        ('{"success":true,"message":"\\u062aم"}', ["a letter is written \\u062a"]),
        ('{"success":true,"message":"\\u062A"}', ["a letter is written \\u062A"]),
        ('{"success":true,"message":"OK"}', None),
        ('"\\u062a"', None),
    ],
)
def test_arabic_is_not_escaped(calwe: Any, body: str, said: Any) -> None:
    now = calwe.seen("listSessionLogs", json.loads(body))
    response = replace(now.exchange.response, body=body.encode())
    now = replace(now, exchange=replace(now.exchange, response=response))
    assert calwe.validated("arabic-is-not-escaped", now) == said


@pytest.mark.parametrize(
    ("operation", "status", "message", "is_valid", "is_lawful"),
    [
        ("listSessionLogs", 200, LISTED, True, True),
        ("createSessionLog", 200, SAVED, True, True),
        ("createSessionLog", 422, ENDED, True, True),
        ("createSessionLog", 422, INVALID, False, True),
        # Which of the two is checked first is not documented.
        ("createSessionLog", 422, ENDED, False, True),
        ("listSessionLogs", 404, UNKNOWN, True, True),
        ("listSessionLogs", 200, SAVED, True, False),
        ("createSessionLog", 200, LISTED, True, False),
        ("createSessionLog", 422, INVALID, True, False),
        # With the space that the page does not have, and with a dot.
        ("createSessionLog", 422, ENDED.replace("لايمكنك", "لا يمكنك"), True, False),
        ("listCoachSessionLogs", 404, f"{UNKNOWN}.", True, False),
    ],
)
def test_message_tells_the_outcome(
    calwe: Any, operation: str, status: int, message: str, is_valid: bool, is_lawful: bool
) -> None:
    answer = calwe.envelope(status == 200, message, None, status)
    now = calwe.seen(operation, answer, status, is_valid=is_valid)
    said = calwe.validated("message-tells-the-outcome", now)

    assert said is not None
    assert (said == []) is is_lawful


@pytest.mark.parametrize("status", [401, 405, 500])
def test_other_messages_are_not_validated(calwe: Any, status: int) -> None:
    now = calwe.seen("listSessionLogs", calwe.envelope(False, "?", None, status), status)
    assert calwe.validated("message-tells-the-outcome", now) is None


@pytest.mark.parametrize(
    ("status", "message", "data", "said"),
    [
        (404, UNKNOWN, None, []),
        (422, ENDED, None, []),
        (422, INVALID, {"action_type": ["نوع الإجراء غير صالح"]}, []),
        # A deployment may word it otherwise in another language; the message's invariant sees that.
        (422, "Invalid", [], None),
        (404, UNKNOWN, [], ["data is [], and not null"]),
        (422, ENDED, {}, ["data is {}, and not null"]),
        (422, INVALID, None, ["data is null, and does not name action_type alone"]),
        (422, INVALID, {"type": []}, ['data is {"type": []}, and does not name action_type alone']),
    ],
)
def test_refusals_have_the_data_shown(
    calwe: Any, status: int, message: str, data: Any, said: Any
) -> None:
    now = calwe.seen("createSessionLog", calwe.envelope(False, message, data, status), status)
    assert calwe.validated("refusals-have-the-data-shown", now) == said


@pytest.mark.parametrize(
    ("message", "data", "said"),
    [
        (UNAUTHENTICATED, [], []),
        (UNAUTHENTICATED, None, ["data is null"]),
        ("Unauthenticated.", [], ['the message is "Unauthenticated."']),
    ],
)
def test_refused_credentials_are_told_so(calwe: Any, message: Any, data: Any, said: Any) -> None:
    answer = calwe.envelope(False, message, data, 401)
    now = calwe.seen("createCoachSessionLog", answer, 401, is_admitted=False)
    assert calwe.validated("refused-credentials-are-told-so", now) == said


@pytest.mark.parametrize(
    ("status", "is_admitted", "said"),
    [
        (401, False, []),
        # What is checked first is not documented: a gateway may refuse the method, or the size.
        (405, False, []),
        (200, True, None),
        (200, False, ["a request without a good credential is answered 200"]),
        (204, False, ["a request without a good credential is answered 204"]),
    ],
)
def test_nothing_is_done_without_a_credential(
    calwe: Any, status: int, is_admitted: bool, said: Any
) -> None:
    now = calwe.seen("listSessionLogs", None, status, is_admitted=is_admitted)
    assert calwe.validated("nothing-is-done-without-a-credential", now) == said


@pytest.mark.parametrize(
    ("arguments", "message", "data", "said"),
    [
        ({"page": 1}, INVALID, {"per_page": ["x"]}, []),
        ({}, INVALID, {"page": ["in", "whichever"], "per_page": ["words"]}, []),
        ({"page": 1}, INVALID, {"page": []}, ["data names ['page'], and wrong is ['per_page']"]),
        ({"page": 1}, "?", {"per_page": []}, ['the message is "?"']),
    ],
)
def test_refused_paging_is_named(
    calwe: Any, arguments: Any, message: str, data: Any, said: Any
) -> None:
    answer = calwe.envelope(False, message, data, 422)
    now = calwe.seen("listSessionLogs", answer, 422, arguments, is_valid=False)
    assert calwe.validated("refused-paging-is-named", now) == said
