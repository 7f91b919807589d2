import ConvoyDatasets
import ConvoyKeyedRandom

/// Images of noise with a bright bar whose place is the label: learnable in a few steps.
func syntheticImages(
  count: Int, channels: Int = 1, height: Int = 12, width: Int = 12, classes: Int = 4
) -> ImageSet {
  let shape = ImageShape(channels: channels, height: height, width: width)
  let random = KeyedRandom(seed: 12, purpose: .initialization)
  // Eight for each draw.
  var pixels: [UInt8] = []
  for draw in 0..<(count * shape.pixelCount + 7) / 8 {
    withUnsafeBytes(of: random[draw] & 0x3f3f_3f3f_3f3f_3f3f) { pixels.append(contentsOf: $0) }
  }
  pixels.removeLast(pixels.count - count * shape.pixelCount)
  let labels = (0..<count).map { UInt16($0 % classes) }
  for image in 0..<count {
    let row = Int(labels[image]) * height / classes
    for place in 0..<width * channels {
      pixels[image * shape.pixelCount + row * width * channels + place] = 220
    }
  }
  return ImageSet(shape: shape, pixels: pixels, labels: labels)
}
