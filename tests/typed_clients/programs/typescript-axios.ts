import { isAxiosError } from "axios";
import * as autozod from "./autozod";
import * as avaamo from "./avaamo";
import * as calwe from "./calwe";
import * as ekran from "./ekran";

const signedIn = { accessToken: "any" };
const log = new calwe.SessionLogApi(new calwe.Configuration(signedIn));
const signedOut = new calwe.SessionLogApi();
const duty = new autozod.AgentSessionApi(new autozod.Configuration(signedIn));
const changelog = new avaamo.LiveAgentChangelogApi(new avaamo.Configuration({ apiKey: "any" }));

/** The refusal of a call, and its status. */
async function refusal<Body>(call: Promise<unknown>) {
  try {
    await call;
  } catch (error) {
    if (isAxiosError<Body>(error) && error.response)
      return { status: error.response.status, body: error.response.data };
    throw error;
  }
  throw new Error("no refusal");
}

async function main() {
  const list = await log.listSessionLogs("1", 30);
  const entries: calwe.LogEntry[] = list.data.data.data;
  const missing = await refusal<calwe.SessionNotFound>(log.listSessionLogs("no-such-session"));
  const refused = await refusal<calwe.CalweUnauthenticated>(
    signedOut.createSessionLog("1", { action_type: "LEFT" }));
  const saved = await log.createSessionLog("1", { action_type: calwe.ActionType.Entered });

  const [team, agent] = [1000, "68a6d35049a09719b70539b4"];
  const report = await duty.listAgentSessionLogs(
    team, agent, "21-08-2025", "21-08-2025", "on_duty");
  const backwards = await refusal<autozod.InvalidData>(
    duty.listAgentSessionLogs(team, agent, "21-08-2025", "20-08-2025"));

  const changes = await changelog.listChangeLogs(
    undefined, undefined, undefined, 1, ["update", "create"]);
  const sessions = await new ekran.SessionsApi().listSessions();

  console.log(JSON.stringify({
    entries: entries.map((entry) => [entry.date, entry.action_type]),
    missing: missing.status === 404 && missing.body.message,
    refused: refused.status,
    saved: saved.data.data.text,
    days: report.data.data.daily_breakdown.map((day) => day?.date),
    backwards: Object.keys(backwards.body.data),
    change: changes.data.entries.map((entry) => [entry.id, entry.dashboard_user.display_name]),
    sessions: sessions.data.map((session) => session.sessionId),
    logins: sessions.data.map((session) => new Date(session.loginDate).getUTCFullYear()),
  }));
}

main();
