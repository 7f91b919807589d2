"use strict";

/* Every layer type but convolution: (step, inputs, output) fills the output. */

/** The error function: its Taylor series, within 1e-8; it is ±1 in single precision from 4 on. */
function errorFunction(x) {
  if (Math.abs(x) >= 4) return Math.sign(x);
  let power = x;
  let sum = x;
  for (let n = 1; n < 100; n++) {
    power *= (-x * x) / n;
    sum += power / (2 * n + 1);
    if (Math.abs(power) < 1e-17) break;
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** Functions of one number, by layer type. They are also what explanations show. */
const activations = {
  relu: () => (x) => Math.max(x, 0),
  relu6: () => (x) => Math.min(Math.max(x, 0), 6),
  leakyRelu: ({ slope }) => (x) => (x > 0 ? x : slope * x),
  elu: ({ alpha }) => (x) => (x > 0 ? x : alpha * Math.expm1(x)),
  sigmoid: () => (x) => 1 / (1 + Math.exp(-x)),
  tanh: () => Math.tanh,
  silu: () => (x) => x / (1 + Math.exp(-x)),
  hardSwish: () => (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
  gelu: () => (x) => x * 0.5 * (1 + errorFunction(x * Math.SQRT1_2)),
  scale: ({ factor }) => (x) => factor * x,
};

/** Calls `body` with each position of a pooling window, its first row and column and its last ones,
    cut to the map. */
function forEachWindow(step, body) {
  const source = step.sources[0].extent;
  const { kernel, stride, before } = windowOf(step);
  const { height, width } = step.extent;
  for (let row = 0; row < height; row++) {
    const top = row * stride[0] - before[0];
    for (let column = 0; column < width; column++) {
      const left = column * stride[1] - before[1];
      body(row * width + column, Math.max(0, top), Math.min(source.height, top + kernel[0]),
        Math.max(0, left), Math.min(source.width, left + kernel[1]));
    }
  }
}

/** Pools each channel: `join` takes two values of a window, and `finish` the result. */
function pool(step, input, output, first, join, finish) {
  const source = step.sources[0].extent;
  forEachWindow(step, (pixel, top, bottom, left, right) => {
    for (let channel = 0; channel < source.channels; channel++) {
      let result = first;
      for (let row = top; row < bottom; row++) {
        const start = channel * source.area + row * source.width;
        for (let column = left; column < right; column++) {
          result = join(result, input[start + column]);
        }
      }
      output[channel * step.extent.area + pixel] = finish(result);
    }
  });
}

function poolGlobally(step, input, output, first, join, finish) {
  const { channels, area } = step.sources[0].extent;
  for (let channel = 0; channel < channels; channel++) {
    const map = input.subarray(channel * area, (channel + 1) * area);
    output[channel] = finish(map.reduce(join, first), area);
  }
}

/** The mean of a group's values, and the square root of their variance and epsilon. */
function groupStatistics(step, input, group) {
  const size = input.length / step.fields.groups;
  const values = input.subarray(group * size, (group + 1) * size);
  let mean = 0;
  for (const value of values) mean += value;
  mean /= size;
  let variance = 0;
  for (const value of values) variance += (value - mean) * (value - mean);
  return { mean, deviation: Math.sqrt(variance / size + step.fields.epsilon), size };
}

const add = (sum, value) => sum + value;

const layerTypes = {
  convolution,

  dense(step, [input], output) {
    const { weight, bias } = step.parameters;
    for (let unit = 0; unit < output.length; unit++) {
      output[unit] =
        product(weight, unit * input.length, input, 0, input.length) + (bias?.[unit] ?? 0);
    }
  },

  /* By running estimates, where it cannot be folded into an earlier layer. */
  batchNormalization(step, [input], output) {
    const { weight, bias, running_mean: means, running_var: variances } = step.parameters;
    const { area } = step.extent;
    for (let index = 0; index < input.length; index++) {
      const channel = Math.floor(index / area);
      const deviation = Math.sqrt(variances[channel] + step.fields.epsilon);
      output[index] = ((input[index] - means[channel]) / deviation) * (weight?.[channel] ?? 1)
        + (bias?.[channel] ?? 0);
    }
  },

  groupNormalization(step, [input], output) {
    const { weight, bias } = step.parameters;
    for (let group = 0; group < step.fields.groups; group++) {
      const { mean, deviation, size } = groupStatistics(step, input, group);
      for (let index = group * size; index < (group + 1) * size; index++) {
        const channel = Math.floor(index / step.extent.area);
        output[index] = ((input[index] - mean) / deviation) * (weight?.[channel] ?? 1)
          + (bias?.[channel] ?? 0);
      }
    }
  },

  maxPooling(step, [input], output) {
    pool(step, input, output, -Infinity, Math.max, (largest) => largest);
  },

  /* The mean includes the padding's zeros. */
  averagePooling(step, [input], output) {
    const [rows, columns] = windowOf(step).kernel;
    pool(step, input, output, 0, add, (sum) => sum / (rows * columns));
  },

  globalMaxPooling(step, [input], output) {
    poolGlobally(step, input, output, -Infinity, (a, b) => Math.max(a, b), (largest) => largest);
  },

  globalAveragePooling(step, [input], output) {
    poolGlobally(step, input, output, 0, add, (sum, count) => sum / count);
  },

  flatten(step, [input], output) { output.set(input); },

  prelu(step, [input], output) {
    const { weight } = step.parameters;
    for (let index = 0; index < input.length; index++) {
      const slope = weight[weight.length > 1 ? Math.floor(index / step.extent.area) : 0];
      output[index] = input[index] > 0 ? input[index] : slope * input[index];
    }
  },

  /* Over the channels of each pixel. */
  softmax(step, [input], output) {
    const { channels, area } = step.extent;
    for (let pixel = 0; pixel < area; pixel++) {
      const column = new Float64Array(channels);
      for (let channel = 0; channel < channels; channel++) {
        column[channel] = input[channel * area + pixel];
      }
      softmax(column).forEach((share, channel) => { output[channel * area + pixel] = share; });
    }
  },

  residual(step, [main, shortcut], output) {
    for (let index = 0; index < output.length; index++) output[index] = main[index] + shortcut[index];
  },

  concatenate(step, inputs, output) {
    let end = 0;
    for (const input of inputs) {
      output.set(input, end);
      end += input.length;
    }
  },
};

for (const [type, make] of Object.entries(activations)) {
  layerTypes[type] = (step, [input], output) => {
    const activation = make(step.fields);
    for (let index = 0; index < input.length; index++) output[index] = activation(input[index]);
  };
}
