import ConvoyDatasets
import ConvoyFigures
import ConvoyNeuralNetwork
import ConvoyTraining

/// A network or data that is not that of the runs beside which it was to be shown.
package enum RunMismatch: Error, Sendable, Equatable, CustomStringConvertible {
  /// The model's network is that of none of the logs, whose own are `expected`.
  case network(model: String, logs: [String], expected: [NetworkSize], found: NetworkSize)
  /// The runs that the model may be of have different data.
  case severalData(model: String, found: [String])
  /// The test images are not those of the run.
  case data(path: String, log: String, expected: DatasetDigest.Part, found: DatasetDigest.Part)

  package var description: String {
    switch self {
    case .network(let model, let logs, let expected, let found):
      "\(model): expected the network of "
        + zip(logs, expected).map { "\($0) (\($1))" }.joined(separator: " or ") + ", found \(found)"
    case .severalData(let model, let found):
      "\(model): expected runs on the same data or --data, found \(found.joined(separator: " and "))"
    case .data(let path, let log, let expected, let found):
      "\(path): expected the test images of \(log), \(expected), found \(found)"
    }
  }
}

/// What a log tells of its run's network.
package struct NetworkSize: Sendable, Equatable, CustomStringConvertible {
  let shape: FeatureShape
  let classes: Int
  let parameters: Int

  /// Nil for a shape that no network has.
  init?(_ run: RunHistory.Run) {
    guard run.shape.count == 3, run.shape.allSatisfy({ $0 > 0 }) else { return nil }
    shape = FeatureShape(channels: run.shape[0], height: run.shape[1], width: run.shape[2])
    (classes, parameters) = (run.classes, run.parameters)
  }

  init(_ plan: NetworkPlan) {
    (shape, classes, parameters) = (plan.inputShape, plan.classes, plan.parameterCount)
  }

  package var description: String {
    "\(Figures.grouped(parameters)) parameters for \(shape) and \(Figures.grouped(classes)) classes"
  }
}
