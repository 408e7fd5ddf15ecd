"""Ekran's list of sessions, from the vendor's document alone (ekran-sessions-get.txt)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.reference.wsgi import HTTP_CHOICES, Reply, Request, make_wsgi_app, refuse

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

CHOICES: Mapping[str, tuple[str, ...]] = {
    "auth": ("none", "401", "403"),  # no word of authorisation
    "path_case": ("exact", "ignored"),
    # "Sessions that were started or finished after this time"
    "bounds": ("exclusive", "inclusive"),
    # for `end` the same words, and a note: "started before the end date/time"; both: no note
    "both": ("overlap", "touching"),
    "open_after_start": ("included", "omitted"),  # an open session has not finished
    "open_logout": ("last-activity", "null", "absent", "year-1"),
    "no_activity": ("omitted", "literal"),  # "the first activity after the start"
    "inverted": ("empty", "literal", "400"),  # start after end
    "end_date": ("midnight", "whole-day"),  # "2021-04-01"
    "request_zone": ("UTC", "Europe/Kyiv"),  # "2021-04-01T12:00"
    "dates": ("milliseconds", "seconds-z", "ticks", "local"),  # "(date-time)"
    "precision": ("seconds", "milliseconds"),
    "other_formats": ("refused", "accepted"),  # "Examples:" - the list may go on
    "bad_date": ("400", "422", "ignored"),
    "empty_value": ("absent", "bad"),
    "trim": ("exact", "trimmed"),
    "unknown_parameters": ("ignored", "400"),
    "order": ("id", "newest", "unstable"),
    "guid": ("lower", "upper", "braces"),
    "rows": ("many", "some", "few", "none"),  # a new installation
    "live": ("none", "appearing"),  # users work while a tester reads
    "extra_fields": ("none", "some"),
    **HTTP_CHOICES,
}
ALL = "all sessions in the database are added to the response"
BEFORE_END = "all sessions that were started before the end date/time are added to the response"
AFTER_START = "all sessions that were started or finished after the start date/time are added"
CLIP_START = (
    "If the session was started before the start date/time, the first activity after the start"
    " date/time is considered as the session start."
)
CLIP_END = (
    "If the session was finished after the end date/time, the last activity before the end"
    " date/time is considered as the session end."
)
BUGS: Mapping[str, str] = {
    "start_ignored": AFTER_START,
    "end_ignored": BEFORE_END,
    "start_of_login_only": AFTER_START,  # finished after it is not enough
    "end_of_logout": BEFORE_END,  # a session that goes on after the end is left out
    "start_as_end": AFTER_START,
    "start_required": "start | No (Required)",
    "end_required": "end | No (Required)",
    "login_not_clipped": CLIP_START,
    "logout_not_clipped": CLIP_END,
    "login_last_before": CLIP_START,
    "logout_first_after": CLIP_END,
    "last_week_only": ALL,
    "first_fifty": ALL,
    "last_missing": ALL,
    "row_doubled": "Gets a list of sessions with various details.",
    "minutes_refused": '"2021-04-01T12:00"',
    "date_refused": '"2021-04-01"',
    "seconds_ignored": '"2021-04-01T12:00:00"',
    "time_ignored": '"2021-04-01T12:00"',
    "empty_404": "The Sessions response (status: 200 = successful)",
    "status_201": "The Sessions response (status: 200 = successful)",
    "content_type_text": "[ { (the example is JSON)",
    "wrapped": "[ {",
    "snake_case": "clientGuid (string)",
    "guid_null": "clientGuid (string)",
    "guid_number": "clientGuid (string)",
    "id_text": "sessionId (int32)",
    "id_large": "sessionId (int32)",
    "id_fraction": "sessionId (int32)",
    "user_absent": "userId (int32) The ID of the user.",
    "user_text": "userId (int32)",
    "login_absent": "loginDate (date-time) The date & time when the session started.",
    "dates_without_offset": '"loginDate" : "2000-01-23T04:56:07.000+00:00"',
    "dates_epoch": "loginDate (date-time)",
    "dates_spaced": "logoutDate (date-time)",
    "dates_swapped": "logoutDate (date-time) The date & time when the session ended.",
}
CREDENTIALS = {"token": "ekran-token"}  # asked for with a choice of `auth` alone
IDS = {"sample": (124, 142), "open": (2001, 2002, 2003), "idle": 2010}
SAMPLE = datetime(2000, 1, 23, 4, 56, 7, tzinfo=UTC)
FORMATS = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?)?")


def make_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Session:
    """The first activity is the login; the last is the logout, unless the session is open."""

    id: int
    user: int
    guid: str
    activities: list[datetime]
    is_open: bool = False


@dataclass(frozen=True)
class Period:
    """The first and the last activity of a session that a response shows."""

    login: datetime
    logout: datetime | None


class Ekran:
    """The database and its one operation."""

    def __init__(self, choices: Mapping[str, str], bug: str, now: Callable[[], datetime]) -> None:
        self.choices, self.bug, self.now = choices, bug, now
        self.calls = 0
        self.sessions = self.make_sessions()

    def make_sessions(self) -> list[Session]:
        now = self.now().replace(microsecond=0)
        fraction = timedelta(milliseconds=0 if self.choices["precision"] == "seconds" else 347)
        sessions = [
            Session(124, 61, "1d4fegdr-g3ff-4114-a814-f3aeee14dgdg", [SAMPLE]),
            Session(142, 16, "dd4lwdr-xxff-4ss4-a814-f3aeee14dgdsg", [SAMPLE]),
        ]

        def add(id: int, login: datetime, count: int, minutes: int, is_open: bool = False) -> None:
            guid = f"{id * 7919:08x}-4f1a-4c{id % 90 + 10}-9b3e-{id * 104729:012x}"
            moments = [login + step * timedelta(minutes=minutes) for step in range(count)]
            user = 16 + id % 7
            sessions.append(Session(id, user, guid, [at + fraction for at in moments], is_open))

        for number in range(0, 84, 6 if self.choices["rows"] == "some" else 1):
            # every seventh session begins in the second of the one before it
            ago = timedelta(hours=9 * (number - (number % 7 == 6)) + 10)
            add(1100 - number, now - ago, 2 + number % 40, 3 + number % 11)
        add(2010, now - timedelta(days=5), 2, 60 * 20)  # a day without a touch
        for number in range(3):
            add(2001 + number, now - timedelta(hours=2 * number + 1), 12, 5, is_open=True)
        if self.choices["live"] == "appearing":
            for number in range(300):
                add(3000 + number, now + timedelta(seconds=1 + 2 * number), 2, 1)
        kept = {"few": 5, "none": 0}.get(self.choices["rows"], len(sessions))
        return sorted(sessions[:kept], key=lambda session: session.id)

    def routes(self, path: str) -> Mapping[str, Callable[[Request], Reply]] | None:
        if self.choices["path_case"] == "ignored":
            path = path.lower()
        return {"GET": self.list_sessions} if path == "/ekranapi/sessions" else None

    # Parameters

    def read_moment(self, value: str, is_end: bool) -> datetime | None:
        """The moment that a parameter names; None where it names none."""
        found = FORMATS.fullmatch(value)
        if not found and self.choices["other_formats"] == "refused":
            return None
        if found and (
            (self.bug == "minutes_refused" and found[2] and not found[3])
            or (self.bug == "date_refused" and not found[2])
        ):
            return None
        if found and (self.bug == "time_ignored" or (self.bug == "seconds_ignored" and found[3])):
            value = found[1]
        try:
            moment = datetime.fromisoformat(value)
            if not moment.tzinfo:
                moment = moment.replace(tzinfo=ZoneInfo(self.choices["request_zone"]))
            if found and not found[2] and is_end and self.choices["end_date"] == "whole-day":
                moment += timedelta(days=1)
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    def refuse(self, status: str, message: str) -> Reply:
        return refuse(self.choices["refusal_body"], int(status), message)

    def read_bounds(self, request: Request) -> dict[str, datetime] | Reply:
        bounds: dict[str, datetime] = {}
        for name in ("start", "end"):
            value = request.get(name, self.choices["repeated"])
            if value is not None and self.choices["trim"] == "trimmed":
                value = value.strip()
            if value is None or (value == "" and self.choices["empty_value"] == "absent"):
                if self.bug == f"{name}_required":
                    return self.refuse("400", f"The parameter '{name}' is required.")
                continue
            moment = self.read_moment(value, is_end=name == "end")
            if moment is not None:
                bounds[name] = moment
            elif self.choices["bad_date"] != "ignored":
                return self.refuse(self.choices["bad_date"], f"'{name}' is no date: Дата")
        if self.bug == "start_as_end" and "start" in bounds and "end" not in bounds:
            bounds["end"] = bounds.pop("start")
        if self.bug in ("start_ignored", "end_ignored"):
            bounds.pop(self.bug.partition("_")[0], None)
        return bounds

    # The selection

    def is_after(self, moment: datetime, start: datetime | None) -> bool:
        if start is None:
            return True
        return moment > start or (moment == start and self.choices["bounds"] == "inclusive")

    def is_before(self, moment: datetime, end: datetime | None) -> bool:
        if end is None:
            return True
        return moment < end or (moment == end and self.choices["bounds"] == "inclusive")

    def select(
        self, session: Session, start: datetime | None, end: datetime | None, now: datetime
    ) -> Period | None:
        """The session's period in a response; None where the selection leaves it out."""
        moments = session.activities
        if moments[-1] > now:
            moments = [moment for moment in moments if moment <= now]
        if not moments:
            return None
        login, logout = moments[0], moments[-1]
        began = self.is_after(login, start)
        finished = self.is_after(logout, start)
        if session.is_open and self.choices["open_after_start"] == "omitted":
            finished = False
        if not (began or (finished and self.bug != "start_of_login_only")):
            return None
        if not self.is_before(logout if self.bug == "end_of_logout" else login, end):
            return None
        if start and end and self.choices["both"] == "touching":
            ended_within = finished and self.is_before(logout, end)
            if not (began or ended_within):
                return None
        shows_end = session.is_open and self.choices["open_logout"] != "last-activity"
        is_running = shows_end and not (end and logout > end)
        period = Period(login, None if is_running else logout)
        return self.clip(period, moments, start, end)

    def clip(
        self,
        period: Period,
        moments: list[datetime],
        start: datetime | None,
        end: datetime | None,
    ) -> Period | None:
        login, logout = period.login, period.logout
        crosses_start = start is not None and login < start
        crosses_end = end is not None and logout is not None and logout > end
        if not crosses_start and not crosses_end:
            return period
        after = [at for at in moments if not crosses_start or self.is_after(at, start)]
        before = [at for at in moments if not crosses_end or self.is_before(at, end)]
        if not after or not before:
            return None
        is_idle = not [moment for moment in after if moment in before]
        if (
            is_idle
            and self.choices["no_activity"] == "omitted"
            and not (start and end and start > end)
        ):
            return None
        if crosses_start and self.bug != "login_not_clipped":
            login = after[0]
            if self.bug == "login_last_before":
                login = [moment for moment in moments if moment not in after][-1]
        if crosses_end and self.bug != "logout_not_clipped":
            logout = before[-1]
            if self.bug == "logout_first_after":
                logout = next(moment for moment in moments if moment not in before)
        return Period(login, logout)

    # The response

    def format_date(self, moment: datetime) -> Any:
        match self.bug:
            case "dates_without_offset":
                return f"{moment:%Y-%m-%dT%H:%M:%S}"
            case "dates_epoch":
                return int(moment.timestamp() * 1000)
            case "dates_spaced":
                return f"{moment:%Y-%m-%d %H:%M:%S}"
        match self.choices["dates"]:
            case "seconds-z":
                return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
            case "ticks":
                return f"{moment:%Y-%m-%dT%H:%M:%S.%f}0+00:00"
            case "local":
                return moment.astimezone(ZoneInfo("Europe/Kyiv")).isoformat(timespec="milliseconds")
        return moment.isoformat(timespec="milliseconds")

    def describe(self, session: Session, period: Period) -> dict[str, Any]:
        guid = session.guid.upper() if self.choices["guid"] == "upper" else session.guid
        row: dict[str, Any] = {
            "clientGuid": f"{{{guid}}}" if self.choices["guid"] == "braces" else guid,
            "logoutDate": self.format_date(period.logout) if period.logout else None,
            "loginDate": self.format_date(period.login),
            "sessionId": session.id,
            "userId": session.user,
        }
        if period.logout is None:
            match self.choices["open_logout"]:
                case "absent":
                    del row["logoutDate"]
                case "year-1":
                    row["logoutDate"] = "0001-01-01T00:00:00.000+00:00"
        if self.choices["extra_fields"] == "some":
            row |= {"userName": "Оксана Гнатюк", "isFinished": not session.is_open, "host": None}
        match self.bug:
            case "snake_case":
                row["client_guid"] = row.pop("clientGuid")
            case "guid_null":
                row["clientGuid"] = None
            case "guid_number":
                row["clientGuid"] = session.id
            case "id_text":
                row["sessionId"] = str(session.id)
            case "id_large":
                row["sessionId"] += 2**31
            case "id_fraction":
                row["sessionId"] += 0.5
            case "user_absent":
                del row["userId"]
            case "user_text":
                row["userId"] = f"user-{session.user}"
            case "login_absent":
                del row["loginDate"]
            case "dates_swapped":
                row["loginDate"], row["logoutDate"] = row["logoutDate"], row["loginDate"]
        return row

    def list_sessions(self, request: Request) -> Reply:
        given = request.headers.get("authorization", "")
        if self.choices["auth"] != "none" and given != f"Bearer {CREDENTIALS['token']}":
            return self.refuse(self.choices["auth"], "Authorization is required.")
        if self.choices["unknown_parameters"] != "ignored":
            for name, _ in request.query:
                if name not in ("start", "end"):
                    return self.refuse("400", f"The parameter '{name}' is not known.")
        bounds = self.read_bounds(request)
        if isinstance(bounds, Reply):
            return bounds
        start, end = bounds.get("start"), bounds.get("end")
        sessions = self.sessions
        if start and end and start > end and self.choices["inverted"] != "literal":
            if self.choices["inverted"] == "400":
                return self.refuse("400", "The start is after the end.")
            sessions = []
        if self.bug == "last_week_only":
            start = start or self.now() - timedelta(days=7)
        now = self.now()
        shown = [
            (session, period)
            for session in sessions
            if (period := self.select(session, start, end, now)) is not None
        ]
        self.calls += 1
        match self.choices["order"]:
            case "newest":
                shown.sort(key=lambda pair: pair[1].login, reverse=True)
            case "unstable":
                turn = self.calls % (len(shown) or 1)
                shown = shown[turn:] + shown[:turn]
        rows = [self.describe(session, period) for session, period in shown]
        match self.bug:
            case "first_fifty":
                rows = rows[:50]
            case "last_missing":
                rows = rows[:-1]
            case "row_doubled":
                rows += rows[-1:]
            case "empty_404" if not rows:
                return self.refuse("404", "There are no sessions.")
        body: object = {"sessions": rows} if self.bug == "wrapped" else rows
        content_type = "text/plain" if self.bug == "content_type_text" else "application/json"
        return Reply(201 if self.bug == "status_201" else 200, body, None, content_type)


def make_app(
    choices: Mapping[str, str] | None = None,
    bug: str = "",
    now: Callable[[], datetime] = make_clock,
) -> WSGIApplication:
    chosen = {name: values[0] for name, values in CHOICES.items()} | dict(choices or {})
    return make_wsgi_app(Ekran(chosen, bug, now).routes, chosen, now)
