"use strict";

/* Occlusion (Zeiler and Fergus, 2014): a square of the input is hidden, at one position after another.
   Where the evidence for the answer falls, the square hid what spoke for it. */

/** How much the outputs speak for a class: the log-odds of its probability, or the lead of its score
    over the best other one. */
function evidence(engine, outputs, chosen) {
  let values = Array.from(outputs);
  if (engine.network.outputs === "probabilities") values = values.map((p) => Math.log(p + 1e-12));
  const others = values.filter((_, index) => index !== chosen);
  if (others.length === 0) return values[chosen];
  const largest = Math.max(...others);
  if (engine.network.outputs === "scores") return values[chosen] - largest;
  return values[chosen] - largest
    - Math.log(others.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}

/** Computes an occlusion map in slices, so that the page stays alive.
 *
 * @param progress called with the share that is done.
 * @param isCurrent tells whether the answer is still wanted.
 * @returns the fall of the evidence by pixel, averaged over the squares that cover it; null if it was
 *   given up. */
async function occlusionMap(engine, bytes, chosen, progress, isCurrent) {
  const { channels, height, width, area } = engine.inputExtent;
  const side = Math.max(1, Math.round(Math.min(height, width) / 6));
  const started = performance.now();
  const full = evidence(engine, engine.forward(bytes).at(-1), chosen);
  const duration = performance.now() - started;
  // Fewer positions where a pass is slow.
  const step = duration > 30 ? side : Math.max(1, side >> 1);
  // The training data's mean: zero after normalisation.
  const mean = engine.network.normalization.means.map((value) => Math.round(255 * value));
  const positions = [];
  for (let top = Math.min(0, 1 - side + step); top < height; top += step) {
    for (let left = Math.min(0, 1 - side + step); left < width; left += step) {
      positions.push([top, left]);
    }
  }
  const sums = new Float64Array(area);
  const counts = new Uint32Array(area);
  let pause = performance.now();
  for (const [number, [top, left]] of positions.entries()) {
    const hidden = Uint8Array.from(bytes);
    const pixels = [];
    for (let row = Math.max(0, top); row < Math.min(height, top + side); row++) {
      for (let column = Math.max(0, left); column < Math.min(width, left + side); column++) {
        pixels.push(row * width + column);
      }
    }
    for (const pixel of pixels) {
      for (let channel = 0; channel < channels; channel++) {
        hidden[channel * area + pixel] = mean[channel];
      }
    }
    const fall = full - evidence(engine, engine.forward(hidden).at(-1), chosen);
    for (const pixel of pixels) {
      sums[pixel] += fall;
      counts[pixel] += 1;
    }
    if (performance.now() - pause > 12) {
      progress((number + 1) / positions.length);
      await new Promise((resolve) => setTimeout(resolve));
      if (!isCurrent()) return null;
      pause = performance.now();
    }
  }
  return sums.map((sum, pixel) => (counts[pixel] > 0 ? sum / counts[pixel] : 0));
}
