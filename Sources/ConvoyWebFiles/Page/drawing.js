"use strict";

/* A drawing becomes an input as MNIST's digits did: its bounding box is scaled to 20/28 of the side,
   and its centre of mass is moved to the middle (LeCun et al., 1998). Strokes are kept as lines, so
   that their width is MNIST's whatever their size was. Coordinates are shares of the surface. */

/** The width of a pen stroke, as a share of the side: MNIST's digits, drawn anew along their skeletons,
    then have the mean brightness that they had. */
const penWidth = 2.3 / 28;

/** Draws strokes with round ends; a dot is a stroke of one point. */
function drawStrokes(context, strokes, place, lineWidth) {
  context.lineWidth = lineWidth;
  context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(...place(stroke[0]));
    for (const point of stroke.length > 1 ? stroke.slice(1) : stroke) context.lineTo(...place(point));
    context.stroke();
  }
}

/** The bytes of a drawing, light on dark. */
function bytesOf(strokes, { width, height }) {
  const side = Math.min(width, height);
  const pen = penWidth * side;
  const points = strokes.flat();
  const range = (axis) => {
    const values = points.map((point) => point[axis]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return { size: high - low, middle: (low + high) / 2 };
  };
  const [across, down] = [range(0), range(1)];
  // The pen's width is part of the box. A dot is not made larger than thrice what it was.
  const scale = Math.min(
    ((20 / 28) * side - pen) / Math.max(across.size, down.size, 1e-6), 3 * side);

  const finer = side > 64 ? 2 : 8;
  const canvas = document.createElement("canvas");
  canvas.width = width * finer;
  canvas.height = height * finer;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  /** Draws the strokes, moved from the middle by so many fine pixels. */
  const draw = (right, below) => {
    context.fillStyle = "black";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.strokeStyle = "white";
    drawStrokes(context, strokes, ([x, y]) => [
      canvas.width / 2 + (x - across.middle) * scale * finer + right,
      canvas.height / 2 + (y - down.middle) * scale * finer + below,
    ], pen * finer);
    return context.getImageData(0, 0, canvas.width, canvas.height).data;
  };
  const centre = centreOfMass(draw(0, 0), canvas.width, canvas.height);
  draw(canvas.width / 2 - centre.x, canvas.height / 2 - centre.y);
  return inputOf(canvas, { channels: 1, width, height }, "stretch");
}

function centreOfMass(pixels, width, height) {
  let [sum, x, y] = [0, 0, 0];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const mass = pixels[4 * (row * width + column)];
      sum += mass;
      x += mass * (column + 0.5);
      y += mass * (row + 0.5);
    }
  }
  return sum > 0 ? { x: x / sum, y: y / sum } : { x: width / 2, y: height / 2 };
}

/** The surface to draw on, by mouse, pen, touch or keys. */
class Drawing {
  /** @param changed called after each change. */
  constructor(canvas, changed) {
    this.canvas = canvas;
    this.changed = changed;
    this.strokes = [];
    /** The pen that arrow keys move, and whether it is down; null until a key is pressed. */
    this.pen = null;
    let active = null;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || active !== null) return;
      active = event.pointerId;
      canvas.setPointerCapture(active);
      this.pen = null;
      this.strokes.push([this.point(event)]);
      this.changed();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerId !== active) return;
      const stroke = this.strokes[this.strokes.length - 1];
      if (!stroke) return;
      const events = event.getCoalescedEvents?.() ?? [];
      for (const part of events.length > 0 ? events : [event]) this.extend(stroke, this.point(part));
      this.changed();
    });
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, (event) => { if (event.pointerId === active) active = null; });
    }
    canvas.addEventListener("keydown", (event) => this.press(event));
    canvas.addEventListener("blur", () => { this.pen = null; this.paint(); });
  }

  point(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  /** Adds a point that is far enough from the last one to be seen. */
  extend(stroke, [x, y]) {
    const [lastX, lastY] = stroke[stroke.length - 1];
    if (Math.hypot(x - lastX, y - lastY) > 1 / 300) stroke.push([x, y]);
  }

  /** Arrow keys move the pen, and Space puts it down or lifts it. */
  press(event) {
    const moves = {
      ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], " ": [0, 0],
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    this.pen ??= { place: [0.5, 0.5], isDown: false };
    const { pen } = this;
    if (event.key === " ") {
      pen.isDown = !pen.isDown;
      if (pen.isDown) this.strokes.push([pen.place]);
    } else {
      pen.place = pen.place.map((at, axis) => Math.min(0.97, Math.max(0.03, at + move[axis] / 28)));
      if (pen.isDown) this.strokes[this.strokes.length - 1].push(pen.place);
    }
    if (pen.isDown) this.changed();
    else this.paint();
  }

  clear() {
    this.strokes = [];
    this.pen = null;
  }

  /**
   * Paints the strokes, or the picture in their place, as it is made to fit the network's input: the
   * input's shape is as large as the surface lets it be.
   */
  paint(picture = null, extent = null, fit = "stretch") {
    const side = Math.round(this.canvas.clientWidth * (window.devicePixelRatio || 1)) || 1;
    this.canvas.width = side;
    this.canvas.height = side;
    const context = this.canvas.getContext("2d");
    if (picture) {
      const unit = side / Math.max(extent.width, extent.height);
      const box = { width: extent.width * unit, height: extent.height * unit };
      const scaled = scaledSize(picture, box, fit);
      context.imageSmoothingEnabled = scaled.width < 4 * picture.width;
      context.beginPath();
      context.rect((side - box.width) / 2, (side - box.height) / 2, box.width, box.height);
      context.clip();
      context.drawImage(picture, (side - scaled.width) / 2, (side - scaled.height) / 2,
        scaled.width, scaled.height);
      return;
    }
    context.strokeStyle = "#f4f4f0";
    drawStrokes(context, this.strokes, ([x, y]) => [x * side, y * side], 0.08 * side);
    if (this.pen) {
      const [x, y] = this.pen.place;
      context.beginPath();
      context.arc(x * side, y * side, 0.045 * side, 0, 2 * Math.PI);
      context.strokeStyle = this.pen.isDown ? "#84b8f1" : "#a6aab1";
      context.lineWidth = 0.015 * side;
      context.stroke();
    }
  }
}
