import ConvoyStrictJSON

/// The fields of one line of a log.
struct LogFields {
  let path: String
  let line: Int
  var values: [String: JSONValue] = [:]

  init(path: String, line: Int) {
    self.path = path
    self.line = line
  }

  func error(expected: String, found: String) -> RunHistoryError {
    RunHistoryError(path: path, line: line, expected: expected, found: found)
  }

  func has(_ name: String) -> Bool { values[name] != nil }

  private func error(_ name: String, expected: String) -> RunHistoryError {
    error(expected: "'\(name)': \(expected)", found: values[name]?.found ?? "none")
  }

  /// A number; NaN and infinities are strings.
  func number(_ name: String) throws(RunHistoryError) -> Double {
    switch values[name] {
    case .number(let digits):
      if let number = Double(digits), number.isFinite { return number }
    case .string("nan"): return .nan
    case .string("inf"): return .infinity
    case .string("-inf"): return -.infinity
    default: break
    }
    throw error(name, expected: "a number")
  }

  func optionalNumber(_ name: String) throws(RunHistoryError) -> Double? {
    has(name) ? try number(name) : nil
  }

  /// A number of things, at least 0.
  func count(_ name: String) throws(RunHistoryError) -> Int {
    if case .number(let digits) = values[name], let count = Int(digits), count >= 0 {
      return count
    }
    throw error(name, expected: "a whole number of at least 0")
  }

  func optionalCount(_ name: String) throws(RunHistoryError) -> Int? {
    has(name) ? try count(name) : nil
  }

  func text(_ name: String) throws(RunHistoryError) -> String {
    guard case .string(let text) = values[name] else { throw error(name, expected: "a text") }
    return text
  }

  func counts(_ name: String) throws(RunHistoryError) -> [Int] {
    guard case .array(let elements) = values[name] else {
      throw error(name, expected: "a list of whole numbers")
    }
    var counts: [Int] = []
    for element in elements {
      guard case .number(let digits) = element, let count = Int(digits) else {
        throw error(name, expected: "a list of whole numbers")
      }
      counts.append(count)
    }
    return counts
  }

  func texts(_ name: String) throws(RunHistoryError) -> [String: String] {
    guard case .object(let members) = values[name] else {
      throw error(name, expected: "an object of texts")
    }
    var texts: [String: String] = [:]
    for member in members {
      guard case .string(let text) = member.value else {
        throw error(name, expected: "an object of texts")
      }
      texts[member.name] = text
    }
    return texts
  }

  /// The fields of an object in a field.
  func object(_ name: String) throws(RunHistoryError) -> LogFields {
    guard case .object(let members) = values[name] else {
      throw error(name, expected: "an object")
    }
    var fields = LogFields(path: path, line: line)
    for member in members { fields.values[member.name] = member.value }
    return fields
  }

  /// What identifies a part of a data set.
  fileprivate func part(_ name: String) throws(RunHistoryError) -> DatasetDigest.Part {
    let fields = try object(name)
    return DatasetDigest.Part(
      images: try fields.count("images"), shape: try fields.text("shape"),
      checksum: try fields.text("checksum"))
  }

  func check(
    _ name: String, _ number: Int, isAfter last: Int?
  ) throws(RunHistoryError) {
    guard let last, number <= last else { return }
    throw error(expected: "a number of '\(name)' above \(last)", found: "\(number)")
  }
}

extension RunHistory.Run {
  init(_ line: LogFields) throws(RunHistoryError) {
    let fields = try line.object("run")
    version = try fields.text("version")
    // Earlier logs name no precision.
    options = ["precision": "fp32"].merging(try fields.texts("options")) { $1 }
    let data = try fields.object("data")
    self.data =
      data.values.isEmpty
      ? nil
      : Data(
        training: try data.part("training"),
        validation: data.has("validation") ? try data.part("validation") : nil,
        test: try data.part("test"))
    shape = try fields.counts("shape")
    classes = try fields.count("classes")
    parameters = try fields.count("parameters")
    threads = try fields.count("threads")
    instructionSet = try fields.text("instructionSet")
  }
}

extension RunHistory.Step {
  init(_ fields: LogFields) throws(RunHistoryError) {
    number = try fields.count("step")
    loss = try fields.number("loss")
    learningRate = try fields.optionalNumber("learningRate")
    gradientNorm = try fields.optionalNumber("gradientNorm")
    seconds = try fields.optionalNumber("seconds")
  }
}

extension RunHistory.Epoch {
  init(_ fields: LogFields) throws(RunHistoryError) {
    number = try fields.count("epoch")
    steps = try fields.optionalCount("steps")
    trainingLoss = try fields.number("trainingLoss")
    trainingAccuracy = try fields.number("trainingAccuracy")
    isValidation = fields.has("validationLoss")
    let images = isValidation ? "validation" : "test"
    loss = try fields.number("\(images)Loss")
    accuracy = try fields.number("\(images)Accuracy")
    learningRate = try fields.optionalNumber("learningRate")
    seconds = try fields.number("seconds")
    samplesPerSecond = try fields.number("samplesPerSecond")
    runSeconds = try fields.optionalNumber("runSeconds")
    peakMemory = try fields.optionalNumber("peakMemory")
  }
}

extension RunHistory.Test {
  init(_ fields: LogFields) throws(RunHistoryError) {
    loss = try fields.number("testLoss")
    accuracy = try fields.number("testAccuracy")
  }
}
