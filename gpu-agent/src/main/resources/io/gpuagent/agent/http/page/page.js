// Polls the agent every few seconds while the page is visible, and updates all parts of the page.

import { byId, time, write } from "./dom.js";
import { showGpus } from "./bars.js";
import { setUpLines, showHistory } from "./lines.js";
import { showAgent, showDoctor, troubleOf } from "./health.js";
import { setUpWorkloads, showWorkloads } from "./workloads.js";

const INTERVAL = 3_000;
const TIMEOUT = 20_000;
const HISTORY_INTERVAL = 10_000;
const DOCTOR_INTERVAL = 60_000;

/** Pause between refreshes, in multiples of the time of one: limits the load with thousands of workloads. */
const REST = 10;

const due = { history: 0, doctor: 0 };
let timer;
let answered;

async function ask(path) {
  const answer = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT) });
  if (!answer.ok) {
    throw new Error(`${path}: ${answer.status}`);
  }
  return answer.json();
}

async function refresh() {
  clearTimeout(timer);
  const begun = performance.now();
  try {
    showUsage(await ask("api/v1/usage"));
    await others(Date.now());
  } catch (failure) {
    console.warn(failure);
    const last = answered ? ` Showing data from ${time(answered)}.` : "";
    trouble("The agent does not answer." + last);
    document.body.classList.add("stale");
  }
  performance.clearMeasures("refresh");
  const { duration } = performance.measure("refresh", { start: begun });
  schedule(Math.max(INTERVAL, duration * REST));
}

function schedule(wait) {
  clearTimeout(timer);
  if (!document.hidden && byId("pause").ariaPressed === "false") {
    timer = setTimeout(refresh, wait);
  }
}

function showUsage(usage) {
  performance.clearMeasures("draw");
  const start = performance.now();
  answered = Date.now();
  document.body.classList.remove("stale");
  showAgent(usage);
  trouble(troubleOf(usage));
  showGpus(usage);
  showWorkloads(usage);
  write(byId("age"), usage.time ? `sampled ${time(usage.time)}` : "");
  performance.measure("draw", { start });
}

async function others(now) {
  if (now >= due.history) {
    due.history = now + HISTORY_INTERVAL;
    showHistory(await ask("api/v1/history"));
  }
  if (now >= due.doctor) {
    const doctor = await ask("api/v1/doctor");
    due.doctor = doctor.report === null ? 0 : Date.parse(doctor.time) + DOCTOR_INTERVAL;
    showDoctor(doctor);
  }
}

function trouble(text) {
  byId("trouble").hidden = text === "";
  write(byId("trouble"), text);
}

byId("pause").addEventListener("click", () => {
  const paused = byId("pause").ariaPressed === "false";
  byId("pause").ariaPressed = String(paused);
  schedule(0);
});
document.addEventListener("visibilitychange", () => schedule(0));
write(byId("host"), location.host);
document.title = `GPU agent ${location.host}`;
setUpWorkloads();
setUpLines();
refresh();
