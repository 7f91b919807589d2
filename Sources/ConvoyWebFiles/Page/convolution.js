"use strict";

/* Convolution as products of a matrix of patches with the filters, a few dozen output pixels at a
   time, so that the patches stay in the cache. In double precision, which JavaScript's numbers have. */

const pixelsAtOnce = 64;

function convolution(step, [input], output) {
  const source = step.sources[0].extent;
  const { channels: filters, width, area } = step.extent;
  const window = windowOf(step);
  const groups = step.fields.groups ?? 1;
  const channelsInGroup = source.channels / groups;
  const filtersInGroup = filters / groups;
  const size = channelsInGroup * window.kernel[0] * window.kernel[1];
  step.filters ??= Float64Array.from(step.parameters.weight);
  const biases = step.parameters.bias;
  const patches = new Float64Array(pixelsAtOnce * size);
  for (let group = 0; group < groups; group++) {
    for (let first = 0; first < area; first += pixelsAtOnce) {
      const pixels = Math.min(pixelsAtOnce, area - first);
      gatherPatches(input, source, group * channelsInGroup, channelsInGroup, window,
        first, pixels, width, patches);
      multiply(step.filters, group * filtersInGroup, filtersInGroup, size, biases,
        patches, pixels, output, area, first);
    }
  }
}

/** Writes the patches of output pixels, each in channel, kernel row, kernel column order; zeros
    outside the map. */
function gatherPatches(
  input, source, firstChannel, channels, window, firstPixel, pixels, outputWidth, patches
) {
  const [kernelRows, kernelColumns] = window.kernel;
  const { height, width, area } = source;
  let target = 0;
  for (let pixel = firstPixel; pixel < firstPixel + pixels; pixel++) {
    const top = Math.floor(pixel / outputWidth) * window.stride[0] - window.before[0];
    const left = (pixel % outputWidth) * window.stride[1] - window.before[1];
    for (let channel = firstChannel; channel < firstChannel + channels; channel++) {
      for (let kernelRow = 0; kernelRow < kernelRows; kernelRow++) {
        const row = top + kernelRow * window.dilation[0];
        const isInside = row >= 0 && row < height;
        const start = channel * area + row * width;
        let column = left;
        for (let kernelColumn = 0; kernelColumn < kernelColumns; kernelColumn++) {
          patches[target++] =
            isInside && column >= 0 && column < width ? input[start + column] : 0;
          column += window.dilation[1];
        }
      }
    }
  }
}

/** output[filter][pixel] = bias + Σ filter · patch: four filters and two pixels at a time, so that
    each number that is loaded is used more than once. */
function multiply(
  weights, firstFilter, filters, size, biases, patches, pixels, output, area, firstPixel
) {
  const end = firstFilter + filters;
  let filter = firstFilter;
  for (; filter + 4 <= end; filter += 4) {
    const w0 = filter * size, w1 = w0 + size, w2 = w1 + size, w3 = w2 + size;
    const b0 = biases ? biases[filter] : 0, b1 = biases ? biases[filter + 1] : 0;
    const b2 = biases ? biases[filter + 2] : 0, b3 = biases ? biases[filter + 3] : 0;
    let pixel = 0;
    for (; pixel + 2 <= pixels; pixel += 2) {
      const p = pixel * size, q = p + size;
      let p0 = b0, p1 = b1, p2 = b2, p3 = b3, q0 = b0, q1 = b1, q2 = b2, q3 = b3;
      for (let k = 0; k < size; k++) {
        const x = patches[p + k], y = patches[q + k];
        const u0 = weights[w0 + k], u1 = weights[w1 + k];
        const u2 = weights[w2 + k], u3 = weights[w3 + k];
        p0 += u0 * x; p1 += u1 * x; p2 += u2 * x; p3 += u3 * x;
        q0 += u0 * y; q1 += u1 * y; q2 += u2 * y; q3 += u3 * y;
      }
      const target = filter * area + firstPixel + pixel;
      output[target] = p0; output[target + 1] = q0;
      output[target + area] = p1; output[target + area + 1] = q1;
      output[target + 2 * area] = p2; output[target + 2 * area + 1] = q2;
      output[target + 3 * area] = p3; output[target + 3 * area + 1] = q3;
    }
    for (; pixel < pixels; pixel++) {
      for (let other = filter; other < filter + 4; other++) {
        output[other * area + firstPixel + pixel] =
          product(weights, other * size, patches, pixel * size, size) + (biases?.[other] ?? 0);
      }
    }
  }
  for (; filter < end; filter++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      output[filter * area + firstPixel + pixel] =
        product(weights, filter * size, patches, pixel * size, size) + (biases?.[filter] ?? 0);
    }
  }
}

/** The sum of the products of two rows of numbers. */
function product(one, oneStart, other, otherStart, count) {
  let sum = 0;
  for (let index = 0; index < count; index++) {
    sum += one[oneStart + index] * other[otherStart + index];
  }
  return sum;
}
