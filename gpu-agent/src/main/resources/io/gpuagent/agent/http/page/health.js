// The state of the agent, and the doctor's report.

import { byId, count, element, sync, time, write } from "./dom.js";

const VERDICTS = {
  ok: "All checks passed.",
  limited: "The main job works, with limits.",
  broken: "GPU use cannot be attributed to workloads here.",
};

export function showAgent(usage) {
  const { backend } = usage;
  const version = backend.driver_version ? "driver " + backend.driver_version : "";
  const up = backend.up ? ["up", version].filter(Boolean).join(", ") : backend.known ? "down" : "starting";
  write(byId("state"), up);
  byId("state").className = backend.up ? "up" : "down";
  byId("simulated").hidden = backend.name !== "simulated";
  sync(byId("agent"), factsOf(usage), () => element("div", "", element("dt"), element("dd")), (node, [name, value]) => {
    write(node.firstChild, name);
    write(node.lastChild, value);
  });
}

/** Why there are no figures; empty if there are. */
export function troubleOf(usage) {
  const { backend } = usage;
  if (backend.up) {
    return "";
  }
  return backend.known ? "No figures: " + (backend.message || "the driver is down") : "No figures yet: waiting for the first sample.";
}

function factsOf(usage) {
  const { backend } = usage;
  const unobserved = usage.gpus.reduce((total, gpu) => total + gpu.unobserved_seconds, 0);
  return [
    ["Backend", backend.name],
    ["Driver", backend.driver_version || "unknown"],
    ["Newest sample", usage.time ? time(usage.time) : "none"],
    ["Sample interval", usage.sample_interval_seconds + " s"],
    ["Unobserved time", unobserved.toFixed(1) + " s"],
    ["Processes without a workload", counted(usage.unresolved_processes)],
    ["Containers without a name", counted(usage.unnamed_workloads)],
  ];
}

function counted(reasons) {
  const some = Object.entries(reasons).filter(([, n]) => n > 0);
  return some.map(([reason, n]) => `${count(n)} ${reason.replaceAll("_", " ")}`).join(", ") || "none";
}

export function showDoctor({ time: at, report }) {
  if (report === null) {
    return;
  }
  write(byId("verdict"), `${VERDICTS[report.verdict]} Checked at ${time(at)}.`);
  const passed = report.findings.filter(one => one.verdict === "ok");
  showFindings(byId("findings"), report.findings.filter(one => one.verdict !== "ok"));
  const [summary, list] = byId("passed").children;
  byId("passed").hidden = passed.length === 0;
  write(summary, `${passed.length} passed`);
  showFindings(list, passed);
}

function showFindings(list, findings) {
  const make = () => element("li", "", element("b"), element("span", "check"), element("p", "", element("span"), element("span", "fix")));
  sync(list, findings, make, (node, finding) => {
    const [verdict, check, text] = node.children;
    verdict.className = finding.verdict;
    write(verdict, finding.verdict);
    write(check, finding.check);
    write(text.firstChild, finding.text);
    write(text.lastChild, finding.fix);
  });
}
