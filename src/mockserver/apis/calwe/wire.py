"""The formats of Calwe: the Laravel envelope, the Arabic messages, PHP's `g:i A`.

Literal texts are those of the page `Customer/sessions/session-log`, byte for byte; those marked as
our own are decided in `docs/adr/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mockserver.clock import SECOND
from mockserver.contract import Format, Violation
from mockserver.errors import HttpError, Refusal
from mockserver.store import Document

FORMATS = (
    Format(
        name="time-g-i-a",
        pattern=r"^(1[0-2]|[1-9]):[0-5][0-9] (AM|PM)$",
        examples=("2:30 PM", "12:00 AM", "11:59 PM", "1:05 AM"),
        counterexamples=("02:30 PM", "14:30", "2:30 pm", "0:30 AM", "2:60 PM", "2:30PM"),
    ),
)

TEXTS = {
    "ENTERED": "Customer entered the session",
    "LEFT": "Customer left the session",
    "ENDED": "Session was ended",
    "CANCELLED": "Session was cancelled",
    "TEMPORARILY_LEFT": "Customer temporarily left the session",
    "CANCEL_REQUEST": "Request to cancel the session",
    "SESSION_PERIOD": "Session period record",
}
"""The text of each action type, from the page's list of action types."""

LISTED = "تم جلب البيانات بنجاح"
SAVED = "تم حفظ البيانات بنجاح"
SESSION_NOT_FOUND = "لم يتم العثور على الجلسة"
SESSION_ENDED = "لايمكنك تسجيل سجل العمليات بعد انتهاء الجلسة"
INVALID = "بيانات غير صالحة"
UNAUTHENTICATED = "يجب عليك تسجيل الدخول"

_FIELD_MESSAGES = {
    "action_type": "نوع الإجراء غير صالح",
    # Our own: the page documents no error for these two.
    "per_page": "يجب أن تكون القيمة عددًا صحيحًا بين 1 و 1000",
    "page": "يجب أن تكون القيمة عددًا صحيحًا أكبر من صفر",
}
# Our own: the page documents none of these.
_REFUSALS = {
    400: "تعذر فهم الطلب لأن صيغته غير صحيحة",
    401: UNAUTHENTICATED,
    404: "المسار المطلوب غير موجود",
    405: "طريقة الطلب غير مسموح بها لهذا المسار",
    413: "حجم محتوى الطلب أكبر من الحد المسموح به",
    415: "نوع محتوى الطلب غير مدعوم، يجب إرسال الطلب بصيغة JSON",
}
_FAILURE = "حدث خطأ في الخادم"


def format_time(at: int) -> str:
    """A moment as PHP's `g:i A` in UTC: `2:30 PM`, without a leading zero."""
    hour, minute = divmod(at // (60 * SECOND) % (24 * 60), 60)
    return f"{hour % 12 or 12}:{minute:02d} {'AM' if hour < 12 else 'PM'}"


def format_entry(document: Document) -> dict[str, Any]:
    """An entry of the log."""
    action_type = document.body["action_type"]
    return {
        "text": document.body.get("text", TEXTS[action_type]),
        "date": format_time(document.at or 0),
        "action_type": action_type,
    }


def paginate(
    entries: Sequence[Document], *, total: int, page: int, per_page: int, url: str
) -> dict[str, Any]:
    """The response of the list: Laravel's paginator, its URLs built from the request's own."""
    last_page = max(1, -(-total // per_page))
    first = (page - 1) * per_page + 1
    paginator = {
        "current_page": page,
        "data": [format_entry(document) for document in entries],
        "first_page_url": f"{url}?page=1",
        "from": first if entries else None,
        "last_page": last_page,
        "last_page_url": f"{url}?page={last_page}",
        "links": [],
        "next_page_url": f"{url}?page={page + 1}" if page < last_page else None,
        "path": url,
        "per_page": per_page,
        "prev_page_url": f"{url}?page={page - 1}" if page > 1 else None,
        "to": first + len(entries) - 1 if entries else None,
        "total": total,
    }
    return _wrap(True, LISTED, paginator, 200)


def envelope_saved(document: Document) -> dict[str, Any]:
    """The response of the create."""
    return _wrap(True, SAVED, format_entry(document), 200)


def refuse(status: int, message: str, data: Any = None) -> Refusal:
    """A refusal in the envelope, as documented."""
    return Refusal(status, _wrap(False, message, data, status))


def refuse_invalid(violations: Iterable[Violation]) -> Refusal:
    """422 Validation Error: the fields that are wrong, each with its message."""
    fields = {violation.parameter or "action_type" for violation in violations}
    data = {field: [message] for field, message in _FIELD_MESSAGES.items() if field in fields}
    return refuse(422, INVALID, data)


def refuse_http_error(error: HttpError) -> Refusal:
    """A refusal by the server, in the envelope."""
    message = _REFUSALS.get(error.status, f"{_FAILURE}: {error.sentence}")
    body = _wrap(False, message, [] if error.status == 401 else None, error.status)
    return Refusal(error.status, body, error.headers)


def _wrap(success: bool, message: str, data: Any, status: int) -> dict[str, Any]:
    return {"success": success, "message": message, "data": data, "statusCode": status}
