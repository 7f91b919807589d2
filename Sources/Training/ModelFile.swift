import CZlib
import FileAccess
import Foundation
import NeuralNetwork
import Safetensors

/// A trained network in a file: weights as PyTorch's `state_dict` names and orders them, and in the
/// metadata what is needed to run it. Holds no time and no path: equal runs write equal bytes.
package struct ModelFile: Sendable {
  package let architecture: Architecture
  package let inputShape: FeatureShape
  package let normalization: Normalization
  package let loss: LossFunction
  package let weights: WeightTensors

  private enum Key {
    static let architecture = "architecture"
    static let input = "input"
    static let normalization = "normalization"
    static let loss = "loss"
  }

  package init(_ plan: NetworkPlan, _ parameters: ParameterMemory, normalization: Normalization) {
    architecture = plan.architecture
    inputShape = plan.inputShape
    loss = plan.loss
    self.normalization = normalization
    weights = WeightTensors(plan, parameters)
  }

  /// - Throws: `ModelFileError` if a weight is no finite number: such a file could not be read.
  package func write(to path: String) throws {
    try weights.requireFinite(path: path)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let metadata = [
      Key.architecture: try architecture.json(),
      Key.input: String(
        decoding: try encoder.encode([inputShape.channels, inputShape.height, inputShape.width]),
        as: UTF8.self),
      Key.normalization: String(decoding: try encoder.encode(normalization), as: UTF8.self),
      Key.loss: loss.rawValue,
    ]
    let file = SafetensorsFile(tensors: weights.tensors, metadata: metadata)
    try AtomicFile.write(file.encoded(), to: path)
  }

  /// Reads a file that `write` wrote.
  ///
  /// - Throws: `SafetensorsError`, `ArchitectureError` or `ModelFileError`, which name the file.
  package init(contentsOf path: String) throws {
    let file = try SafetensorsFile(contentsOf: path)
    func text(_ key: String) throws(ModelFileError) -> String {
      guard let text = file.metadata[key] else {
        throw .metadata(
          path: path, key: key, expected: "one that convoy train wrote", found: "none")
      }
      return text
    }
    func decoded<Value: Decodable>(
      _ key: String, as expected: String
    ) throws(ModelFileError) -> Value {
      let text = try text(key)
      do {
        return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
      } catch {
        throw .metadata(path: path, key: key, expected: expected, found: text)
      }
    }

    architecture = try Architecture(
      json: Data(try text(Key.architecture).utf8), source: "\(path): \(Key.architecture)")
    let sizes: [Int] = try decoded(Key.input, as: "[channels, height, width]")
    guard sizes.count == 3, sizes.allSatisfy({ (1...1 << 20).contains($0) }) else {
      throw ModelFileError.metadata(
        path: path, key: Key.input, expected: "[channels, height, width]", found: "\(sizes)")
    }
    inputShape = FeatureShape(channels: sizes[0], height: sizes[1], width: sizes[2])
    try architecture.validate(for: inputShape, source: "\(path): \(Key.architecture)")
    normalization = try decoded(Key.normalization, as: "a method, means and deviations")
    guard normalization.means.count == sizes[0], normalization.deviations.count == sizes[0],
      // Bounds that leave every pixel a number of single precision.
      normalization.means.allSatisfy({ (0...1).contains($0) }),
      normalization.deviations.allSatisfy({ (1e-6...1).contains($0) })
    else {
      throw ModelFileError.metadata(
        path: path, key: Key.normalization,
        expected: "a mean from 0 to 1 and a deviation from 1e-06 to 1 a channel",
        found: "means \(normalization.means), deviations \(normalization.deviations)")
    }
    let lossName = try text(Key.loss)
    guard let loss = LossFunction(rawValue: lossName) else {
      throw ModelFileError.metadata(
        path: path, key: Key.loss,
        expected: LossFunction.allCases.map(\.rawValue).joined(separator: " or "), found: lossName)
    }
    self.loss = loss
    weights = WeightTensors(tensors: file.tensors)
  }
}
