import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyStrictJSON

/// How pixel bytes become network inputs: (byte / 255 − mean) / deviation, per channel.
public struct Normalization: Sendable, Equatable, Encodable {
  public enum Method: String, Sendable, CaseIterable, Codable {
    /// Values from 0 to 1: mean 0 and deviation 1, without measuring.
    case unit
    /// Mean 0 and deviation 1 over the training set, per channel.
    case standard
  }

  package let method: Method
  /// Per channel, of byte / 255.
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
    var sums = Array(repeating: ByteSums(sum: 0, squares: 0), count: channels)
    unsafe images.pixels.forEachPiece(ofImages: images.shape.pixelCount) { piece in
      guard let first = piece.baseAddress else { return }
      for channel in 0..<channels {
        let added = unsafe kernels.byteSums(
          count: piece.count / channels, step: channels, bytes: first + channel)
        sums[channel] = ByteSums(
          sum: sums[channel].sum + added.sum, squares: sums[channel].squares + added.squares)
      }
    }
    means = sums.map { Double($0.sum) / Double(count) / 255 }
    deviations = sums.map { sums in
      // In exact arithmetic, so that a constant channel is recognised and becomes zero rather than
      // amplified rounding noise.
      let spread =
        UInt128(count) * UInt128(sums.squares) - UInt128(sums.sum) * UInt128(sums.sum)
      return spread > 0 ? Double(spread).squareRoot() / Double(count) / 255 : 1
    }
  }
}

extension Normalization {
  /// The mean of each channel as a byte.
  package var meanBytes: [UInt8] { means.map { UInt8((255 * $0).rounded()) } }

  /// Bounds that keep every normalised pixel finite in single precision.
  private static let meanBounds = 0.0...1
  private static let deviationBounds = 1e-6...1

  /// Describes what `init(_:channels:)` accepts.
  static var expected: String {
    "a method, and for each channel a mean from \(meanBounds.lowerBound) to \(meanBounds.upperBound) "
      + "and a deviation from \(deviationBounds.lowerBound) to \(deviationBounds.upperBound)"
  }

  /// Numbers that are known; nil if one is out of its bounds.
  package init?(means: [Double], deviations: [Double]) {
    guard means.allSatisfy(Self.meanBounds.contains),
      deviations.allSatisfy(Self.deviationBounds.contains)
    else { return nil }
    let isUnit = means.allSatisfy { $0 == 0 } && deviations.allSatisfy { $0 == 1 }
    method = isUnit ? .unit : .standard
    self.means = means
    self.deviations = deviations
  }

  /// Reads `{"deviations": …, "means": …, "method": …}`; nil if it is anything else.
  package init?(_ value: JSONValue, channels: Int) {
    guard case .object(let members) = value,
      members.map(\.name).sorted() == ["deviations", "means", "method"]
    else { return nil }
    let fields = Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.value) })
    guard case .string(let name)? = fields["method"], let method = Method(rawValue: name),
      let means = Self.numbers(fields["means"], in: Self.meanBounds),
      let deviations = Self.numbers(fields["deviations"], in: Self.deviationBounds),
      means.count == channels, deviations.count == channels
    else { return nil }
    self.method = method
    self.means = means
    self.deviations = deviations
  }

  private static func numbers(_ value: JSONValue?, in bounds: ClosedRange<Double>) -> [Double]? {
    guard case .array(let elements)? = value else { return nil }
    var numbers: [Double] = []
    for element in elements {
      guard case .number(let digits) = element, let number = Double(digits),
        bounds.contains(number)
      else { return nil }
      numbers.append(number)
    }
    return numbers
  }
}
