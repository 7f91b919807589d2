import ConvoyDatasets
import ConvoyKeyedRandom

/// Images of noise with a bright bar whose place is the label: learnable in a few steps.
func syntheticImages(
  count: Int, channels: Int = 1, height: Int = 12, width: Int = 12, classes: Int = 4
) -> ImageSet {
  let shape = ImageShape(channels: channels, height: height, width: width)
  let random = KeyedRandom(seed: 12, purpose: .initialization)
  var pixels = (0..<count * shape.pixelCount).map { UInt8(truncatingIfNeeded: random[$0] & 63) }
  let labels = (0..<count).map { UInt16($0 % classes) }
  for image in 0..<count {
    let row = Int(labels[image]) * height / classes
    for place in 0..<width * channels {
      pixels[image * shape.pixelCount + row * width * channels + place] = 220
    }
  }
  return ImageSet(shape: shape, pixels: pixels, labels: labels)
}
