import ConvoyKernelDispatch
import ConvoyNeuralNetwork
import ConvoySafetensors
import ConvoyTestSupport
import ConvoyTraining
import Testing

@testable import ConvoyONNX

struct TensorMatchTests {
  /// Eleven dense layers of one size, then a normalization and another dense layer.
  private let plan: NetworkPlan

  init() throws {
    plan = try NetworkPlan(
      Network(
        [Flatten()] + (0..<11).map { _ in Dense(4, bias: false) }
          + [BatchNormalization(), Dense(3)]),
      input: FeatureShape(channels: 1, height: 2, width: 2), loss: .crossEntropy,
      kernels: KernelDispatch.best)
  }

  /// The network's tensors under other names, in the order of a file.
  private func tensors(_ name: (String) -> String) -> [NamedTensor] {
    plan.tensors.enumerated().filter { $1.kind != .count }.map { number, tensor in
      NamedTensor(
        name: name(tensor.name), shape: tensor.shape,
        values: Array(repeating: Float(number), count: tensor.count))
    }.sorted { $0.name < $1.name }
  }

  private var numbers: [Float] {
    plan.tensors.enumerated().map { $1.kind == .count ? 0 : Float($0) }
  }

  @Test func namesOfTheNetworkDecide() throws {
    let match = try TensorMatch(tensors { $0 }, to: plan.tensors, path: "file")
    #expect(match.way == .names)
    #expect(match.weights.tensors.map { $0.values[0] } == numbers)
    #expect(match.weights.tensors.map(\.name) == plan.tensors.map(\.name))
  }

