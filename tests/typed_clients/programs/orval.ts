import { listAgentSessionLogs } from "./autozod";
import { listChangeLogs } from "./avaamo";
import { createSessionLog, listSessionLogs } from "./calwe";
import { listSessions } from "./ekran";

const signedIn = { headers: { Authorization: "Bearer any" } };

async function main() {
  const log = await listSessionLogs("1", { per_page: 30 }, signedIn);
  if (log.status !== 200) throw new Error(`a refusal: ${log.data.message}`);
  const missing = await listSessionLogs("no-such-session", {}, signedIn);
  const refused = await createSessionLog("1", { action_type: "LEFT" });
  const saved = await createSessionLog("1", { action_type: "ENTERED" }, signedIn);

  const agent = { team_id: 1000, agent_id: "68a6d35049a09719b70539b4" };
  const days = { start_date: "21-08-2025", end_date: "21-08-2025" };
  const duty = await listAgentSessionLogs({ ...agent, ...days, type: "on_duty" }, signedIn);
  if (duty.status !== 200) throw new Error(`a refusal: ${duty.data.message}`);
  const backwards = await listAgentSessionLogs(
    { ...agent, ...days, end_date: "20-08-2025" }, signedIn);
  if (backwards.status !== 422) throw new Error(`no refusal: ${backwards.status}`);

  const changes = await listChangeLogs(
    { per_page: 1, actions: ["update", "create"] }, { headers: { "access-token": "any" } });
  if (changes.status !== 200) throw new Error(`a refusal: ${changes.data.error}`);

  const sessions = await listSessions();
  if (sessions.status !== 200) throw new Error(`a refusal: ${sessions.data.message}`);

  console.log(JSON.stringify({
    entries: log.data.data.data.map((entry) => [entry.date, entry.action_type]),
    missing: missing.status === 404 && missing.data.message,
    refused: refused.status,
    saved: saved.status === 200 && saved.data.data.text,
    days: duty.data.data.daily_breakdown.map((day) => day?.date),
    backwards: Object.keys(backwards.data.data),
    change: changes.data.entries.map((entry) => [entry.id, entry.dashboard_user.display_name]),
    sessions: sessions.data.map((session) => session.sessionId),
    logins: sessions.data.map((session) => new Date(session.loginDate).getUTCFullYear()),
  }));
}

main();
