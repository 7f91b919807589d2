"use strict";

/* The answer: a bar per class, live, and a sentence for screen readers when it has settled. */

/** The most classes that have a bar each in their own order; of more, the best are shown. */
const mostBars = 12;

class Answer {
  constructor(engine, { heading, bars, spoken }) {
    this.engine = engine;
    this.heading = heading;
    this.spoken = spoken;
    const { classes } = engine.network;
    this.isSorted = classes.length > mostBars;
    this.rows = classes.slice(0, this.isSorted ? 10 : mostBars).map(() => {
      const row = {
        name: element("span", { class: "name" }),
        bar: element("span", { class: "bar" }),
        number: element("span", { class: "share" }),
      };
      row.node = element("li", {}, row.name,
        element("span", { class: "track", "aria-hidden": "true" }, row.bar), row.number);
      bars.append(row.node);
      return row;
    });
    this.show(null);
  }

  /** The class with the largest output. */
  get best() {
    const { output } = this.engine;
    return output.indexOf(output.reduce((one, other) => Math.max(one, other)));
  }

  text(shares, label) {
    const value = shares ? percent(shares[label]) : `score ${figure(this.engine.output[label])}`;
    return `${this.engine.network.classes[label]}, ${value}`;
  }

  /** @param outputs those of the last image; null if there is none. */
  show(outputs) {
    const { classes } = this.engine.network;
    const shares = outputs && this.engine.probabilities(outputs);
    const numbers = shares ?? outputs;
    const best = outputs ? this.best : -1;
    const labels = this.isSorted && numbers
      ? Array.from(numbers.keys()).sort((one, other) => numbers[other] - numbers[one])
      : Array.from(classes.keys());
    const scale = shares ? 1 : outputs ? largestSize(outputs) : 1;
    this.rows.forEach((row, index) => {
      const label = labels[index];
      row.name.textContent = classes[label];
      row.number.textContent = !outputs ? "" : shares ? percent(shares[label]) : figure(outputs[label]);
      row.bar.style.width = numbers ? `${Math.max(0, 100 * (numbers[label] / scale))}%` : "0";
      row.node.classList.toggle("best", label === best);
    });
    this.heading.textContent = outputs ? this.text(shares, best) : "No image yet";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.spoken.textContent = outputs ? this.heading.textContent : "Cleared";
    }, 700);
  }
}
