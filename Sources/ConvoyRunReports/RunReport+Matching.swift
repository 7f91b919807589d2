import ConvoyDatasets
import ConvoyTraining

/// Which of the runs a network and data are of.
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
    guard names.count < 2 || own.allSatisfy({ $0.data?.judged == own[0].data?.judged }) else {
      throw .severalData(model: path, found: names.sorted())
    }
    return names.min()
  }

  /// Whether the run that a network may be of left out damaged pictures.
  package func skipsUnreadable(_ network: TrainedNetwork, path: String) throws(RunMismatch) -> Bool
  {
    try runs(of: network, path: path).contains {
      $0.history.run?.options["skip-unreadable"] != nil
    }
  }

  /// Checks that images are those that the run of a network is judged on, as far as a log tells.
  ///
  /// - Parameters:
  ///   - path: of the images.
  ///   - model: of the network.
  /// - Throws: `RunMismatch`.
  package func check(
    _ images: ImageSet, path: String, for network: TrainedNetwork, model: String
  ) throws(RunMismatch) {
    let own = try runs(of: network, path: model)
    let digests = own.compactMap { run in run.history.run?.data.map { (run, $0.judged) } }
    guard let (run, expected) = digests.first, digests.count == own.count else { return }
    let found = DatasetDigest.Part(images)
    guard !digests.contains(where: { $0.1 == found }) else { return }
    throw .data(path: path, log: run.path, expected: expected, found: found)
  }
}
