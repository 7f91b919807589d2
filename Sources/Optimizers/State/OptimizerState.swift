/// The step count and the moments of an optimizer. Training that is saved, loaded and continued
/// gives the same bits as uninterrupted training.
///
/// `Codable` with any coder; `namedArrays` is the form for model files.
public struct OptimizerState: Sendable, Equatable {
  /// Steps taken.
  public internal(set) var stepCount: Int
  /// Of all parameters that the state is for.
  public let parameterCount: Int
  /// The name of the rule that the state was made for.
  public let optimizerName: String
  /// The rule's `momentNames`.
  public let momentNames: [String]
  /// The moments of all parameters, one moment after another.
  var moments: [Float]

  /// Before the first step.
  public init(for optimizer: some Optimizer, parameterCount: Int) {
    let names = optimizer.momentNames
    precondition(parameterCount >= 0, "a count is not negative")
    precondition(names.count <= 3, "an optimizer has three moments at most")
    precondition(
      Set(names).count == names.count && !names.contains("step"),
      "names of moments are distinct, and none is 'step'")
    self.init(
      stepCount: 0, parameterCount: parameterCount, optimizerName: optimizer.name,
      momentNames: names,
      moments: Array(repeating: 0, count: names.count * parameterCount))
  }

  init(
    stepCount: Int, parameterCount: Int, optimizerName: String, momentNames: [String],
    moments: [Float]
  ) {
    self.stepCount = stepCount
    self.parameterCount = parameterCount
    self.optimizerName = optimizerName
    self.momentNames = momentNames
    self.moments = moments
  }

  /// The number of the next step, for `LearningRateSchedule.rate(at:)`.
  public var nextStep: Int { stepCount + 1 }

  /// Whether the rule can continue from this state: its name and its moments are those of the
  /// state.
  public func fits(_ optimizer: some Optimizer) -> Bool {
    optimizerName == optimizer.name && momentNames == optimizer.momentNames
  }

  /// One moment of all parameters.
  func moment(_ place: Int) -> ArraySlice<Float> {
    moments[place * parameterCount..<(place + 1) * parameterCount]
  }

  mutating func withMoments<Result, Failure: Error>(
    _ body: (Moments) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let (kinds, count) = (momentNames.count, parameterCount)
    return unsafe try moments.withUnsafeMutableBufferPointer { moments throws(Failure) in
      func pointer(_ place: Int) -> UnsafeMutablePointer<Float>? {
        unsafe place < kinds ? moments.baseAddress.map { unsafe $0 + place * count } : nil
      }
      return unsafe try body(Moments(first: pointer(0), second: pointer(1), third: pointer(2)))
    }
  }
}

/// A saved state that does not belong to the optimizer and its parameters.
public struct OptimizerStateError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The name of the faulty array.
  public let name: String
  /// What the array is to be.
  public let expected: String
  /// What it is.
  public let found: String

  public var description: String { "\(name): expected \(expected), found \(found)" }
}
