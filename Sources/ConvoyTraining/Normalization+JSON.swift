import ConvoyStrictJSON

extension Normalization {
  /// Bounds that leave every pixel a number of single precision.
  private static let meanBounds = 0.0...1
  private static let deviationBounds = 1e-6...1

  /// What `init(_:channels:)` takes, in words.
  static var expected: String {
    "a method, and for each channel a mean from \(meanBounds.lowerBound) to \(meanBounds.upperBound) "
      + "and a deviation from \(deviationBounds.lowerBound) to \(deviationBounds.upperBound)"
  }

  /// Reads `{"deviations": …, "means": …, "method": …}`; nil if it is anything else.
  init?(_ value: JSONValue, channels: Int) {
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
