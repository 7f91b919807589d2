/// How much the samples of each class count in cross-entropy.
public enum ClassWeights: Sendable, Equatable {
  /// The fewer training images a class has, the more each of them counts: all classes with images
  /// count the same together.
  case balanced
  /// One for each class.
  case listed([Double])

  /// The weights that can be listed, beside 0. In this range, a batch's sum of weights is a float, and so is its
  /// inverse.
  public static let range = 1e-30...1e30

  /// The weight of each class.
  ///
  /// Balanced, it is N / (K n) for a class with n of the N training images, where K classes have
  /// images, as scikit-learn's `compute_class_weight`. A class without images has weight 0: it
  /// contributes nothing, not even through label smoothing.
  ///
  /// - Parameter labels: of all training images.
  func numbers(classes: Int, labels: some Sequence<Int>) -> [Double] {
    switch self {
    case .listed(let numbers): return numbers
    case .balanced:
      var counts = Array(repeating: 0, count: classes)
      for label in labels { counts[label] += 1 }
      let images = Double(counts.reduce(0, +))
      let present = Double(counts.count { $0 > 0 })
      return counts.map { $0 > 0 ? images / (present * Double($0)) : 0 }
    }
  }

  /// Checks that a network has as many outputs as weights are listed.
  func validate(classes: Int) throws(TrainingDataError) {
    guard case .listed(let numbers) = self, numbers.count != classes else { return }
    throw .classWeights(classes: classes, found: numbers.count)
  }
}

extension ClassWeights: Codable {
  private static let balancedName = "balanced"

  /// From "balanced" or a list of numbers.
  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let numbers = try? value.decode([Double].self) {
      self = .listed(numbers)
      return
    }
    guard try value.decode(String.self) == Self.balancedName else {
      throw DecodingError.dataCorruptedError(
        in: value, debugDescription: "expected \(Self.balancedName) or numbers")
    }
    self = .balanced
  }

  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .balanced: try value.encode(Self.balancedName)
    case .listed(let numbers): try value.encode(numbers)
    }
  }
}

/// As an option is written: `balanced`, or numbers between commas.
extension ClassWeights: LosslessStringConvertible {
  public init?(_ description: String) {
    if description == Self.balancedName {
      self = .balanced
      return
    }
    let parts = description.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap(Self.number)
    guard numbers.count == parts.count, numbers.contains(where: { $0 > 0 }) else { return nil }
    self = .listed(numbers)
  }

  public var description: String {
    switch self {
    case .balanced: Self.balancedName
    case .listed(let numbers): numbers.map { "\($0)" }.joined(separator: ",")
    }
  }

  /// 0, or a number in the range, in decimal digits.
  static func number(_ text: Substring) -> Double? {
    guard !text.lowercased().contains("x"), let number = Double(text),
      number == 0 || range.contains(number)
    else { return nil }
    return number
  }
}
