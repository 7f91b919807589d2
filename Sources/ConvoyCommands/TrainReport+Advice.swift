import ConvoyDatasets
import ConvoyFigures
import ConvoyTraining
import Foundation

/// What may help a run that does not go well.
extension TrainReport {
  /// What may help a network that has learned nothing, or too much by heart, when a part of the run
  /// is over.
  func advice(on epoch: JudgedEpoch) -> String? {
    let (training, judged) = (epoch.metrics.accuracy, epoch.evaluation.accuracy)
    guard let run else { return nil }
    let stepsAnEpoch = run.setup.trainer.stepsAnEpoch
    let steps = Double(run.settings.allSteps(anEpoch: stepsAnEpoch))
    let warmUp = min(steps, warmUpEpochs * Double(stepsAnEpoch))
    let rising = warmUp + risingShare * (steps - warmUp)
    let done = Double(epoch.lastStep)
    // After one epoch, a small data set tells nothing, and neither does a rate that still rises.
    guard epoch.number > 1, done > rising, 5 * done >= steps else {
      return nil
    }
    if let guessingLoss, epoch.metrics.loss > 0.98 * guessingLoss {
      let loss = "loss \(Figures.loss(epoch.metrics.loss)) is no better than guessing"
      if epoch.lastStep < Self.fewSteps {
        return done < steps
          ? nil
          : "\(loss) after only \(epoch.lastStep) steps; try more --epochs or a smaller --batch"
      }
      return "no progress: \(loss); try another --learning-rate, --seed or --model"
    }
    // An average of weights may lag behind those that are trained.
    guard !isAveraged, 2 * done >= steps, training > Self.learnedByHeart,
      training - judged > Self.largestGap
    else {
      return nil
    }
    return "training \(Figures.percent(training)), \(epoch.images.rawValue) "
      + "\(Figures.percent(judged)): overfitting; try --augment, --dropout or a smaller --model"
  }

  /// Networks that learn well may be no better than guessing after so few.
  private static let fewSteps = 50
  private static let largestGap = 0.15
  /// Below this training accuracy, a gap may come from running estimates that lag, or from chance.
  private static let learnedByHeart = 0.8

  /// That the final accuracy is the share of one class, if it is.
  func sameAnswer(_ result: RunResult) -> String? {
    guard let run else { return nil }
    if let test = result.test {
      return Self.sameAnswer(
        test.accuracy, .test, run.dataset.test, hasWeights: run.settings.classWeights != nil)
    }
    guard let last, result.keptEpoch == nil else { return nil }
    return Self.sameAnswer(
      last.evaluation.accuracy, last.images,
      last.images == .test ? run.dataset.test : run.validation ?? run.dataset.test,
      hasWeights: run.settings.classWeights != nil)
  }

  /// That an earlier epoch was much better than the last, whose weights are the result.
  func betterEpoch(_ result: RunResult) -> String? {
    guard let run, let best, let last, result.keptEpoch == nil else { return nil }
    let images = last.images == .test ? run.dataset.test : run.validation ?? run.dataset.test
    return Self.betterEpoch(
      best, than: last, of: images.count,
      isConstant: run.settings.schedule.name == .constant)
  }

  /// - Parameter count: of the images that judged the epochs: differences within two standard errors may be
  ///   chance.
  static func betterEpoch(
    _ best: JudgedEpoch, than last: JudgedEpoch, of count: Int, isConstant: Bool
  ) -> String? {
    guard count > 0 else { return nil }
    let (most, now) = (best.evaluation.accuracy, last.evaluation.accuracy)
    let chance = 2 * (most * (1 - most) / Double(count)).squareRoot()
    guard most - now > max(0.02, chance) else { return nil }
    return "epoch \(best.number) was better than the last: \(last.images.rawValue) accuracy "
      + "\(Figures.percent(most)), not \(Figures.percent(now)); "
      + (isConstant ? "--schedule one-cycle ends more calmly, " : "")
      + "--validation 0.1 --keep best keeps the best"
  }

  static func sameAnswer(
    _ accuracy: Double, _ judged: JudgedEpoch.Images, _ images: ImageSet, hasWeights: Bool = false
  ) -> String? {
    guard accuracy.isFinite, images.count > 0 else { return nil }
    let right = Int((accuracy * Double(images.count)).rounded())
    let counts = Dictionary(grouping: images.labels) { Int($0) }.mapValues(\.count)
    // Among classes of about one size, it may well be chance.
    guard counts.count > 1, let least = counts.values.min(), right >= 3 * least,
      let label = counts.first(where: { $0.value == right })?.key, counts.values.max() == right,
      counts.values.count(where: { $0 == right }) == 1
    else { return nil }
    return
      "\(Figures.percent(accuracy)) is the share of \(images.classNames?[label] ?? "class \(label)") "
      + "among the \(judged.rawValue) images: the network may answer nothing else; convoy evaluate "
      + "--per-class tells" + (hasWeights ? "" : ", and --class-weights balanced may help")
  }

  /// −Σ p ln p over the frequencies of labels.
  static func entropy(of labels: [UInt16]) -> Double {
    var counts = Array(repeating: 0, count: Int(labels.max() ?? 0) + 1)
    for label in labels { counts[Int(label)] += 1 }
    return counts.filter { $0 > 0 }.reduce(0) { sum, count in
      let share = Double(count) / Double(labels.count)
      return sum - share * log(share)
    }
  }

  /// What may help an average that the run is too short for.
  static func advice(on averaging: WeightAveraging, steps: Int) -> String? {
    guard case .exponential(let decay) = averaging, steps >= Self.leastAveraged else { return nil }
    let reach = 1 / (1 - decay)
    guard reach > Double(steps) / 4 else { return nil }
    let shorter = Double(steps) / 10
    let nearer = Figures.grouped(1 - 1 / shorter, decimals: 2 + Int(log10(shorter)))
    return "the average is over some \(Figures.grouped(reach, decimals: 0)) steps, and the run has "
      + "\(Figures.grouped(steps)); try --average-decay \(nearer)"
  }

  /// Over fewer steps, an average of a tenth of them is none.
  private static let leastAveraged = 20
}
