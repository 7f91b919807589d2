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
    /// Whether that order is a guess: names in the file, such as `stem` and `head`, say nothing of it.
    package let isGuess: Bool
  }

  package var isGuess: Bool { names.contains(where: \.isGuess) }

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
    /// A list of the network's names and the file's.
    case list
  }

  /// Matches tensors by name, if most of the network's names are the file's. The layers of a graph that
  /// has other layers between them are matched in their order, if all agree. Otherwise layers are
  /// matched by what their tensors are called and by their shapes; of layers that are alike in both,
  /// the first in the network is the first in the file: in the graph or, without one, by their names:
  /// numbers in their order, and modules in that of their other layers.
  ///
  /// - Parameters:
  ///   - list: the file's names by the network's, of all tensors but counts; nil if there is none.
  ///   - isGraph: whether the tensors come in the order of a graph, which named them.
  /// - Throws: `ModelFileError` with the tensor that is missing, odd, or left over.
  package init(
    _ tensors: [NamedTensor], to network: [ParameterTensor], by list: TensorNames? = nil,
    isGraph: Bool = false, path: String
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
    var alike: [String: Alike] = [:]
    if isByName, list == nil {
      way = .names
      renamed = tensors.map { tensor in
        NamedTensor(
          name: String(tensor.name.dropFirst(prefix.count)), type: tensor.type,
          shape: tensor.shape, values: tensor.values)
      }
      for name in own where names.contains(name) { pairs[name] = prefix + name }
    } else {
      if let list {
        way = .list
        pairs = try list.pairs(of: tensors, with: wanted, path: path)
      } else if isGraph, let found = Self.pairsInOrder(of: tensors, with: wanted) {
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
        Name(
          network: tensor.name, file: $0, alike: alike[tensor.name]?.count ?? 1,
          isGuess: alike[tensor.name]?.isGuess ?? false)
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

  /// Layers of one kind and size.
  private struct Alike {
    let count: Int
    let isGuess: Bool
  }

  /// The names of the network's tensors with those of the file's, and which layers are alike.
  private static func pairs(
    of tensors: [NamedTensor], with network: [ParameterTensor], isInOrder: Bool, path: String
  ) throws(ModelFileError) -> (pairs: [String: String], alike: [String: Alike]) {
    let named = tensors.filter { !$0.name.hasSuffix("num_batches_tracked") }
      .map { (name: $0.name, shape: $0.shape) }
    let found = Dictionary(grouping: layers(named), by: \.signature)
    let own = layers(network.map { ($0.name, $0.shape) })
    let places = Dictionary(uniqueKeysWithValues: own.enumerated().map { ($1.name, $0) })
    let wanted = Dictionary(grouping: own, by: \.signature)
    // In the network's order.
    var open: [(own: [Layer], found: [Layer])] = []
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
      if first.name == layer.name { open.append((alike, candidates)) }
    }
    var pairs: [String: String] = [:]
    var alike: [String: Alike] = [:]
    var order = ModuleOrder()
    func match(_ own: [Layer], with candidates: [Layer], isGuess: Bool) {
      for (layer, candidate) in zip(own, candidates) {
        order.add(candidate.name, at: places[layer.name] ?? 0)
        for tensor in layer.tensors {
          pairs[tensor.name] = candidate.tensors.first { $0.suffix == tensor.suffix }?.name
          alike[tensor.name] = Alike(count: own.count, isGuess: isGuess)
        }
      }
    }
    // Kinds whose order is certain tell where modules are, which makes that of others certain.
    while let place = open.firstIndex(where: {
      isInOrder || order.sorted($0.found, by: \.name).isCertain
    }) {
      let kind = open.remove(at: place)
      match(
        kind.own, with: isInOrder ? kind.found : order.sorted(kind.found, by: \.name).layers,
        isGuess: false)
    }
    for kind in open {
      match(kind.own, with: order.sorted(kind.found, by: \.name).layers, isGuess: true)
    }
    let taken = Set(pairs.values)
    if let other = named.first(where: { !taken.contains($0.name) }) {
      throw .tensor(
        path: path, name: other.name, expected: "no such tensor in this network",
        found: "shape \(brief(other.shape))")
    }
    return (pairs, alike)
  }
}

extension TensorMatch {
  /// Throws if the order of layers that are alike is a guess.
  package func requireCertainty(path: String) throws(AmbiguousTensors) {
    let guesses = names.filter(\.isGuess)
    if let first = guesses.first {
      throw AmbiguousTensors(
        path: path, count: guesses.count, example: first.file, alike: first.alike)
    }
  }
}

/// Tensors whose place in a network neither their names nor their shapes tell.
package struct AmbiguousTensors: Error, Equatable, Sendable, CustomStringConvertible {
  let path: String
  let count: Int
  let example: String
  let alike: Int

  package var description: String {
    "\(path): expected names that tell layers apart, found \(count) tensors that could be others, such as "
      + "\(quoted(example)) in one of \(alike) layers that are alike"
  }
}
