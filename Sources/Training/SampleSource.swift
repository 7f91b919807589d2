import Datasets
import KernelInterface
import NeuralNetwork

/// Writes images, normalised, where a network reads them.
package struct SampleSource: Sendable {
  package let images: ImageSet
  private let kernels: any KernelSet
  private let map: FeatureMap
  /// For each number of a row.
  private let scales: [Float]
  private let offsets: [Float]

  package init(
    _ images: ImageSet, normalization: Normalization, map: FeatureMap, kernels: any KernelSet
  ) {
    self.images = images
    self.kernels = kernels
    self.map = map
    let channels = images.shape.channels
    let row = 0..<images.shape.width * channels
    scales = row.map { Float(1 / (255 * normalization.deviations[$0 % channels])) }
    offsets = row.map {
      Float(-normalization.means[$0 % channels] / normalization.deviations[$0 % channels])
    }
  }

  package func label(_ number: Int) -> Int { Int(images.labels[number]) }

  /// - Parameter sample: the sample's values, border included.
  package func write(_ number: Int, to sample: UnsafeMutablePointer<Float>) {
    let shape = images.shape
    let rowLength = shape.width * shape.channels
    images.pixels.withUnsafeBufferPointer { pixels in
      guard let first = pixels.baseAddress else { return }
      for row in 0..<shape.height {
        let source = first + number * shape.pixelCount + row * rowLength
        let target = sample + map.start + row * map.rowStep
        if map.channels == shape.channels {
          kernels.normalize(
            count: rowLength, bytes: source, scales: scales, offsets: offsets, output: target)
        } else {
          // Channels are stored with others added: pixel by pixel.
          for column in 0..<shape.width {
            let place = column * shape.channels
            scales.withUnsafeBufferPointer { scales in
              offsets.withUnsafeBufferPointer { offsets in
                guard let scale = scales.baseAddress, let offset = offsets.baseAddress else {
                  return
                }
                kernels.normalize(
                  count: shape.channels, bytes: source + place, scales: scale + place,
                  offsets: offset + place, output: target + column * map.channels)
              }
            }
          }
        }
      }
    }
  }
}
