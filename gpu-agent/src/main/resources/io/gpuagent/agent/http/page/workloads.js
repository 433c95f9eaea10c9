// The table of workloads: current and accumulated use, including workloads that ended in the last 15 minutes.

import { byId, bytes, colour, count, element, percent, sum, sync, write } from "./dom.js";

const FIRST = 100;
const MORE = 500;
const HOUR = 3600;
const GIB_HOURS = 2 ** 30 * HOUR;

const text = (name, of) => ({ name, of, show: row => of(row) ?? "" });
const figure = (name, of, show) => ({ name, of, show, isFigure: true });

const COLUMNS = [
  { ...text("GPU", row => row.gpu), isShort: true, show: row => String(row.gpu) },
  { ...text("MIG", row => row.mig), isShort: true },
  { ...text("Kind", row => row.kind), isShort: true },
  { ...text("Workload", row => row.workload), isName: true },
  { ...text("Container id", row => row.container_id.slice(0, 12)), isId: true },
  figure("Processes", row => row.process_count, row => (row.process_count == null ? "ended" : count(row.process_count))),
  figure("Memory", row => row.memory_bytes, row => (row.process_count == null ? "" : bytes(row.memory_bytes))),
  figure("of GPU", row => row.share, row => (row.share === undefined ? "" : percent(row.share))),
  figure("Peak", row => row.memory_peak_bytes, row => (row.memory_peak_bytes == null ? "" : bytes(row.memory_peak_bytes))),
  figure("SM", row => row.sm_ratio, row => (row.process_count == null ? "" : percent(row.sm_ratio))),
  figure("GiB h", row => row.memory_byte_seconds, row => sum(row.memory_byte_seconds, GIB_HOURS)),
  figure("SM h", row => row.sm_seconds, row => sum(row.sm_seconds, HOUR)),
  figure("Wh", row => row.energy_joules, row => sum(row.energy_joules, HOUR)),
  figure("Xid errors", row => row.xidCount, row => Object.entries(row.xids ?? {}).map(([xid, n]) => `${xid} × ${n}`).join(", ")),
];

const state = { rows: [], column: COLUMNS.find(one => one.name === "Memory"), descending: true, limit: FIRST };

export function setUpWorkloads() {
  sync(byId("columns"), COLUMNS, () => element("th"), (head, column) => {
    head.scope = "col";
    head.className = className(column);
    const button = element("button", "", column.name, element("span", "arrow"));
    button.type = "button";
    button.addEventListener("click", () => sortBy(column));
    head.replaceChildren(button);
  });
  byId("filter").addEventListener("input", () => {
    state.limit = FIRST;
    draw();
  });
  byId("more").addEventListener("click", () => {
    state.limit += MORE;
    draw();
  });
}

export function showWorkloads(usage) {
  state.rows = usage.gpus.flatMap(rowsOf);
  byId("rows").closest("table").classList.toggle("no-mig", !state.rows.some(row => row.mig));
  draw();
}

function rowsOf(gpu) {
  const rows = new Map();
  for (const one of gpu.workloads ?? []) {
    const share = gpu.memory && one.memory_bytes !== null ? one.memory_bytes / gpu.memory.total_bytes : undefined;
    rows.set(keyOf(one), { ...one, gpu: gpu.gpu, share });
  }
  for (const one of gpu.accounts) {
    const xidCount = Object.values(one.xids).reduce((total, n) => total + n, 0) || undefined;
    rows.set(keyOf(one), { ...rows.get(keyOf(one)), ...one, gpu: gpu.gpu, xidCount });
  }
  return [...rows.values()];
}

const keyOf = one => JSON.stringify([one.mig, one.kind, one.workload, one.namespace, one.pod, one.container_id]);

function sortBy(column) {
  state.descending = state.column === column ? !state.descending : Boolean(column.isFigure);
  state.column = column;
  draw();
}

function draw() {
  const rows = filtered(wordsOf(byId("filter").value)).sort(compare);
  const visible = rows.slice(0, state.limit);
  sync(byId("columns"), COLUMNS, null, (head, column) => {
    const order = state.descending ? "descending" : "ascending";
    head.ariaSort = column === state.column ? order : "none";
  });
  sync(byId("rows"), visible, makeRow, updateRow);
  const found = rows.length === state.rows.length ? "" : count(rows.length) + " of ";
  write(byId("count"), `${found}${count(state.rows.length)} rows`);
  const hidden = rows.length - visible.length;
  byId("more").hidden = hidden === 0;
  write(byId("more"), `Show ${count(Math.min(MORE, hidden))} more of ${count(hidden)}`);
}

/** The words of the filter. "GPU 3" is one word that only matches GPU 3. */
const wordsOf = query => query.toLowerCase().replace(/\bgpu (\d+)/g, "gpu:$1;").split(/\s+/).filter(Boolean);

function filtered(words) {
  if (words.length === 0) {
    return [...state.rows];
  }
  return state.rows.filter(row => {
    const users = row.processes?.map(process => `${process.user ?? ""} ${process.comm}`).join(" ");
    const all = `gpu:${row.gpu}; ${row.mig} ${row.kind} ${row.workload} ${row.container_id} ${row.image ?? ""} ${users}`;
    const lower = all.toLowerCase();
    return words.every(word => lower.includes(word));
  });
}

/** Unknown values sort last in either direction. */
function compare(a, b) {
  const [one, other] = [state.column.of(a), state.column.of(b)];
  if (one == null || other == null) {
    return (one == null) - (other == null);
  }
  const order = one < other ? -1 : Number(one > other);
  return (state.descending ? -order : order) || (a.workload < b.workload ? -1 : Number(a.workload > b.workload));
}

function className(column) {
  return column.isFigure ? "figure" : column.isName ? "name" : column.isId ? "id" : column.name.toLowerCase();
}

function makeRow() {
  const row = element("tr");
  for (const column of COLUMNS) {
    const cell = row.appendChild(element("td", className(column)));
    if (column.isName) {
      cell.append(element("i"), element("span"));
    }
  }
  return row;
}

function updateRow(node, row) {
  node.classList.toggle("ended", row.process_count == null);
  COLUMNS.forEach((column, i) => {
    const cell = node.children[i];
    if (column.isName) {
      cell.title = row.image ? `${row.workload}\n${row.image}` : row.workload;
      cell.firstChild.className = row.memory_bytes > 0 ? "c" + colour(row) : "";
      write(cell.lastChild, row.workload);
    } else {
      write(cell, column.show(row));
    }
  });
}