  /// A module that holds the network.
  @Test func aPrefixOfAllNamesIsLeftOut() throws {
    let match = try TensorMatch(tensors { "model.net.\($0)" }, to: plan.tensors, path: "file")
    #expect(match.way == .names)
    #expect(match.weights.tensors.map { $0.values[0] } == numbers)
    #expect(
      match.names[1]
        == .init(network: "2.weight", file: "model.net.2.weight", alike: 1, isGuess: false))
  }

  /// Names that are in another order than the graph: `tensors` sorts them as text.
  @Test func aGraphGoesByItsOrder() throws {
    let inOrder = plan.tensors.enumerated().filter { $1.kind != .count }.map { number, tensor in
      NamedTensor(
        name: tensor.name.replacing(/^\d+/) { "\(40 - (Int($0.output) ?? 0))" },
        shape: tensor.shape, values: Array(repeating: Float(number), count: tensor.count))
    }
    let match = try TensorMatch(inOrder, to: plan.tensors, isGraph: true, path: "file")
    #expect(match.way == .graph)
    #expect(match.weights.tensors.map { $0.values[0] } == numbers)
    #expect(
      match.names.first == .init(network: "1.weight", file: "39.weight", alike: 1, isGuess: false))
    // A graph whose last layers come first has the others in its order all the same.
    let other = try TensorMatch(
      Array(inOrder.suffix(2) + inOrder.dropLast(2)), to: plan.tensors, isGraph: true,
      path: "file")
    #expect(other.way == .shapesInGraph)
    #expect(other.weights.tensors.map { $0.values[0] } == numbers)
    #expect(other.names.first?.alike == 11 && other.names.last?.alike == 1)
    // By their names, they would be the wrong way round.
    let names = try TensorMatch(inOrder, to: plan.tensors, path: "file")
    #expect(names.way == .shapes && names.names.first?.file == "29.weight")
  }

  /// In the order of names as text, 10 would be before 2.
  @Test func otherNamesAreMatchedByShapeAndNumber() throws {
    let match = try TensorMatch(tensors { "blocks.a\($0)" }, to: plan.tensors, path: "file")
    #expect(match.way == .shapes)
    #expect(match.weights.tensors.map { $0.values[0] } == numbers)
    #expect(
      match.names.first
        == .init(network: "1.weight", file: "blocks.a1.weight", alike: 11, isGuess: false))
    #expect(
      match.names.last
        == .init(network: "13.bias", file: "blocks.a13.bias", alike: 1, isGuess: false))
  }

  /// A stem that is behind the block by its name: layers that are certain tell where modules are.
  @Test func modulesAreOrderedByTheirOtherLayers() throws {
    let plan = try NetworkPlan(
      Network([
        Flatten(), Dense(6), BatchNormalization(), Dense(6), BatchNormalization(), Dense(3),
      ]),
      input: FeatureShape(channels: 1, height: 2, width: 2), loss: .crossEntropy,
      kernels: KernelDispatch.best)
    let modules = ["1": "stem.0", "2": "stem.1", "3": "block.0", "4": "block.1", "5": "head"]
    let tensors = plan.tensors.enumerated().filter { $1.kind != .count }.map { number, tensor in
      let parts = tensor.name.split(separator: ".")
      return NamedTensor(
        name: "\(modules[String(parts[0])] ?? "").\(parts[1])", shape: tensor.shape,
        values: Array(repeating: Float(number), count: tensor.count))
    }.sorted { $0.name < $1.name }
    let match = try TensorMatch(tensors, to: plan.tensors, path: "file")
    #expect(match.way == .shapes && !match.isGuess)
    #expect(match.names.contains { $0.network == "2.bias" && $0.file == "stem.1.bias" })
    #expect(
      match.weights.tensors.map { $0.values[0] }
        == plan.tensors.enumerated().map { $1.kind == .count ? 0 : Float($0) })
  }

  /// Of two words, none says which layer is first.
  @Test func aGuessIsRefusedUnlessItIsConfirmed() throws {
    let directory = try TemporaryDirectory()
    func rename(_ name: String) -> String {
      name.replacing("1.w", with: "one.w").replacing("4.w", with: "four.w")
    }
    let renamed = tensors { rename("x.\($0)") }
    let guess = try TensorMatch(renamed, to: plan.tensors, path: "file")
    #expect(guess.isGuess)
    let error = #expect(throws: AmbiguousTensors.self) {
      try guess.requireCertainty(path: "file")
    }
    #expect(error?.description.contains("in one of 11 layers that are alike") == true)
    func write(_ change: (String) -> String) throws -> TensorNames {
      let lines = plan.tensors.filter { $0.kind != .count }.map {
        change("\($0.name) is \(rename("x.\($0.name)")) (a guess, of 11 layers that are alike)")
      }
      try directory.write(Array(lines.joined(separator: "\n").utf8), to: "names")
      return try TensorNames(contentsOf: directory.path(of: "names"))
    }
    let match = try TensorMatch(renamed, to: plan.tensors, by: write { $0 }, path: "file")
    #expect(match.way == .list && !match.isGuess)
    #expect(match.weights.tensors.map { $0.values[0] } == numbers)
    for (old, new, words) in [
      ("5.weight is x.5.weight", "", "for each tensor of the network, found none"),
      ("is x.5.weight", "is x.6.weight", "one place in the network"),
      ("is x.5.weight", "is y.5.weight", "a tensor of that name"),
    ] {
      let error = #expect(throws: ModelFileError.self) {
        try TensorMatch(
          renamed, to: plan.tensors,
          by: write { line in
            line.contains(old) ? String(line.prefix { $0 != "(" }).replacing(old, with: new) : line
          },
          path: "file")
      }
      #expect(error.map { "\($0)" }?.contains(words) == true, "\(error as Any)")
    }
    let odd = #expect(throws: TensorNamesError.self) {
      try write { $0.replacing(" is ", with: " ") }
    }
    #expect(odd?.line == 1)
  }

  @Test func whatIsMissingIsNamed() throws {
    let missing = tensors { $0 }.filter { $0.name != "5.weight" }
    #expect(
      throws: ModelFileError.tensor(
        path: "file", name: "5.weight", expected: "shape [4, 4]", found: "none")
    ) { try TensorMatch(missing, to: plan.tensors, path: "file") }
    let renamed = tensors { "a.b\($0)" }.filter { $0.name != "a.b13.bias" }
    #expect(
      throws: ModelFileError.tensor(
        path: "file", name: "13.weight",
        expected: "as many tensors of shape [3, 4] with bias as in the network, 1", found: "0")
    ) { try TensorMatch(renamed, to: plan.tensors, path: "file") }
  }

  @Test func whatIsLeftIsNamed() throws {
    let odd = NamedTensor(name: "a.odd", shape: [7], values: Array(repeating: 0, count: 7))
    for prefix in ["", "a.b"] {
      #expect(
        throws: ModelFileError.tensor(
          path: "file", name: "a.odd", expected: "no such tensor in this network",
          found: "shape [7]")
      ) {
        try TensorMatch(tensors { prefix + $0 } + [odd], to: plan.tensors, path: "file")
      }
    }
  }
}
