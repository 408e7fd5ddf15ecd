// The clock of the world: it moves in the page as it does on the server, which is asked once in a while.
import { call, useResource } from "../api.js";
import { useEffect, useState } from "../html.js";

const ASK_SECONDS = 10; // how often the server is asked whether somebody else has changed it

/** @typedef {{now: string, mode: "real" | "frozen" | "shifted" | "scaled", rate: number, offset: number}} Clock */

/**
 * The clock, and the moment that it shows, in milliseconds since the epoch; undefined until it is known.
 * `set` shows the clock that an operation has responded with. It moves once in `seconds`.
 */
export function useClock(seconds = 0.25) {
  const resource = useResource(async (signal) => read(await call("GET", "/clock", { signal })));
  const [own, setOwn] = useState(/** @type {ReturnType<typeof read> | undefined} */ (undefined));
  const [, setTicks] = useState(0);
  const newest = own && (!resource.value || own.at > resource.value.at) ? own : resource.value;
  const isMoving = newest !== undefined && newest.clock.rate > 0;
  useEffect(() => {
    const timer = setInterval(() => document.hidden || resource.reload(), ASK_SECONDS * 1000);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    if (isMoving) {
      const timer = setInterval(() => document.hidden || setTicks((it) => it + 1), seconds * 1000);
      return () => clearInterval(timer);
    }
  }, [isMoving]);
  const now = newest && newest.moment + (performance.now() - newest.at) * newest.clock.rate;
  return {
    resource,
    clock: newest?.clock,
    now,
    set: (/** @type {Clock} */ clock) => setOwn(read(clock)),
  };
}

/** A clock and when it was read. @param {Clock} clock */
function read(clock) {
  return { clock, moment: Date.parse(clock.now), at: performance.now() };
}

/** A moment in UTC, such as `2025-08-21 14:30:00`. @param {number} moment in milliseconds since the epoch */
export function formatMoment(moment) {
  const date = new Date(moment);
  return Number.isNaN(date.getTime()) ? "beyond the calendar" : date.toISOString().slice(0, 19).replace("T", " ");
}
