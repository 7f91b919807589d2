"use strict";

/* How one value of a layer was computed from the layer's input. */

/** Channels or inputs that are shown; the rest is summed. */
const mostShown = 6;
/** The largest window whose numbers are written out. */
const largestWritten = 5;

/** `map 3, row 12, column 7`, counted from 0 as in the code that one would write. */
function placeText(step, { channel, row, column }) {
  const { area } = step.extent;
  if (step.type === "input") {
    const color = step.extent.channels === 1 ? "" : `${["red", "green", "blue"][channel]}, `;
    return `${color}row ${row}, column ${column}`;
  }
  return area === 1 ? `number ${channel}` : `map ${channel}, row ${row}, column ${column}`;
}

/** The largest window that is drawn at all. */
const mostCells = 4096;

/** A grid of numbers, each on its colour. @param marked the index of a number to frame. */
function numberGrid(caption, values, columns, { scale = largestSize(values), marked = -1 } = {}) {
  if (values.length > mostCells) {
    return element("p", { class: "muted" }, `${caption}: ${values.length / columns}×${columns} numbers`);
  }
  const isWritten = columns <= largestWritten && values.length / columns <= largestWritten;
  const grid = element("div", { class: isWritten ? "grid" : "grid small" });
  grid.style.setProperty("--columns", columns);
  Array.from(values).forEach((value, index) => {
    const cell = element("span", index === marked ? { class: "marked" } : {});
    if (isWritten) cell.textContent = figure(value);
    const share = Math.min(1, Math.abs(value) / scale);
    cell.style.setProperty("--share", `${Math.round(share * (isWritten ? 34 : 100))}%`);
    cell.style.setProperty("--color", value < 0 ? "var(--negative)" : "var(--positive)");
    grid.append(cell);
  });
  return element("figure", {}, grid, element("figcaption", {}, caption));
}

function sign(text) { return element("span", { class: "sign", "aria-hidden": "true" }, text); }

function formula(...parts) { return element("p", { class: "formula" }, ...parts); }

/** What remains of a sum: other terms, the bias, and the result. */
function sumRows(others, name, bias, value) {
  const rows = [];
  const add = (label, number, isTotal) => rows.push(element("tr", isTotal ? { class: "total" } : {},
    element("th", { scope: "row" }, label),
    element("td", { class: "number" }, figure(number, 3))));
  if (others.length > 0) {
    add(`${grouped(others.length)} other ${name}${others.length === 1 ? "" : "s"}`,
      others.reduce((sum, other) => sum + other.sum, 0));
  }
  if (bias !== null) add("Bias", bias);
  add("Sum", value, true);
  return rows;
}

function explainConvolution(step, [input], cursor, value) {
  const source = step.sources[0].extent;
  const window = windowOf(step);
  const [rows, columns] = window.kernel;
  const groups = step.fields.groups ?? 1;
  const channels = source.channels / groups;
  const first = Math.floor(cursor.channel / (step.extent.channels / groups)) * channels;
  const top = cursor.row * window.stride[0] - window.before[0];
  const left = cursor.column * window.stride[1] - window.before[1];
  const parts = [];
  for (let channel = 0; channel < channels; channel++) {
    const size = rows * columns;
    const start = (cursor.channel * channels + channel) * size;
    const filter = Array.from(step.parameters.weight.subarray(start, start + size));
    const values = filter.map((_, tap) => {
      const row = top + Math.floor(tap / columns) * window.dilation[0];
      const column = left + (tap % columns) * window.dilation[1];
      return row >= 0 && row < source.height && column >= 0 && column < source.width
        ? input[(first + channel) * source.area + row * source.width + column] : 0;
    });
    const products = filter.map((weight, tap) => weight * values[tap]);
    parts.push({
      channel: first + channel, filter, values, products,
      sum: products.reduce((sum, number) => sum + number, 0),
    });
  }
  parts.sort((one, other) => Math.abs(other.sum) - Math.abs(one.sum));
  const shown = parts.slice(0, mostShown);
  const scales = ["values", "filter", "products"].map((key) =>
    largestSize(parts.flatMap((part) => part[key])));
  const body = shown.map((part) => element("div", { class: "product" },
    numberGrid(source.channels > 1 ? `map ${part.channel}` : "window", part.values, columns,
      { scale: scales[0] }),
    sign("×"), numberGrid("filter", part.filter, columns, { scale: scales[1] }),
    sign("="), numberGrid(`products, sum ${figure(part.sum, 3)}`, part.products, columns,
      { scale: scales[2] })));
  const bias = step.parameters.bias?.[cursor.channel] ?? null;
  const table = element("table", {},
    ...(shown.length > 1 || parts.length > shown.length
      ? shown.map((part) => element("tr", {},
        element("th", { scope: "row" }, `Map ${part.channel}`),
        element("td", { class: "number" }, figure(part.sum, 3)))) : []),
    ...sumRows(parts.slice(mostShown), "map", bias, value));
  const reach = (axis) => (window.kernel[axis] - 1) * window.dilation[axis] + 1;
  return {
    text: parts.length > shown.length
      ? `A filter times a window of the input, summed; the ${shown.length} largest of ${parts.length} maps:`
      : "A filter times a window of the input, summed:",
    body: [...body, table],
    window: {
      channels: [first, first + channels],
      rows: [Math.max(0, top), Math.min(source.height, top + reach(0))],
      columns: [Math.max(0, left), Math.min(source.width, left + reach(1))],
    },
  };
}

