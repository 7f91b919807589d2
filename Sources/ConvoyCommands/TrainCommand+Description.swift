import ConvoyCommandLineOptions
import ConvoyNetworkOptions
import ConvoyNeuralNetwork
import ConvoyTraining

extension TrainCommand {
  static let description = CommandDescription(
    name: "train",
    overview: "Train a network on a data set and print how well it does.",
    discussion:
      "The result depends on the options and the data alone: any number of threads, and of "
      + "processes that mpirun or srun starts, gives the same bits.",
    example: "convoy train --data photos --image-size 64 --test-fraction 0.2 --augment photos "
      + "--epochs 20 -o model.st",
    options: section("Run", runOptions)
      + section("Data", [NetworkOptions.data] + DataOptions.descriptions + dataOptions)
      + section("Network", [NetworkOptions.model] + networkOptions)
      + section(
        "Optimizer",
        OptimizerOptions.descriptions + ScheduleOptions.descriptions
          + AveragingOptions.descriptions)
      + section("Loss", LossOptions.descriptions + MixingOptions.descriptions)
      + section("Validation", ValidationOptions.descriptions)
      + section("Results", fileOptions + CheckpointOptions.descriptions)
      + section("Machine", [NetworkOptions.threads, NetworkOptions.instructionSet])
      + section("Several processes", RankOptions.descriptions), mainOption: "data")

  /// Options that have no section of their own yet, in one.
  private static func section(
    _ title: String, _ options: [OptionDescription]
  ) -> [OptionDescription] {
    options.map { $0.section == nil ? $0.inSection(title) : $0 }
  }

  private static let runOptions: [OptionDescription] = [
    .value("epochs", "count", help: "Passes over the training images.", default: "3"),
    .value(
      "batch", "size", help: "Images in a mini-batch.", default: "64", aliases: ["--batch-size"]),
    .value("seed", "number", help: "Seed of all random numbers.", default: "0"),
    .choice(
      "shuffle", of: Shuffle.self,
      help:
        "Take the images in a new random order each epoch (on), or as they come (off). With data larger "
        + "than the memory, blocks reads long stretches: blocks of 256 KiB in random order, and the "
        + "images of 512 of them at a time, shuffled together.", default: .on),
    .flag(
      "drop-last",
      help:
        "Leave out the last batch of an epoch if it is smaller than the others. Unless --shuffle is off, "
        + "other images are left out in each epoch."),
    .value("steps", "count", help: "Stop after this many steps."),
    NetworkOptions.precision,
    SeedOptions.option, OptionsFile.option,
    .flag("print-options", help: "Print the options of this run as such a file, and stop."),
    .flag("quiet", help: "Print the results only."),
  ]

  private static let dataOptions: [OptionDescription] = [
    .choice(
      "normalization", of: Normalization.Method.self,
      help: "Scale pixels to 0…1 (unit), or also to mean 0 and deviation 1 (standard).",
      default: .standard)
  ]

  private static let networkOptions: [OptionDescription] = [
    .choice(
      "initialization", of: Initialization.Method.self, help: "Scale of the initial weights.",
      default: .xavier),
    .choice(
      "distribution", of: Initialization.Distribution.self,
      help: "Distribution of the initial weights.",
      default: .uniform),
    .value(
      "dropout", "rate",
      help: "Dropout rate of all dropout layers; adds one before the last dense layer if there is "
        + "none."),
  ]

  private static let fileOptions: [OptionDescription] = [
    .value(
      "initial-weights", "file", help: "Begin with the weights of a safetensors file."),
    .flag(
      "partial",
      help:
        "Load those tensors of the file whose names and shapes are the network's, and initialise the "
        + "others as usual; what was loaded and left is printed."),
    .value(
      "freeze", "layers",
      help:
        "Keep the parameters of the first layers, as summary numbers them, and train all others; 0 "
        + "trains all of a model that was frozen. Running estimates still change."),
    .value(
      "output", "file",
      help:
        "Write the trained model here, as safetensors; a run that is stopped without --checkpoint "
        + "writes the model so far.", aliases: ["-o"]),
    .value(
      "log", "file",
      help:
        "Write a JSON line about the run, then one per epoch. A resumed run appends to its own log, refuses another file, "
        + "and starts a new log if its own is gone."),
    .value(
      "report", "file",
      help:
        "Write an HTML page about the run at the end; see convoy report. With --log and --log-steps it "
        + "has curves of the steps."),
    .value(
      "tensorboard", "folder",
      help: "Write losses, accuracies, learning rates and gradient norms to a new file that "
        + "TensorBoard reads."),
    .flag("log-steps", help: "Also log each step, with the norm of its gradients."),
  ]
}
