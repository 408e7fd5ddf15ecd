import createClient from "openapi-fetch";
import type { paths as AutozodPaths } from "./autozod";
import type { paths as AvaamoPaths } from "./avaamo";
import type { components, paths as CalwePaths } from "./calwe";
import type { paths as EkranPaths } from "./ekran";

const server = process.argv[2];
const headers = { Authorization: "Bearer any", "access-token": "any" };
const calwe = createClient<CalwePaths>({ baseUrl: `${server}/v1`, headers });
const autozod = createClient<AutozodPaths>({ baseUrl: `${server}/api`, headers });
const avaamo = createClient<AvaamoPaths>({
  baseUrl: `${server}/api/v1`, headers, querySerializer: { array: { style: "form", explode: false } },
});
const ekran = createClient<EkranPaths>({ baseUrl: `${server}/ekranapi` });

const LOG = "/customer/sessions/{id}/log";

async function main() {
  const log = await calwe.GET(LOG, { params: { path: { id: "1" }, query: { per_page: 30 } } });
  const entries: components["schemas"]["LogEntry"][] = log.data?.data.data ?? [];
  const missing = await calwe.GET(LOG, { params: { path: { id: "no-such-session" } } });
  const session = { params: { path: { id: "1" } } };
  const refused = await calwe.POST(LOG, {
    ...session, body: { action_type: "LEFT" }, headers: { Authorization: "Bearer invalid" },
  });
  const saved = await calwe.POST(LOG, { ...session, body: { action_type: "ENTERED" } });

  const agent = { team_id: 1000, agent_id: "68a6d35049a09719b70539b4" };
  const days = { start_date: "21-08-2025", end_date: "21-08-2025" };
  const duty = await autozod.GET("/sessionLogs/list", {
    params: { query: { ...agent, ...days, type: "on_duty" } },
  });
  const backwards = await autozod.GET("/sessionLogs/list", {
    params: { query: { ...agent, ...days, end_date: "20-08-2025" } },
  });
  const errors = backwards.error && "data" in backwards.error ? backwards.error.data : {};

  const changes = await avaamo.GET("/cap/change_logs.json", {
    params: { query: { per_page: 1, actions: ["update", "create"] } },
  });
  const sessions = await ekran.GET("/sessions");

  console.log(JSON.stringify({
    entries: entries.map((entry) => [entry.date, entry.action_type]),
    missing: missing.error?.message,
    refused: refused.response.status,
    saved: saved.data?.data.text,
    days: duty.data?.data.daily_breakdown.map((day) => day?.date),
    backwards: Object.keys(errors),
    change: changes.data?.entries.map((entry) => [entry.id, entry.dashboard_user.display_name]),
    sessions: sessions.data?.map((session) => session.sessionId),
    logins: sessions.data?.map((session) => new Date(session.loginDate).getUTCFullYear()),
  }));
}

main();
