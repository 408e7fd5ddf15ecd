"""Calwe's session log, from the vendor's document alone (calwe-session-log.txt)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from tests.reference.wsgi import HTTP_CHOICES, Reply, Request, make_wsgi_app, refuse

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

CHOICES: Mapping[str, tuple[str, ...]] = {
    # "Authorization | Bearer token | Yes", and no word of what follows without it
    "unauthorized": ("401", "401-envelope", "403-envelope", "400", "302"),
    "auth_order": ("first", "after-session"),
    "bearer": ("exact", "any-case"),
    "foreign": ("404", "403"),  # a session of another customer
    # "Content-Type | application/json | Yes", "Accept | application/json | Yes"
    "content_type": ("ignored", "415", "400"),
    "accept": ("ignored", "406", "406-any-type"),
    "coach": ("absent", "served"),  # "/v1/customer/sessions/{id}/log" and no other path
    "id_match": ("exact", "integer", "leading-digits"),  # "id | string": 01 and 1abc
    # "per_page | integer | No | 30": no limits, no error; `page` is in the sample's addresses only
    "number_syntax": ("digits", "canonical", "php"),
    "huge_number": ("invalid", "past-end"),
    "per_page_invalid": ("default", "422-envelope", "400", "one"),
    "per_page_over": ("served", "clamped", "422-envelope"),
    "page_invalid": ("first", "422-envelope", "400", "404"),
    "page_past_end": ("empty", "404", "last"),
    "unknown_parameters": ("ignored", "400", "422-envelope"),
    "empty_last_page": ("1", "0"),
    "empty_from": ("null", "0"),
    # "first_page_url": "http://example.com/path?page=1", "links": []
    "urls": ("plain", "appended", "https", "other-host"),
    "links": ("empty", "laravel"),
    "zone": ("UTC", "Asia/Riyadh", "America/New_York"),  # "date": "2:30 PM"
    "same_second": ("inserted", "reversed"),  # "Logs are displayed in chronological order"
    "span": ("hours", "days"),
    "first_session": ("foreign", "ended", "cancelled", "open"),  # whose id is 1
    # "LEFT: Customer left the session"; the sample has "Customer temporarily left the session"
    "left_text": ("sample", "table"),
    "period_text": ("table", "measured"),  # "SESSION_PERIOD: Session period record"
    # "Logs cannot be created after a session has ended"; who ends it is not said
    "ended_by": ("entry", "elsewhere"),
    "cancelled": ("refuses", "accepts"),
    "period": ("after", "before", "delayed"),  # "automatically recorded"
    "arrivals": ("none", "live"),  # "Logs are automatically created for certain actions"
    "body_order": ("session-first", "body-first"),
    "ended_order": ("body-first", "ended-first"),
    "malformed": ("422", "400"),  # a body that is no JSON object
    "form": ("refused", "accepted"),  # a form instead of JSON
    "action_case": ("exact", "any"),  # only that there is a validation is said
    "trim": ("exact", "trimmed"),
    "query_merged": ("no", "yes"),
    "extra_properties": ("ignored", "422"),
    "missing_message": ("sample", "required"),  # only "نوع الإجراء غير صالح" is shown
    "extra_fields": ("none", "some"),
    **HTTP_CHOICES,
}
BUGS: Mapping[str, str] = {
    "fetched_message": '"message": "تم جلب البيانات بنجاح"',
    "saved_message": '"message": "تم حفظ البيانات بنجاح"',
    "missing_message_changed": '"message": "لم يتم العثور على الجلسة"',
    "ended_message_spaced": '"message": "لايمكنك تسجيل سجل العمليات بعد انتهاء الجلسة"',
    "invalid_message": '"action_type": ["نوع الإجراء غير صالح"]',
    "created_201": '"statusCode": 200 (Create Session Log, Success Response)',
    "status_code_text": '"statusCode": 200',
    "status_code_absent": '"statusCode": 200',
    "success_on_error": '"success": false (Session Not Found)',
    "data_on_404": '"data": null (Session Not Found)',
    "missing_is_422": "Session Not Found (404)",
    "missing_is_empty": "Session Not Found (404)",
    "auth_not_required": "Authorization | Bearer token | Yes",
    "ended_accepts": "Logs cannot be created after a session has ended",
    "ended_is_400": "Session Already Ended (422)",
    "invalid_accepted": "Validation Error (422)",
    "invalid_is_400": "Validation Error (422)",
    "errors_not_listed": '"action_type": ["نوع الإجراء غير صالح"]',
    "action_refused": "TEMPORARILY_LEFT: Customer temporarily left the session",
    "content_type_html": "Accept | application/json | Yes",
    "date_24_hours": '"date": "2:30 PM"',
    "date_iso": '"date": "2:30 PM"',
    "date_padded": '"date": "2:30 PM"',
    "date_lower": '"date": "2:30 PM"',
    "text_always_entered": "TEMPORARILY_LEFT: Customer temporarily left the session",
    "text_null": '"text": "Customer entered the session"',
    "action_lower": '"action_type": "ENTERED"',
    "action_ignored": "action_type | string | Type of action | Yes",
    "per_page_ignored": "per_page | integer | Number of logs per page",
    "default_15": "Logs are paginated with a default of 30 entries per page",
    "unpaginated": "Logs are paginated with a default of 30 entries per page",
    "reversed": "Logs are displayed in chronological order",
    "page_overlap": "Logs are paginated",
    "page_ignored": '"last_page_url": "http://example.com/path?page=1"',
    "total_of_page": '"total": 2',
    "total_text": '"total": 2',
    "last_page_plus_one": '"last_page": 1',
    "from_zero": '"from": 1',
    "to_full_page": '"to": 2',
    "next_never": '"next_page_url": null, beside "last_page": 1',
    "next_always": '"next_page_url": null',
    "prev_absent": '"prev_page_url": null',
    "rows_renamed": '"data": [ (within "data")',
    "write_lost": "Create a new activity log entry for a session.",
    "write_doubled": "Create a new activity log entry for a session.",
    "write_elsewhere": "Get a list of all activity logs for a specific session.",
    "stale_read": "Get a list of all activity logs for a specific session.",
    "saved_null": '"data": {"text": "Customer entered the session", ...',
    "saved_date_old": "Each log entry includes: Timestamp",
    "clock_wrong": "Each log entry includes: Timestamp",  # seven minutes off
    "period_unrecorded": "The session period is automatically recorded when the session is ended",
}
CREDENTIALS = {"customer": "customer-token", "other": "other-token"}
IDS = {
    "open": "101",
    "ended": "102",
    "cancelled": "103",
    "empty": "104",
    "sample": "105",  # the document's two entries
    "foreign": "106",  # another customer's
    "to_end": "107",  # three open ones for a tester's writes
    "to_cancel": "108",
    "writable": "109",
    "shared": "110",  # open, to be written on the coach's path
    "first": "1",  # not for a tester
    "missing": "999999",
}
ACTIONS = {
    "ENTERED": "Customer entered the session",
    "LEFT": "Customer temporarily left the session",
    "ENDED": "Session was ended",
    "CANCELLED": "Session was cancelled",
    "TEMPORARILY_LEFT": "Customer temporarily left the session",
    "CANCEL_REQUEST": "Request to cancel the session",
    "SESSION_PERIOD": "Session period record",
}
FETCHED = "تم جلب البيانات بنجاح"
SAVED = "تم حفظ البيانات بنجاح"
NOT_FOUND = "لم يتم العثور على الجلسة"
ENDED = "لايمكنك تسجيل سجل العمليات بعد انتهاء الجلسة"
INVALID = "بيانات غير صالحة"
INVALID_ACTION = "نوع الإجراء غير صالح"
REQUIRED_ACTION = "حقل نوع الإجراء مطلوب"


def make_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Row:
    at: datetime
    action: str
    number: int


@dataclass
class Session:
    owner: str
    state: str  # open, ended or cancelled
    rows: list[Row]

    def add(self, at: datetime, action: str) -> Row:
        row = Row(at, action, len(self.rows) + 1)
        self.rows.append(row)
        return row


class Calwe:
    """The state and the two operations."""

    def __init__(self, choices: Mapping[str, str], bug: str, now: Callable[[], datetime]) -> None:
        self.choices, self.bug, self.now = choices, bug, now
        self.cached: dict[str, list[Row]] = {}
        self.sessions = self.make_sessions()

    def make_sessions(self) -> dict[str, Session]:
        hours = self.choices["span"] == "hours"
        step = timedelta(seconds=97) if hours else timedelta(hours=7, minutes=13)
        start = self.now() - 90 * step

        def fill(owner: str, state: str, count: int, last: str = "") -> Session:
            session = Session(owner, state, [])
            cycle = ("ENTERED", "LEFT", "ENTERED", "TEMPORARILY_LEFT", "ENTERED", "CANCEL_REQUEST")
            for number in range(count):
                # every fifth entry falls within the second of the one before it
                session.add(start + (number - (number % 5 == 4)) * step, cycle[number % 6])
            for action in (last, "SESSION_PERIOD") if last else ():
                session.add(start + count * step, action)
            return session

        sample = Session("customer", "open", [])
        zone = ZoneInfo(self.choices["zone"])
        day = (self.now() - timedelta(days=1)).astimezone(zone)
        sample.add(day.replace(hour=14, minute=30), "ENTERED")
        sample.add(day.replace(hour=14, minute=35), "LEFT")
        sessions = {
            "open": fill("customer", "open", 75),
            "ended": fill("customer", "ended", 64, "ENDED"),
            "cancelled": fill("customer", "cancelled", 8, "CANCELLED"),
            "empty": Session("customer", "open", []),
            "sample": sample,
            "foreign": fill("other", "open", 4),
            "to_end": fill("customer", "open", 3),
            "to_cancel": fill("customer", "open", 3),
            "writable": fill("customer", "open", 6),
            "shared": fill("customer", "open", 5),
        }
        sessions["first"] = sessions[self.choices["first_session"]]
        if self.choices["arrivals"] == "live":  # the customer comes and goes meanwhile
            for number in range(400):
                at = self.now() + (number + 1) * timedelta(seconds=2)
                sessions["open"].add(at, ("LEFT", "ENTERED")[number % 2])
        return {IDS[name]: session for name, session in sessions.items()}

    def routes(self, path: str) -> Mapping[str, Callable[[Request], Reply]] | None:
        found = re.fullmatch(r"/v1/(?:customer|(coach))/sessions/([^/]+)/log", path)
        if not found or (found[1] and self.choices["coach"] == "absent"):
            return None
        id = found[2]
        return {
            "GET": lambda request: self.answer(request, id, self.list_logs),
            "POST": lambda request: self.answer(request, id, self.create_log),
        }

    # Bodies

    def wrap(self, status: int, message: str, data: object) -> Reply:
        body = {"success": status < 400, "message": message, "data": data, "statusCode": status}
        if self.choices["extra_fields"] == "some":
            body |= {"errors": None, "meta": {"version": "1.4.2", "الوقت": 3}}
        match self.bug:
            case "status_code_text":
                body["statusCode"] = str(status)
            case "status_code_absent":
                del body["statusCode"]
            case "success_on_error":
                body["success"] = True
        content_type = "text/html" if self.bug == "content_type_html" else "application/json"
        return Reply(status, body, None, content_type)

    def refuse(self, rule: str, message: str, data: object = None) -> Reply:
        """An error that the document does not show, in its own form or in the framework's."""
        status, _, form = rule.partition("-")
        if form == "envelope":
            return self.wrap(int(status), message, data)
        extra = {"Location": "/login"} if status == "302" else {}
        return refuse(self.choices["refusal_body"], int(status), message, **extra)

    def refuse_parameter(self, rule: str, name: str) -> Reply:
        return self.refuse(rule, INVALID, {name: [f"The {name} field is invalid."]})

    def miss(self) -> Reply:
        message = "لم يتم العثور علي الجلسه" if self.bug == "missing_message_changed" else NOT_FOUND
        status = 422 if self.bug == "missing_is_422" else 404
        return self.wrap(status, message, {} if self.bug == "data_on_404" else None)

    def invalidate(self, errors: dict[str, list[str]]) -> Reply:
        data: object = errors
        if self.bug == "errors_not_listed":
            data = {name: texts[0] for name, texts in errors.items()}
        return self.wrap(400 if self.bug == "invalid_is_400" else 422, INVALID, data)

    def describe(self, session: Session, row: Row) -> dict[str, Any]:
        at = row.at + timedelta(minutes=7 if self.bug == "clock_wrong" else 0)
        local = at.astimezone(ZoneInfo(self.choices["zone"]))
        hour, half = (local.hour - 1) % 12 + 1, "AM" if local.hour < 12 else "PM"
        match self.bug:
            case "date_24_hours":
                date = f"{local:%H:%M}"
            case "date_iso":
                date = local.isoformat(timespec="seconds")
            case "date_padded":
                date = f"{hour:02}:{local:%M} {half}"
            case "date_lower":
                date = f"{hour}:{local:%M} {half.lower()}"
            case _:
                date = f"{hour}:{local.minute:02} {half}"
        text = ACTIONS.get(row.action, row.action)
        if row.action == "LEFT" and self.choices["left_text"] == "table":
            text = "Customer left the session"
        if row.action == "SESSION_PERIOD" and self.choices["period_text"] == "measured":
            text = f"Session period: {row.at - session.rows[0].at}".partition(".")[0]
        if self.bug == "text_always_entered":
            text = ACTIONS["ENTERED"]
        action = row.action.lower() if self.bug == "action_lower" else row.action
        entry: dict[str, Any] = {
            "text": None if self.bug == "text_null" else text,
            "date": date,
            "action_type": action,
        }
        if self.choices["extra_fields"] == "some":
            entry |= {"id": row.number, "created_at": row.at.isoformat(), "actor": None}
        return entry

    # What both operations check

    def is_authorised(self, request: Request, owner: str | None) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if self.choices["bearer"] == "any-case":
            scheme = scheme.title()
        if scheme != "Bearer" or token not in CREDENTIALS.values():
            return False
        return owner is None or CREDENTIALS[owner] == token

    def check_headers(self, request: Request) -> Reply | None:
        accept = request.headers.get("accept", "")
        accepted = (
            r"application/json|\*/\*" if self.choices["accept"] == "406" else r"application/json"
        )
        if self.choices["accept"] != "ignored" and not re.search(accepted, accept):
            return self.refuse("406", "Not Acceptable")
        content_type = request.headers["content-type"].partition(";")[0].strip().lower()
        if self.choices["content_type"] != "ignored" and content_type != "application/json":
            return self.refuse(self.choices["content_type"], "Unsupported Media Type")
        return None

    def find_session(self, id: str) -> Session | None:
        digits = {"integer": r"0*([0-9]+)", "leading-digits": r"0*([0-9]+).*"}
        found = re.fullmatch(digits.get(self.choices["id_match"], "(.*)"), id, re.DOTALL)
        return self.sessions.get(found[1]) if found else None

    def answer(
        self, request: Request, id: str, operation: Callable[[Request, Session | None], Reply]
    ) -> Reply:
        session = self.find_session(id)
        refusal = self.refuse(self.choices["unauthorized"], "Unauthenticated.")
        is_known = self.bug == "auth_not_required" or self.is_authorised(request, None)
        if self.choices["auth_order"] == "first" and not is_known:
            return refusal
        if (problem := self.check_headers(request)) is not None:
            return problem
        if session is None and (
            request.method != "POST" or self.choices["body_order"] == "session-first"
        ):
            return operation(request, session) if self.bug == "missing_is_empty" else self.miss()
        if not is_known:
            return refusal
        is_own = session is None or self.is_authorised(request, session.owner)
        if not is_own and self.bug != "auth_not_required":
            if self.choices["foreign"] == "403":
                return self.refuse("403-envelope", "This action is unauthorized.")
            return self.miss()
        return operation(request, session)

    # Get Session Logs

    def read_number(self, request: Request, name: str) -> int | None:
        """The parameter's value; 0 where it is no positive integer, None where it is absent."""
        value = request.get(name, self.choices["repeated"])
        if value is None:
            return None
        if self.choices["trim"] == "trimmed":
            value = value.strip()
        syntax = {"digits": "([0-9]+)", "canonical": "([1-9][0-9]*)", "php": " *[+]?([0-9]+).*"}
        found = re.fullmatch(syntax[self.choices["number_syntax"]], value, re.DOTALL)
        if not found or len(found[1]) > 4000:
            return 0
        number = int(found[1])
        return 0 if number >= 2**63 and self.choices["huge_number"] == "invalid" else number

    def list_logs(self, request: Request, session: Session | None) -> Reply:
        session = session or Session("customer", "open", [])
        unknown = [name for name, _ in request.query if name not in ("page", "per_page")]
        if unknown and self.choices["unknown_parameters"] != "ignored":
            return self.refuse_parameter(self.choices["unknown_parameters"], unknown[0])
        default = 15 if self.bug == "default_15" else 30
        per_page, page = self.read_number(request, "per_page"), self.read_number(request, "page")
        if per_page == 0:
            rule = self.choices["per_page_invalid"]
            if rule not in ("default", "one"):
                return self.refuse_parameter(rule, "per_page")
            per_page = 1 if rule == "one" else default
        if per_page is None or self.bug == "per_page_ignored":
            per_page = default
        if per_page > 100 and self.choices["per_page_over"] != "served":
            if self.choices["per_page_over"] != "clamped":
                return self.refuse_parameter(self.choices["per_page_over"], "per_page")
            per_page = 100
        if page == 0 and self.choices["page_invalid"] != "first":
            return self.refuse_parameter(self.choices["page_invalid"], "page")
        rows = self.order_rows(session)
        last = -(-len(rows) // per_page) or int(self.choices["empty_last_page"])
        page = 1 if not page or self.bug == "page_ignored" else page
        if page > max(last, 1) and self.choices["page_past_end"] != "empty":
            if self.choices["page_past_end"] == "404":
                return self.refuse("404", "Page not found")
            page = max(last, 1)
        return self.paginate(request, session, rows, page, per_page, last)

    def order_rows(self, session: Session) -> list[Row]:
        now = self.now()
        rows = [row for row in session.rows if row.at <= now]
        sign = -1 if self.choices["same_second"] == "reversed" else 1
        rows.sort(key=lambda row: (row.at.replace(microsecond=0), sign * row.number))
        if self.bug == "reversed":
            rows.reverse()
        if self.bug == "stale_read":  # the first read is answered for ever
            rows = self.cached.setdefault(str(id(session)), rows)
        return rows

    def paginate(
        self,
        request: Request,
        session: Session,
        rows: list[Row],
        page: int,
        per_page: int,
        last: int,
    ) -> Reply:
        offset = (page - 1) * (per_page - (self.bug == "page_overlap"))
        shown = rows if self.bug == "unpaginated" else rows[offset : offset + per_page]
        nothing = None if self.choices["empty_from"] == "null" else 0
        origins = {"https": "https://" + request.origin[7:], "other-host": "https://api.calwe.test"}
        path = origins.get(self.choices["urls"], request.origin) + request.path

        def link(number: int | None) -> str | None:
            is_appended = self.choices["urls"] == "appended" and self.read_number(
                request, "per_page"
            )
            size = f"per_page={per_page}&" if is_appended else ""
            return None if number is None else f"{path}?{size}page={number}"

        last += self.bug == "last_page_plus_one"
        after = page + 1 if page < last or self.bug == "next_always" else None
        after = None if self.bug == "next_never" else after
        before = page - 1 if page > 1 else None
        links: list[dict[str, object]] = []
        if self.choices["links"] == "laravel":
            numbers = [(str(number), number) for number in range(1, min(last, 10) + 1)]
            pages = [("&laquo; السابق", before), *numbers, ("التالي &raquo;", after)]
            links = [
                {"url": link(n), "label": text, "active": text == str(page)} for text, n in pages
            ]
        total: int | str = len(shown) if self.bug == "total_of_page" else len(rows)
        data: dict[str, object] = {
            "current_page": page,
            "data": [self.describe(session, row) for row in shown],
            "first_page_url": link(1),
            "from": offset + (self.bug != "from_zero") if shown else nothing,
            "last_page": last,
            "last_page_url": link(last),
            "links": links,
            "next_page_url": link(after),
            "path": path,
            "per_page": per_page,
            "prev_page_url": link(before),
            "to": offset + len(shown) if shown else nothing,
            "total": str(total) if self.bug == "total_text" else total,
        }
        match self.bug:
            case "to_full_page":
                data["to"] = page * per_page
            case "prev_absent":
                del data["prev_page_url"]
            case "rows_renamed":
                data["items"] = data.pop("data")
        message = "تم جلب البيانات" if self.bug == "fetched_message" else FETCHED
        return self.wrap(200, message, data)

    # Create Session Log

    def read_body(self, request: Request) -> dict[str, Any] | None:
        """The body's properties; None where there are none to read."""
        if request.headers["content-type"].startswith("application/x-www-form-urlencoded"):
            if self.choices["form"] == "accepted":
                return dict(parse_qsl(request.body.decode("utf-8", "replace")))
            return None
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError):
            return None
        return body if isinstance(body, dict) else None

    def create_log(self, request: Request, session: Session | None) -> Reply:
        unknown = [name for name, _ in request.query if name != "action_type"]
        if unknown and self.choices["unknown_parameters"] != "ignored":
            return self.refuse_parameter(self.choices["unknown_parameters"], unknown[0])
        is_ended = session is not None and session.state in (
            ("ended",) if self.choices["cancelled"] == "accepts" else ("ended", "cancelled")
        )
        is_ended = is_ended and self.bug != "ended_accepts"
        if is_ended and self.choices["ended_order"] == "ended-first":
            return self.refuse_ended()
        body = self.read_body(request)
        if body is None and self.choices["malformed"] == "400":
            return self.refuse("400", "Malformed body")
        body = body or {}
        action = body.get("action_type")
        if "action_type" not in body and self.choices["query_merged"] == "yes":
            action = request.get("action_type", self.choices["repeated"])
        if isinstance(action, str) and self.choices["trim"] == "trimmed":
            action = action.strip()
        if isinstance(action, str) and self.choices["action_case"] == "any":
            action = action.upper()
        errors: dict[str, list[str]] = {}
        if not isinstance(action, str) or action not in ACTIONS:
            absent = action in (None, "") and self.choices["missing_message"] == "required"
            text = "نوع الاجراء غير صالح" if self.bug == "invalid_message" else INVALID_ACTION
            errors["action_type"] = [REQUIRED_ACTION if absent else text]
        if self.bug == "action_refused" and action == "TEMPORARILY_LEFT":
            errors["action_type"] = [INVALID_ACTION]
        if self.choices["extra_properties"] == "422":
            errors |= {name: ["حقل غير معروف"] for name in body if name != "action_type"}
        if errors and not (self.bug == "invalid_accepted" and isinstance(action, str)):
            return self.invalidate(errors)
        if session is None:
            return self.miss()
        if is_ended:
            return self.refuse_ended()
        return self.save("ENTERED" if self.bug == "action_ignored" else str(action), session)

    def refuse_ended(self) -> Reply:
        message = "لا يمكنك" + ENDED[7:] if self.bug == "ended_message_spaced" else ENDED
        return self.wrap(400 if self.bug == "ended_is_400" else 422, message, None)

    def save(self, action: str, session: Session) -> Reply:
        at = self.now()
        target = self.sessions[IDS["foreign"]] if self.bug == "write_elsewhere" else session
        ends = action in ("ENDED", "CANCELLED") and self.choices["ended_by"] == "entry"
        records = ends and self.bug != "period_unrecorded" and session.state == "open"
        if records and self.choices["period"] == "before":
            target.add(at, "SESSION_PERIOD")
        row = Row(at, action, 0) if self.bug == "write_lost" else target.add(at, action)
        if self.bug == "write_doubled":
            target.add(at, action)
        if records and self.choices["period"] != "before":
            late = timedelta(seconds=1 if self.choices["period"] == "delayed" else 0)
            target.add(at + late, "SESSION_PERIOD")
        if ends:
            session.state = action.lower()
        if self.bug == "saved_date_old":
            row = Row(at - timedelta(hours=5), action, 0)
        message = "Data saved successfully" if self.bug == "saved_message" else SAVED
        entry = None if self.bug == "saved_null" else self.describe(session, row)
        status = 201 if self.bug == "created_201" else 200
        return self.wrap(status, message, entry)


def make_app(
    choices: Mapping[str, str] | None = None,
    bug: str = "",
    now: Callable[[], datetime] = make_clock,
) -> WSGIApplication:
    chosen = {name: values[0] for name, values in CHOICES.items()} | dict(choices or {})
    return make_wsgi_app(Calwe(chosen, bug, now).routes, chosen, now)
