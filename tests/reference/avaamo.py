"""A live agent changelog written from avaamo's document alone, with what it leaves open to choose.

Document: documents/avaamo-live-agent-changelog.txt. A comment next to a choice quotes what the
document says there, or names its silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.reference import web
from tests.reference.web import Refusal, Request, Response

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

PATH = "/api/v1/cap/change_logs.json"
TOKEN = "f3c0a1b29a34a44a838af10fd5e6b7c8"  # "access-token: xxxxxxxxx9a34a44a838af10fxxxxxxx"
CREDENTIALS = {"access-token": TOKEN}
IDS: dict[str, Any] = {}  # no operation takes one

CHOICES: Mapping[str, tuple[str, ...]] = {
    **web.CHOICES,
    # "Timestamp from which the records are fetched": from which, until which; no word on the bound
    "start_bound": ("inclusive", "exclusive"),
    "end_bound": ("inclusive", "exclusive"),
    # "If you specify timetoken and not end_time, then the latest 5 entries up to the specified
    # timetoken are fetched", in start_time's row; no parameter is called timetoken
    "timetoken": (
        "from_start",
        "five_up_to",
        "five_latest",
        "own_parameter",
        "end_alone",  # had "timetoken" been meant as end_time, and "end_time" as start_time
    ),
    # "in milliseconds", but each example is `start_time=1579149424`
    "time_unit": ("milliseconds", "detected", "by_size"),
    "time_form": ("any_number", "decimal", "whole"),  # "number"
    "bad_time": ("refused", "ignored"),
    # start_time has no default; "the recommended time duration [...] is 7 days"
    "default_start": ("none", "7_days"),
    "reversed_range": ("empty", "refused"),
    "future_end": ("accepted", "refused"),
    "bad_number": ("refused", "default", "prefix"),  # "integer"; prefix is Ruby's to_i
    "zero": ("refused", "default", "one"),
    "leading_zero": ("accepted", "refused"),
    "plus_sign": ("accepted", "refused"),
    "huge_page": ("past_end", "above_64_bits_refused", "above_32_bits_refused"),
    "past_end": ("empty", "404", "last", "400"),
    "over_maximum": ("clamped", "refused"),  # "Maximum value: 100"
    # "the number of entries fetched per page" on a last page that is not full
    "size_of_last_page": ("per_page", "entries"),
    "empty_pages": ("0", "1"),  # "the total number of pages calculated using per_page"
    "total": ("matching", "all"),  # "the total number of entries in the live agent changelog"
    "unknown_action": ("empty", "refused", "ignored"),  # "Supported values are"
    "action_case": ("exact", "insensitive"),
    "action_spaces": ("trimmed", "kept"),  # "comma-separated list"
    "action_alias": ("none", "action"),  # "action: Specify update"
    "order": ("newest", "oldest"),  # never said
    "tie": ("id_descending", "id_ascending"),
    "ids": ("growing", "shuffled"),  # "a unique identifier"
    "time_token": (
        "fraction",
        "whole",
        "milliseconds",
    ),  # "UNIX epoch timestamp"; 1699347493.7744794
    "timestamp": ("whole", "fraction", "point_zero"),  # "UNIX epoch timestamp"
    "stored_time": ("seconds", "milliseconds"),  # "when the changelog was created in seconds"
    "types": ("camel", "words"),  # "User"; "Teams, Routing rule, or Quick response"
    "text": ("as_sample", "closed_quote", "html", "lines"),  # "a user-friendly description"
    "extra": ("none", "fields", "nulls"),
    # what a deployment has is no matter of the document
    "entries": ("many", "sample", "none", "of_one_action", "old", "hundreds", "of_one_second"),
    "growth": (
        "none",
        "every_5_seconds",
        "every_second",
    ),  # "Captures all the configuration changes"
    "v2_path": ("404", "served"),  # the node.js snippet's `/api/v2/outreach/change_logs`
    "path_without_json": ("404", "served"),
}

BUGS: Mapping[str, str] = {
    "token_not_required": "access-token*",
    "token_any": "You can get the user access token from the Settings -> Users page.",
    "total_of_page": "Indicates the total number of entries in the live agent changelog.",
    "total_one_more": "Indicates the total number of entries in the live agent changelog.",
    "pages_rounded_down": "Indicates the total number of pages calculated using per_page.",
    "pages_of_default": "Indicates the total number of pages calculated using per_page.",
    "pages_missing": "total_pages",
    "per_page_ignored": "Number of entries fetched per page.",
    "per_page_one_less": "Number of entries in the array = Number specified in per_page parameter.",
    "per_page_default_20": "Number of entries fetched per page. Default: 25",
    "per_page_unlimited": "Maximum value: 100",
    "per_page_maximum_50": "Maximum value: 100",
    "per_page_echoed_wrong": "Indicates the number of entries fetched per page.",
    "page_ignored": "Page from which the entries must be fetched.",
    "page_from_zero": "Page from which the entries must be fetched. Default: 1",
    "page_default_2": "Page from which the entries must be fetched. Default: 1",
    "page_overlap": "Page from which the entries must be fetched.",
    "page_echoed_wrong": "Indicates the page from which the entries are fetched.",
    "page_text": "current_page | Integer",
    "actions_ignored": "Actions in an live agent for which you wish to get changelog.",
    "actions_first": "You can also specify multiple resources in a comma-separated list.",
    "actions_literal": "You can also specify multiple resources in a comma-separated list.",
    "actions_default_without_destroy": "By default, all actions are considered.",
    "actions_create_refused": "Supported values are: update, create, destroy",
    "start_ignored": "Timestamp from which the records are fetched.",
    "end_ignored": "Timestamp until which the records are fetched.",
    "times_in_seconds": "Specify UNIX Epoch Timestamp in milliseconds.",
    "future_listed": "Default is the current timestamp.",
    "late_hour_hidden": "Default is the current timestamp.",
    "time_token_milliseconds": "the timestamp at which the API response is returned in seconds",
    "time_token_stale": "Indicates the timestamp at which the API response is returned",
    "time_token_text": "UNIX epoch timestamp",
    "timestamp_milliseconds": "the timestamp of when the changelog was created in seconds.",
    "timestamp_iso": "UNIX epoch timestamp",
    "id_text": "id | Indicates a unique identifier for the changelog entry. | Integer",
    "id_repeated": "Indicates a unique identifier for the changelog entry.",
    "resource_flat": "resource -> id",
    "resource_id_null": "Indicates a unique identifier of the resource",
    "resource_type_number": "resource -> type | String",
    "user_without_email": "Indicates the email of the user who is the modifier of the resource.",
    "user_name_renamed": "dashboard_user -> display_name",
    "user_null": "dashboard_user -> id",
    "action_past": "Indicates the action such as create, update, destroy",
    "action_capitals": "Indicates the action such as create, update, destroy",
    "changelog_null": "changelog | String",
    "changelog_of_other": "Indicates the actual change that occurred for this entry.",
    "entries_renamed": "entries | Indicates an array of change logs",
    "entries_object": "entries | Indicates an array of change logs",
    "status_201": "200 Sample Reponse",
    "wrong_content_type": "```json",
    "unstable_order": "Page from which the entries must be fetched.",
    "seven_days_enforced": "the recommended time duration for fetching data [...] is 7 days",
}

USERS = [
    (739, "Donna Miller", "donna@avaamo.com"),
    (812, "ليلى حسن", "layla.hassan@avaamo.com"),
    (845, "José Álvarez", "jose.alvarez@avaamo.com"),
    (901, "Siobhán O'Brien", "siobhan+cap@avaamo.com"),
    (77, "陳大文", "tm.chan@avaamo.com"),
]
RESOURCES = [
    ("User", 739, "Donna Miller"),
    ("Team", 31, "Cards & loans"),
    ("Routing rule", 118, "بطاقات الائتمان"),
    ("Quick response", 2050, "Greeting 👋"),
    ("User", 812, "ليلى حسن"),
    ("Team", 32, "Cards / loans <tier 2>"),
]
ACTIONS = ("update", "create", "update", "destroy", "update", "create", "update")
VERBS = {"update": "updated", "create": "created", "destroy": "deleted"}
PARAMETERS = ("start_time", "end_time", "page", "per_page", "actions")


@dataclass(frozen=True)
class Entry:
    number: int
    at: int
    action: str
    resource: tuple[str, int, str]
    user: tuple[int, str, str]
    text: str

    @property
    def shuffled_number(self) -> int:
        return 2202442 + (self.number - 2202442) * 7919 % 100003


SAMPLE = Entry(
    2202442,
    1699264790,
    "update",
    RESOURCES[0],
    USERS[0],
    "Donna Miller updated User Donna Miller status from 'offline' to 'active",
)


def make_entry(index: int, at: int) -> Entry:
    user, resource = USERS[index % len(USERS)], RESOURCES[index * 5 % len(RESOURCES)]
    action = ACTIONS[index % len(ACTIONS)]
    kind, _, name = resource
    text = f"{user[1]} {VERBS[action]} {kind} {name}"
    if action == "update":
        text += " status from 'active' to 'away'" if kind == "User" else " priority from 1 to 2"
    return Entry(SAMPLE.number + index, at, action, resource, user, text)


def make_entries(now: int) -> list[Entry]:
    """The document's entry, and 140 of the last five weeks, oldest first; some share a second."""
    entries, at = [SAMPLE], now - 35 * 86400
    for index in range(1, 141):
        at += 0 if index % 8 in (6, 7) else 28_700
        entries.append(make_entry(index, min(at, now - 60)))
    return sorted(entries, key=lambda entry: entry.at)


