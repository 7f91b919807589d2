import ConvoyCommandLineOptions
import ConvoyNetworkOptions
import ConvoyNeuralNetwork
import ConvoyTraining

extension TrainCommand {
  static let description = CommandDescription(
    name: "train",
    overview: "Train a network on a data set and print how well it does.",
    discussion: "The result depends on the options and the data alone: any number of threads gives "
      + "the same bits.",
    options: runOptions + OptimizerOptions.descriptions + ScheduleOptions.descriptions
      + networkOptions + ValidationOptions.descriptions + fileOptions
      + CheckpointOptions.descriptions)

  private static let runOptions: [OptionDescription] = [
    NetworkOptions.model, NetworkOptions.data,
    .value("epochs", "count", help: "Times that every image is trained on.", default: "3"),
    .value("batch", "size", help: "Images in a mini-batch.", default: "64"),
    NetworkOptions.threads,
    NetworkOptions.instructionSet,
    .value("seed", "number", help: "Of all random numbers.", default: "0"),
    .choice(
      "shuffle", of: TrainOptions.Switch.self,
      help: "Take the images in a new order each epoch.", default: .on),
    .value("steps", "count", help: "Stop after this many batches, if the epochs last as long."),
  ]

  private static let networkOptions: [OptionDescription] = [
    .choice(
      "loss", of: LossFunction.self, help: "What training makes small.", default: .crossEntropy),
    .choice(
      "initialization", of: Initialization.Method.self, help: "How large weights begin.",
      default: .xavier),
    .choice(
      "distribution", of: Initialization.Distribution.self, help: "What weights are drawn from.",
      default: .uniform),
    .value(
      "dropout", "rate",
      help: "Rate of the network's dropout layers; one is put in front of the last dense layer "
        + "where there is none."),
    .choice(
      "normalization", of: Normalization.Method.self,
      help: "Pixels as x / 255, or with mean 0 and deviation 1 as well.", default: .standard),
  ]

  private static let fileOptions: [OptionDescription] = [
    .value(
      "initial-weights", "file", help: "Begin with the weights of a safetensors file."),
    .value("output", "file", help: "Write the trained model here, as safetensors."),
    .value(
      "log", "file",
      help:
        "Write an object an epoch here, as JSON lines. A run that is resumed goes on with its own "
        + "log and refuses another file; a new one begins where it is gone."),
    .flag("log-steps", help: "Write an object a step to the log as well."),
  ]
}
