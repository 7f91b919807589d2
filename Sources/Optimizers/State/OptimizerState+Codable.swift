extension OptimizerState: Codable {
  private enum CodingKeys: CodingKey {
    case stepCount, parameterCount, optimizerName, momentNames, momentBits
  }

  /// Moments are written as the bit patterns of single-precision numbers, which every coder keeps.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(stepCount, forKey: .stepCount)
    try values.encode(parameterCount, forKey: .parameterCount)
    try values.encode(optimizerName, forKey: .optimizerName)
    try values.encode(momentNames, forKey: .momentNames)
    try values.encode(moments.map(\.bitPattern), forKey: .momentBits)
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func refuse(_ key: CodingKeys, _ text: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: values, debugDescription: text)
    }
    let stepCount = try values.decode(Int.self, forKey: .stepCount)
    let parameterCount = try values.decode(Int.self, forKey: .parameterCount)
    let optimizerName = try values.decode(String.self, forKey: .optimizerName)
    let names = try values.decode([String].self, forKey: .momentNames)
    let bits = try values.decode([UInt32].self, forKey: .momentBits)
    guard (0..<Int.max).contains(stepCount) else {
      throw refuse(.stepCount, "expected a count of steps, found \(stepCount)")
    }
    guard parameterCount >= 0 else {
      throw refuse(.parameterCount, "expected a count of parameters, found \(parameterCount)")
    }
    guard names.count <= 3 else {
      throw refuse(.momentNames, "expected three names at most, found \(names.count)")
    }
    let (expected, overflow) = parameterCount.multipliedReportingOverflow(by: names.count)
    guard !overflow, bits.count == expected else {
      throw refuse(
        .momentBits,
        "expected \(names.count) for each of \(parameterCount) parameters, found \(bits.count)")
    }
    self.init(
      stepCount: stepCount, parameterCount: parameterCount, optimizerName: optimizerName,
      momentNames: names, moments: bits.map(Float.init(bitPattern:)))
  }
}
