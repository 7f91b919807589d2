import ConvoyNeuralNetwork
import ConvoyTraining
import Optimizers
import Testing

@testable import ConvoyCommands

/// What each experiment is.
@Suite struct ExperimentTests {
  /// The article's network, cross-entropy, plain descent, one sample at a time.
  @Test func theArticlesRowsDifferInEpochsAndRateAlone() throws {
    for row in ArticleTable.rows {
      let experiment = row.experiment
      #expect(experiment.architecture(classes: 10) == Network(.article, classes: 10))
      #expect(experiment.epochs == row.epochs)
      #expect(experiment.batchSize == 1)
      #expect(experiment.schedule == .constant)
      let rule = try #require(
        try experiment.optimizer.optimizer() as? StochasticGradientDescent)
      #expect(rule.learningRate == row.learningRate)
      #expect(rule.l2 == 0)
    }
  }

  @Test func anImprovementSaysAllThatItChanges() {
    let settings = ImprovementsTable.improvements.map {
      $0.settings(beside: ImprovementsTable.baseline)
    }
    #expect(
      settings == [
        "10 epochs", "small", "dropout 0.2", "L2 0.0001", "batch 32, rate 0.2",
        "momentum 0.9, rate 0.001", "rmsprop, rate 0.001", "adam, rate 0.001",
        "small, 10 epochs, batch 32, adam, rate 0.001, dropout 0.2, L2 1e-05",
      ])
  }

  @Test func dropoutIsInTheNetwork() throws {
    let experiment = try #require(ImprovementsTable.improvements.first { $0.name == "dropout" })
    let end = experiment.architecture(classes: 10).layers.suffix(2)
    #expect(Network(Array(end)) == Network([Dropout(rate: 0.2), Dense(10)]))
  }

  @Test func fast99IsTheRecipe() throws {
    let experiment = Fast99Table.experiment
    #expect(experiment.architecture(classes: 10) == Network(.fast, classes: 10))
    #expect(experiment.epochs == 1)
    #expect(experiment.batchSize == 256)
    #expect(experiment.schedule == .oneCycle)
    let adam = try #require(try experiment.optimizer.optimizer() as? Adam)
    #expect(adam == (try Adam(learningRate: 0.01, beta1: 0.7, beta2: 0.9)))
  }

  @Test func theMeanOfOneRunHasNoDeviation() {
    let run = ExperimentRun(seed: 1, trainingAccuracy: 0.5, testAccuracy: 0.25, seconds: 2)
    let other = ExperimentRun(seed: 2, trainingAccuracy: 1, testAccuracy: 0.75, seconds: 4)
    let one = ExperimentResult(Experiment("one"), runs: [run])
    #expect(one.meanTestAccuracy == 0.25 && one.testAccuracyDeviation == nil)
    let two = ExperimentResult(Experiment("two"), runs: [run, other])
    #expect(two.meanTestAccuracy == 0.5)
    #expect(two.meanTrainingAccuracy == 0.75)
    #expect(two.meanSeconds == 3)
    // Two numbers half apart: a quarter each from the mean, and n − 1 is 1.
    #expect(two.testAccuracyDeviation == 0.125.squareRoot())
  }
}
