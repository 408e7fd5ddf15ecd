"""Calls all four APIs with the clients that openapi-python-client has made."""

import json
import sys

from autozod import AuthenticatedClient as AutozodClient
from autozod.api.agent_session import list_agent_session_logs
from autozod.models import InvalidData, SessionLogs
from avaamo import AuthenticatedClient as AvaamoClient
from avaamo.api.live_agent_changelog import list_change_logs
from avaamo.models import ChangeLogs, ListChangeLogsActionsItem
from calwe import AuthenticatedClient as CalweClient
from calwe import Client as AnonymousClient
from calwe.api.session_log import create_session_log, list_session_logs
from calwe.models import ActionType, LogList, LogSaved, NewLogEntry, SessionNotFound
from ekran import Client as EkranClient
from ekran.api.sessions import list_sessions

server = sys.argv[1]
calwe = CalweClient(f"{server}/v1", token="any")
autozod = AutozodClient(f"{server}/api", token="any")
avaamo = AvaamoClient(f"{server}/api/v1", token="any", prefix="", auth_header_name="access-token")

log = list_session_logs.sync("1", client=calwe, per_page=30)
assert isinstance(log, LogList)
missing = list_session_logs.sync("no-such-session", client=calwe)
assert isinstance(missing, SessionNotFound)
refused = create_session_log.sync_detailed(
    "1",
    client=AnonymousClient(f"{server}/v1"),
    body=NewLogEntry(ActionType.LEFT),
)
saved = create_session_log.sync("1", client=calwe, body=NewLogEntry(ActionType.ENTERED))
assert isinstance(saved, LogSaved)


def report(last: str) -> object:
    return list_agent_session_logs.sync(
        client=autozod,
        team_id=1000,
        agent_id="68a6d35049a09719b70539b4",
        start_date="21-08-2025",
        end_date=last,
    )


duty, backwards = report("21-08-2025"), report("20-08-2025")
assert isinstance(duty, SessionLogs)
assert isinstance(backwards, InvalidData)
# It sends a list as several parameters, whatever the contract says of `explode`.
changes = list_change_logs.sync(
    client=avaamo, per_page=1, actions=[ListChangeLogsActionsItem.UPDATE]
)
assert isinstance(changes, ChangeLogs)
sessions = list_sessions.sync(client=EkranClient(f"{server}/ekranapi"))
assert isinstance(sessions, list)

print(
    json.dumps(
        {
            "entries": [[entry.date, entry.action_type] for entry in log.data.data],
            "missing": missing.message,
            "refused": refused.status_code,
            "saved": saved.data.text,
            "days": [day and day.date for day in duty.data.daily_breakdown],
            "backwards": list(backwards.data.to_dict()),
            "change": [[entry.id, entry.dashboard_user.display_name] for entry in changes.entries],
            "sessions": [session.session_id for session in sessions],
            "logins": [session.login_date.year for session in sessions],
        }
    )
)
