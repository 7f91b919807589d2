import ConvoyNeuralNetwork
import ConvoySafetensors
import ConvoyStrictJSON
import Foundation

/// The weights of a network as a file has them.
package struct WeightTensors: Sendable, Equatable {
  package let tensors: [NamedTensor]

  package init(tensors: [NamedTensor]) { self.tensors = tensors }

  /// The weights of a network, in the order of its `state_dict`.
  package init(_ plan: NetworkPlan, _ parameters: ParameterMemory) {
    tensors = parameters.exclusively {
      plan.tensors.map {
        NamedTensor(
          name: $0.name, type: $0.elementType, shape: $0.shape, values: $0.read(from: parameters))
      }
    }
  }

  /// Loads the weights into a network.
  ///
  /// - Parameter path: the file they came from, for errors.
  /// - Throws: `ModelFileError` if names or shapes do not match the network, before anything is
  ///   changed.
  package func load(
    into parameters: ParameterMemory, of plan: NetworkPlan, path: String
  ) throws(ModelFileError) {
    try ordered(as: plan.tensors, path: path).write(to: parameters, of: plan)
  }

  /// Loads weights that already match the network, in its order.
  func write(to parameters: ParameterMemory, of plan: NetworkPlan) {
    parameters.exclusively {
      for (place, tensor) in zip(plan.tensors, tensors) {
        place.write(tensor.values, to: parameters)
      }
      plan.refresh(parameters)
    }
  }

  /// The tensors in the order of the network's.
  ///
  /// - Parameter prefix: precedes each tensor's name in the file, for errors.
  /// - Throws: `ModelFileError` if names or shapes do not match the network, or a number is not
  ///   finite.
  func ordered(
    as expected: [ParameterTensor], path: String, prefix: String = ""
  ) throws(ModelFileError) -> WeightTensors {
    let found = Dictionary(tensors.map { ($0.name, $0) }) { first, _ in first }
    var matched: [NamedTensor] = []
    let known = Set(expected.map(\.name))
    for expected in expected {
      guard let tensor = found[expected.name] else {
        throw .tensor(
          path: path, name: prefix + expected.name, expected: "shape \(expected.shape)",
          found: "none")
      }
      guard tensor.shape == expected.shape else {
        throw .tensor(
          path: path, name: prefix + expected.name, expected: "shape \(expected.shape)",
          found: brief(tensor.shape))
      }
      if let (range, found) = expected.outlier(in: tensor.values) {
        throw .tensor(
          path: path, name: prefix + expected.name, expected: range, found: "\(found)")
      }
      matched.append(
        NamedTensor(
          name: expected.name, type: expected.elementType, shape: expected.shape,
          values: tensor.values))
    }
    if let other = tensors.first(where: { !known.contains($0.name) }) {
      throw .tensor(
        path: path, name: prefix + other.name, expected: "no such tensor in this network",
        found: "shape \(brief(other.shape))")
    }
    try requireFinite(path: path, prefix: prefix)
    return WeightTensors(tensors: matched)
  }

  /// Throws `ModelFileError` if a number is not finite.
  func requireFinite(path: String, prefix: String = "") throws(ModelFileError) {
    for tensor in tensors where unsafe !tensor.values.withUnsafeBufferPointer(areFinite) {
      throw .notFinite(path: path, tensor: prefix + tensor.name)
    }
  }

  /// The CRC-32 of all numbers in order: equal for equal weights.
  package var fingerprint: String {
    var checksum = Checksum()
    for tensor in tensors { unsafe tensor.values.withUnsafeBytes { unsafe checksum.add($0) } }
    return checksum.text
  }
}

extension ParameterTensor {
  /// The first value that the tensor cannot have, with what it can; infinity and NaN are left to
  /// `requireFinite`.
  fileprivate func outlier(in values: [Float]) -> (expected: String, found: Float)? {
    switch kind {
    case .weight, .constant, .mean: nil
    case .variance: values.first { $0 < 0 }.map { ("variances of at least 0", $0) }
    case .count:
      values.first { $0.isFinite && (!(0...0x1p24).contains($0) || $0 != $0.rounded()) }
        .map { ("a whole number from 0 to \(1 << 24)", $0) }
    }
  }

  /// As PyTorch stores it.
  var elementType: ElementType { kind == .count ? .integer : .float }
}

/// Whether no number is NaN or infinite: those have an exponent of all ones.
func areFinite(_ values: UnsafeBufferPointer<Float>) -> Bool {
  let exponent = Float.infinity.bitPattern
  return unsafe values.reduce(0) { max($0, $1.bitPattern & exponent) } < exponent
}