function explainDense(step, [input], cursor, value) {
  const { weight, bias } = step.parameters;
  const terms = Array.from(input, (number, index) => {
    const factor = weight[cursor.channel * input.length + index];
    return { index, number, factor, sum: number * factor };
  }).sort((one, other) => Math.abs(other.sum) - Math.abs(one.sum));
  const shown = terms.slice(0, 2 * mostShown);
  const cells = (...texts) => texts.map((text) => element("td", { class: "number" }, text));
  const rest = sumRows(terms.slice(2 * mostShown), "input", bias?.[cursor.channel] ?? null, value);
  for (const row of rest) row.firstChild.setAttribute("colspan", "3");
  return {
    text: "Each input times its weight; the largest contributions:",
    body: [element("table", {},
      element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Input"),
        ...["Value", "Weight", "Product"].map((text) =>
          element("th", { scope: "col", class: "number" }, text)))),
      element("tbody", {},
        ...shown.map((term) => element("tr", {},
          element("th", { scope: "row" }, `${term.index}`),
          ...cells(figure(term.number), figure(term.factor, 3), figure(term.sum, 3)))), ...rest))],
    window: { channels: [0, 0], rows: [0, 1], columns: [0, 1] },
  };
}

function explainPooling(step, [input], cursor, value) {
  const source = step.sources[0].extent;
  const isGlobal = step.type.startsWith("global");
  const isMaximum = step.type.toLowerCase().includes("max");
  const { kernel, stride, before } = isGlobal
    ? { kernel: [source.height, source.width], stride: [1, 1], before: [0, 0] } : windowOf(step);
  const top = cursor.row * stride[0] - before[0];
  const left = cursor.column * stride[1] - before[1];
  const rows = [Math.max(0, top), Math.min(source.height, top + kernel[0])];
  const columns = [Math.max(0, left), Math.min(source.width, left + kernel[1])];
  const values = [];
  for (let row = rows[0]; row < rows[1]; row++) {
    const start = cursor.channel * source.area + row * source.width;
    values.push(...input.subarray(start + columns[0], start + columns[1]));
  }
  const marked = isMaximum ? values.indexOf(values.reduce((a, b) => Math.max(a, b))) : -1;
  return {
    text: isMaximum
      ? `The largest of ${values.length} values is ${figure(value, 3)}.`
      : `The mean of ${kernel[0] * kernel[1]} values is ${figure(value, 3)}.`,
    body: [numberGrid("window", values, columns[1] - columns[0], { marked })],
    window: { channels: [cursor.channel, cursor.channel + 1], rows, columns },
  };
}

/** The value that an elementwise step reads in the same place, and its window. */
function sameValue(step, input, cursor) {
  const { width, area } = step.extent;
  return {
    x: input[cursor.channel * area + cursor.row * width + cursor.column],
    window: {
      channels: [cursor.channel, cursor.channel + 1], rows: [cursor.row, cursor.row + 1],
      columns: [cursor.column, cursor.column + 1],
    },
  };
}
