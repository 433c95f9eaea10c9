// Line charts of the last 15 minutes: of all GPUs, or of one GPU and its workloads.

import { byId, colour, element, shown, sync, write } from "./dom.js";

const GIB = 2 ** 30;
const HEIGHT = 150;
const DASH = [5, 4];
const SPAN = 15 * 60;

const CHARTS = [
  { title: "Memory", unit: " GiB", digits: 1, series: memory },
  { title: "Utilization", unit: " %", digits: 0, series: history => ofGpus(history, "utilization_ratio", 100), top: 100 },
  { title: "Power", unit: " W", digits: 0, series: history => ofGpus(history, "power_watts", 1) },
];

let newest;

export function setUpLines() {
  for (const chart of CHARTS) {
    chart.box = element("div", "plot");
    chart.legend = element("ul", "legend");
    byId("charts").append(element("figure", "", element("figcaption", "", chart.title), chart.box, chart.legend));
    new ResizeObserver(() => chart.plot?.setSize({ width: chart.box.clientWidth, height: HEIGHT })).observe(chart.box);
  }
  byId("which").addEventListener("change", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    CHARTS.forEach(chart => (chart.drawn = undefined));
    draw();
  });
}

export function showHistory(history) {
  newest = history;
  const options = ["", ...history.gpus.map(gpu => String(gpu.gpu))];
  sync(byId("which"), options, () => element("option"), (option, gpu) => {
    option.value = gpu;
    write(option, gpu === "" ? "all GPUs" : "GPU " + gpu);
  });
  draw();
}

function draw() {
  if (newest?.times.length) {
    CHARTS.forEach(drawOne);
  }
}

function selected(history) {
  const which = byId("which").value;
  return history.gpus.filter(gpu => which === "" || String(gpu.gpu) === which);
}

const last = () => Date.parse(newest.times.at(-1)) / 1000;

const scaled = (values, unit) => values.map(value => (value === null ? null : value / unit));

function ofGpus(history, field, factor) {
  return selected(history).map(gpu => ({
    name: "GPU " + gpu.gpu,
    colour: "c" + (gpu.gpu % 8),
    dash: gpu.gpu % 16 < 8 ? undefined : DASH,
    values: scaled(gpu[field], 1 / factor),
  }));
}

function memory(history) {
  const gpus = selected(history);
  if (gpus.length !== 1) {
    return ofGpus(history, "used_bytes", 1 / GIB);
  }
  const [gpu] = gpus;
  const lines = gpu.workloads.map(one => ({
    name: shown(one),
    colour: "c" + colour(one),
    values: scaled(one.memory_bytes, GIB),
  }));
  const extra = [["(others)", gpu.others_bytes, "others"], ["unattributed", gpu.unattributed_bytes, "unattributed"]]
    .filter(([, values]) => values.some(Boolean))
    .map(([name, values, className]) => ({ name, colour: className, dash: DASH, values: scaled(values, GIB) }));
  return [{ name: "used", colour: "used", values: scaled(gpu.used_bytes, GIB) }, ...lines, ...extra];
}

function drawOne(chart) {
  chart.lines = chart.series(newest).filter(line => line.values.some(value => value !== null));
  const data = [newest.times.map(text => Date.parse(text) / 1000), ...chart.lines.map(line => line.values)];
  const drawn = JSON.stringify(chart.lines.map(line => [line.name, line.colour]));
  if (chart.drawn === drawn) {
    chart.plot.setData(data);
  } else {
    chart.plot?.destroy();
    chart.plot = new uPlot(optionsOf(chart), data, chart.box);
    chart.drawn = drawn;
  }
  legend(chart);
}

function optionsOf(chart) {
  const style = getComputedStyle(document.documentElement);
  const paint = name => style.getPropertyValue("--" + name).trim();
  const axis = { stroke: paint("muted"), font: "11px " + style.fontFamily, grid: { stroke: paint("line"), width: 1 }, ticks: { show: false } };
  return {
    width: chart.box.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, sync: { key: "history" } },
    scales: { x: { range: () => [last() - SPAN, last()] }, y: { range: (plot, low, high) => [Math.min(0, low ?? 0), chart.top ?? Math.max(1, (high ?? 0) * 1.08)] } },
    axes: [
      { ...axis, size: 26, space: 60, values: (plot, times) => times.map(clock) },
      { ...axis, size: 52, space: 32, values: (plot, values) => values.map(value => value + chart.unit) },
    ],
    series: [{}, ...chart.lines.map(line => ({ stroke: paint(line.colour), dash: line.dash, width: 1.5, points: { size: 3 } }))],
    hooks: { setCursor: [() => legend(chart)] },
  };
}

const clock = seconds => new Date(seconds * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

/** Shows the values at the pointer, or the newest ones. */
function legend(chart) {
  const at = chart.plot?.cursor.idx ?? newest.times.length - 1;
  const make = () => element("li", "", element("i"), element("span", "name"), element("span", "figure"));
  sync(chart.legend, chart.lines, make, (node, line) => {
    const [swatch, name, figure] = node.children;
    swatch.className = line.colour;
    write(name, line.name);
    name.title = line.name;
    const value = line.values[at];
    write(figure, value == null ? "" : value.toFixed(chart.digits) + chart.unit);
  });
}
