/// A layer as the user describes it: its hyper-parameters and what follows from them. Shapes are
/// channels × height × width.
///
/// To add a layer, write a type in its own file and list it in `LayerTypes`. New arithmetic also
/// needs a node of the plan.
package protocol Layer: Block, Equatable {
  /// The layer's name in an architecture file.
  static var typeName: String { get }

  /// Reads the layer's fields from an architecture file.
  init(_ fields: inout JSONFields) throws(FieldError)

  /// The fields to write into an architecture file, beside the type.
  var fields: [String: LayerField] { get }

  /// The layer and its hyper-parameters, for tables and messages.
  var summary: String { get }

  /// Whether training changes its parameters, if it has any.
  var isTrainable: Bool { get }

  /// Checks the layer's hyper-parameters.
  func validate() throws(LayerError)

  /// Checks that the layer may stand where it does.
  func validate(reading input: PlacedLayer.Input) throws(LayerError)

  /// The branches of a composite, which all read the layer's input; empty for any other layer.
  var branches: [LayerBranch] { get }

  /// The layer with each of its branches replaced.
  func replacingBranches(_ replace: (LayerBranch) -> [any Layer]) -> Self

  /// The shape of the output, if the layer fits its input.
  ///
  /// - Parameter branches: the output shape of each branch.
  func outputShape(
    for input: FeatureShape, branches: [FeatureShape]
  ) throws(LayerError) -> FeatureShape

  /// The layer's parameters, and its multiply-adds per sample.
  func cost(for input: FeatureShape, output: FeatureShape) -> LayerCost

  /// The number of stride-1 convolutions that make up the input gradient. A plan stores each of
  /// them.
  func inputGradientParts(for input: FeatureShape) -> Int

  /// Adds the layer's nodes to a plan.
  func add(to plan: inout PlanBuilder)
}

extension Layer {
  public var body: Network { return Network([self]) }

  package var fields: [String: LayerField] { [:] }
  package var summary: String { Self.typeName }
  package var isTrainable: Bool { true }
  package var branches: [LayerBranch] { [] }
  package func replacingBranches(_ replace: (LayerBranch) -> [any Layer]) -> Self { self }
  package func validate() throws(LayerError) {}
  package func validate(reading input: PlacedLayer.Input) throws(LayerError) {}
  package func cost(for input: FeatureShape, output: FeatureShape) -> LayerCost { LayerCost() }
  package func inputGradientParts(for input: FeatureShape) -> Int { 0 }

  package func isEqual(to other: any Layer) -> Bool { self == other as? Self }
}

/// A layer with parameters, which it may keep as they are.
package protocol FreezableLayer: Layer {
  var isTrainable: Bool { get set }
}

extension Layer {
  /// The layer with its parameters trained, or kept as they are; so are those of its branches.
  package func withParameters(trained: Bool) -> any Layer {
    guard var layer = self as? any FreezableLayer else {
      return replacingBranches { $0.layers.map { $0.withParameters(trained: trained) } }
    }
    layer.isTrainable = trained
    return layer
  }
}

/// A sequence of layers inside a layer, with its field name in an architecture file.
package struct LayerBranch: Sendable {
  package let name: String
  package let layers: [any Layer]
}

/// A field of a layer in an architecture file.
package enum LayerField: Sendable, Encodable {
  case integer(Int)
  case number(Float)
  case boolean(Bool)
  case text(String)
  /// A number, or a list of two.
  case pair(Pair)
  case layers([any Layer])
  case branches([[any Layer]])

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .boolean(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .pair(let pair):
      if pair.isEqual {
        try container.encode(pair.rows)
      } else {
        try container.encode([pair.rows, pair.columns])
      }
    case .layers(let layers): try container.encode(layers.map(EncodedLayer.init))
    case .branches(let branches):
      try container.encode(branches.map { $0.map(EncodedLayer.init) })
    }
  }
}

/// A layer's parameters, and its multiply-adds per sample.
package struct LayerCost: Sendable, Equatable {
  package var weights = 0
  package var biases = 0
  /// In the forward pass.
  package var multiplyAdds = 0

  package var parameters: Int { weights + biases }
}

/// What is wrong with a layer; the caller adds the layer's place.
package enum LayerError: Error, Sendable, Equatable {
  /// A hyper-parameter is out of its range.
  case number(expected: String, found: String)
  /// The layer does not fit its input.
  case doesNotFit(problem: String)

  /// Checks that a whole number is in its range.
  static func check(
    _ name: String, _ value: Int, atLeast least: Int, atMost most: Int = Network.largestCount
  ) throws(LayerError) {
    guard value >= least, value <= most else {
      throw .number(expected: "\(name) from \(least) to \(most)", found: "\(value)")
    }
  }

  /// Checks that both numbers are in their range.
  static func check(
    _ name: String, _ value: Pair, atLeast least: Int, atMost most: Int = Network.largestCount
  ) throws(LayerError) {
    try check(name, value.rows, atLeast: least, atMost: most)
    try check(name, value.columns, atLeast: least, atMost: most)
  }

  /// Checks a number that is added to variances: the square root of a normal number is far from
  /// overflow when it divides.
  static func check(epsilon: Float) throws(LayerError) {
    guard epsilon >= .leastNormalMagnitude, epsilon <= 1e6 else {
      throw .number(
        expected: "epsilon from \(Float.leastNormalMagnitude) to 1000000", found: "\(epsilon)")
    }
  }

  /// Checks that the product of the sizes is within the limit for one layer.
  static func check(sizes: [Int]) throws(LayerError) {
    guard Network.isWithinLimit(sizes) else {
      throw .doesNotFit(
        problem: "sizes of \(sizes) are beyond \(Network.largestCount) numbers")
    }
  }
}
