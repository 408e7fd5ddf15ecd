"""Session logs written from autozod's document alone, with what it leaves open to choose.

Document: documents/autozod-get-logs.txt. It shows one request and one response whose values are
placeholders (0, "string", null); it lists no parameter and gives no rule, so nearly all is open.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.reference import web
from tests.reference.web import Refusal, Request, Response

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

PATH = "/api/sessionLogs/list"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJ0ZWFtIjoxMDAwfQ.c2lnbmF0dXJl"
CREDENTIALS = {"Authorization": f"Bearer {TOKEN}"}
AGENT = "68a6d35049a09719b70539b4"
IDS: dict[str, Any] = {
    "team": 1000,
    "team_without_agents": 3000,
    "team_missing": 999999,
    "agent": AGENT,
    "agent_on_duty_now": "68a6d35049a09719b70539b5",
    "agent_of_team_2000": "68b0000049a09719b7050001",
    "agent_missing": "ffffffffffffffffffffffff",
    "type": "on_duty",
    "date_with_sessions": "21-08-2025",
}

CHOICES: Mapping[str, tuple[str, ...]] = {
    **web.CHOICES,
    # no response but the 200 is shown
    "refusal_body": (
        "success_false",
        "success_false_data",
        *web.CHOICES["refusal_body"],
    ),
    # "Query Params" lists none; the example gives all five
    "required": ("none", "team", "all_but_type", "all"),
    "unknown_team": ("404", "empty", "403", "400"),
    "unknown_agent": ("404", "empty", "400"),
    "bad_team": ("refused", "unknown", "prefix"),  # "team_id=1000"
    "bad_agent": ("refused", "unknown"),  # "agent_id=68a6d35049a09719b70539b4"
    "unknown_type": ("refused", "empty", "ignored"),  # "type=on_duty"
    "off_duty": ("unknown", "swapped"),
    "type_case": ("exact", "insensitive"),
    "date_forms": ("dd-mm-yyyy", "any", "unpadded"),  # "start_date=21-08-2025"
    "bad_date": ("refused", "ignored"),
    "no_dates": ("today", "all", "30_days", "refused"),
    "one_date": ("open", "same_day", "refused"),
    "reversed_range": ("refused", "empty", "swapped"),
    "range_limit": ("none", "31_days"),
    "future_dates": ("accepted", "refused"),
    "zone": ("Asia/Riyadh", "UTC", "America/St_Johns"),
    "open_session": ("counted", "left_out"),
    "midnight": ("split", "by_start"),
    # "inactive": of the days, of the time between a day's first and last session, or not kept
    "inactive": ("days", "between", "zero"),
    "percentages": ("two_places", "whole", "long"),  # 0
    "no_time": ("zeros", "inactive_100"),
    "seconds": ("whole", "fraction"),  # 0
    "duration_format": ("h_m_s", "clock", "words", "iso", "arabic", "empty"),  # "string"
    "breakdown": ("objects", "nulls", "strings", "numbers", "none", "lists"),  # "[null]"
    "breakdown_days": ("all_days", "days_with_sessions"),
    "breakdown_order": ("oldest", "newest"),
    "extra": ("none", "fields", "nulls"),
    "body": ("ignored", "parsed"),  # "--data-raw '{}'"
    "scheme_case": ("exact", "insensitive"),  # "Bearer"
    "body_type": ("any", "json"),  # "Content-Type: application/json"
}

SUMMARY = '"total_active_duration_seconds": 0'
BUGS: Mapping[str, str] = {
    "token_not_required": "Provide your bearer token in the Authorization header",
    "token_any": "Provide your bearer token in the Authorization header",
    "any_scheme": "Authorization: Bearer ********************",
    "token_in_query": "Provide your bearer token in the Authorization header",
    "post_only": "GET {{host}}/api/sessionLogs/list",
    "path_lower": "GET {{host}}/api/sessionLogs/list",
    "status_201": "200OK",
    "status_204": "200OK",
    "refusals_are_200": '200OK, "success": true',
    "wrong_content_type": "application/json",
    "body_refused": "--data-raw '{}'",
    "json_header_refused": "--header 'Content-Type: application/json'",
    "team_refused": "team_id=1000",
    "agent_refused": "agent_id=68a6d35049a09719b70539b4",
    "type_refused": "type=on_duty",
    "dates_month_first": "start_date=21-08-2025&end_date=21-08-2025",
    "dates_iso_only": "start_date=21-08-2025&end_date=21-08-2025",
    "same_day_refused": "start_date=21-08-2025&end_date=21-08-2025",
    "agent_ignored": "agent_id=68a6d35049a09719b70539b4",
    "team_ignored": "team_id=1000",
    "type_ignored": "type=on_duty",
    "start_ignored": "start_date=21-08-2025",
    "end_ignored": "end_date=21-08-2025",
    "end_excluded": "start_date=21-08-2025&end_date=21-08-2025",
    "success_missing": '"success": true',
    "success_false": '"success": true',
    "success_text": '"success": true',
    "data_list": '"data": {',
    "data_missing": '"data": {',
    "data_bare": '"success": true, "data": {',
    "summary_missing": '"summary": {',
    "summary_null": '"summary": {',
    "summary_list": '"summary": {',
    "seconds_text": SUMMARY,
    "seconds_missing": SUMMARY,
    "seconds_null": SUMMARY,
    "seconds_camel": SUMMARY,
    "seconds_negative": SUMMARY,
    "format_number": '"total_active_duration_format": "string"',
    "format_null": '"total_active_duration_format": "string"',
    "format_missing": '"total_inactive_duration_format": "string"',
    "format_of_other": '"total_active_duration_format": "string"',
    "count_missing": '"total_session_count": 0',
    "count_text": '"total_session_count": 0',
    "count_list": '"total_session_count": 0',
    "count_fraction": '"total_session_count": 0',
    "count_negative": '"total_session_count": 0',
    "inactive_missing": '"total_inactive_duration_seconds": 0',
    "percentage_text": '"active_percentage": 0',
    "percentage_above_100": '"active_percentage": 0',
    "percentage_null": '"inactive_percentage": 0',
    "percentage_missing": '"inactive_percentage": 0',
    "breakdown_missing": '"daily_breakdown": [',
    "breakdown_null": '"daily_breakdown": [',
    "breakdown_object": '"daily_breakdown": [',
    "breakdown_in_summary": '"daily_breakdown": [',
    "stale": '"total_session_count": 0',
}

TEAMS: Mapping[int, tuple[str, ...]] = {
    1000: (AGENT, *(f"68a6d35049a09719b70539b{last}" for last in "5678")),
    2000: ("68b0000049a09719b7050001",),
    3000: (),
}
TYPES = ("on_duty", "login")
PARAMETERS = ("team_id", "agent_id", "type", "start_date", "end_date")


@dataclass(frozen=True)
class Session:
    team: int
    agent: str
    type: str
    start: datetime
    end: datetime | None


def make_sessions(now: datetime) -> list[Session]:
    """The example's day, and about 150 sessions of the last five weeks; one has not ended."""
    day = datetime(2025, 8, 21, 5, 12, 9, tzinfo=UTC)
    sessions = [
        Session(1000, AGENT, "on_duty", day, day + timedelta(hours=3, minutes=7, seconds=31)),
        Session(1000, AGENT, "on_duty", day + timedelta(hours=5), day + timedelta(hours=6)),
    ]
    start = now - timedelta(days=35)
    agents = [(team, agent) for team, agents in TEAMS.items() for agent in agents]
    for index in range(160):
        start += timedelta(seconds=0 if index % 9 == 4 else 20_011)
        team, agent = agents[index * 5 % len(agents)]
        length = timedelta(seconds=2400 + index * 977 % 30_000, milliseconds=index * 331 % 1000)
        if start + length < now:
            type = TYPES[index % 4 == 3]
            sessions.append(Session(team, agent, type, start, start + length))
    agent = IDS["agent_on_duty_now"]
    sessions.append(Session(1000, agent, "on_duty", now - timedelta(minutes=41), None))
    return sessions


