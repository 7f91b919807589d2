import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyStrictJSON

/// How pixels become network inputs: (byte / 255 − mean) / deviation, per channel; (value − mean) /
/// deviation where pixels are floats.
public struct Normalization: Sendable, Equatable, Encodable {
  /// How means and deviations are found.
  public enum Method: String, Sendable, CaseIterable, Codable {
    /// Mean 0 and deviation 1, without measuring: bytes become values from 0 to 1, and floats stay as
    /// they are.
    case unit
    /// Mean 0 and deviation 1 over the training set, per channel.
    case standard
  }

  package let method: Method
  /// Per channel, of byte / 255, or of the values.
  package let means: [Double]
  package let deviations: [Double]
  /// Nil for bytes.
  private let pixels: String?

  /// What is normalised.
  var pixelType: PixelType { pixels.flatMap(PixelType.init) ?? .bytes }

  /// Whether floats are normalised; bytes otherwise.
  package var areFloats: Bool { pixelType == .floats }

  /// Measures the training set where the method asks for it.
  package init(_ method: Method, for images: ImageSet, kernels: any KernelSet) {
    let channels = images.shape.channels
    self.method = method
    pixels = images.pixels.type == .floats ? PixelType.floats.rawValue : nil
    guard method == .standard else {
      means = Array(repeating: 0, count: channels)
      deviations = Array(repeating: 1, count: channels)
      return
    }
    guard images.pixels.type == .bytes else {
      (means, deviations) = Self.measure(floats: images)
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
      let deviation = Double(spread).squareRoot() / Double(count) / 255
      // Nearly constant, too: a file of the model could not hold less.
      return deviation >= Self.deviationBounds.lowerBound ? deviation : 1
    }
  }
}

extension Normalization {
  /// Means and deviations of floats, per channel, in two passes and the order of the images. A constant
  /// channel has deviation 1: the sum of less than 2²⁹ equal floats is exact. So has one whose deviation
  /// is not a normal float: networks take such numbers for 0.
  private static func measure(floats images: ImageSet) -> (means: [Double], deviations: [Double]) {
    let channels = images.shape.channels
    func forEachValue(_ body: (_ channel: Int, _ value: Double) -> Void) {
      unsafe images.pixels.forEachPiece(ofImages: images.imageSize) { piece in
        let bytes = UnsafeRawBufferPointer(piece)
        for number in 0..<piece.count / PixelType.floats.size {
          body(number % channels, Double(unsafe bytes.pixel(number, of: .floats)))
        }
      }
    }
    let count = Double(images.count * images.shape.height * images.shape.width)
    var sums = Array(repeating: 0.0, count: channels)
    forEachValue { channel, value in sums[channel] += value }
    let means = sums.map { $0 / count }
    var squares = Array(repeating: 0.0, count: channels)
    forEachValue { channel, value in
      let distance = value - means[channel]
      squares[channel] += distance * distance
    }
    let deviations = squares.map { ($0 / count).squareRoot() }
    return (means, deviations.map { $0 >= leastDeviation ? $0 : 1 })
  }

  /// The mean of each channel as a byte.
  package var meanBytes: [UInt8] { means.map { UInt8((255 * $0).rounded()) } }

  /// An image's values as the network sees them, each in double precision.
  func values(of image: Int, in images: ImageSet) -> [Double] {
    let unit = pixelType == .bytes ? 255.0 : 1
    return images.values(of: image).enumerated().map { number, value in
      let channel = number % means.count
      return (Double(value) / unit - means[channel]) / deviations[channel]
    }
  }

  /// Bounds that keep every normalised byte finite in single precision.
  private static let meanBounds = 0.0...1
  private static let deviationBounds = 1e-6...1
  /// The largest magnitude of a float, and so of a mean and a deviation of floats.
  private static let largestFloat = Double(Float.greatestFiniteMagnitude)
  private static let leastDeviation = Double(Float.leastNormalMagnitude)

  /// Describes what `init(_:channels:)` accepts.
  static var expected: String {
    "a method, and for each channel a mean from \(meanBounds.lowerBound) to \(meanBounds.upperBound) "
      + "and a deviation from \(deviationBounds.lowerBound) to \(deviationBounds.upperBound); of floats, "
      + "any finite mean and normal deviation"
  }

  /// Numbers that are known; nil if one is out of its bounds.
  package init?(means: [Double], deviations: [Double]) {
    guard means.allSatisfy(Self.meanBounds.contains),
      deviations.allSatisfy(Self.deviationBounds.contains)
    else { return nil }
    let isUnit = means.allSatisfy { $0 == 0 } && deviations.allSatisfy { $0 == 1 }
    pixels = nil
    method = isUnit ? .unit : .standard
    self.means = means
    self.deviations = deviations
  }

  /// Reads `{"deviations": …, "means": …, "method": …}`, with `"pixels": "floats"` for those; nil if it
  /// is anything else.
  package init?(_ value: JSONValue, channels: Int) {
    guard case .object(let members) = value else { return nil }
    let names = members.map(\.name).sorted()
    let isFloat = names == ["deviations", "means", "method", "pixels"]
    guard isFloat || names == ["deviations", "means", "method"] else { return nil }
    let fields = Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.value) })
    if isFloat {
      guard case .string(PixelType.floats.rawValue)? = fields["pixels"] else { return nil }
    }
    let (meanBounds, deviationBounds) =
      isFloat
      ? (-Self.largestFloat...Self.largestFloat, Self.leastDeviation...Self.largestFloat)
      : (Self.meanBounds, Self.deviationBounds)
    guard case .string(let name)? = fields["method"], let method = Method(rawValue: name),
      let means = Self.numbers(fields["means"], in: meanBounds),
      let deviations = Self.numbers(fields["deviations"], in: deviationBounds),
      means.count == channels, deviations.count == channels
    else { return nil }
    self.method = method
    self.means = means
    self.deviations = deviations
    pixels = isFloat ? PixelType.floats.rawValue : nil
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