class Changelog:
    """One deployment: its entries, its choices and perhaps one bug."""

    def __init__(self, choices: Mapping[str, str], bug: str, now: Callable[[], datetime]) -> None:
        self.choices, self.bug, self.now = choices, bug, now
        self.started = int(now().timestamp())
        self.entries = self.choose_entries(make_entries(self.started))
        self.served = 0

    def choose_entries(self, entries: list[Entry]) -> list[Entry]:
        match self.choices["entries"]:
            case "sample":  # "total_entries": 3
                return [SAMPLE, *(make_entry(index, SAMPLE.at + index) for index in (1, 2))]
            case "none":
                return []
            case "of_one_action":
                return [entry for entry in entries if entry.action == "update"]
            case "old":
                return [replace(entry, at=entry.at - 300 * 86400) for entry in entries]
            case "of_one_second":
                return [replace(entry, at=self.started - 3600) for entry in entries]
            case "hundreds":
                later = [make_entry(200 + i, self.started - 60 * (700 - i)) for i in range(700)]
                return entries + later
        return entries

    def handle(self, request: Request) -> Response:
        now = self.now().timestamp()
        self.served += 1
        if self.choices["token_check"] == "first":
            self.check_token(request)
        known = [*PARAMETERS]
        if self.choices["action_alias"] == "action":
            known.append("action")
        if self.choices["timetoken"] == "own_parameter":
            known += ["timetoken", "time_token"]
        values = web.read_parameters(request, known, self.choices)
        page, size = self.read_page(values), self.read_size(values)
        entries = self.select_entries(values, now)
        if self.choices["token_check"] == "last":
            self.check_token(request)
        body = self.write_page(entries, page, size, now)
        content_type = "text/html" if self.bug == "wrong_content_type" else "application/json"
        return Response(201 if self.bug == "status_201" else 200, body, content_type)

    def check_token(self, request: Request) -> None:
        token = request.headers.get("access-token", "")
        if not token and self.bug != "token_not_required":
            status, _, challenge = self.choices["no_token"].partition("_")
            headers = [("WWW-Authenticate", 'Token realm="Application"')] if challenge else []
            raise Refusal(int(status), "Access token is missing", headers)
        if token != TOKEN and self.bug not in {"token_not_required", "token_any"}:
            raise Refusal(int(self.choices["wrong_token"]), "Invalid access token")

    def refuse(self, message: str) -> Refusal:
        return Refusal(int(self.choices["bad_status"]), message, code="invalid_parameter")

    def read_number(self, text: str, default: int) -> int:
        choice = self.choices["bad_number"]
        match = re.match(r"[+-]?[0-9]+", text) if choice == "prefix" else None
        if match:
            text = match[0]
        if not re.fullmatch(r"[+-]?[0-9]{1,4000}", text):
            if choice == "refused":
                raise self.refuse(f"'{text}' is not an integer")
            return default
        if text[0] == "0" and text != "0" and self.choices["leading_zero"] == "refused":
            raise self.refuse(f"'{text}' is not an integer")
        if text[0] == "+" and self.choices["plus_sign"] == "refused":
            raise self.refuse(f"'{text}' is not an integer")
        if int(text) < 1:
            if self.choices["zero"] == "refused":
                raise self.refuse(f"'{text}' is less than 1")
            return default if self.choices["zero"] == "default" else 1
        return int(text)

    def read_page(self, values: Mapping[str, str]) -> int:
        default = 2 if self.bug == "page_default_2" else 1
        page = self.read_number(values["page"], default) if "page" in values else default
        limits = {"above_64_bits_refused": 2**63, "above_32_bits_refused": 2**31}
        if page >= limits.get(self.choices["huge_page"], page + 1):
            raise self.refuse("page is out of range")
        return page

    def read_size(self, values: Mapping[str, str]) -> int:
        default = 20 if self.bug == "per_page_default_20" else 25
        size = self.read_number(values["per_page"], default) if "per_page" in values else default
        limit = {"per_page_unlimited": 10**9, "per_page_maximum_50": 50}.get(self.bug, 100)
        if size > limit and self.choices["over_maximum"] == "refused":
            raise self.refuse(f"per_page is greater than {limit}")
        return default if self.bug == "per_page_ignored" else min(size, limit)

    def read_time(self, values: Mapping[str, str], name: str) -> float | None:
        """Read a parameter in milliseconds, give seconds."""
        if name not in values:
            return None
        pattern = {
            "any_number": r"[+-]?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?",
            "decimal": r"-?[0-9]{1,25}(\.[0-9]{1,25})?",
            "whole": r"-?[0-9]{1,25}",
        }[self.choices["time_form"]]
        if not re.fullmatch(pattern, values[name]):
            if self.choices["bad_time"] == "ignored":
                return None
            raise self.refuse(f"{name} is not a timestamp")
        number = float(values[name])
        in_seconds = self.choices["time_unit"] != "milliseconds" and abs(number) < 10**11
        if self.choices["time_unit"] == "by_size" and abs(number) >= 10**14:
            return number / 1_000_000
        return number if in_seconds or self.bug == "times_in_seconds" else number / 1000

    def select_entries(self, values: Mapping[str, str], now: float) -> list[Entry]:
        start, end = self.read_time(values, "start_time"), self.read_time(values, "end_time")
        if end is not None and end > now + 60 and self.choices["future_end"] == "refused":
            raise self.refuse("end_time is in the future")
        if start is not None and end is not None:
            if start > end and self.choices["reversed_range"] == "refused":
                raise self.refuse("start_time is after end_time")
            if self.bug == "seven_days_enforced" and end - start > 7 * 86400:
                raise self.refuse("The range is longer than 7 days")
        entries = self.list_entries(now)
        actions = self.read_actions(values)
        if actions is not None:
            entries = [entry for entry in entries if entry.action in actions]
        limit: float = now if end is None else end
        five = end is None and start is not None
        match self.choices["timetoken"]:
            case "five_up_to" if five and start is not None:
                limit, start = start, None
            case "own_parameter":
                token = self.read_time(values, "timetoken") or self.read_time(values, "time_token")
                five = token is not None and end is None
                limit = token if token is not None and end is None else limit
            case "end_alone":
                five = start is None and end is not None
            case "from_start":
                five = False
        if self.bug == "late_hour_hidden" and end is None:
            limit -= 12 * 3600
        if start is None and self.choices["default_start"] == "7_days":
            start = limit - 7 * 86400
        if self.bug == "future_listed" and end is None:
            limit += 10 * 86400
        start = None if self.bug == "start_ignored" else start
        limit = now if self.bug == "end_ignored" else limit
        late = self.choices["start_bound"] == "exclusive"
        early = self.choices["end_bound"] == "exclusive" and limit != now
        at = self.get_moment
        found = [
            entry
            for entry in sorted(entries, key=at)
            if (start is None or (at(entry) > start if late else at(entry) >= start))
            and (at(entry) < limit if early else at(entry) <= limit)
        ]
        return self.sort_entries(found[-5:] if five else found)

    def list_entries(self, now: float) -> list[Entry]:
        entries = self.entries
        if self.choices["growth"] != "none":
            step = 5 if self.choices["growth"] == "every_5_seconds" else 1
            since = range(self.started + step, int(now) + 1, step)
            entries = entries + [make_entry(1000 + i, at) for i, at in enumerate(since)]
        if self.bug == "future_listed":
            tomorrow = self.started + 86400
            entries = entries + [make_entry(180 + i, tomorrow + i * 900) for i in range(3)]
        return entries

    def sort_entries(self, entries: list[Entry]) -> list[Entry]:
        newest = self.choices["order"] == "newest"
        sign = -1 if self.choices["tie"] == "id_descending" else 1
        found = sorted(entries, key=lambda entry: sign * self.get_id(entry))
        found.sort(key=self.get_moment, reverse=newest)
        if self.bug == "unstable_order" and found:
            turn = self.served * 7 % len(found)
            found = found[turn:] + found[:turn]
        return found

    def read_actions(self, values: Mapping[str, str]) -> set[str] | None:
        text = values.get("actions", values.get("action"))
        if self.bug == "actions_ignored":
            return None
        if text is None:
            return {"update", "create"} if self.bug == "actions_default_without_destroy" else None
        items = [text] if self.bug == "actions_literal" else text.split(",")
        if self.choices["action_spaces"] == "trimmed":
            items = [item.strip() for item in items]
        if self.choices["action_case"] == "insensitive":
            items = [item.lower() for item in items]
        if self.bug == "actions_first":
            del items[1:]
        if self.bug == "actions_create_refused" and "create" in items:
            raise self.refuse("actions: create is not supported")
        unknown = set(items) - set(ACTIONS)
        if unknown and self.choices["unknown_action"] == "refused":
            raise self.refuse("actions: supported values are update, create, destroy")
        known = set(items) & set(ACTIONS)
        return None if not known and self.choices["unknown_action"] == "ignored" else known

    def write_page(self, entries: list[Entry], page: int, size: int, now: float) -> dict[str, Any]:
        total = len(self.list_entries(now) if self.choices["total"] == "all" else entries)
        pages = -(-total // size)
        if self.bug == "pages_rounded_down":
            pages = total // size
        elif self.bug == "pages_of_default":
            pages = -(-total // 25)
        if not pages and self.choices["empty_pages"] == "1":
            pages = 1
        if page > max(pages, 1) and self.choices["past_end"] != "empty":
            if self.choices["past_end"] != "last":
                raise Refusal(int(self.choices["past_end"]), "There is no such page")
            page = max(pages, 1)
        first = (page - 1) * size
        if self.bug == "page_ignored":
            first = 0
        elif self.bug == "page_from_zero":
            first = page * size
        elif self.bug == "page_overlap":
            first = max(0, first - (page - 1))
        shown = entries[first : first + size - (self.bug == "per_page_one_less")]
        number: object = page + 1 if self.bug == "page_echoed_wrong" else page
        in_last = self.choices["size_of_last_page"] == "entries" and 0 < len(shown) < size
        if self.bug == "total_of_page":
            total = len(shown)
        rows: object = [self.write_entry(entry) for entry in shown]
        body: dict[str, Any] = {
            "current_page": str(page) if self.bug == "page_text" else number,
            "per_page": len(shown) if in_last else size,
            "total_entries": total + (self.bug == "total_one_more"),
            "total_pages": pages,
            "time_token": self.write_time_token(now),
            "entries": {"list": rows} if self.bug == "entries_object" else rows,
        }
        if self.bug == "per_page_echoed_wrong":
            body["per_page"] = 25
        if self.bug == "pages_missing":
            del body["total_pages"]
        if self.bug == "entries_renamed":
            body["change_logs"] = body.pop("entries")
        if self.choices["extra"] != "none":
            body["next_page"] = page + 1 if page < pages else None
            body["request_id"] = None if self.choices["extra"] == "nulls" else "c7c8"
        return body

    def write_time_token(self, now: float) -> object:
        if self.bug == "time_token_stale":
            return 1699347493.7744794
        if self.bug == "time_token_text":
            return str(now)
        if self.bug == "time_token_milliseconds":
            return now * 1000
        form = self.choices["time_token"]
        return int(now) if form == "whole" else round(now, 3 if form == "milliseconds" else 7)

    def get_moment(self, entry: Entry) -> float:
        if self.choices["timestamp"] == "fraction" or self.choices["stored_time"] != "seconds":
            return entry.at + entry.number % 7 / 8
        return entry.at

    def get_id(self, entry: Entry) -> int:
        if self.bug == "id_repeated":
            return entry.number - entry.number % 2
        return entry.number if self.choices["ids"] == "growing" else entry.shuffled_number

    def write_text(self, entry: Entry) -> str:
        text = entry.text
        if self.bug == "changelog_of_other":
            text = make_entry(entry.number - SAMPLE.number + 1, entry.at).text
        match self.choices["text"]:
            case "as_sample" if text.endswith("'") and entry.number % 2 == 0:
                return text[:-1]  # the sample's text lacks its last quote
            case "closed_quote" if text.count("'") % 2:
                return text + "'"
            case "html":
                return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;")
            case "lines":
                return text + "\n\n(via console) "
        return text

    def write_entry(self, entry: Entry) -> dict[str, Any]:
        number: object = self.get_id(entry)
        kind, resource_id, _ = entry.resource
        if self.choices["types"] == "camel":
            kind = kind.title().replace(" ", "")
        user_id, name, email = entry.user
        at: object = entry.at
        if self.choices["timestamp"] == "fraction":
            at = self.get_moment(entry)
        elif self.choices["timestamp"] == "point_zero":
            at = float(entry.at)
        if self.bug == "timestamp_milliseconds":
            at = entry.at * 1000
        elif self.bug == "timestamp_iso":
            at = datetime.fromtimestamp(entry.at, UTC).isoformat()
        user: dict[str, Any] = {"id": user_id, "display_name": name, "email": email}
        row: dict[str, Any] = {
            "id": str(number) if self.bug == "id_text" else number,
            "resource": {"id": resource_id, "type": kind},
            "action": entry.action,
            "changelog": None if self.bug == "changelog_null" else self.write_text(entry),
            "timestamp": at,
            "dashboard_user": user,
        }
        if self.choices["extra"] != "none":
            nothing = self.choices["extra"] == "nulls"
            row["ip_address"] = None if nothing else "203.0.113.9"
            user["photo_url"] = None if nothing else "https://cx.avaamo.com/p/739.png"
        match self.bug:
            case "resource_flat":
                row["resource_id"], row["resource_type"] = resource_id, row.pop("resource")["type"]
            case "resource_id_null":
                row["resource"]["id"] = None
            case "resource_type_number":
                row["resource"]["type"] = 4
            case "user_without_email":
                del user["email"]
            case "user_name_renamed":
                user["name"] = user.pop("display_name")
            case "user_null":
                row["dashboard_user"] = None
            case "action_past":
                row["action"] = VERBS[entry.action]
            case "action_capitals":
                row["action"] = entry.action.upper()
        return row


def make_app(
    choices: Mapping[str, str] | None = None,
    bug: str = "",
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> WSGIApplication:
    chosen = web.read_choices(CHOICES, choices)
    if bug and bug not in BUGS:
        raise ValueError(f"no bug {bug}; known: {', '.join(BUGS)}")
    changelog = Changelog(chosen, bug, now)
    aliases = {"/api/v2/outreach/change_logs": "v2_path", PATH[:-5]: "path_without_json"}
    served = {path for path, name in aliases.items() if chosen[name] == "served"}
    return web.make_wsgi_app(PATH, chosen, changelog.handle, served)
