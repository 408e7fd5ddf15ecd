// Reads a report of `mockserver check --report json=FILE`. The file may be anything: a value of another type is left out.

/**
 * @typedef {object} Finding
 * @property {string} key
 * @property {"failure" | "warning" | "accepted"} severity
 * @property {string} api
 * @property {string} name as a baseline names it
 * @property {string} operation
 * @property {number} status
 * @property {string} code
 * @property {string} source
 * @property {string} location
 * @property {string} evidence
 * @property {string} evidenceNote
 * @property {string} note
 * @property {string} sentence
 * @property {string[]} also
 * @property {string[]} phases
 * @property {number} count
 * @property {Array<{name: string, operation: string, status: number, count: number}>} places
 * @property {string} curl
 * @property {string | undefined} response
 * @property {Array<{method: string, url: string, body: string, status: number, response: string}>} sequence
 * @property {string} script
 */
/** @typedef {{api: string, verdict: string, requests: number, seconds: number, seed: number | undefined, inconclusive: string[], skipped: string[]}} ApiResult */
/** @typedef {Array<string | number>} Row */
/**
 * @typedef {object} Report
 * @property {string} file
 * @property {string} target
 * @property {ApiResult[]} apis
 * @property {Finding[]} findings the failures first
 * @property {Record<"responses" | "parameters" | "rules" | "invariants", Row[]>} coverage
 */

const SEVERITIES = /** @type {const} */ ([
  ["failures", "failure"],
  ["warnings", "warning"],
  ["accepted", "accepted"],
]);

/** @param {string} file its name @param {string} content @returns {Report} */
export function readReport(file, content) {
  let document;
  try {
    document = JSON.parse(content);
  } catch (error) {
    throw new Error(
      `'${file}' is no JSON: ${/** @type {Error} */ (error).message}. Write one with --report json=FILE.`,
    );
  }
  if (typeof document?.mockserver !== "string" || !Array.isArray(document.apis)) {
    throw new Error(
      `'${file}' is JSON, but no report of 'mockserver check': it lacks 'mockserver' and 'apis'. Write one with --report json=FILE.`,
    );
  }
  const apis = list(document.apis);
  const findings = SEVERITIES.flatMap(([name, severity]) =>
    apis.flatMap((api) =>
      list(api[name]).map((it, index) => readFinding(it, severity, text(api.api), `${text(api.api)}-${name}-${index}`)),
    ),
  );
  /** @param {string} name @param {(it: any) => Row} read */
  const rows = (name, read) => apis.flatMap((api) => list(api[name]).map((it) => [text(api.api), ...read(it)]));
  return {
    file,
    target: text(document.target?.url),
    apis: apis.map((it) => ({
      api: text(it.api),
      verdict: text(it.verdict),
      requests: number(it.requests),
      seconds: number(it.seconds),
      seed: typeof it.seed === "number" ? it.seed : undefined,
      inconclusive: texts(it.inconclusive),
      skipped: texts(it.skipped),
    })),
    findings,
    coverage: {
      responses: rows("coverage", (it) => [
        text(it.operation),
        number(it.status),
        text(it.phase),
        number(it.requests),
        number(it.findings),
      ]),
      parameters: rows("parameters", (it) => [
        text(it.operation),
        text(it.parameter),
        text(it.in),
        number(it.valid),
        number(it.invalid),
      ]),
      rules: rows("keywords", (it) => [
        text(it.rule),
        text(it.of),
        number(it.validated) || number(it.satisfied) + number(it.violated),
        it.satisfied === undefined ? "" : number(it.satisfied), // a run counts this of requests alone
        it.violated === undefined ? "" : number(it.violated),
      ]),
      invariants: apis.flatMap((api) =>
        Object.entries(api.invariants ?? {}).map(([name, times]) => [text(api.api), name, number(times)]),
      ),
    },
  };
}

/** @param {any} it @param {Finding["severity"]} severity @param {string} api @param {string} key @returns {Finding} */
function readFinding(it, severity, api, key) {
  return {
    key,
    severity,
    api,
    name: text(it.finding),
    operation: text(it.operation),
    status: number(it.status),
    code: text(it.code),
    source: text(it.source),
    location: text(it.location),
    evidence: text(it.evidence),
    evidenceNote: text(it.evidence_note),
    note: text(it.note),
    sentence: text(it.sentence),
    also: texts(it.also),
    phases: texts(it.phases),
    count: number(it.count),
    places: list(it.places).map((place) => ({
      name: text(place.finding),
      operation: text(place.operation),
      status: number(place.status),
      count: number(place.count),
    })),
    curl: text(it.curl),
    response: typeof it.response === "string" ? it.response : undefined,
    sequence: list(it.sequence).map((exchange) => ({
      method: text(exchange.method),
      url: text(exchange.url),
      body: text(exchange.body),
      status: number(exchange.status),
      response: text(exchange.response),
    })),
    script: text(it.script),
  };
}

/** @param {unknown} value */
function text(value) {
  return typeof value === "string" ? value : "";
}

/** @param {unknown} value */
function number(value) {
  return typeof value === "number" ? value : 0;
}

/** The objects of a list. @param {unknown} value @returns {any[]} */
function list(value) {
  return Array.isArray(value) ? value.filter((it) => it !== null && typeof it === "object") : [];
}

/** @param {unknown} value @returns {string[]} */
function texts(value) {
  return Array.isArray(value) ? value.filter((it) => typeof it === "string") : [];
}
