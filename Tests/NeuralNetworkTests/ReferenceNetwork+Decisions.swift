import ConvoyReference

extension ReferenceNetwork<Double> {
  /// Whether rounding cannot turn any decision of a pass: on which side of zero a ReLU's input is, which
  /// input of a window is the largest, and which classes violate the hinge loss's margin. Where one is
  /// closer than single precision can tell, gradients of two correct programs may differ.
  ///
  /// - Parameter margin: the least distance, as a share of the largest number of the layer.
  func decidesClearly(
    _ inputs: [ReferenceTensor<Double>], labels: [Int], margin: Double = 1e-5
  ) -> Bool {
    guard let outputs = layers.outputs(of: inputs, ifClearBy: margin) else { return false }
    guard loss == .hinge else { return true }
    return zip(outputs, labels).allSatisfy { output, label in
      let largest = output.values.lazy.map { abs($0) }.max() ?? 0
      return output.values.indices.allSatisfy {
        $0 == label
          || abs(1 - output.values[label] + output.values[$0]) > margin * max(1, largest)
      }
    }
  }
}

extension [any ReferenceLayer<Double>] {
  /// What the layers give; nil if a decision is close.
  fileprivate func outputs(
    of inputs: [ReferenceTensor<Double>], ifClearBy margin: Double
  ) -> [ReferenceTensor<Double>]? {
    var inputs = inputs
    for layer in self {
      if let branches = layer.innerBranches {
        for branch in branches.layers where branch.outputs(of: inputs, ifClearBy: margin) == nil {
          return nil
        }
      } else if !inputs.allSatisfy({ layer.decidesClearly($0, margin: margin) }) {
        return nil
      }
      inputs = layer.forward(batch: inputs)
    }
    return inputs
  }
}

extension ReferenceLayer<Double> {
  /// Of a composite.
  fileprivate var innerBranches: ReferenceBranches<Double>? {
    (self as? ReferenceResidual<Double>)?.branches
      ?? (self as? ReferenceConcatenation<Double>)?.branches
  }

  fileprivate func decidesClearly(_ input: ReferenceTensor<Double>, margin: Double) -> Bool {
    let least = margin * (input.values.lazy.map { abs($0) }.max() ?? 0)
    switch self {
    case let activation as ReferenceActivation<Double>:
      return activation.kinks.allSatisfy { kink in
        // A zero is exact.
        input.values.allSatisfy {
          kink == 0 && $0 == 0 || abs($0 - kink) > Swift.max(least, margin * abs(kink))
        }
      }
    case is ReferencePReLU<Double>:
      return input.values.allSatisfy { $0 == 0 || abs($0) > least }
    case let pooling as ReferenceMaxPooling<Double>:
      return pooling.window.decidesClearly(input, least: least)
    default: return true
    }
  }
}

extension ReferenceActivation {
  /// Where the derivative jumps.
  fileprivate var kinks: [Double] {
    switch self {
    case .relu, .leakyRelu, .elu: [0]
    case .relu6: [0, 6]
    case .hardSwish: [-3, 3]
    case .sigmoid, .tanh, .silu, .gelu, .scale, .identity, .softmax: []
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
              let inputRow = row * down.stride + kernelRow - down.before
              let inputColumn = column * across.stride + kernelColumn - across.before
              guard input.shape.hasPlace(row: inputRow, column: inputColumn) else { continue }
              let value = input[channel, inputRow, inputColumn]
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
