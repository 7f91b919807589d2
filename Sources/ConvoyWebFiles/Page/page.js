"use strict";

/* Puts the page together: image in, answer and maps out. */

/** The largest side of an image that is drawn rather than loaded. */
const largestDrawnSide = 64;

class Page {
  constructor(engine) {
    this.engine = engine;
    this.network = engine.network;
    this.palette = new Palette();
    /** The last image: bytes in channel, row, column order; null if there is none. */
    this.bytes = null;
    /** The picture in the place of a drawing. */
    this.picture = null;
    this.isInverted = false;
    this.isScheduled = false;
    /** Counts images, so that work for an earlier one can be given up. */
    this.generation = 0;
    const { channels, height, width } = engine.inputExtent;
    this.draws = channels === 1 && Math.max(height, width) <= largestDrawnSide;
    this.answer = new Answer(engine,
      { heading: byId("answer"), bars: byId("bars"), spoken: byId("spoken") });
    this.drawing = new Drawing(byId("drawing"), () => this.draw());
    describe(this.network, this.engine.inputExtent, this.draws);
    this.listen();
    this.views = engine.steps.map((_, number) =>
      new LayerView(engine, number, this.palette, (view) => this.select(view)));
    byId("layers").append(...this.views.map((view) => view.node));
    this.watch();
    this.show();
  }

