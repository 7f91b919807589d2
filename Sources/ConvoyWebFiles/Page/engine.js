"use strict";

/* The forward pass. A network is a list of steps: the first is the input, each other one reads the
   outputs of earlier steps. A map of C × H × W is a Float32Array in channel, row, column order; a
   vector is a map of 1 × 1. */

/** Decodes base64 text to little-endian single-precision numbers. */
function decodeFloats(text) {
  const bytes = new Uint8Array((text.length / 4) * 3);
  let count = 0;
  // Pieces of whole groups of four characters, so that no long string is made of all bytes.
  const piece = 1 << 16;
  for (let start = 0; start < text.length; start += piece) {
    const part = atob(text.slice(start, start + piece));
    for (let index = 0; index < part.length; index++) bytes[count++] = part.charCodeAt(index);
  }
  const view = new DataView(bytes.buffer);
  const floats = new Float32Array(count >> 2);
  for (let index = 0; index < floats.length; index++) {
    floats[index] = view.getFloat32(4 * index, true);
  }
  return floats;
}

/** Channels, height and width of a step's output. */
function extent(step) {
  const [channels, height = 1, width = 1] = step.shape;
  return { channels, height, width, area: height * width, count: channels * height * width };
}

/** A field that is one number for rows and columns, or a list of both. */
function pair(field, otherwise) {
  const value = field ?? otherwise;
  return Array.isArray(value) ? value : [value, value];
}

/** The window of a convolution or pooling: kernel, stride, dilation and padding before the map, each
    of rows and columns. */
function windowOf(step) {
  const { kernelSize, stride, dilation, padding } = step.fields;
  const kernel = pair(kernelSize);
  const steps = pair(dilation, 1);
  const same = kernel.map((size, axis) => ((size - 1) * steps[axis]) >> 1);
  return {
    kernel,
    stride: pair(stride, 1),
    dilation: steps,
    before: padding === "same" ? same : pair(padding, 0),
  };
}

class Engine {
  /** @param network the description in the page. @param weights all tensors, one after another. */
  constructor(network, weights) {
    this.network = network;
    this.steps = network.steps;
    for (const step of this.steps) {
      step.extent = extent(step);
      step.sources = step.inputs.map((input) => this.steps[input]);
      step.parameters = {};
      for (const [name, tensor] of Object.entries(step.tensors ?? {})) {
        const end = tensor.offset + tensor.shape.reduce((product, size) => product * size, 1);
        step.parameters[name] = weights.subarray(tensor.offset, end);
      }
      if (step.type !== "input" && !layerTypes[step.type]) {
        throw new Error(`unknown layer type ${step.type}`);
      }
    }
    /** The outputs of all steps for the last image; null before the first one. */
    this.values = null;
  }

  get inputExtent() { return this.steps[0].extent; }
  get output() { return this.values[this.steps.length - 1]; }

  /** (byte / 255 − mean) / deviation, per channel. */
  normalized(bytes) {
    const { means, deviations } = this.network.normalization;
    const { area, count } = this.inputExtent;
    const input = new Float32Array(count);
    for (let index = 0; index < count; index++) {
      const channel = Math.floor(index / area);
      input[index] = (bytes[index] / 255 - means[channel]) / deviations[channel];
    }
    return input;
  }

  /** The outputs of all steps for an image of bytes in channel, row, column order. */
  forward(bytes) {
    const values = [this.normalized(bytes)];
    for (const step of this.steps.slice(1)) {
      const output = new Float32Array(step.extent.count);
      layerTypes[step.type](step, step.inputs.map((input) => values[input]), output);
      values.push(output);
    }
    return values;
  }

  /** Runs an image, and keeps what came out. */
  run(bytes) {
    this.values = this.forward(bytes);
    return this.output;
  }

  /** Probabilities by class; null if the network was not trained to give any. */
  probabilities(outputs) {
    switch (this.network.outputs) {
      case "logits": return softmax(outputs);
      case "probabilities": return outputs;
      default: return null;
    }
  }
}

function softmax(values) {
  let largest = -Infinity;
  for (const value of values) largest = Math.max(largest, value);
  const powers = Float64Array.from(values, (value) => Math.exp(value - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
