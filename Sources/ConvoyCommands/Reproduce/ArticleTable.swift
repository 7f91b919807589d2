import ConvoyFigures
import ConvoyNeuralNetwork
import ConvoyTerminal
import ConvoyTraining
import Foundation

/// The table of "Building a Convolutional Neural Network From Scratch", with the results of the
/// same runs in Convoy.
enum ArticleTable {
  struct Row {
    let epochs: Int
    let learningRate: Double
    /// The article's results.
    let trainingAccuracy: Double
    let testAccuracy: Double

    var experiment: Experiment {
      Experiment("\(epochs) epochs at \(learningRate)", from: ArticleTable.recipe) {
        $0.epochs = epochs
        $0.optimizer.learningRate = learningRate
      }
    }
  }

  /// The article's network, cross-entropy and plain descent, one sample at a time. Black pixels are
  /// zero, and so are their features, since filters have no bias.
  static let recipe: TrainingSettings = {
    var settings = TrainingSettings()
    settings.model = Network.Preset.article.rawValue
    settings.normalization = .unit
    settings.batchSize = 1
    settings.optimizer = OptimizerSettings(name: .sgd, learningRate: 0.01)
    return settings
  }()

  static let rows = [
    Row(epochs: 3, learningRate: 0.01, trainingAccuracy: 0.9645, testAccuracy: 0.9450),
    Row(epochs: 3, learningRate: 0.10, trainingAccuracy: 0.9706, testAccuracy: 0.9380),
    Row(epochs: 3, learningRate: 0.001, trainingAccuracy: 0.9234, testAccuracy: 0.9205),
    Row(epochs: 2, learningRate: 0.01, trainingAccuracy: 0.9446, testAccuracy: 0.9385),
    Row(epochs: 2, learningRate: 0.10, trainingAccuracy: 0.9460, testAccuracy: 0.9400),
    Row(epochs: 2, learningRate: 0.001, trainingAccuracy: 0.9069, testAccuracy: 0.9130),
  ]

  /// Prints each row as it is done.
  ///
  /// - Throws: `MissedPromise` if a test accuracy is below the article's.
  static func run(_ runner: ExperimentRunner, seed: UInt64) throws {
    let table = TextTable(columns: [
      .right("epochs"), .right("rate", width: 5), .right("training accuracy"), .right("article's"),
      .right("test accuracy"), .right("article's"), .right("seconds", width: 8),
    ])
    try runner.console.print(table.header)
    var missed: [String] = []
    for row in rows {
      let result = try runner.run(row.experiment, seeds: [seed])
      try runner.console.print(
        table.line([
          "\(row.epochs)", "\(row.learningRate)", share(result.meanTrainingAccuracy),
          share(row.trainingAccuracy), share(result.meanTestAccuracy), share(row.testAccuracy),
          Figures.seconds(result.meanSeconds),
        ]))
      if result.meanTestAccuracy < row.testAccuracy { missed.append(row.experiment.name) }
    }
    guard missed.isEmpty else {
      throw MissedPromise(
        description: "expected test accuracies of at least the article's, found lower ones for "
          + missed.joined(separator: ", "))
    }
  }

  /// With four decimals, as in the article.
  private static func share(_ accuracy: Double) -> String { String(format: "%.4f", accuracy) }
}
