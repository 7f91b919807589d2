import ConvoyKernelInterface
import ConvoyNeuralNetwork

extension RunLog {
  /// What a run is, its log's first line.
  package struct Header: Encodable {
    struct Run: Encodable {
      let version: String
      /// As on the command line, by name.
      let options: [String: String]
      let seed: UInt64
      let data: DatasetDigest
      /// Channels, height and width.
      let shape: [Int]
      let classes: Int
      let parameters: Int
      /// Of the whole run, if it is not stopped early.
      let steps: Int
      let threads: Int
      let instructionSet: String

      init(
        _ settings: TrainingSettings, _ data: DatasetDigest, options: [String: String],
        trainer: Trainer, instructionSet: InstructionSet
      ) {
        let (plan, shape) = (trainer.plan, trainer.plan.inputShape)
        version = ConvoyVersion.number
        self.options = options
        seed = settings.seed
        self.data = data
        self.shape = [shape.channels, shape.height, shape.width]
        classes = plan.classes
        parameters = plan.parameterCount
        steps = settings.allSteps(anEpoch: trainer.stepsAnEpoch)
        threads = trainer.threads
        self.instructionSet = instructionSet.rawValue
      }
    }

    let run: Run
  }

  /// A step of training.
  struct Step: Encodable {
    let epoch: Int
    let step: Int
    let loss: Float
    let learningRate: Double
    let gradientNorm: Double?
    /// Since the run began.
    let seconds: Double
    let peakMemory: Int

    init(_ step: TrainedStep, seconds: Double, peakMemory: Int) {
      epoch = step.epoch
      self.step = step.number
      loss = step.loss
      learningRate = step.learningRate
      gradientNorm = step.gradientNorm
      self.seconds = seconds
      self.peakMemory = peakMemory
    }
  }

  /// An epoch of training and the evaluation after it, on the validation images if there are any.
  struct Epoch: Encodable {
    let epoch: Int
    /// Since training began.
    let steps: Int
    let trainingLoss: Double
    let trainingAccuracy: Double
    let validationLoss: Double?
    let validationAccuracy: Double?
    let testLoss: Double?
    let testAccuracy: Double?
    /// Of the last step.
    let learningRate: Double
    /// Of the epoch's training.
    let seconds: Double
    let samplesPerSecond: Double
    /// Since the run began, with evaluations.
    let runSeconds: Double
    let peakMemory: Int

    init(_ epoch: JudgedEpoch, at point: RunPoint, seconds runSeconds: Double, peakMemory: Int) {
      let (metrics, evaluation, isTest) = (epoch.metrics, epoch.evaluation, epoch.images == .test)
      self.epoch = epoch.number
      steps = point.steps
      trainingLoss = metrics.loss
      trainingAccuracy = metrics.accuracy
      validationLoss = isTest ? nil : evaluation.loss
      validationAccuracy = isTest ? nil : evaluation.accuracy
      testLoss = isTest ? evaluation.loss : nil
      testAccuracy = isTest ? evaluation.accuracy : nil
      learningRate = point.learningRate
      seconds = metrics.seconds
      samplesPerSecond = metrics.samplesPerSecond
      self.runSeconds = runSeconds
      self.peakMemory = peakMemory
    }
  }

  /// How far training has come.
  struct RunPoint {
    /// Since training began.
    let steps: Int
    /// Of the last of them.
    let learningRate: Double

    init(_ trainer: Trainer) {
      steps = trainer.stepNumber
      learningRate = trainer.learningRate(atStep: steps)
    }
  }

  /// Where a run ended because a number was not finite any more.
  struct Fault: Encodable {
    let epoch: Int
    let step: Int
    let nonFinite: String
    let layer: String

    init(_ error: NonFiniteError) {
      (epoch, step) = (error.epoch, error.step)
      nonFinite = error.quantity.rawValue
      layer = "\(error.layer.place) (\(error.layer.summary))"
    }
  }

  /// The epoch whose weights a run without a test kept.
  struct Kept: Encodable {
    let keptEpoch: Int
  }

  /// The test at the end of a run that held images back.
  struct Test: Encodable {
    /// The epoch whose weights were tested; nil for the last one.
    let keptEpoch: Int?
    let testLoss: Double
    let testAccuracy: Double
  }
}
