extension OptimizerState {
  private static let stepName = "step"
  /// Whole numbers below 2²⁴ are exact in single precision.
  private static let stepBase = 1 << 24

  /// The state as named single-precision arrays for a model file: the step count and the moments,
  /// such as "adam.step" and "adam.exp_avg". Names combine the rule's name and its `momentNames`. A
  /// step count of 2²⁴ or more takes several numbers in base 2²⁴, the least significant first.
  public var namedArrays: [NamedArray] {
    var digits = [Float(stepCount % Self.stepBase)]
    var rest = stepCount / Self.stepBase
    while rest > 0 {
      digits.append(Float(rest % Self.stepBase))
      rest /= Self.stepBase
    }
    return [NamedArray(name: "\(optimizerName).\(Self.stepName)", values: digits)]
      + momentNames.enumerated().map { place, name in
        NamedArray(name: "\(optimizerName).\(name)", values: Array(moment(place)))
      }
  }

  /// Restores the state from the named arrays of a model file. Arrays of other names are ignored.
  ///
  /// - Throws: `OptimizerStateError` if an array is missing, has another length or holds a number
  ///   that is not finite, or if the step count is invalid.
  public init(
    for optimizer: some Optimizer, parameterCount: Int, namedArrays: [NamedArray]
  ) throws(OptimizerStateError) {
    func values(_ name: String) throws(OptimizerStateError) -> [Float] {
      guard let array = namedArrays.first(where: { $0.name == name }) else {
        throw OptimizerStateError(name: name, expected: "an array of this name", found: "none")
      }
      return array.values
    }
    let stepName = "\(optimizer.name).\(Self.stepName)"
    guard let stepCount = try Self.stepCount(from: values(stepName)) else {
      throw OptimizerStateError(
        name: stepName, expected: "a count of steps in base \(Self.stepBase)",
        found: "\(try values(stepName))")
    }
    var moments: [Float] = []
    for momentName in optimizer.momentNames {
      let name = "\(optimizer.name).\(momentName)"
      let moment = try values(name)
      guard moment.count == parameterCount else {
        throw OptimizerStateError(
          name: name, expected: "\(parameterCount) numbers", found: "\(moment.count)")
      }
      if let place = moment.firstIndex(where: { !$0.isFinite }) {
        throw OptimizerStateError(
          name: name, expected: "finite numbers", found: "\(moment[place]) at \(place)")
      }
      moments += moment
    }
    self.init(
      stepCount: stepCount, parameterCount: parameterCount, optimizerName: optimizer.name,
      momentNames: optimizer.momentNames, moments: moments)
  }

  /// Nil if the digits are not a valid count.
  private static func stepCount(from digits: [Float]) -> Int? {
    guard !digits.isEmpty else { return nil }
    var count = 0
    for digit in digits.reversed() {
      guard digit >= 0, digit < Float(stepBase), Float(Int(digit)) == digit,
        count < Int.max / stepBase
      else { return nil }
      count = count * stepBase + Int(digit)
    }
    return count
  }
}

/// A named array of numbers, as a model file holds it.
public struct NamedArray: Sendable, Equatable {
  /// As in a model file.
  public let name: String
  /// In the order of the parameters.
  public let values: [Float]

  /// An array under a name.
  public init(name: String, values: [Float]) {
    self.name = name
    self.values = values
  }
}