def write_duration(seconds: float, form: str) -> str:
    hours, rest = divmod(int(seconds), 3600)
    minutes, left = divmod(rest, 60)
    match form:
        case "clock":
            return f"{hours:02}:{minutes:02}:{left:02}"
        case "words":
            return f"{hours} hours, {minutes} minutes"
        case "iso":
            return f"PT{hours}H{minutes}M{left}S"
        case "arabic":
            return f"{hours} ساعة و{minutes} دقيقة"
        case "empty":
            return f"{hours}h" if hours else ""
    return f"{hours}h {minutes}m {left}s"


class SessionLogs:
    """One deployment: its sessions, its choices and perhaps one bug."""

    def __init__(self, choices: Mapping[str, str], bug: str, now: Callable[[], datetime]) -> None:
        self.choices, self.bug, self.now = choices, bug, now
        self.zone = ZoneInfo(choices["zone"])
        self.sessions = make_sessions(now())
        self.days = self.index_days(now())
        self.first_body: dict[str, Any] = {}

    def index_days(self, now: datetime) -> dict[date, list[Session]]:
        """The sessions of each day; the one that has not ended is of each day from its first."""
        days: dict[date, list[Session]] = {}
        for session in self.sessions:
            day = session.start.astimezone(self.zone).date()
            last = (session.end or now + timedelta(days=2)).astimezone(self.zone).date()
            while day <= last:
                days.setdefault(day, []).append(session)
                day += timedelta(days=1)
        return days

    def handle(self, request: Request) -> Response:
        try:
            return self.list_logs(request)
        except Refusal as refusal:
            if self.bug != "refusals_are_200":
                raise
            return web.write_refusal(Refusal(200, refusal.message, code=refusal.code), self.choices)

    def list_logs(self, request: Request) -> Response:
        if self.bug == "post_only":
            raise Refusal(405, "Method Not Allowed", [("Allow", "POST")])
        if self.bug == "path_lower":
            raise Refusal(404, "Not Found")
        if self.choices["token_check"] == "first":
            self.check_token(request)
        self.check_body(request)
        known = PARAMETERS + (("token",) if self.bug == "token_in_query" else ())
        values = web.read_parameters(request, known, self.choices)
        body = self.write_logs(values)
        if self.choices["token_check"] == "last":
            self.check_token(request)
        if self.bug == "stale":
            self.first_body = body = self.first_body or body
        content_type = "text/html" if self.bug == "wrong_content_type" else "application/json"
        if self.bug == "status_204":
            return Response(204, b"", "")
        return Response(201 if self.bug == "status_201" else 200, body, content_type)

    def check_token(self, request: Request) -> None:
        given = request.headers.get("authorization", "")
        if self.bug == "token_in_query":
            given = "Bearer " + dict(request.query).get("token", "")
        scheme, _, token = given.partition(" ")
        known = scheme == "Bearer" or (
            self.choices["scheme_case"] == "insensitive" and scheme.lower() == "bearer"
        )
        if self.bug == "token_not_required" or (self.bug == "token_any" and known and token):
            return
        if self.bug == "any_scheme":
            known, token = bool(token), token.strip()
        if not known or not token:
            status, _, challenge = self.choices["no_token"].partition("_")
            headers = [("WWW-Authenticate", 'Bearer realm="autozod"')] if challenge else []
            raise Refusal(int(status), "Unauthenticated.", headers)
        if token.strip() != TOKEN:
            raise Refusal(
                int(self.choices["wrong_token"]), "Invalid token, see https://www.autozod.app/docs"
            )

    def check_body(self, request: Request) -> None:
        if self.bug == "body_refused" and request.body:
            raise Refusal(400, "A GET request has no body")
        if self.bug == "json_header_refused" and "json" in request.content_type:
            raise Refusal(415, "Unsupported Media Type")
        if self.choices["body"] == "parsed" and "json" in request.content_type and request.body:
            try:
                json.loads(request.body)
            except ValueError:
                raise Refusal(400, "Unexpected token in JSON") from None
        is_other = bool(request.body) and "json" not in request.content_type
        if self.choices["body_type"] == "json" and is_other:
            raise Refusal(415, "Unsupported Media Type")

    def refuse(self, message: str) -> Refusal:
        return Refusal(int(self.choices["bad_status"]), message, code="VALIDATION_ERROR")

    def select_agents(self, values: Mapping[str, str]) -> list[tuple[int, str]]:
        """Give the team and id of each agent that the request is about."""
        teams = list(TEAMS)
        if text := values.get("team_id"):
            match = re.match(r"[0-9]+", text) if self.choices["bad_team"] == "prefix" else None
            text = match[0] if match else text
            if not re.fullmatch(r"[0-9]{1,18}", text) and self.choices["bad_team"] == "refused":
                raise self.refuse("team_id must be a number")
            if self.bug == "team_refused" and text == "1000":
                raise self.refuse("team_id must be a valid ObjectId")
            teams = [team for team in TEAMS if str(team) == text]
            if not teams and self.choices["unknown_team"] != "empty":
                raise Refusal(int(self.choices["unknown_team"]), "Team not found")
            if self.bug == "team_ignored":
                teams = list(TEAMS)
        agents = [(team, agent) for team in teams for agent in TEAMS[team]]
        if agent_id := values.get("agent_id"):
            if self.bug == "agent_refused":
                raise self.refuse("agent_id must be a number")
            is_id = re.fullmatch(r"[0-9a-fA-F]{24}", agent_id)
            if not is_id and self.choices["bad_agent"] == "refused":
                raise self.refuse("agent_id must be a valid ObjectId")
            found = [(team, agent) for team, agent in agents if agent == agent_id.lower()]
            if not found and self.choices["unknown_agent"] != "empty":
                raise Refusal(int(self.choices["unknown_agent"]), "Agent not found")
            agents = agents if self.bug == "agent_ignored" else found
        return agents

    def read_date(self, values: Mapping[str, str], name: str) -> date | None:
        if not (text := values.get(name)):
            return None
        forms = {"dd-mm-yyyy": ["%d-%m-%Y"], "unpadded": ["%d-%m-%Y"]}.get(
            self.choices["date_forms"], ["%d-%m-%Y", "%Y-%m-%d", "%d/%m/%Y", "%Y-%m-%dT%H:%M:%SZ"]
        )
        if self.bug in {"dates_month_first", "dates_iso_only"}:
            forms = ["%m-%d-%Y" if self.bug == "dates_month_first" else "%Y-%m-%d"]
        padded = self.choices["date_forms"] != "dd-mm-yyyy" or re.fullmatch(r"[0-9-]{10}", text)
        for form in forms if padded else []:
            try:
                return datetime.strptime(text, form).date()
            except ValueError:
                continue
        if self.choices["bad_date"] == "refused":
            raise self.refuse(f"{name} must be DD-MM-YYYY")
        return None

    def read_days(self, values: Mapping[str, str], today: date) -> tuple[date, date]:
        first, last = self.read_date(values, "start_date"), self.read_date(values, "end_date")
        if self.bug == "same_day_refused" and first and first == last:
            raise self.refuse("end_date must be after start_date")
        start = min(session.start for session in self.sessions).astimezone(self.zone).date()
        if self.bug == "start_ignored":
            first = None
        if self.bug == "end_ignored":
            last = None
        if not first and not last:
            match self.choices["no_dates"]:
                case "refused":
                    raise self.refuse("start_date is required")
                case "today":
                    first = last = today
                case "30_days":
                    first, last = today - timedelta(days=29), today
                case _:
                    first, last = start, today
        elif not first or not last:
            if self.choices["one_date"] == "refused":
                raise self.refuse("start_date and end_date are required")
            if self.choices["one_date"] == "same_day":
                first = last = first or last
        first, last = first or min(start, last or start), last or max(today, first or today)
        if max(first, last) > today and self.choices["future_dates"] == "refused":
            raise self.refuse("The dates are in the future")
        if first > last:
            if self.choices["reversed_range"] == "refused":
                raise self.refuse("end_date is before start_date")
            if self.choices["reversed_range"] == "swapped":
                first, last = last, first
        if self.choices["range_limit"] != "none" and (last - first).days >= 31:
            raise self.refuse("The range is longer than 31 days")
        return first, last - timedelta(days=self.bug == "end_excluded")

    def write_logs(self, values: Mapping[str, str]) -> dict[str, Any]:
        required = {
            "none": [],
            "team": ["team_id"],
            "all_but_type": [name for name in PARAMETERS if name != "type"],
            "all": [*PARAMETERS],
        }[self.choices["required"]]
        if missing := [name for name in required if name not in values]:
            raise self.refuse(f"{missing[0]} is required")
        now = self.now()
        agents = self.select_agents(values)
        type = values.get("type")
        if type and self.choices["type_case"] == "insensitive":
            type = type.lower()
        if type and self.bug == "type_refused":
            raise self.refuse("type is not known")
        swap = type == "off_duty" and self.choices["off_duty"] == "swapped"
        if swap:
            type = "on_duty"
        if type and type not in TYPES and self.choices["unknown_type"] == "refused":
            raise self.refuse("type is not known")
        if self.bug == "type_ignored":
            type = None
        if type and type not in TYPES and self.choices["unknown_type"] == "ignored":
            type = None
        first, last = self.read_days(values, now.astimezone(self.zone).date())

        def is_asked(session: Session) -> bool:
            return (
                (session.team, session.agent) in agents
                and (type is None or session.type == type)
                and (session.end is not None or self.choices["open_session"] == "counted")
            )

        if (last - first).days > 800:  # the days that have a log
            first = max(first, min(session.start for session in self.sessions).date())
            last = min(last, now.astimezone(self.zone).date())
        days = []
        for index in range((last - first).days + 1):
            day = first + timedelta(days=index)
            sessions = [session for session in self.days.get(day, ()) if is_asked(session)]
            days.append(self.measure_day(day, sessions, now, len(agents)))
        if swap:
            days = [(day, off, on, count + 1) for day, on, off, count in days]
        return self.write_body(days)

    def measure_day(
        self, day: date, sessions: list[Session], now: datetime, agents: int
    ) -> tuple[date, float, float, int]:
        """Give a day's active and inactive seconds and the number of sessions that began."""
        midnight = datetime.combine(day, time(), self.zone)
        end = min(midnight + timedelta(days=1), now) if midnight < now else midnight
        spans = []
        for session in sessions:
            until = session.end or now
            if self.choices["midnight"] == "split":
                begin, until = max(session.start, midnight), min(until, end)
            else:
                begin = session.start if midnight <= session.start < end else until
            if begin < until:
                spans.append((begin, until))
        active = sum((until - begin).total_seconds() for begin, until in spans)
        inactive = 0.0
        match self.choices["inactive"]:
            case "days":
                inactive = max(0, (end - midnight).total_seconds()) * max(agents, 1) - active
            case "between" if spans:
                inactive = (
                    max(until for _, until in spans) - min(begin for begin, _ in spans)
                ).total_seconds() - active
        count = sum(midnight <= session.start < end for session in sessions)
        return day, active, max(inactive, 0), count

    def write_figures(self, active: float, inactive: float, count: int) -> dict[str, Any]:
        whole = active + inactive
        share = active / whole * 100 if whole else 0.0
        rest = 100 - share if whole or self.choices["no_time"] == "inactive_100" else 0.0
        places = {"two_places": 2, "long": 12}.get(self.choices["percentages"])
        form = self.choices["duration_format"]
        is_whole = self.choices["seconds"] == "whole"
        figures: dict[str, Any] = {
            "total_active_duration_seconds": int(active) if is_whole else round(active, 3),
            "total_active_duration_format": write_duration(active, form),
            "total_session_count": count,
            "total_inactive_duration_seconds": int(inactive) if is_whole else round(inactive, 3),
            "total_inactive_duration_format": write_duration(inactive, form),
            "active_percentage": round(share, places),
            "inactive_percentage": round(rest, places),
        }
        return figures

    def write_body(self, days: list[tuple[date, float, float, int]]) -> dict[str, Any]:
        summary = self.write_figures(
            sum(active for _, active, _, _ in days),
            sum(inactive for _, _, inactive, _ in days),
            sum(count for *_, count in days),
        )
        if self.choices["breakdown_days"] == "days_with_sessions":
            days = [row for row in days if row[1]]
        if self.choices["breakdown_order"] == "newest":
            days = days[::-1]
        rows: list[Any] = []
        for day, active, inactive, count in days if self.choices["breakdown"] != "none" else []:
            written = f"{day:%d-%m-%Y}"
            shapes: dict[str, object] = {
                "nulls": None,
                "strings": f"{written}: {write_duration(active, 'h_m_s')}",
                "numbers": int(active),
                "lists": [written, int(active), count],
                "objects": {"date": written, **self.write_figures(active, inactive, count)},
            }
            rows.append(shapes[self.choices["breakdown"]])
        body: dict[str, Any] = {
            "success": True,
            "data": {"summary": summary, "daily_breakdown": rows},
        }
        if self.choices["extra"] != "none":
            nothing = self.choices["extra"] == "nulls"
            body["message"] = None if nothing else "Session logs fetched successfully"
            body["data"]["agent"] = None if nothing else {"name": "فهد القحطاني"}
            summary["average_session_seconds"] = None if nothing else 12.5
        return self.break_body(body)

    def break_body(self, body: dict[str, Any]) -> dict[str, Any]:
        data = body["data"]
        summary = data["summary"]
        seconds = "total_active_duration_seconds"
        form = "total_active_duration_format"
        match self.bug:
            case "success_missing":
                del body["success"]
            case "success_false":
                body["success"] = False
            case "success_text":
                body["success"] = "true"
            case "data_list":
                body["data"] = [data]
            case "data_missing":
                return {"success": True, **data}
            case "data_bare":
                return dict(data)
            case "summary_missing":
                body["data"] = {**summary, "daily_breakdown": data["daily_breakdown"]}
            case "summary_null":
                data["summary"] = None
            case "summary_list":
                data["summary"] = [summary]
            case "seconds_text":
                summary[seconds] = str(summary[seconds])
            case "seconds_missing":
                del summary[seconds]
            case "seconds_null":
                summary[seconds] = None
            case "seconds_camel":
                summary["totalActiveDurationSeconds"] = summary.pop(seconds)
            case "seconds_negative":
                summary[seconds] = -1 - summary[seconds]
            case "format_number":
                summary[form] = summary[seconds]
            case "format_null":
                summary[form] = None
            case "format_missing":
                del summary["total_inactive_duration_format"]
            case "format_of_other":
                summary[form] = summary["total_inactive_duration_format"]
            case "count_missing":
                del summary["total_session_count"]
            case "count_text":
                summary["total_session_count"] = str(summary["total_session_count"])
            case "count_list":
                summary["total_session_count"] = [summary["total_session_count"]]
            case "count_fraction":
                summary["total_session_count"] += 0.5
            case "count_negative":
                summary["total_session_count"] = -1
            case "inactive_missing":
                del summary["total_inactive_duration_seconds"]
            case "percentage_text":
                summary["active_percentage"] = f"{summary['active_percentage']}%"
            case "percentage_above_100":
                summary["active_percentage"] = 100 + summary["active_percentage"] * 10
            case "percentage_null":
                summary["inactive_percentage"] = None
            case "percentage_missing":
                del summary["inactive_percentage"]
            case "breakdown_missing":
                del data["daily_breakdown"]
            case "breakdown_null":
                data["daily_breakdown"] = None
            case "breakdown_object":
                data["daily_breakdown"] = dict(enumerate(data["daily_breakdown"]))
            case "breakdown_in_summary":
                summary["daily_breakdown"] = data.pop("daily_breakdown")
        return body


def make_app(
    choices: Mapping[str, str] | None = None,
    bug: str = "",
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> WSGIApplication:
    chosen = web.read_choices(CHOICES, choices)
    if bug and bug not in BUGS:
        raise ValueError(f"no bug {bug}; known: {', '.join(BUGS)}")
    return web.make_wsgi_app(PATH, chosen, SessionLogs(chosen, bug, now).handle)
