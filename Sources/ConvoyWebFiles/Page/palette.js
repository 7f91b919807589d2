"use strict";

/* Colours and figures, the same in every part of the page. */

/** The colours of numbers from −1 to 1: the style sheet's negative colour, its ground at zero, its
    positive colour. */
class Palette {
  constructor() {
    const style = getComputedStyle(document.documentElement);
    const color = (name) => {
      const text = style.getPropertyValue(name).trim();
      return [1, 3, 5].map((start) => parseInt(text.slice(start, start + 2), 16));
    };
    const [negative, zero, positive] = ["--negative", "--raised", "--positive"].map(color);
    this.table = new Uint8ClampedArray(3 * 511);
    for (let index = 0; index < 511; index++) {
      const share = (index - 255) / 255;
      const end = share < 0 ? negative : positive;
      // A root makes small numbers visible.
      const amount = Math.abs(share) ** 0.8;
      for (let part = 0; part < 3; part++) {
        this.table[3 * index + part] = zero[part] + (end[part] - zero[part]) * amount;
      }
    }
    this.ground = style.getPropertyValue("--sunken").trim();
    this.line = style.getPropertyValue("--line").trim();
    this.mark = style.getPropertyValue("--ink").trim();
  }

  /** Writes the colour of a number from −1 to 1 as a pixel. */
  write(share, pixels, at) {
    const index = 3 * (255 + Math.round(255 * Math.max(-1, Math.min(1, share || 0))));
    pixels[at] = this.table[index];
    pixels[at + 1] = this.table[index + 1];
    pixels[at + 2] = this.table[index + 2];
    pixels[at + 3] = 255;
  }
}

/** A number with about three digits and a true minus sign. */
function figure(value, decimals = null) {
  const size = Math.abs(value);
  const text = value.toFixed(decimals ?? (size >= 99.5 ? 0 : size >= 9.95 ? 1 : 2));
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text.replace("-", "−");
}

function grouped(count) { return count.toLocaleString("en-US"); }

function percent(share) { return `${(100 * share).toFixed(2)}%`; }

/** `8×28×28`. */
function shapeText(shape) { return shape.join("×"); }

/** An element with attributes and children; texts are never read as HTML. */
function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** The largest distance from zero, at least a little. */
function largestSize(values) {
  let largest = 1e-12;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}
