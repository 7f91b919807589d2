import ConvoyNeuralNetwork
import Optimizers

/// A setting that no run can have.
public struct SettingsError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The name of the setting.
  public let setting: String
  /// What the setting may be.
  public let expected: String
  /// What it is.
  public let found: String

  package init(setting: String, expected: String, found: String) {
    (self.setting, self.expected, self.found) = (setting, expected, found)
  }

  public var description: String { "\(setting): expected \(expected), found \(found)" }
}

extension TrainingSettings {
  /// Checks every setting, alone and with the others.
  ///
  /// - Parameter hasValidationPart: whether the data has validation images of its own.
  package func validate(hasValidationPart: Bool) throws(SettingsError) {
    try require("epochs", epochs, epochs >= 1, "at least 1")
    try require("steps", steps ?? 1, steps ?? 1 >= 1, "at least 1")
    try require("batchSize", batchSize, batchSize >= 1, "at least 1")
    try require(
      "labelSmoothing", labelSmoothing, (0..<1).contains(labelSmoothing), "from 0 to below 1")
    try require(
      "biasRateFactor", biasRateFactor, (0...1_000).contains(biasRateFactor), "from 0 to 1,000")
    // A checkpoint has them too, and JSON has no other numbers.
    let unchecked = ownRule == nil ? [] : [("learningRate", optimizer.learningRate)]
    for (name, value) in unchecked + optimizer.others {
      try require("optimizer.\(name)", value, value.isFinite, "a finite number")
    }
    for point in schedule.points {
      try require("schedule.points", point.share, point.share.isFinite, "finite shares")
      try require("schedule.points", point.factor, point.factor.isFinite, "finite factors")
    }
    try require(
      "schedule.warmUpEpochs", schedule.warmUpEpochs, (0...1e6).contains(schedule.warmUpEpochs),
      "from 0 to 1,000,000")
    if case .listed(let weights) = classWeights {
      try require(
        "classWeights", weights,
        weights.allSatisfy { $0 == 0 || ClassWeights.range.contains($0) }
          && weights.contains { $0 > 0 },
        "0 or from \(ClassWeights.range.lowerBound) to \(ClassWeights.range.upperBound), not all 0")
    }
    for (name, isGiven) in [
      ("labelSmoothing", labelSmoothing > 0), ("classWeights", classWeights != nil),
      ("mixing", mixing != nil),
    ] {
      try require(
        name, ownLoss ?? loss.rawValue, !isGiven || ownLoss == nil && loss == .crossEntropy,
        "cross-entropy with it")
    }
    switch averaging {
    case .none: break
    case .exponential(let decay):
      try require("averaging", decay, (0..<1).contains(decay), "a decay from 0 to below 1")
    case .lookahead(let steps, let rate):
      try require("averaging", steps, steps >= 1, "at least 1 step")
      try require("averaging", rate, rate > 0 && rate <= 1, "a rate above 0 up to 1")
    }
    if case .steps(let interval) = checkpointing {
      try require("checkpointing", interval, interval >= 1, "at least 1 step")
    }
    try validate(validation, hasPart: hasValidationPart)
  }

  private func validate(
    _ validation: ValidationSettings, hasPart: Bool
  ) throws(SettingsError) {
    if let fraction = validation.fraction {
      try require(
        "validation.fraction", fraction, fraction > 0 && fraction <= 0.9, "above 0 up to 0.9")
      try require(
        "validation.fraction", fraction, !hasPart, "none where the data has validation images")
    }
    let patience = validation.patience ?? 1
    try require("validation.patience", patience, patience >= 1, "at least 1")
    let isJudged = hasPart || validation.fraction != nil
    try require(
      "validation", "none", isJudged || validation.patience == nil && !validation.keepsBest,
      "validation images, to stop early or to keep the best epoch")
  }

  private func require<Value>(
    _ setting: String, _ value: Value, _ isValid: Bool, _ expected: String
  ) throws(SettingsError) {
    guard !isValid else { return }
    throw SettingsError(setting: setting, expected: expected, found: "\(value)")
  }
}
