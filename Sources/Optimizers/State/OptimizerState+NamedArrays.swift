extension OptimizerState {
  private static let stepName = "step"
  /// Whole numbers below it are exact in single precision.
  private static let stepBase = 1 << 24

  /// The state for a file of named single-precision arrays: "step", and the moments by PyTorch's
  /// names, such as "exp_avg". A step count of 2²⁴ or more takes several numbers, the lowest first,
  /// in base 2²⁴.
  public var namedArrays: [NamedArray] {
    var digits = [Float(stepCount % Self.stepBase)]
    var rest = stepCount / Self.stepBase
    while rest > 0 {
      digits.append(Float(rest % Self.stepBase))
      rest /= Self.stepBase
    }
    return [NamedArray(name: Self.stepName, values: digits)]
      + momentNames.enumerated().map { place, name in
        NamedArray(name: name, values: Array(moment(place)))
      }
  }

  /// The state as a file has it. Arrays of other names are passed over.
  public init(
    for optimizer: some Optimizer, parameterCount: Int, namedArrays: [NamedArray]
  ) throws(OptimizerStateError) {
    func values(_ name: String) throws(OptimizerStateError) -> [Float] {
      guard let array = namedArrays.first(where: { $0.name == name }) else {
        throw OptimizerStateError(name: name, expected: "an array of this name", found: "none")
      }
      return array.values
    }
    let stepCount = try Self.stepCount(from: values(Self.stepName))
    var moments: [Float] = []
    for name in optimizer.momentNames {
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
      stepCount: stepCount, parameterCount: parameterCount, momentNames: optimizer.momentNames,
      moments: moments)
  }

  private static func stepCount(from digits: [Float]) throws(OptimizerStateError) -> Int {
    var count = 0
    for digit in digits.reversed() {
      guard digit >= 0, digit < Float(stepBase), Float(Int(digit)) == digit,
        count < Int.max / stepBase
      else { throw refusal(digits) }
      count = count * stepBase + Int(digit)
    }
    if digits.isEmpty { throw refusal(digits) }
    return count
  }

  private static func refusal(_ digits: [Float]) -> OptimizerStateError {
    OptimizerStateError(
      name: stepName, expected: "a count of steps in base \(stepBase)", found: "\(digits)")
  }
}
