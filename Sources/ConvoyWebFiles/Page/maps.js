"use strict";

/* The maps of one layer: a canvas with a thumbnail per channel, wrapped to the width of the page. */

/** The space between thumbnails, in CSS pixels. */
const mapGap = 4;
/** Rows of thumbnails that are shown at first. */
const rowsAtFirst = 2;
/** The greatest height of a layer's maps, in CSS pixels: a canvas cannot have any size. */
const greatestHeight = 4000;

class LayerView {
  /** @param select called with the view when a value was chosen. */
  constructor(engine, number, palette, select) {
    this.engine = engine;
    this.number = number;
    this.step = engine.steps[number];
    this.palette = palette;
    this.select = select;
    this.isExpanded = false;
    this.isVisible = false;
    this.isPrinted = false;
    /** The chosen value's channel, row and column. */
    this.cursor = null;
    /** Windows that the chosen value of a later layer reads: channels, rows and columns. */
    this.marks = [];
    this.scratch = document.createElement("canvas");
    this.scratch.width = this.step.extent.width;
    this.scratch.height = this.step.extent.height;
    this.build();
  }

  build() {
    const { step } = this;
    const shape = shapeText(step.shape);
    this.canvas = element("canvas", {
      tabindex: 0, role: "application", "aria-roledescription": "maps",
      "aria-label": `${step.name}, ${shape}. Arrow keys move through the values.`,
    });
    this.range = element("span", { class: "range" });
    this.more = element("button", { type: "button", class: "more", "aria-expanded": "false" });
    this.node = element("section", { class: "layer", "aria-label": `${step.place} ${step.name}`.trim() },
      element("h3", {},
        step.place ? element("span", { class: "place" }, step.place) : null, step.name,
        element("span", { class: "shape" }, shape), this.range),
      this.canvas, this.more);
    this.more.addEventListener("click", () => {
      this.isExpanded = !this.isExpanded;
      this.layOut();
    });
    this.canvas.addEventListener("click", (event) => this.click(event));
    this.canvas.addEventListener("keydown", (event) => this.press(event));
  }

  /** Sizes the canvas to the page's width. */
  layOut() {
    const { channels, height, width } = this.step.extent;
    const longest = Math.max(height, width);
    // A value is a square of whole CSS pixels, unless the map is larger than its thumbnail.
    this.zoom = longest === 1
      ? (channels <= 32 ? 24 : channels <= 256 ? 14 : 8)
      : longest > 96 ? 96 / longest : Math.max(1, Math.floor(60 / longest));
    this.gap = longest === 1 ? 2 : mapGap;
    this.tileWidth = Math.max(1, Math.round(width * this.zoom));
    this.tileHeight = Math.max(1, Math.round(height * this.zoom));
    const space = this.node.clientWidth || 320;
    this.columns = Math.min(channels,
      Math.max(1, Math.floor((space + this.gap) / (this.tileWidth + this.gap))));
    const rows = Math.ceil(channels / this.columns);
    const mostRows = Math.min(rows, Math.floor(greatestHeight / (this.tileHeight + this.gap)));
    const rowsShown = this.isExpanded ? mostRows : Math.min(rows, rowsAtFirst);
    this.shown = Math.min(channels, rowsShown * this.columns);
    this.more.hidden = rows <= rowsAtFirst;
    this.more.setAttribute("aria-expanded", String(this.isExpanded));
    this.more.textContent = this.isExpanded ? "Show fewer"
      : mostRows === rows ? `Show all ${grouped(channels)}`
      : `Show ${grouped(mostRows * this.columns)} of ${grouped(channels)}`;
    const ratio = window.devicePixelRatio || 1;
    const cssWidth = this.columns * (this.tileWidth + this.gap) - this.gap;
    const cssHeight = rowsShown * (this.tileHeight + this.gap) - this.gap;
    this.canvas.style.width = `${cssWidth}px`;
    this.canvas.style.height = `${cssHeight}px`;
    this.canvas.width = Math.round(cssWidth * ratio);
    this.canvas.height = Math.round(cssHeight * ratio);
    if (this.cursor && this.cursor.channel >= this.shown) this.cursor.channel = this.shown - 1;
    this.paint();
  }

