// DOM access and number formats. Untrusted names are only set as textContent and title, never as markup.

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const COLOURS = 8;

export const byId = id => document.getElementById(id);

export function element(tag, className = "", ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

/** Sets a node's text only if it has changed. */
export function write(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

/** Makes the number of children equal to the number of items, reusing existing children, and updates each. */
export function sync(parent, items, make, update) {
  while (parent.childElementCount > items.length) {
    parent.lastElementChild.remove();
  }
  let node = parent.firstElementChild;
  for (const item of items) {
    node ??= parent.appendChild(make());
    update(node, item);
    node = node.nextElementSibling;
  }
}

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const thousandths = new Intl.NumberFormat("en", { minimumFractionDigits: 3, maximumFractionDigits: 3 });

const known = (value, text) => (value == null ? "?" : text(value));

export const count = value => whole.format(value);
export const percent = ratio => known(ratio, value => whole.format(value * 100) + " %");
export const watts = value => known(value, number => whole.format(number) + " W");
export const sum = (value, unit) => known(value, number => thousandths.format(number / unit));

export function bytes(value) {
  return known(value, number => {
    const size = Math.abs(number);
    if (size >= GIB) {
      return tenths.format(number / GIB) + " GiB";
    }
    return size >= MIB || size === 0 ? whole.format(number / MIB) + " MiB" : "<1 MiB";
  });
}

export const time = text => new Date(text).toLocaleTimeString("en-GB");

/** The value of a reading without labels; undefined if the GPU does not report it. */
export const reading = (gpu, name) => gpu.readings?.find(one => one.metric === name)?.value;

const colours = new Map();

/** The colour of a workload, the same in all parts of the page. */
export function colour(workload) {
  const key = workload.kind + "\n" + workload.workload;
  if (!colours.has(key)) {
    colours.set(key, colours.size % COLOURS);
  }
  return colours.get(key);
}

export const shown = workload => (workload.mig ? workload.mig + " · " : "") + workload.workload;
