import ConvoyCompression
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

  /// Loads the tensors whose names and shapes are the network's, and leaves all others as they are.
  ///
  /// - Parameter path: the file they came from, for errors.
  /// - Throws: `ModelFileError` if there is no such tensor, or one has a number that it cannot have,
  ///   before anything is changed.
  func loadFitting(
    into parameters: ParameterMemory, of plan: NetworkPlan, path: String
  ) throws(ModelFileError) -> PartialLoad {
    let shapes = Dictionary(tensors.map { ($0.name, $0.shape) }) { first, _ in first }
    let fitting = plan.tensors.filter { shapes[$0.name] == $0.shape }
    if fitting.isEmpty {
      let first = plan.tensors.first.map { ", such as '\($0.name)' of shape \($0.shape)" } ?? ""
      throw .nothingFits(
        path: path, expected: "a tensor of this network\(first)",
        found: "none among \(tensors.count)")
    }
    let names = Set(fitting.map(\.name))
    try WeightTensors(tensors: tensors.filter { names.contains($0.name) })
      .ordered(as: fitting, path: path).write(to: parameters, as: fitting, of: plan)
    return PartialLoad(
      loaded: fitting.map(\.name),
      leftInFile: tensors.map(\.name).filter { !names.contains($0) },
      leftInNetwork: plan.tensors.map(\.name).filter { !names.contains($0) })
  }

  /// Loads weights that already match the network, in its order.
  ///
  /// - Parameter places: the network's tensors that these are; nil for all.
  func write(
    to parameters: ParameterMemory, as places: [ParameterTensor]? = nil, of plan: NetworkPlan
  ) {
    parameters.exclusively {
      for (place, tensor) in zip(places ?? plan.tensors, tensors) {
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
  package func ordered(
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
        throw .value(
          path: path, tensor: prefix + expected.name, expected: range, found: "\(found)")
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

/// What was loaded of a file that fits a network in part: names of tensors, in their order.
package struct PartialLoad: Sendable, Equatable {
  package let loaded: [String]
  package let leftInFile: [String]
  /// Those that the network keeps as they were.
  package let leftInNetwork: [String]
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
