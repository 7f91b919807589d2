import KernelInterface

/// A stage to be: what it does and the shape it gives, before anything is laid out in memory.
struct PlanNode {
  enum Operation {
    case convolution(
      ConvolutionSize, ActivationFunction, maxPooling: (kernelSize: Int, stride: Int)?)
    case pooling(PoolingStage.Kind, kernelSize: Int, stride: Int)
    case dense(units: Int, ActivationFunction)
    case activation(ActivationStage.Kind)
    case dropout(rate: Float)
    case flatten

    /// Whether it sees its input as one vector, whatever the map was.
    var needsVector: Bool { if case .activation(.softmax) = self { true } else { false } }
  }

  var operation: Operation
  /// The index of its first layer in the architecture.
  let layer: Int
  let inputShape: FeatureShape
  var outputShape: FeatureShape

  var hasParameters: Bool {
    switch operation {
    case .convolution, .dense: true
    case .pooling, .activation, .dropout, .flatten: false
    }
  }

  var isDense: Bool { if case .dense = operation { true } else { false } }

  /// Zeros it reads around its input.
  func inputBorder(input: FeatureShape) -> FeatureMap.Border {
    guard case .convolution(let size, _, _) = operation else { return FeatureMap.Border() }
    return size.inputBorder(for: input)
  }

  /// Zeros it reads around its output's gradients.
  func gradientBorder(input: FeatureShape) -> FeatureMap.Border {
    guard case .convolution(let size, _, nil) = operation else { return FeatureMap.Border() }
    return size.gradientBorder(for: input)
  }
}
