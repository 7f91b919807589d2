import CZlib
import Foundation
import NeuralNetwork
import Safetensors
import StrictJSON

/// The weights of a network as a file has them.
package struct WeightTensors: Sendable, Equatable {
  package let tensors: [NamedTensor]

  package init(tensors: [NamedTensor]) { self.tensors = tensors }

  /// The weights of a network, in the order of its `state_dict`.
  package init(_ plan: NetworkPlan, _ parameters: ParameterMemory) {
    tensors = plan.tensors.map {
      NamedTensor(name: $0.name, shape: $0.shape, values: $0.read(from: parameters))
    }
  }

  /// Puts the weights into a network.
  ///
  /// - Parameter path: the file they came from, for errors.
  /// - Throws: `ModelFileError` if names or shapes are not the network's, before anything is changed.
  package func load(
    into parameters: ParameterMemory, of plan: NetworkPlan, path: String
  ) throws(ModelFileError) {
    let found = Dictionary(tensors.map { ($0.name, $0) }) { first, _ in first }
    var matched: [(ParameterTensor, NamedTensor)] = []
    for expected in plan.tensors {
      guard let tensor = found[expected.name] else {
        throw .tensor(
          path: path, name: expected.name, expected: "shape \(expected.shape)", found: "none")
      }
      guard tensor.shape == expected.shape else {
        throw .tensor(
          path: path, name: expected.name, expected: "shape \(expected.shape)",
          found: brief(tensor.shape))
      }
      matched.append((expected, tensor))
    }
    let known = Set(plan.tensors.map(\.name))
    if let other = tensors.first(where: { !known.contains($0.name) }) {
      throw .tensor(
        path: path, name: other.name, expected: "no such tensor in this network",
        found: "shape \(brief(other.shape))")
    }
    try requireFinite(path: path)
    for (tensor, values) in matched { tensor.write(values.values, to: parameters) }
    plan.refresh(parameters)
  }

  func requireFinite(path: String) throws(ModelFileError) {
    for tensor in tensors where !tensor.values.allSatisfy(\.isFinite) {
      throw .tensor(
        path: path, name: tensor.name, expected: "finite numbers", found: "NaN or infinity")
    }
  }

  /// The CRC-32 of all numbers in order, as eight hexadecimal digits: equal for equal weights.
  package var fingerprint: String {
    var sum = crc32(0, nil, 0)
    for tensor in tensors {
      tensor.values.withUnsafeBytes { bytes in
        sum = crc32_z(sum, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
      }
    }
    let digits = String(sum, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