  /** The corner of a channel's thumbnail. */
  corner(channel) {
    return {
      x: (channel % this.columns) * (this.tileWidth + this.gap),
      y: Math.floor(channel / this.columns) * (this.tileHeight + this.gap),
    };
  }

  get values() { return this.engine.values?.[this.number] ?? null; }

  paint() {
    if (!(this.isVisible || this.isPrinted) || !this.shown) return;
    const { height, width, area } = this.step.extent;
    const ratio = window.devicePixelRatio || 1;
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.imageSmoothingEnabled = this.zoom < 1;
    const { values } = this;
    const scale = values ? largestSize(values) : 1;
    this.describeRange();
    const small = this.scratch.getContext("2d");
    const image = small.createImageData(width, height);
    for (let channel = 0; channel < this.shown; channel++) {
      const { x, y } = this.corner(channel);
      if (!values) {
        context.fillStyle = this.palette.ground;
        context.fillRect(x, y, this.tileWidth, this.tileHeight);
        continue;
      }
      for (let pixel = 0; pixel < area; pixel++) {
        this.palette.write(values[channel * area + pixel] / scale, image.data, 4 * pixel);
      }
      small.putImageData(image, 0, 0);
      context.drawImage(this.scratch, x, y, this.tileWidth, this.tileHeight);
      context.lineWidth = 1;
      context.strokeStyle = this.palette.line;
      context.strokeRect(x + 0.5, y + 0.5, this.tileWidth - 1, this.tileHeight - 1);
    }
    context.strokeStyle = this.palette.mark;
    for (const mark of this.marks) this.outline(context, mark, 1);
    if (this.cursor) {
      const { channel, row, column } = this.cursor;
      this.outline(context,
        { channels: [channel, channel + 1], rows: [row, row + 1], columns: [column, column + 1] }, 2);
    }
  }

  /** Frames a window in each of its channels. */
  outline(context, { channels, rows, columns }, lineWidth) {
    context.lineWidth = lineWidth;
    for (let channel = channels[0]; channel < Math.min(channels[1], this.shown); channel++) {
      const { x, y } = this.corner(channel);
      const [left, right] = columns.map((column) => x + column * this.zoom);
      const [top, bottom] = rows.map((row) => y + row * this.zoom);
      context.strokeRect(left, top, Math.max(2, right - left), Math.max(2, bottom - top));
    }
  }

  describeRange() {
    const { values } = this;
    if (!values) { this.range.textContent = ""; return; }
    let [low, high] = [Infinity, -Infinity];
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    this.range.textContent = `${figure(low)} to ${figure(high)}`;
  }

  click(event) {
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const tileColumn = Math.min(this.columns - 1, Math.floor(x / (this.tileWidth + this.gap)));
    const tileRow = Math.floor(y / (this.tileHeight + this.gap));
    const channel = tileRow * this.columns + tileColumn;
    if (channel >= this.shown) return;
    const corner = this.corner(channel);
    const within = (distance, size) =>
      Math.max(0, Math.min(size - 1, Math.floor(distance / this.zoom)));
    this.choose({
      channel, row: within(y - corner.y, this.step.extent.height),
      column: within(x - corner.x, this.step.extent.width),
    });
  }

  /** Arrow keys move within a map, and past its edge into the next one. */
  press(event) {
    const moves = {
      ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0],
      Enter: [0, 0], " ": [0, 0],
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    const { height, width } = this.step.extent;
    let { channel, row, column } = this.cursor ?? { channel: 0, row: 0, column: 0 };
    if (this.cursor) {
      row += move[0];
      column += move[1];
      if (column < 0 || column >= width) { channel += move[1]; column = (column + width) % width; }
      if (row < 0 || row >= height) {
        channel += move[0] * this.columns;
        row = (row + height) % height;
      }
    }
    if (channel < 0 || channel >= this.shown) return;
    this.choose({ channel, row, column });
  }

  choose(cursor) {
    this.cursor = cursor;
    this.select(this);
  }
}
