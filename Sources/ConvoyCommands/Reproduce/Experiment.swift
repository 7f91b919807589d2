import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyNeuralNetwork
import ConvoyTraining

/// A training run with a preset, except for the seed.
struct Experiment {
  let name: String
  var settings: TrainingSettings
  /// Of the test images' outputs.
  let averaging: TestTimeAugmentation

  /// - Parameters:
  ///   - settings: those of `convoy train`, unless given.
  ///   - averaging: of the test images' outputs.
  ///   - change: of the settings.
  init(
    _ name: String, from settings: TrainingSettings = TrainingSettings(),
    averaging: TestTimeAugmentation = .none, _ change: (inout TrainingSettings) -> Void = { _ in }
  ) {
    self.name = name
    self.settings = settings
    self.averaging = averaging
    change(&self.settings)
    // The runner trains on all training images, and keeps the last weights.
    precondition(
      self.settings.validation == ValidationSettings() && self.settings.testFraction == nil,
      "an experiment holds no images back")
  }

  /// The network for a data set's images and classes.
  func architecture(for dataset: Dataset) -> Network {
    guard let preset = Network.Preset(rawValue: settings.model) else {
      preconditionFailure("an experiment's network is a preset")
    }
    let architecture = Network(
      preset, classes: dataset.classes, channels: dataset.training.shape.channels)
    return settings.dropout.flatMap { architecture.withDropout(rate: Float($0)) } ?? architecture
  }

  /// The options of `convoy train` that differ from those of another experiment, or else from the
  /// defaults, in the order of its help.
  func options(beside other: Experiment? = nil) -> String {
    var others = TrainingSettings().options
    // The default network depends on the images.
    others["model"] = nil
    others.merge(other?.settings.options ?? [:]) { _, other in other }
    let texts = settings.options.filter { others[$0.key] != $0.value }
    return TrainCommand.description.options.compactMap { option in
      texts[option.name].map { $0.isEmpty ? "--\(option.name)" : "--\(option.name) \($0)" }
    }.joined(separator: " ")
  }
}