  listen() {
    byId("clear").addEventListener("click", () => this.clear());
    byId("choose").addEventListener("click", () => byId("file").click());
    byId("file").addEventListener("change", (event) => {
      this.load(event.target.files[0]);
      event.target.value = "";
    });
    byId("invert").addEventListener("click", () => {
      this.invert(!this.isInverted);
      if (this.picture) this.take(inputOf(this.picture, this.engine.inputExtent, this.network.fit));
      else if (this.drawing.strokes.length > 0) this.draw();
    });
    byId("occlusion").addEventListener("click", () => this.occlude());
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" && event.key !== "Delete") return;
      if (event.key === "Escape" && this.selected) this.unselect();
      else this.clear();
    });
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      this.load(event.dataTransfer.files[0]);
    });
    document.addEventListener("paste", (event) => this.load(event.clipboardData.files[0]));
  }

  /** Keeps sizes and colours in step with the window, and paints only layers that are seen or printed. */
  watch() {
    const observer = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const view = this.views.find((view) => view.node === entry.target);
        view.isVisible = entry.isIntersecting;
        view.paint();
      }
    }, { rootMargin: "200px" });
    for (const view of this.views) observer.observe(view.node);
    for (const [event, isPrinted] of [["beforeprint", true], ["afterprint", false]]) {
      addEventListener(event, () => {
        for (const view of this.views) {
          view.isPrinted = isPrinted;
          view.paint();
        }
      });
    }
    let width = 0;
    new ResizeObserver(() => {
      const now = byId("layers").clientWidth;
      if (now === width) return;
      width = now;
      this.paintDrawing();
      for (const view of this.views) view.layOut();
    }).observe(document.body);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.palette = new Palette();
      for (const view of this.views) {
        view.palette = this.palette;
        view.paint();
      }
      this.paintSeen();
    });
  }

  clear() {
    this.drawing.clear();
    this.picture = null;
    this.invert(false);
    this.take(null);
  }

  /** Images are shown to the network as they are, or inverted. */
  invert(isInverted) {
    this.isInverted = isInverted;
    byId("invert").setAttribute("aria-pressed", String(isInverted));
  }

  /** Loads a picture from a file. */
  async load(file) {
    if (!file) return;
    try {
      // Bytes as they are in the file, which training reads too.
      const { generation } = this;
      const image = await createImageBitmap(file, { colorSpaceConversion: "none" });
      // What came meanwhile stays.
      if (generation !== this.generation) return;
      this.drawing.clear();
      this.picture = canvasOf(image);
      this.take(inputOf(this.picture, this.engine.inputExtent, this.network.fit));
    } catch {
      byId("problem").textContent = `${file.name}: expected a picture that this browser can show`;
    }
  }

  draw() {
    if (!this.draws) {
      this.drawing.clear();
      return;
    }
    this.picture = null;
    const bytes = bytesOf(this.drawing.strokes, this.engine.inputExtent);
    // Drawn light on dark, unless the training images were light.
    const { edgeBrightness, normalization } = this.network;
    const isLight = (edgeBrightness ?? 255 * normalization.means[0]) > 127;
    this.take(isLight ? bytes.map((byte) => 255 - byte) : bytes);
  }

  /** Takes an image, or none, and answers with the next frame. */
  take(bytes) {
    byId("problem").textContent = "";
    this.bytes = bytes && this.isInverted ? bytes.map((byte) => 255 - byte) : bytes;
    this.generation += 1;
    this.paintDrawing();
    byId("advice").textContent = this.advice();
    if (this.isScheduled) return;
    this.isScheduled = true;
    requestAnimationFrame(() => this.show());
  }

  paintDrawing() {
    this.drawing.paint(this.picture, this.engine.inputExtent, this.network.fit);
  }

  /** What to try with a picture that is dark where the training images are light, or the other way. */
  advice() {
    const expected = this.network.edgeBrightness;
    if (!this.picture || !this.bytes || expected == null) return "";
    const found = edgeBrightness(this.bytes, this.engine.inputExtent);
    const isOpposite =
      (expected <= darkEdge && found >= lightEdge) || (expected >= lightEdge && found <= darkEdge);
    if (!isOpposite) return "";
    const [here, training] = expected <= darkEdge ? ["light", "dark"] : ["dark", "light"];
    return `The picture is ${here} at its edges, where the training images are ${training}: `
      + (this.isInverted ? "switch Invert off." : "try Invert.");
  }

  show() {
    this.isScheduled = false;
    const { engine, bytes } = this;
    if (bytes) engine.run(bytes);
    else engine.values = null;
    this.answer.show(bytes && engine.output);
    byId("invitation").hidden = bytes !== null;
    byId("occlusion").disabled = bytes === null;
    this.occlusion = null;
    this.paintSeen();
    for (const view of this.views) view.paint();
    if (this.selected) this.explain();
  }

  /** Paints the network's input, with the occlusion map if there is one. */
  paintSeen() {
    const { channels, height, width, area } = this.engine.inputExtent;
    const canvas = byId("seen");
    canvas.width = width;
    canvas.height = height;
    byId("view").hidden = !this.bytes;
    if (!this.bytes) return;
    canvas.setAttribute("aria-label", this.occlusion ? "Occlusion map" : "The network's input");
    const context = canvas.getContext("2d");
    const image = context.createImageData(width, height);
    const scale = this.occlusion ? largestSize(this.occlusion) : 1;
    for (let pixel = 0; pixel < area; pixel++) {
      if (this.occlusion) this.palette.write(this.occlusion[pixel] / scale, image.data, 4 * pixel);
      for (let part = 0; part < 3; part++) {
        const byte = this.bytes[(channels === 3 ? part * area : 0) + pixel];
        const under = image.data[4 * pixel + part];
        image.data[4 * pixel + part] = this.occlusion ? 0.75 * under + 0.25 * byte : byte;
      }
      image.data[4 * pixel + 3] = 255;
    }
    context.putImageData(image, 0, 0);
    if (!this.occlusion) byId("seen-caption").textContent = "What the network sees";
  }

  async occlude() {
    const { generation } = this;
    const isCurrent = () => this.generation === generation;
    const { best } = this.answer;
    const name = this.network.classes[best];
    const caption = byId("seen-caption");
    const map = await occlusionMap(this.engine, this.bytes, best,
      (share) => { caption.textContent = `Hiding one part after another: ${Math.round(100 * share)}%`; },
      isCurrent);
    if (!map || !isCurrent()) return;
    this.occlusion = map;
    this.paintSeen();
    caption.textContent = `Blue spoke for ${name}: with this part hidden, the evidence falls. `
      + "Orange spoke against it.";
    byId("told").textContent = caption.textContent;
  }

  select(view) {
    for (const other of this.views) {
      if (other !== view) other.cursor = null;
      other.marks = [];
    }
    this.selected = view;
    this.explain();
    for (const other of this.views) other.paint();
  }

  unselect() {
    const view = this.selected;
    this.selected = null;
    this.panel?.remove();
    view.cursor = null;
    for (const other of this.views) {
      other.marks = [];
      other.paint();
    }
    view.canvas.focus({ preventScroll: true });
  }

  /** Shows how the selected value was computed, below its layer. */
  explain() {
    const view = this.selected;
    const close = element("button", { type: "button" }, "Close");
    close.addEventListener("click", () => this.unselect());
    const panel = element("div", { class: "explanation", role: "group" });
    panel.setAttribute("aria-label", "How this value was computed");
    if (this.engine.values) {
      const told = explain(this.engine, view.number, view.cursor);
      panel.append(element("div", { class: "head" }, element("strong", {}, told.title), close),
        element("p", {}, told.text), ...told.body);
      if (told.window) {
        const source = this.views[view.step.inputs[told.source]];
        source.marks = [told.window];
        source.paint();
      }
      byId("told").textContent = told.title;
    } else {
      panel.append(element("div", { class: "head" },
        element("strong", {}, placeText(view.step, view.cursor)), close),
        element("p", {}, "There is no image yet."));
    }
    this.panel?.remove();
    this.panel = panel;
    view.node.append(panel);
  }
}

const page = new Page(new Engine(
  JSON.parse(byId("network").textContent), decodeFloats(byId("weights").textContent.trim())));
