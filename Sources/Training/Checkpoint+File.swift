import FileAccess
import Foundation
import NeuralNetwork
import Safetensors
import StrictJSON

/// A checkpoint is a safetensors file: `0.weight` and so on are the weights as in a model file,
/// `optimizer.exp_avg.0.weight` the moments by PyTorch's names, `best.0.weight` the weights of the best
/// epoch, `epoch.losses` the losses of the steps of the epoch under way. Equal runs write equal bytes
/// but for the seconds they took.
extension Checkpoint {
  private enum Key {
    static let architecture = "architecture"
    static let state = "checkpoint"
  }

  private enum Prefix {
    static let optimizer = "optimizer."
    static let best = "best."
  }

  private static let lossesName = "epoch.losses"

  /// - Throws: `ModelFileError` if a number is not finite; then what was there stays.
  package func write(to path: String) throws {
    try weights.requireFinite(path: path)
    var tensors = weights.tensors
    for (name, moment) in moments.sorted(by: { $0.key < $1.key }) {
      let prefix = "\(Prefix.optimizer)\(name)."
      try moment.requireFinite(path: path, prefix: prefix)
      tensors += moment.named(with: prefix)
    }
    tensors += bestWeights?.named(with: Prefix.best) ?? []
    if !stepLosses.isEmpty {
      tensors.append(
        NamedTensor(name: Self.lossesName, shape: [stepLosses.count], values: stepLosses))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let metadata = [
      Key.architecture: try architecture.json(),
      Key.state: String(decoding: try encoder.encode(state), as: UTF8.self),
    ]
    try AtomicFile.write(
      SafetensorsFile(tensors: tensors, metadata: metadata).encoded(), to: path)
  }

  /// Reads a file that `write` wrote. Whether its tensors are the network's is checked where a run is
  /// restored from it.
  ///
  /// - Throws: `SafetensorsError`, `ArchitectureError` or `ModelFileError`, which name the file.
  package init(contentsOf path: String) throws {
    let file = try SafetensorsFile(contentsOf: path)
    func text(_ key: String) throws(ModelFileError) -> Data {
      guard let text = file.metadata[key] else {
        throw .metadata(
          path: path, key: key, expected: "a checkpoint that convoy train wrote", found: "none")
      }
      return Data(text.utf8)
    }
    var groups: [String: [NamedTensor]] = [:]
    for tensor in file.tensors {
      let prefix = Self.prefix(of: tensor.name)
      groups[prefix, default: []].append(
        NamedTensor(
          name: String(tensor.name.dropFirst(prefix.count)), shape: tensor.shape,
          values: tensor.values))
    }
    let losses = groups.removeValue(forKey: Self.lossesName)?.first?.values ?? []
    let state = try State(
      json: text(Key.state), stepLosses: losses, path: path, key: Key.state)
    self.init(
      architecture: try Architecture(
        json: text(Key.architecture), source: "\(path): \(Key.architecture)"),
      state: state,
      weights: WeightTensors(tensors: groups.removeValue(forKey: "") ?? []),
      moments: Dictionary(
        uniqueKeysWithValues: groups.filter { $0.key.hasPrefix(Prefix.optimizer) }.map {
          (
            String($0.key.dropFirst(Prefix.optimizer.count).dropLast()),
            WeightTensors(tensors: $0.value)
          )
        }),
      bestWeights: groups[Prefix.best].map(WeightTensors.init(tensors:)), stepLosses: losses)
  }

  /// What a tensor's name has before the network's own; the whole name of the losses.
  private static func prefix(of name: String) -> String {
    if name == lossesName { return name }
    if name.hasPrefix(Prefix.best) { return Prefix.best }
    guard name.hasPrefix(Prefix.optimizer) else { return "" }
    let moment = name.dropFirst(Prefix.optimizer.count).prefix { $0 != "." }
    return "\(Prefix.optimizer)\(moment)."
  }
}

extension WeightTensors {
  fileprivate func named(with prefix: String) -> [NamedTensor] {
    tensors.map { NamedTensor(name: prefix + $0.name, shape: $0.shape, values: $0.values) }
  }
}
