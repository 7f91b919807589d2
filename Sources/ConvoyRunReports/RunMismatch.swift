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

extension RunReport {
  /// The runs that a network may be of: those of the same size, and those whose logs do not tell.
  ///
  /// - Parameter path: of the model.
  /// - Throws: `RunMismatch` if there are logs, and it is of none of them.
  func runs(of network: TrainedNetwork, path: String) throws(RunMismatch) -> [Run] {
    let found = NetworkSize(network.plan)
    let sizes = runs.map { $0.history.run.flatMap(NetworkSize.init) }
    let own = zip(runs, sizes).filter { $1 == nil || $1 == found }.map(\.0)
    guard own.isEmpty, !runs.isEmpty else { return own }
    throw .network(
      model: path, logs: runs.map(\.path), expected: sizes.compactMap(\.self), found: found)
  }

  /// The data of the run that a network is of, as the run was told; nil if no log tells it.
  ///
  /// - Throws: as `runs(of:path:)`, and where the model may be of runs on different data.
  package func data(of network: TrainedNetwork, path: String) throws(RunMismatch) -> String? {
    let own = try runs(of: network, path: path).compactMap(\.history.run)
    let names = Set(own.compactMap { $0.options["data"] })
    guard names.count < 2 || own.allSatisfy({ $0.data?.test == own[0].data?.test }) else {
      throw .severalData(model: path, found: names.sorted())
    }
    return names.min()
  }

  /// Checks that images are those that the run of a network was tested on, as far as a log tells.
  ///
  /// - Parameters:
  ///   - path: of the images.
  ///   - model: of the network.
  /// - Throws: `RunMismatch`.
  package func check(
    _ images: ImageSet, path: String, for network: TrainedNetwork, model: String
  ) throws(RunMismatch) {
    let own = try runs(of: network, path: model)
    let digests = own.compactMap { run in run.history.run?.data.map { (run, $0.test) } }
    guard let (run, expected) = digests.first, digests.count == own.count else { return }
    let found = DatasetDigest.Part(images)
    guard !digests.contains(where: { $0.1 == found }) else { return }
    throw .data(path: path, log: run.path, expected: expected, found: found)
  }
}
