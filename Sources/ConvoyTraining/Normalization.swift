import ConvoyDatasets
import ConvoyKernelInterface

/// How bytes become the numbers that a network sees: (byte / 255 − mean) / deviation, by channel.
package struct Normalization: Sendable, Equatable, Encodable {
  package enum Method: String, Sendable, CaseIterable, Codable {
    /// Numbers from 0 to 1: mean 0 and deviation 1 are taken for granted.
    case unit
    /// Mean 0 and deviation 1 over the training set, by channel.
    case standard
  }

  package let method: Method
  /// By channel, of byte / 255.
  package let means: [Double]
  package let deviations: [Double]

  /// Measures the training set where the method asks for it.
  package init(_ method: Method, for images: ImageSet, kernels: any KernelSet) {
    let channels = images.shape.channels
    self.method = method
    guard method == .standard else {
      means = Array(repeating: 0, count: channels)
      deviations = Array(repeating: 1, count: channels)
      return
    }
    let count = images.pixels.count / channels
    let sums = images.pixels.withUnsafeBufferPointer { pixels in
      (0..<channels).map { channel in
        pixels.baseAddress.map {
          kernels.byteSums(count: count, step: channels, bytes: $0 + channel)
        } ?? ByteSums(sum: 0, squares: 0)
      }
    }
    means = sums.map { Double($0.sum) / Double(count) / 255 }
    deviations = sums.map { sums in
      // Exact, so that a channel of one shade is known: it becomes zero, not noise over noise.
      let spread =
        UInt128(count) * UInt128(sums.squares) - UInt128(sums.sum) * UInt128(sums.sum)
      return spread > 0 ? Double(spread).squareRoot() / Double(count) / 255 : 1
    }
  }
}
