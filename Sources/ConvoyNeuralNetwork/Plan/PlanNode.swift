import ConvoyKernelInterface

/// A node of a plan: what it computes, what it reads, and the shape it gives, before anything is laid
/// out in memory. Its output is the edge of its number plus one; edge 0 is the network's input.
struct PlanNode {
  enum Operation {
    case convolution(
      ConvolutionSize, ActivationFunction, maxPooling: (kernelSize: Int, stride: Int)?)
    case pooling(PoolingStage.Kind, kernelSize: Int, stride: Int)
    case dense(units: Int, ActivationFunction)
    case activation(ActivationStage.Kind)
    case addition(ActivationFunction)
    case dropout(rate: Float)
    case flatten
  }

  var operation: Operation
  /// The number of its first layer, depth first.
  let layer: Int
  /// The edges it reads.
  let inputs: [Int]
  /// The shape of each of them.
  let inputShape: FeatureShape
  var outputShape: FeatureShape

  var hasParameters: Bool {
    switch operation {
    case .convolution, .dense: true
    case .pooling, .activation, .addition, .dropout, .flatten: false
    }
  }

  var isDense: Bool { if case .dense = operation { true } else { false } }

  /// Zeros it reads around its input.
  var inputBorder: FeatureMap.Border {
    guard case .convolution(let size, _, _) = operation else { return FeatureMap.Border() }
    return size.inputBorder(for: inputShape)
  }

  /// Zeros it reads around its output's gradients.
  var gradientBorder: FeatureMap.Border {
    guard case .convolution(let size, _, nil) = operation else { return FeatureMap.Border() }
    return size.gradientBorder(for: inputShape)
  }

  /// Whether it reads its input's values again when it runs backward: for the weight gradient.
  var needsInputBackward: Bool { hasParameters }

  /// Whether it reads its output's values when it runs backward: for an activation's derivative.
  var needsOutputBackward: Bool {
    switch operation {
    case .convolution(_, .identity, _), .dense(_, .identity), .addition(.identity): false
    case .activation(.elementwise(.identity)): false
    case .convolution, .dense, .addition, .activation: true
    case .pooling, .dropout, .flatten: false
    }
  }

  /// Whether its pass backward overwrites every element of the input's gradient.
  var coversInput: Bool {
    switch operation {
    case .convolution(let size, _, _): size.stride <= size.kernelSize
    case .pooling(_, let kernelSize, let stride):
      Window(kernelSize: kernelSize, stride: stride).covers(inputShape, outputs: outputShape)
    case .flatten: false
    case .dense, .activation, .addition, .dropout: true
    }
  }

  /// Floats a sample that it keeps from its pass forward for its pass backward: the winners of max
  /// pooling, or a dropout mask.
  var keptCount: Int {
    switch operation {
    case .convolution(_, _, maxPooling: .some), .pooling(.max, _, _), .dropout:
      FeatureMap(outputShape).interiorCount
    case .convolution, .pooling, .dense, .activation, .addition, .flatten: 0
    }
  }
}
