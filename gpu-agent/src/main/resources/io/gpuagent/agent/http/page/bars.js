// The list of GPUs: a bar of each GPU's memory, divided among workloads.

import { byId, bytes, colour, count, element, percent, reading, shown, sum, sync, time, watts, write } from "./dom.js";

const LARGEST = 6;

export function showGpus(usage) {
  sync(byId("gpus"), usage.gpus, makeGpu, updateGpu);
}

function makeGpu() {
  const head = element("div", "head", element("h3"), element("span", "model"), element("span", "held"));
  const bar = element("div", "bar");
  bar.setAttribute("aria-hidden", "true"); // the legend below has the same content
  return element("li", "", head, bar, element("ul", "legend"), element("p", "facts"));
}

function updateGpu(node, gpu) {
  const [head, bar, legend, facts] = node.children;
  const [name, model, held] = head.children;
  write(name, "GPU " + gpu.gpu);
  write(model, gpu.model);
  write(held, gpu.memory ? `${bytes(gpu.memory.used_bytes)} of ${bytes(gpu.memory.total_bytes)}` : "");
  const live = gpu.state === "live";
  node.classList.toggle("down", !live);
  const parts = live ? partsOf(gpu) : [];
  const size = parts.reduce((total, part) => total + Math.max(0, part.bytes), 0);
  const total = Math.max(gpu.memory?.total_bytes ?? 0, size, 1);
  sync(bar, parts.filter(part => part.bytes > 0), () => element("i"), (segment, part) => {
    segment.className = part.className;
    segment.style.width = (part.bytes / total) * 100 + "%";
    segment.title = `${part.name}: ${bytes(part.bytes)}`;
  });
  sync(legend, parts, makeKey, updateKey);
  write(facts, live ? factsOf(gpu) : downOf(gpu));
}

function makeKey() {
  return element("li", "", element("i"), element("span", "name"), element("span", "figure"));
}

function updateKey(node, part) {
  const [swatch, name, figure] = node.children;
  swatch.className = part.className;
  write(name, part.name);
  name.title = part.name;
  write(figure, bytes(part.bytes));
}

/** The largest workloads, all others combined, and unattributed memory. */
function partsOf(gpu) {
  const held = (gpu.workloads ?? []).filter(one => one.memory_bytes !== null);
  const largest = [...held].sort((a, b) => b.memory_bytes - a.memory_bytes).slice(0, LARGEST);
  const inOrder = held.filter(one => largest.includes(one)); // a stable order while sizes change
  const parts = inOrder.map(one => ({ name: shown(one), bytes: one.memory_bytes, className: "c" + colour(one) }));
  if (held.length > largest.length) {
    const rest = held.reduce((total, one) => total + (largest.includes(one) ? 0 : one.memory_bytes), 0);
    parts.push({ name: `${count(held.length - largest.length)} others`, bytes: rest, className: "others" });
  }
  if (gpu.unattributed_bytes !== null) {
    parts.push({ name: "unattributed", bytes: gpu.unattributed_bytes, className: "unattributed" });
  }
  return parts;
}

function factsOf(gpu) {
  const utilization = reading(gpu, "gpu_utilization_ratio");
  const temperature = reading(gpu, "gpu_temperature_celsius");
  const power = reading(gpu, "gpu_power_watts");
  const limit = reading(gpu, "gpu_power_limit_watts");
  const energy = gpu.energy?.joules;
  const unknown = (gpu.workloads ?? []).reduce((total, one) => total + one.unknown_memory_processes, 0);
  return [
    utilization === undefined ? "" : percent(utilization) + " busy",
    temperature === undefined ? "" : count(temperature) + " °C",
    power === undefined ? "" : watts(power) + (limit === undefined ? "" : " of " + watts(limit)),
    energy === undefined ? "" : energyOf(energy),
    gpu.workloads === null ? "its process list cannot be read" : "",
    gpu.memory === null ? "no memory figures" : "",
    unknown ? `${count(unknown)} processes with unknown memory` : "",
    ...gpu.mig_instances.map(instanceOf),
    gpu.xids.length ? "Xid " + gpu.xids.map(one => `${one.xid} × ${one.count}`).join(", ") : "",
  ].filter(Boolean).join("  ·  ");
}

function instanceOf({ mig, profile, memory }) {
  const held = memory ? `${bytes(memory.used_bytes)} of ${bytes(memory.total_bytes)}` : "";
  return ["MIG", mig, profile, held].filter(Boolean).join(" ");
}

const energyOf = joules => (joules < 3.6e6 ? sum(joules, 3600) + " Wh" : sum(joules, 3.6e6) + " kWh");

function downOf(gpu) {
  if (gpu.state === "starting") {
    return "starting: no answer to the first call yet";
  }
  const what = gpu.state === "stalled" ? gpu.function + " does not return" : `lost: ${gpu.function} ${gpu.code}`;
  return `${what}, since ${time(gpu.since)}`;
}
