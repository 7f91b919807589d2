import ConvoyAugmentation
import ConvoyDatasets
import ConvoyNeuralNetwork
import ConvoyPictures
import Optimizers

/// Settings as the options of `convoy train`, by name: logs, reports and ranks tell runs apart by them.
extension TrainingSettings {
  /// Options whose values are paths, which a checkpoint stores as absolute paths.
  package static let paths: Set<String> = [
    "cache", "data", "initial-weights", "log", "output", "report", "tensorboard",
  ]

  /// The options that recreate the settings, by name; empty for flags.
  package var options: [String: String] {
    var options: [String: String?] = [
      "model": model, "data": data, "epochs": "\(epochs)",
      "steps": steps.map(String.init), "batch": "\(batchSize)", "seed": "\(seed)",
      "shuffle": shuffle.rawValue, "drop-last": dropsLast ? "" : nil,
      "initialization": initialization.method.rawValue,
      "distribution": initialization.distribution.rawValue,
      "initial-weights": initialWeights, "partial": loadsPartially ? "" : nil,
      "freeze": frozenLayers.map(String.init),
      "dropout": dropout.map { "\($0)" }, "normalization": normalization.rawValue,
      "clip-norm": clipNorm.map { "\($0)" }, "bias-rate-factor": "\(biasRateFactor)",
      "output": output, "log": log, "log-steps": logsSteps ? "" : nil,
      "report": report, "tensorboard": tensorBoard,
      "test-fraction": testFraction.map { "\($0)" }, "image-size": pictures.size.map { "\($0)" },
      "color": pictures.color?.rawValue, "fit": pictures.fit.rawValue,
      "skip-unreadable": pictures.skipsUnreadable ? "" : nil, "cache": cache,
      "augment": "\(augmentation)", "loss": loss.rawValue, "precision": precision.rawValue,
    ]
    if loss == .crossEntropy {
      options["label-smoothing"] = "\(labelSmoothing)"
      options["class-weights"] = classWeights.map { "\($0)" }
    }
    if let mixing { options[mixing.method.rawValue] = "\(mixing.alpha)" }
    switch checkpointing {
    case .epochs: options["checkpoint-every"] = "epoch"
    case .steps(let steps): options["checkpoint-every"] = "\(steps)"
    }
    return options.compactMapValues(\.self)
      .merging(optimizer.options) { $1 }
      .merging(averaging.options) { $1 }
      .merging(schedule.options) { $1 }
      .merging(validation.options) { $1 }
  }
}

extension OptimizerSettings {
  /// Only those that the rule reads.
  package var options: [String: String] {
    var options = ["optimizer": name.rawValue, "learning-rate": "\(learningRate)"]
    switch name {
    case .sgd: break
    case .momentum, .nesterov: options["momentum"] = "\(momentumOrUsual)"
    case .rmsprop:
      options["momentum"] = "\(momentumOrUsual)"
      options["epsilon"] = "\(epsilon)"
    case .muon:
      options["momentum"] = "\(momentumOrUsual)"
      options["vector-rate"] = "\(vectorRate)"
      fallthrough
    case .adam, .adamw, .lamb:
      options["beta1"] = "\(beta1)"
      options["beta2"] = "\(beta2)"
      options["epsilon"] = "\(epsilon)"
    case .lion:
      options["beta1"] = "\(beta1)"
      options["beta2"] = "\(beta2)"
    }
    if name.decouplesDecay {
      options["weight-decay"] = "\(weightDecay)"
    } else {
      options["l2"] = "\(l2)"
    }
    return options
  }
}

extension OptimizerSettings.Name {
  /// Whether the decay of weights is decoupled from their gradients. Such optimizers have no L2.
  package var decouplesDecay: Bool { [.adamw, .lion, .lamb, .muon].contains(self) }
}

extension WeightAveraging {
  fileprivate var options: [String: String] {
    switch self {
    case .none: ["average-weights": "none"]
    case .exponential(let decay): ["average-weights": "ema", "average-decay": "\(decay)"]
    case .lookahead(let steps, let rate):
      [
        "average-weights": "lookahead", "lookahead-steps": "\(steps)", "lookahead-rate": "\(rate)",
      ]
    }
  }
}

extension ScheduleSettings {
  fileprivate var options: [String: String] {
    var options = ["schedule": name.rawValue, "warmup-epochs": "\(warmUpEpochs)"]
    if name == .linear {
      options["schedule-points"] = points.map { "\($0.share):\($0.factor)" }.joined(separator: ",")
    }
    return options
  }
}

extension ValidationSettings {
  fileprivate var options: [String: String] {
    let options: [String: String?] = [
      "validation": fraction.map { "\($0)" }, "early-stopping": patience.map(String.init),
      "keep": keep.rawValue, "judge-by": criterion.rawValue,
    ]
    return options.compactMapValues(\.self)
  }
}
