import ConvoyNeuralNetwork
import ConvoyTraining

/// The settings of a training run, except for the data and the seed. The defaults are the
/// article's: its network, cross-entropy, plain gradient descent, one sample at a time.
struct Experiment {
  var name: String
  var preset = Network.Preset.article
  /// The rate of the dropout layers. If there are none, one is inserted before the last dense
  /// layer.
  var dropout: Float?
  var epochs = 3
  var batchSize = 1
  var optimizer = OptimizerSettings(name: .sgd, learningRate: 0.01)
  var schedule = ScheduleSettings.Name.constant
  /// Pixels from 0 to 1. Black is zero; where filters have no bias, its features are zero too.
  var normalization = Normalization.Method.unit

  init(_ name: String, _ change: (inout Experiment) -> Void = { _ in }) {
    self.name = name
    change(&self)
  }

  func architecture(classes: Int) -> Network {
    let architecture = Network(preset, classes: classes)
    return dropout.flatMap(architecture.withDropout) ?? architecture
  }

  /// The settings in words; beside another experiment, only those that differ.
  func settings(beside other: Experiment? = nil) -> String {
    func word<Value: Equatable>(_ text: String, _ path: KeyPath<Experiment, Value>) -> String? {
      self[keyPath: path] == other?[keyPath: path] ? nil : text
    }
    let words = [
      word("\(preset.rawValue)", \.preset),
      word("\(normalization.rawValue) pixels", \.normalization),
      word(epochs == 1 ? "1 epoch" : "\(epochs) epochs", \.epochs),
      word("batch \(batchSize)", \.batchSize),
      word(
        optimizer.name.rawValue + (optimizer.momentum.map { " \($0)" } ?? ""), \.optimizer.name),
      word("rate \(optimizer.learningRate)", \.optimizer.learningRate),
      optimizer.name == .adam ? word("beta1 \(optimizer.beta1)", \.optimizer.beta1) : nil,
      optimizer.name == .adam ? word("beta2 \(optimizer.beta2)", \.optimizer.beta2) : nil,
      schedule == .constant ? nil : word(schedule.rawValue, \.schedule),
      dropout.flatMap { word("dropout \($0)", \.dropout) },
      optimizer.l2 > 0 ? word("L2 \(optimizer.l2)", \.optimizer.l2) : nil,
    ]
    return words.compactMap(\.self).joined(separator: ", ")
  }
}
