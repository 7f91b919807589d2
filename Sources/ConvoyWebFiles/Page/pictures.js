"use strict";

/* Pictures of any size become the network's input as they do in training: pixels that shrink are
   averaged by area, those that grow are interpolated between centres, all in whole numbers, rounded
   once. */

/** The largest side of a picture; a larger one is scaled down by the browser first. */
const largestSide = 4096;

/** The old pixels in a new one along an axis, with their weights, of which the sum is `total`. */
function resampledAxis(from, to, kept) {
  const first = Math.floor((to - kept) / 2);
  const total = to < from ? from : to === from ? 1 : 2 * to;
  const taps = [];
  for (let pixel = first; pixel < first + kept; pixel++) {
    if (to === from) {
      taps.push([{ index: pixel, weight: 1 }]);
    } else if (to < from) {
      const [start, end] = [pixel * from, (pixel + 1) * from];
      const covered = [];
      for (let index = Math.floor(start / to); index * to < end; index++) {
        const weight = Math.min((index + 1) * to, end) - Math.max(index * to, start);
        covered.push({ index, weight });
      }
      taps.push(covered);
    } else {
      const centre = Math.max(0, (2 * pixel + 1) * from - to);
      const left = Math.min(Math.floor(centre / (2 * to)), from - 1);
      const weight = centre % (2 * to);
      taps.push(
        weight === 0 || left + 1 >= from
          ? [{ index: left, weight: 2 * to }]
          : [{ index: left, weight: 2 * to - weight }, { index: left + 1, weight }]);
    }
  }
  return { taps, total };
}

/** The size of the scaled picture before it is cut or framed. */
function scaledSize(picture, size, fit) {
  const rounded = (number, divisor) => Math.max(1, Math.floor((2 * number + divisor) / (2 * divisor)));
  if (fit === "stretch") return size;
  const isNarrow = size.width * picture.height >= size.height * picture.width;
  if ((fit === "crop") === isNarrow) {
    const height = rounded(picture.height * size.width, picture.width);
    return {
      width: size.width,
      height: fit === "crop" ? Math.max(size.height, height) : Math.min(size.height, height),
    };
  }
  const width = rounded(picture.width * size.height, picture.height);
  return {
    width: fit === "crop" ? Math.max(size.width, width) : Math.min(size.width, width),
    height: size.height,
  };
}

/** Bytes in channel, row, column order of a picture of another size. */
function resized(picture, size, fit) {
  const { channels } = picture;
  const scaled = scaledSize(picture, size, fit);
  const width = Math.min(scaled.width, size.width);
  const height = Math.min(scaled.height, size.height);
  const columns = resampledAxis(picture.width, scaled.width, width);
  const rows = resampledAxis(picture.height, scaled.height, height);
  const divisor = columns.total * rows.total;
  const left = Math.floor((size.width - width) / 2);
  const top = Math.floor((size.height - height) / 2);
  const bytes = new Uint8Array(channels * size.width * size.height);
  const sums = new Float64Array(picture.width);
  for (let channel = 0; channel < channels; channel++) {
    const plane = channel * picture.width * picture.height;
    rows.taps.forEach((rowTaps, row) => {
      sums.fill(0);
      for (const { index, weight } of rowTaps) {
        const start = plane + index * picture.width;
        for (let column = 0; column < picture.width; column++) {
          sums[column] += weight * picture.bytes[start + column];
        }
      }
      const target = (channel * size.height + top + row) * size.width + left;
      columns.taps.forEach((columnTaps, column) => {
        let sum = 0;
        for (const { index, weight } of columnTaps) sum += weight * sums[index];
        bytes[target + column] = Math.floor((sum + Math.floor(divisor / 2)) / divisor);
      });
    });
  }
  return bytes;
}

/** Red, green and blue planes of RGBA pixels, or their luma (ITU-R BT.601), as in training. */
function planes(pixels, count, channels) {
  const bytes = new Uint8Array(count * channels);
  for (let index = 0; index < count; index++) {
    const [red, green, blue] = [pixels[4 * index], pixels[4 * index + 1], pixels[4 * index + 2]];
    if (channels === 1) {
      bytes[index] = (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
    } else {
      bytes[index] = red;
      bytes[count + index] = green;
      bytes[2 * count + index] = blue;
    }
  }
  return bytes;
}

/** A drawn image, with white behind transparent pixels. */
function canvasOf(image) {
  const scale = Math.min(1, largestSide / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** Means of bytes at an image's edges up to which it is dark there, and from which it is light. */
const darkEdge = 64;
const lightEdge = 191;

/** The mean of the bytes at the four edges of an input. */
function edgeBrightness(bytes, { channels, width, height }) {
  let [sum, count] = [0, 0];
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        if (row > 0 && row < height - 1 && column > 0 && column < width - 1) continue;
        sum += bytes[(channel * height + row) * width + column];
        count += 1;
      }
    }
  }
  return sum / count;
}

/** The network's input for a picture on a canvas. */
function inputOf(canvas, extent, fit) {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const bytes = planes(data, width * height, extent.channels);
  return resized({ width, height, channels: extent.channels, bytes }, extent, fit);
}
