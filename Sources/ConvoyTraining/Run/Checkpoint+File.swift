import ConvoyCompression
import ConvoyNeuralNetwork
import ConvoySafetensors
import Foundation

/// A checkpoint is a safetensors file. `0.weight` and so on are the weights as in a model file;
/// `optimizer.exp_avg.0.weight` the moments, under PyTorch's names; `average.0.weight` the average
/// of the weights; `best.0.weight` the weights of the best epoch; `epoch.losses` the step losses of
/// the current epoch. The last tensor, `checksum`, holds the CRC-32 of all bytes before it, as two
/// 16-bit halves. Equal runs write equal bytes, except for training times and the checksum.
extension Checkpoint {
  enum Key {
    static let architecture = "architecture"
    static let state = "checkpoint"
  }

  enum Name {
    static let optimizer = "optimizer."
    static let average = "average."
    static let best = "best."
    static let losses = "epoch.losses"
    static let checksum = "checksum"
  }

  /// Reads a file that `TrainingSetup.save` wrote. `TrainingSetup.restore` checks whether its
  /// tensors belong to the network.
  ///
  /// - Throws: `SafetensorsError`, `NetworkError` or `ModelFileError`, which name the file.
  package init(contentsOf path: String) throws {
    var checksum = Checksum()
    let file = try unsafe SafetensorsFile(contentsOf: path) { tensor, bytes in
      if tensor != Name.checksum { unsafe checksum.add(bytes) }
    }
    func text(_ key: String) throws(ModelFileError) -> Data {
      guard let text = file.metadata[key] else {
        throw .metadata(
          path: path, key: key, expected: "a checkpoint that convoy train wrote", found: "none")
      }
      return Data(text.utf8)
    }
    let json = try text(Key.state)
    // Other versions may have no checksum, or another one.
    try State.checkVersion(json, path: path, key: Key.state)
    try Self.check(file.tensors.last, checksum, path: path)

    var groups = Groups()
    for tensor in file.tensors.dropLast() { groups.add(tensor) }
    let losses = groups.losses?.values ?? []
    self.init(
      architecture: try Network(
        json: text(Key.architecture), source: "\(path): \(Key.architecture)"),
      state: try State(json: json, stepLosses: losses, path: path, key: Key.state),
      weights: WeightTensors(tensors: groups.weights),
      moments: groups.moments.mapValues(WeightTensors.init(tensors:)),
      average: groups.average.isEmpty ? nil : WeightTensors(tensors: groups.average),
      bestWeights: groups.best.isEmpty ? nil : WeightTensors(tensors: groups.best),
      stepLosses: losses)
  }

  /// - Parameter tensor: the last tensor of the file.
  private static func check(
    _ tensor: NamedTensor?, _ checksum: Checksum, path: String
  ) throws(ModelFileError) {
    guard let tensor, tensor.name == Name.checksum, tensor.shape == [2] else {
      throw .tensor(
        path: path, name: Name.checksum, expected: "shape [2], behind all others", found: "none")
    }
    guard tensor.values == checksum.halves else {
      throw .damaged(
        path: path, expected: Checksum(halves: tensor.values)?.text ?? "of two whole numbers",
        found: checksum.text)
    }
  }

  /// The tensors of a file by purpose, with their prefixes removed.
  private struct Groups {
    var weights: [NamedTensor] = []
    var moments: [String: [NamedTensor]] = [:]
    var average: [NamedTensor] = []
    var best: [NamedTensor] = []
    var losses: NamedTensor?

    /// Compares bytes, because the characters of a damaged name may combine differently.
    mutating func add(_ tensor: NamedTensor) {
      let name = tensor.name.utf8
      if tensor.name == Name.losses {
        losses = tensor
      } else if name.starts(with: Name.average.utf8) {
        average.append(tensor.renamed(name.dropFirst(Name.average.utf8.count)))
      } else if name.starts(with: Name.best.utf8) {
        best.append(tensor.renamed(name.dropFirst(Name.best.utf8.count)))
      } else if name.starts(with: Name.optimizer.utf8) {
        let rest = name.dropFirst(Name.optimizer.utf8.count)
        let moment = rest.prefix { $0 != UInt8(ascii: ".") }
        moments[String(Substring(moment)), default: []].append(
          tensor.renamed(rest.dropFirst(moment.count + 1)))
      } else {
        weights.append(tensor)
      }
    }
  }
}

extension NamedTensor {
  fileprivate func renamed(_ name: Substring.UTF8View) -> NamedTensor {
    NamedTensor(name: String(Substring(name)), type: type, shape: shape, values: values)
  }
}

extension Checksum {
  /// The upper and lower 16 bits, each exact in single precision.
  var halves: [Float] { [Float(value >> 16), Float(value & 0xFFFF)] }

  /// From its `halves`; nil for any other numbers.
  init?(halves: [Float]) {
    let numbers = halves.compactMap { UInt16(exactly: $0) }
    guard numbers.count == 2, halves.count == 2 else { return nil }
    self.init(value: UInt32(numbers[0]) << 16 | UInt32(numbers[1]))
  }
}
