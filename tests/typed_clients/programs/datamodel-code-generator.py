"""Calls all four APIs, and reads the responses with the models of datamodel-code-generator."""

import json
import sys

import autozod
import avaamo
import calwe
import ekran
import httpx
from pydantic import TypeAdapter

http = httpx.Client(
    base_url=sys.argv[1],
    headers={"Authorization": "Bearer any", "access-token": "any"},
    trust_env=False,
)
LOG = "/v1/customer/sessions/1/log"
AGENT = {"team_id": "1000", "agent_id": "68a6d35049a09719b70539b4", "start_date": "21-08-2025"}

log = calwe.LogList.model_validate_json(http.get(LOG).content)
missing = calwe.SessionNotFound.model_validate_json(
    http.get("/v1/customer/sessions/no-such-session/log").content
)
entry = calwe.NewLogEntry(action_type=calwe.ActionType.LEFT)
refused = calwe.CalweUnauthenticated.model_validate_json(
    http.post(
        LOG, json=entry.model_dump(mode="json"), headers={"Authorization": "Bearer invalid"}
    ).content
)
entry = calwe.NewLogEntry(action_type=calwe.ActionType.ENTERED)
saved = calwe.LogSaved.model_validate_json(
    http.post(LOG, json=entry.model_dump(mode="json")).content
)
duty = autozod.SessionLogs.model_validate_json(
    http.get("/api/sessionLogs/list", params={**AGENT, "end_date": "21-08-2025"}).content
)
backwards = autozod.InvalidData.model_validate_json(
    http.get("/api/sessionLogs/list", params={**AGENT, "end_date": "20-08-2025"}).content
)
changes = avaamo.ChangeLogs.model_validate_json(
    http.get("/api/v1/cap/change_logs.json", params={"per_page": "1"}).content
)
sessions = TypeAdapter(list[ekran.Session]).validate_json(http.get("/ekranapi/sessions").content)

print(
    json.dumps(
        {
            "entries": [[entry.date, entry.action_type] for entry in log.data.data],
            "missing": missing.message,
            "refused": refused.statusCode,
            "saved": saved.data.text,
            "days": [day and day.date for day in duty.data.daily_breakdown],
            "backwards": list(backwards.data.model_dump(exclude_none=True)),
            "change": [
                [change.id, change.dashboard_user.display_name] for change in changes.entries
            ],
            "sessions": [session.sessionId for session in sessions],
            "logins": [session.loginDate.year for session in sessions],
        }
    )
)
