/// A layer as the user describes it: its numbers, and what follows from them. Shapes are
/// channels × height × width.
///
/// To add a layer: a type in a file of its own, and its name in `LayerTypes`. If its arithmetic is new, a
/// node of the plan as well.
package protocol Layer: Sendable, Equatable {
  /// What an architecture file calls the layer.
  static var typeName: String { get }

  /// Reads the layer's fields from an architecture file.
  init(_ fields: inout JSONFields) throws(FieldError)

  /// The fields to write into an architecture file, beside the type.
  var fields: [String: LayerField] { get }

  /// The layer and its numbers, for tables and messages.
  var summary: String { get }

  /// Checks the layer's own numbers.
  func validate() throws(LayerError)

  /// The layers inside, in branches that all read the layer's input; none unless it is a composite.
  var branches: [LayerBranch] { get }

  /// The layer with others in the place of each of the layers inside.
  func replacingInner(_ replace: (any Layer) -> [any Layer]) -> Self

  /// The shape of the output, if the layer fits its input.
  ///
  /// - Parameter branches: the shapes that the layer's branches end in.
  func outputShape(
    for input: FeatureShape, branches: [FeatureShape]
  ) throws(LayerError) -> FeatureShape

  /// What the layer learns, and the arithmetic of a sample.
  func cost(for input: FeatureShape, output: FeatureShape) -> LayerCost

  /// Convolutions of stride 1 that make up the gradient of the layer's input: a plan keeps all of them.
  func inputGradientParts(for input: FeatureShape) -> Int

  /// Adds what the layer does to a plan.
  func add(to plan: inout PlanBuilder)
}

extension Layer {
  package var fields: [String: LayerField] { [:] }
  package var summary: String { Self.typeName }
  package var branches: [LayerBranch] { [] }
  package func replacingInner(_ replace: (any Layer) -> [any Layer]) -> Self { self }
  package func validate() throws(LayerError) {}
  package func cost(for input: FeatureShape, output: FeatureShape) -> LayerCost { LayerCost() }
  package func inputGradientParts(for input: FeatureShape) -> Int { 0 }

  package func isEqual(to other: any Layer) -> Bool { self == other as? Self }
}

/// Layers inside a layer, one after another, under the name that the architecture file has for them.
package struct LayerBranch: Sendable {
  package let name: String
  package let layers: [any Layer]
}

/// A field of a layer in an architecture file.
package enum LayerField: Sendable, Encodable {
  case integer(Int)
  case number(Float)
  case boolean(Bool)
  case layers([any Layer])

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .boolean(let value): try container.encode(value)
    case .layers(let layers): try container.encode(layers.map(EncodedLayer.init))
    }
  }
}

/// What a layer learns, and what it computes for a sample.
package struct LayerCost: Sendable, Equatable {
  package var weights = 0
  package var biases = 0
  /// Of one pass forward.
  package var multiplyAdds = 0

  package var parameters: Int { weights + biases }
}

/// What is wrong with a layer, before it is said where the layer stands.
package enum LayerError: Error, Sendable, Equatable {
  /// A number is out of its range.
  case number(expected: String, found: String)
  /// The layer does not fit what reaches it.
  case doesNotFit(problem: String)

  /// Checks that a whole number is in its range.
  static func check(
    _ name: String, _ value: Int, atLeast least: Int, atMost most: Int = Architecture.largestCount
  ) throws(LayerError) {
    guard value >= least, value <= most else {
      throw .number(expected: "\(name) from \(least) to \(most)", found: "\(value)")
    }
  }

  /// Checks that there are no more numbers in something of these sizes than a layer may have.
  static func check(sizes: [Int]) throws(LayerError) {
    guard Architecture.isWithinLimit(sizes) else {
      throw .doesNotFit(
        problem: "sizes of \(sizes) are beyond \(Architecture.largestCount) numbers")
    }
  }
}
