import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyNeuralNetwork
import ConvoyTraining
import Optimizers
import Testing

@testable import ConvoyCommands

/// What each experiment is.
@Suite struct ExperimentTests {
  /// A data set of ten classes of grey images.
  private let digits = {
    let images = ImageSet(
      shape: ImageShape(channels: 1, height: 28, width: 28),
      pixels: [UInt8](repeating: 0, count: 784),
      labels: [0])
    return Dataset(training: images, test: images, classes: 10)
  }()

  /// The article's network, cross-entropy, plain descent, one sample at a time.
  @Test func theArticlesRowsDifferInEpochsAndRateAlone() throws {
    for row in ArticleTable.rows {
      let experiment = row.experiment
      #expect(experiment.architecture(for: digits) == Network(.article, classes: 10))
      #expect(experiment.settings.epochs == row.epochs)
      #expect(experiment.settings.batchSize == 1)
      #expect(experiment.settings.schedule == ScheduleSettings())
      let rule = try #require(
        try experiment.settings.optimizer.optimizer() as? StochasticGradientDescent)
      #expect(rule.learningRate == row.learningRate)
      #expect(rule.l2 == 0)
    }
  }

  @Test func anImprovementSaysAllThatItChanges() {
    let options = ImprovementsTable.improvements.map {
      $0.options(beside: ImprovementsTable.baseline)
    }
    #expect(
      options == [
        "--epochs 10", "--model small", "--dropout 0.2", "--l2 0.0001",
        "--batch 32 --learning-rate 0.2",
        "--optimizer momentum --learning-rate 0.001 --momentum 0.9",
        "--optimizer rmsprop --learning-rate 0.001 --momentum 0.0",
        "--optimizer adam --learning-rate 0.001",
        "--epochs 10 --batch 32 --model small --dropout 0.2 --optimizer adam "
          + "--learning-rate 0.001 --l2 1e-05",
      ])
  }

  @Test func dropoutIsInTheNetwork() throws {
    let experiment = try #require(ImprovementsTable.improvements.first { $0.name == "dropout" })
    let end = experiment.architecture(for: digits).layers.suffix(2)
    #expect(Network(Array(end)) == Network([Dropout(rate: 0.2), Dense(10)]))
  }

  @Test func fast99IsTheRecipe() throws {
    let experiment = AccuracyRecord.fast99.experiment
    #expect(experiment.architecture(for: digits) == Network(.fast, classes: 10))
    #expect(experiment.settings.epochs == 1)
    #expect(experiment.settings.batchSize == 256)
    #expect(experiment.settings.schedule.name == .oneCycle)
    let adam = try #require(try experiment.settings.optimizer.optimizer() as? Adam)
    #expect(adam == (try Adam(learningRate: 0.01, beta1: 0.7, beta2: 0.9)))
  }

  /// The command line that a record prints is understood as its settings.
  @Test(arguments: ReproduceCommand.Subject.allCases)
  func aRecordIsACommandLine(subject: ReproduceCommand.Subject) throws {
    guard case .record(let record) = subject.content else { return }
    let experiment = record.experiment
    let words = experiment.options().split(separator: " ").map(String.init)
    guard case .options(let options) = try TrainCommand.description.parse(words) else {
      Issue.record("\(words) ask for help")
      return
    }
    #expect(try TrainOptions(options).settings == experiment.settings)
  }

  @Test func theMeanOfOneRunHasNoDeviation() {
    let run = ExperimentRun(
      seed: 1, trainingAccuracy: 0.5, testAccuracy: 0.25, weights: "", seconds: 2)
    let other = ExperimentRun(
      seed: 2, trainingAccuracy: 1, testAccuracy: 0.75, weights: "", seconds: 4)
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
