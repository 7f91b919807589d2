import ConvoyKernelInterface

/// A node of a plan: what it computes, what it reads, and the shape it gives, before anything is laid
/// out in memory. Its output is the edge of its number plus one; edge 0 is the network's input.
struct PlanNode {
  var operation: any NodeOperation
  /// The number of its first layer, depth first.
  let layer: Int
  /// The edges it reads.
  let inputs: [Int]
  /// Of each of them.
  let inputShapes: [FeatureShape]
  var outputShape: FeatureShape

  func border(ofInput input: Int) -> FeatureMap.Border {
    operation.inputBorder(for: inputShapes[input])
  }

  func covers(input: Int) -> Bool {
    operation.coversInput(inputShapes[input], output: outputShape)
  }

  var gradientBorder: FeatureMap.Border { operation.gradientBorder(for: inputShapes[0]) }

  /// Floats a sample that it keeps from its pass forward for its pass backward.
  var keptCount: Int {
    operation.keptCount(FeatureMap(outputShape))
  }
}

/// What a node computes: a type in the file of its stage. A requirement has a default where most operations
/// answer alike.
protocol NodeOperation: Sendable {
  /// Whether it has parameters.
  var learns: Bool { get }

  /// What it reads again when it runs backward, or for its parameters' gradients.
  var backwardReads: BackwardReads { get }

  /// Whether it reads maps of any number of channels; others read them padded to a multiple of 8.
  var readsAnyChannels: Bool { get }

  /// Whether its parameters' gradients are made of the whole batch in the update phase, which reads its
  /// inputs and its outputs' gradients then.
  var sumsWholeBatch: Bool { get }

  /// Whether it reads a sample as one row, border and added channels included. The gradients that it writes
  /// then lie as the values do.
  var readsRows: Bool { get }

  /// Whether it gives a vector of its own, not its input's numbers in their order.
  var givesVector: Bool { get }

  /// Whether the order of a vector's numbers matters to it, so that a flattened map will not do.
  var needsVector: Bool { get }

  /// Floats a sample that it keeps from its pass forward for its pass backward: the winners of max pooling,
  /// or a dropout mask.
  func keptCount(_ output: FeatureMap) -> Int

  /// Zeros it reads around an input of a shape.
  func inputBorder(for input: FeatureShape) -> FeatureMap.Border

  /// Zeros it reads around its output's gradients.
  func gradientBorder(for input: FeatureShape) -> FeatureMap.Border

  /// Whether its pass backward overwrites every element of an input's gradient.
  func coversInput(_ input: FeatureShape, output: FeatureShape) -> Bool

  /// Whether it can store what it must of an input with this border.
  func fits(_ input: FeatureShape, border: FeatureMap.Border) -> Bool

  /// The same with an activation of its outputs; nil if it has one already, or cannot.
  func joining(_ function: ActivationFunction) -> (any NodeOperation)?

  /// The same with a max pooling of its outputs; nil if it has one already, or cannot.
  func joining(maxPooling window: Window) -> (any NodeOperation)?

  /// The stage that computes it, laid out between its edges.
  func stage(at site: NodeSite, places: inout PlanPlaces) -> any Stage
}

/// The values that a node reads again after its pass forward.
struct BackwardReads: OptionSet {
  let rawValue: Int
  /// For a weight gradient.
  static let input = Self(rawValue: 1)
  /// For the derivative of an activation, which is told from it.
  static let output = Self(rawValue: 2)
}

extension NodeOperation {
  var learns: Bool { false }
  var backwardReads: BackwardReads { [] }
  var readsAnyChannels: Bool { false }
  var sumsWholeBatch: Bool { false }
  var readsRows: Bool { false }
  var givesVector: Bool { false }
  var needsVector: Bool { false }
  func keptCount(_ output: FeatureMap) -> Int { 0 }
  func inputBorder(for input: FeatureShape) -> FeatureMap.Border { FeatureMap.Border() }
  func gradientBorder(for input: FeatureShape) -> FeatureMap.Border { FeatureMap.Border() }
  func coversInput(_ input: FeatureShape, output: FeatureShape) -> Bool { true }
  func fits(_ input: FeatureShape, border: FeatureMap.Border) -> Bool { true }
  func joining(_ function: ActivationFunction) -> (any NodeOperation)? { nil }
  func joining(maxPooling window: Window) -> (any NodeOperation)? { nil }
}

/// Where a node's stage lies, and what it computes with.
struct NodeSite {
  /// What the names of its tensors begin with.
  let name: String
  /// The number of its layer, depth first.
  let layer: Int
  let inputs: [Edge]
  let output: Edge
  /// Where it keeps what it needs backward.
  let kept: SamplePlace
  let kernels: any KernelSet
  /// Whether weight gradients that groups of samples sum are made in a phase of their own.
  let sumsGroupsApart: Bool

  var input: Edge { inputs[0] }
}
