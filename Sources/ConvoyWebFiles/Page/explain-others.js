"use strict";

/* How values of layers without windows were computed. */

function explainNormalization(step, [input], cursor, value) {
  const { x, window } = sameValue(step, input, cursor);
  const { weight, bias, running_mean: means, running_var: variances } = step.parameters;
  let [mean, deviation] = [0, 1];
  if (step.type === "batchNormalization") {
    mean = means[cursor.channel];
    deviation = Math.sqrt(variances[cursor.channel] + step.fields.epsilon);
  } else {
    const channels = step.extent.channels / step.fields.groups;
    ({ mean, deviation } = groupStatistics(step, input, Math.floor(cursor.channel / channels)));
  }
  const scale = weight ? ` · ${figure(weight[cursor.channel], 3)}` : "";
  const shift = bias ? ` + (${figure(bias[cursor.channel], 3)})` : "";
  return {
    text: step.type === "batchNormalization"
      ? "Minus the mean of the training data, over its deviation; then scaled and shifted."
      : "Minus the mean of its group of maps, over their deviation; then scaled and shifted.",
    body: [formula(`(${figure(x, 3)} − (${figure(mean, 3)})) / ${figure(deviation, 3)}${scale}${shift}`
      + ` = ${figure(value, 3)}`)],
    window,
  };
}

function explainSoftmax(step, [input], cursor, value) {
  const { x, window } = sameValue(step, input, cursor);
  return {
    text: "e to the power of the input, over the sum of those of all channels.",
    body: [formula(`softmax(${figure(x, 3)}) = ${figure(value, 3)}`)],
    window: { ...window, channels: [0, step.extent.channels] },
  };
}

function explainSum(step, inputs, cursor, value) {
  const [main, shortcut] = inputs.map((input) => sameValue(step, input, cursor).x);
  return {
    text: "The sum of both branches.",
    body: [formula(`${figure(main, 3)} + (${figure(shortcut, 3)}) = ${figure(value, 3)}`)],
    window: sameValue(step, inputs[0], cursor).window,
  };
}

function explainCopy(step, inputs, cursor, value) {
  let { channel } = cursor;
  let branch = 0;
  if (step.type === "concatenate") {
    while (channel >= step.sources[branch].extent.channels) {
      channel -= step.sources[branch].extent.channels;
      branch += 1;
    }
  }
  const source = step.sources[branch];
  let place = { ...cursor, channel };
  if (step.type === "flatten") {
    const { width, area } = source.extent;
    const within = channel % area;
    place = {
      channel: Math.floor(channel / area), row: Math.floor(within / width), column: within % width,
    };
  }
  return {
    text: `The value of ${source.place ? `layer ${source.place}` : "the input"}, `
      + `${placeText(source, place)}: ${figure(value, 3)}.`,
    body: [],
    source: branch,
    window: {
      channels: [place.channel, place.channel + 1], rows: [place.row, place.row + 1],
      columns: [place.column, place.column + 1],
    },
  };
}

function explainActivation(step, [input], cursor, value) {
  const { x, window } = sameValue(step, input, cursor);
  return {
    text: "A function of one value.",
    body: [formula(`${step.type}(${figure(x, 3)}) = ${figure(value, 3)}`)],
    window,
  };
}

function explainInput(engine, step, cursor, value) {
  const { means, deviations } = engine.network.normalization;
  const [mean, deviation] = [means[cursor.channel], deviations[cursor.channel]];
  const byte = Math.round(255 * (value * deviation + mean));
  return {
    text: "A pixel from 0 to 255, brought to the mean and deviation of the training data.",
    body: [formula(`(${byte} / 255 − ${figure(mean, 4)}) / ${figure(deviation, 4)} = ${figure(value, 3)}`)],
  };
}

const explanations = {
  convolution: explainConvolution,
  dense: explainDense,
  maxPooling: explainPooling,
  averagePooling: explainPooling,
  globalMaxPooling: explainPooling,
  globalAveragePooling: explainPooling,
  batchNormalization: explainNormalization,
  groupNormalization: explainNormalization,
  softmax: explainSoftmax,
  residual: explainSum,
  concatenate: explainCopy,
  flatten: explainCopy,
};

/** Explains one value of the last image.
 *
 * @returns its title, a sentence, nodes, and the window that it reads of the input with number
 *   `source`, if any. */
function explain(engine, number, cursor) {
  const step = engine.steps[number];
  const { width, area } = step.extent;
  const value =
    engine.values[number][cursor.channel * area + cursor.row * width + cursor.column];
  const inputs = step.inputs.map((input) => engine.values[input]);
  const make = explanations[step.type] ?? explainActivation;
  const explanation = step.type === "input"
    ? explainInput(engine, step, cursor, value) : make(step, inputs, cursor, value);
  // The last step has a number per class.
  const name = number === engine.steps.length - 1
    ? `, ${engine.network.classes[cursor.channel]},` : "";
  return {
    source: 0, window: null, ...explanation, value,
    title: `${placeText(step, cursor)}${name} = ${figure(value, 3)}`,
  };
}
