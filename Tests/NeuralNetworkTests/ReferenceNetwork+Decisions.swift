import ConvoyReference

extension ReferenceNetwork<Double> {
  /// Whether rounding cannot turn any decision of a pass: on which side of zero a ReLU's input is, which
  /// input of a window is the largest, and which classes violate the hinge loss's margin. Where one is
  /// closer than single precision can tell, gradients of two correct programs may differ.
  ///
  /// - Parameter margin: the least distance, as a share of the largest number of the layer.
  func decidesClearly(
    _ input: ReferenceTensor<Double>, label: Int, margin: Double = 1e-5
  ) -> Bool {
    guard let input = layers.output(of: input, ifClearBy: margin) else { return false }
    guard loss == .multiClassHinge else { return true }
    let largest = input.values.lazy.map { abs($0) }.max() ?? 0
    return input.values.indices.allSatisfy {
      $0 == label
        || abs(1 - input.values[label] + input.values[$0]) > margin * max(1, largest)
    }
  }
}

extension [any ReferenceLayer<Double>] {
  /// What the layers give; nil if a decision is close.
  fileprivate func output(
    of input: ReferenceTensor<Double>, ifClearBy margin: Double
  ) -> ReferenceTensor<Double>? {
    var input = input
    for layer in self {
      let largest = input.values.lazy.map { abs($0) }.max() ?? 0
      let least = margin * largest
      switch layer {
      case let activation as ReferenceActivation<Double>:
        for kink in activation.kinks {
          // A zero is exact.
          let isClear = input.values.allSatisfy {
            kink == 0 && $0 == 0 || abs($0 - kink) > Swift.max(least, margin * abs(kink))
          }
          guard isClear else { return nil }
        }
      case let pooling as ReferenceMaxPooling<Double>:
        guard pooling.window.decidesClearly(input, least: least) else { return nil }
      case let residual as ReferenceResidual<Double>:
        for branch in [residual.layers, residual.shortcut]
        where branch.output(of: input, ifClearBy: margin) == nil { return nil }
      default: break
      }
      input = layer.forward(input)
    }
    return input
  }
}

extension ReferenceActivation {
  /// Where the derivative jumps.
  fileprivate var kinks: [Double] {
    switch self {
    case .relu, .leakyRelu: [0]
    case .hardSwish: [-3, 3]
    case .sigmoid, .tanh, .silu, .identity, .softmax: []
    }
  }
}

extension ReferenceWindow {
  /// Whether the largest of each window is the largest by more than `least`, or zero: zeros are exact.
  fileprivate func decidesClearly(_ input: ReferenceTensor<Double>, least: Double) -> Bool {
    let output = outputShape(for: input.shape, channels: input.shape.channels)
    for channel in 0..<output.channels {
      for row in 0..<output.height {
        for column in 0..<output.width {
          var (largest, second) = (-Double.infinity, -Double.infinity)
          for kernelRow in 0..<height {
            for kernelColumn in 0..<width {
              let value = input[channel, row * stride + kernelRow, column * stride + kernelColumn]
              second = max(second, min(largest, value))
              largest = max(largest, value)
            }
          }
          let isZero = largest == 0 && second == 0
          guard isZero || largest - second > least else { return false }
        }
      }
    }
    return true
  }
}
