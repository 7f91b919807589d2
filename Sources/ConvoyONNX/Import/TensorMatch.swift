import ConvoyNeuralNetwork
import ConvoySafetensors
import ConvoyStrictJSON
import ConvoyTraining

/// Foreign tensors as those of a network.
package struct TensorMatch: Sendable, Equatable {
  /// With the network's names, in its order.
  package let weights: WeightTensors
  /// What a tensor of the network is called in the file, in the network's order.
  package let names: [Name]
  package let way: Way

  package struct Name: Sendable, Equatable {
    package let network: String
    package let file: String
    /// The layers of the same kind and size, of which only their order tells which is which.
    package let alike: Int
  }

  /// What tells which tensor is which.
  package enum Way: String, Sendable {
    /// The network's names, perhaps with a prefix that all have.
    case names
    /// Layer by layer, as the graph runs.
    case graph
    /// Shapes, and among layers that are alike, the order of the graph.
    case shapesInGraph
    /// Shapes, and among layers that are alike, the order of their names.
    case shapes
  }

  /// Matches tensors by name, if most of the network's names are the file's. The layers of a graph that
  /// has other layers between them are matched in their order, if all agree. Otherwise layers are
  /// matched by what their tensors are called and by their shapes; of layers that are alike in both,
  /// the first in the network is the first in the file: in the graph or, without one, by their names,
  /// with numbers in their order.
  ///
  /// - Parameter isGraph: whether the tensors come in the order of a graph, which named them.
  /// - Throws: `ModelFileError` with the tensor that is missing, odd, or left over.
  package init(
    _ tensors: [NamedTensor], to network: [ParameterTensor], isGraph: Bool = false, path: String
  ) throws(ModelFileError) {
    // How often estimates were updated: nothing is computed from it.
    let wanted = network.filter { $0.kind != .count }
    let own = Set(network.map(\.name))
    let prefix = Self.commonPrefix(tensors.map(\.name), own)
    let names = Set(tensors.map { String($0.name.dropFirst(prefix.count)) })
    let isByName =
      isGraph
      ? Set(wanted.map(\.name)) == names
      : 2 * wanted.count { names.contains($0.name) } >= wanted.count
    var renamed: [NamedTensor] = []
    var pairs: [String: String] = [:]
    var alike: [String: Int] = [:]
    if isByName {
      way = .names
      renamed = tensors.map { tensor in
        NamedTensor(
          name: String(tensor.name.dropFirst(prefix.count)), type: tensor.type,
          shape: tensor.shape, values: tensor.values)
      }
      for name in own where names.contains(name) { pairs[name] = prefix + name }
    } else {
      if isGraph, let found = Self.pairsInOrder(of: tensors, with: wanted) {
        way = .graph
        pairs = found
      } else {
        way = isGraph ? .shapesInGraph : .shapes
        (pairs, alike) = try Self.pairs(
          of: tensors, with: wanted, isInOrder: isGraph, path: path)
      }
      let byName = Dictionary(tensors.map { ($0.name, $0) }) { first, _ in first }
      for (network, file) in pairs {
        guard let tensor = byName[file] else { continue }
        renamed.append(
          NamedTensor(
            name: network, type: tensor.type, shape: tensor.shape, values: tensor.values))
      }
    }
    let found = Set(renamed.map(\.name))
    renamed += network.filter { $0.kind == .count && !found.contains($0.name) }.map {
      NamedTensor(name: $0.name, type: .integer, shape: $0.shape, values: [0])
    }
    weights = try WeightTensors(tensors: renamed).ordered(as: network, path: path)
    self.names = network.compactMap { tensor in
      pairs[tensor.name].map {
        Name(network: tensor.name, file: $0, alike: alike[tensor.name] ?? 1)
      }
    }
  }

  /// What all names begin with, up to a dot, if the rest are a network's names: `model.`, where a module
  /// holds the network. Empty otherwise.
  private static func commonPrefix(_ names: [String], _ network: Set<String>) -> String {
    guard let first = names.first else { return "" }
    let dots = first.indices.filter { first[$0] == "." }
    let prefixes = dots.map { String(first[...$0]) }
    return prefixes.last { prefix in
      names.allSatisfy {
        $0.hasPrefix(prefix) && network.contains(String($0.dropFirst(prefix.count)))
      }
    } ?? ""
  }

  /// The names of the network's tensors with those of a graph whose layers are the same, one after
  /// another; nil for another graph.
  private static func pairsInOrder(
    of tensors: [NamedTensor], with network: [ParameterTensor]
  ) -> [String: String]? {
    let found = layers(
      tensors.filter { !$0.name.hasSuffix("num_batches_tracked") }.map { ($0.name, $0.shape) })
    let own = layers(network.map { ($0.name, $0.shape) })
    guard found.map(\.signature) == own.map(\.signature) else { return nil }
    var pairs: [String: String] = [:]
    for (layer, candidate) in zip(own, found) {
      for tensor in layer.tensors {
        pairs[tensor.name] = candidate.tensors.first { $0.suffix == tensor.suffix }?.name
      }
    }
    return pairs
  }

  /// The tensors of one layer, whose names differ in what follows the last dot.
  private struct Layer {
    let name: String
    var tensors: [(name: String, suffix: String, shape: [Int])] = []

    /// Equal for layers of one kind and size.
    var signature: String {
      tensors.map { "\($0.suffix)\($0.shape)" }.sorted().joined()
    }
  }

  private static func layers(_ tensors: [(name: String, shape: [Int])]) -> [Layer] {
    var layers: [Layer] = []
    var numbers: [String: Int] = [:]
    for (name, shape) in tensors {
      let parts = name.split(separator: ".", omittingEmptySubsequences: false)
      let layer = parts.dropLast().joined(separator: ".")
      let number = numbers[layer] ?? layers.count
      numbers[layer] = number
      if number == layers.count { layers.append(Layer(name: layer)) }
      layers[number].tensors.append((name, String(parts.last ?? ""), shape))
    }
    return layers
  }

  /// The names of the network's tensors with those of the file's, and how many layers are like the
  /// tensor's.
  private static func pairs(
    of tensors: [NamedTensor], with network: [ParameterTensor], isInOrder: Bool, path: String
  ) throws(ModelFileError) -> (pairs: [String: String], alike: [String: Int]) {
    var named = tensors.filter { !$0.name.hasSuffix("num_batches_tracked") }
      .map { (name: $0.name, shape: $0.shape) }
    if !isInOrder {
      named = named.map { ($0, NaturalOrder($0.name)) }.sorted { $0.1 < $1.1 }.map(\.0)
    }
    let found = Dictionary(grouping: layers(named), by: \.signature)
    let own = layers(network.map { ($0.name, $0.shape) })
    let wanted = Dictionary(grouping: own, by: \.signature)
    var pairs: [String: String] = [:]
    var counts: [String: Int] = [:]
    for layer in own {
      let signature = layer.signature
      let (alike, candidates) = (wanted[signature] ?? [], found[signature] ?? [])
      guard alike.count == candidates.count, let first = alike.first else {
        let tensor = layer.tensors[0]
        throw .tensor(
          path: path, name: tensor.name,
          expected: "as many tensors of shape \(brief(tensor.shape))"
            + (layer.tensors.count > 1
              ? " with \(layer.tensors.dropFirst().map(\.suffix).joined(separator: ", "))" : "")
            + " as in the network, \(alike.count)",
          found: "\(candidates.count)")
      }
      // All of one kind at once.
      guard first.name == layer.name else { continue }
      for (layer, candidate) in zip(alike, candidates) {
        for tensor in layer.tensors {
          pairs[tensor.name] = candidate.tensors.first { $0.suffix == tensor.suffix }?.name
          counts[tensor.name] = alike.count
        }
      }
    }
    let taken = Set(pairs.values)
    if let other = named.first(where: { !taken.contains($0.name) }) {
      throw .tensor(
        path: path, name: other.name, expected: "no such tensor in this network",
        found: "shape \(brief(other.shape))")
    }
    return (pairs, counts)
  }
}

/// The order of names in which numbers count as numbers: 2 before 10.
private struct NaturalOrder: Comparable {
  private let parts: [Part]

  private enum Part: Comparable {
    case number(length: Int, digits: String)
    case text(String)
  }

  init(_ name: String) {
    var parts: [Part] = []
    var rest = name.unicodeScalars[...]
    func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
    while let first = rest.first {
      let run = rest.prefix { isDigit($0) == isDigit(first) }
      rest = rest.dropFirst(run.count)
      let text = String(run)
      parts.append(isDigit(first) ? .number(length: run.count, digits: text) : .text(text))
    }
    self.parts = parts
  }

  static func < (one: NaturalOrder, other: NaturalOrder) -> Bool {
    one.parts.lexicographicallyPrecedes(other.parts)
  }
}
