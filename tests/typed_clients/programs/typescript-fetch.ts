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
async function refusal<Body>(call: Promise<unknown>, read: (json: unknown) => Body) {
  try {
    await call;
  } catch (error) {
    const { response } = error as calwe.ResponseError;
    return { status: response.status, body: read(await response.json()) };
  }
  throw new Error("no refusal");
}

async function main() {
  const list = await log.listSessionLogs({ id: "1", perPage: 30 });
  const entries: calwe.LogEntry[] = list.data.data;
  const missing = await refusal(
    log.listSessionLogs({ id: "no-such-session" }), calwe.SessionNotFoundFromJSON);
  const refused = await refusal(
    signedOut.createSessionLog({ id: "1", newLogEntry: { actionType: "LEFT" } }),
    calwe.CalweUnauthenticatedFromJSON);
  const saved = await log.createSessionLog({
    id: "1", newLogEntry: { actionType: calwe.ActionType.Entered },
  });

  const agent = { teamId: 1000, agentId: "68a6d35049a09719b70539b4" };
  const days = { startDate: "21-08-2025", endDate: "21-08-2025" };
  const report = await duty.listAgentSessionLogs({ ...agent, ...days, type: "on_duty" });
  const backwards = await refusal(
    duty.listAgentSessionLogs({ ...agent, ...days, endDate: "20-08-2025" }),
    autozod.InvalidDataFromJSON);

  const changes = await changelog.listChangeLogs({ perPage: 1, actions: ["update", "create"] });
  const sessions = await new ekran.SessionsApi().listSessions();

  console.log(JSON.stringify({
    entries: entries.map((entry) => [entry.date, entry.actionType]),
    missing: missing.status === 404 && missing.body.message,
    refused: refused.status,
    saved: saved.data.text,
    days: report.data.dailyBreakdown.map((day) => day?.date),
    backwards: backwards.body.data.endDate && ["end_date"],
    change: changes.entries.map((entry) => [entry.id, entry.dashboardUser.displayName]),
    sessions: sessions.map((session) => session.sessionId),
    logins: sessions.map((session) => session.loginDate.getUTCFullYear()),
  }));
}

main();
