import ConvoyKernelInterface

/// A node of a plan: its operation, inputs and output shape, before memory layout. Node n writes
/// edge n + 1; edge 0 is the network's input.
struct PlanNode {
  var operation: any NodeOperation
  /// The number of its first layer, depth first.
  let layer: Int
  /// The edges it reads.
  let inputs: [Int]
  /// By input.
  let inputShapes: [FeatureShape]
  var outputShape: FeatureShape

  func border(ofInput input: Int) -> FeatureMap.Border {
    operation.inputBorder(for: inputShapes[input])
  }

  func covers(input: Int) -> Bool {
    operation.coversInput(inputShapes[input], output: outputShape)
  }

  var gradientBorder: FeatureMap.Border { operation.gradientBorder(for: inputShapes[0]) }

  /// Floats per sample that it keeps until its last pass.
  var keptCount: Int {
    operation.keptCount(FeatureMap(outputShape))
  }
}

extension [PlanNode] {
  /// By edge, whether its producer runs backward, and so wants the edge's gradients.
  var wantsGradients: [Bool] {
    reduce(into: [false]) { wants, node in
      wants.append(node.operation.learns || node.inputs.contains { wants[$0] })
    }
  }
}

/// What a node computes: a type in the file of its stage. A requirement has a default where most
/// operations agree.
protocol NodeOperation: Sendable {
  /// How the gradients of its parameters are made.
  var parameterGradients: ParameterGradients { get }

  /// Whether training changes its parameters.
  var learns: Bool { get }

  /// Whether its stage is a `StatisticsStage`: it measures the whole batch before its passes.
  var measuresBatch: Bool { get }

  /// What it reads again in its backward pass, or for its parameter gradients.
  var backwardReads: BackwardReads { get }

  /// Whether it may run forward again in a backward phase, where that costs less than keeping its
  /// output for the batch. Must give the same bits.
  var canRunAgain: Bool { get }

  /// Whether it reads maps of any number of channels; others read them padded to a multiple of 8.
  var readsAnyChannels: Bool { get }

  /// Whether it reads a sample as one row, border and padding channels included. Its input
  /// gradients then have the layout of the values.
  var readsRows: Bool { get }

  /// Whether its output is a true vector, not its input's numbers in their order.
  var givesVector: Bool { get }

  /// Whether it depends on the order of a vector's numbers, so that a flattened map does not
  /// suffice.
  var needsVector: Bool { get }

  /// Floats per sample that it keeps until its last pass: winners of max pooling, a dropout mask, or
  /// statistics of the batch.
  func keptCount(_ output: FeatureMap) -> Int

  /// Zeros it reads around an input of a shape.
  func inputBorder(for input: FeatureShape) -> FeatureMap.Border

  /// Zeros it reads around its output's gradients.
  func gradientBorder(for input: FeatureShape) -> FeatureMap.Border

  /// Whether its backward pass overwrites every element of an input's gradient.
  func coversInput(_ input: FeatureShape, output: FeatureShape) -> Bool

  /// Whether it can represent what it stores for an input with this border.
  func fits(_ input: FeatureShape, border: FeatureMap.Border) -> Bool

  /// The operation with an activation fused to its output; nil if it already has one, or supports
  /// none.
  func joining(_ function: ActivationFunction) -> (any NodeOperation)?

  /// The operation with a max pooling fused to its output; nil if it already has one, or supports
  /// none.
  func joining(maxPooling window: Window) -> (any NodeOperation)?

  /// The stage that computes it, laid out between its edges.
  func stage(at site: NodeSite, places: inout PlanPlaces) -> any Stage
}

/// How the gradients of a node's parameters are made.
enum ParameterGradients {
  /// It has none.
  case none
  /// Each group of samples sums them in its slot.
  case groups
  /// The update phase makes them from the inputs and output gradients of the whole batch.
  case wholeBatch
  /// They are among the statistics of the batch that the node measures before its passes.
  case statistics
}

/// The values that a node reads again after its forward pass.
struct BackwardReads: OptionSet {
  let rawValue: Int
  /// For a weight gradient, or the derivative of an activation that the output does not determine.
  static let input = Self(rawValue: 1)
  /// For the derivative of an activation that is a function of the output.
  static let output = Self(rawValue: 2)
}

extension NodeOperation {
  var learns: Bool { parameterGradients != .none }
  var parameterGradients: ParameterGradients { .none }
  var measuresBatch: Bool { false }
  var backwardReads: BackwardReads { [] }
  var canRunAgain: Bool { false }
  var readsAnyChannels: Bool { false }
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

/// An operation that can fuse an activation to its output.
protocol ActivatedOperation: NodeOperation {
  var activation: ActivationFunction { get set }
}

extension ActivatedOperation {
  func joining(_ function: ActivationFunction) -> (any NodeOperation)? {
    guard activation == .identity else { return nil }
    var joined = self
    joined.activation = function
    return joined
  }
}

/// The edges, memory and kernels of a node's stage.
struct NodeSite {
  /// The prefix of its tensor names.
  let name: String
  /// The number of its layer, depth first.
  let layer: Int
  let inputs: [Edge]
  let output: Edge
  /// Where it keeps data until its last pass.
  let kept: SamplePlace
  let kernels: any KernelSet
  /// Whether the weight gradients of groups are summed in a separate phase.
  let sumsGroupsApart: Bool
  /// Whether a pass has one sample.
  let isForSingleSamples: Bool

  var input: Edge { inputs[0] }
}
