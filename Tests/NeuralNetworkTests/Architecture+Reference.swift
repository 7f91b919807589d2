import KeyedRandom
import NeuralNetwork
import Reference

extension Architecture {
  /// The architecture in plain scalar layers.
  ///
  /// - Parameters:
  ///   - parameters: weights, and biases where it has them, of each layer in turn.
  ///   - sample: whose dropout masks the network has; see `PlanRun`.
  func reference<Scalar: ReferenceScalar>(
    input: FeatureShape, loss: LossFunction, parameters: [[Float]], sample: Int,
    as _: Scalar.Type
  ) throws -> ReferenceNetwork<Scalar> {
    var rest = parameters[...].map { $0.map { Scalar($0) } }[...]
    var shape = input
    // A flattened map keeps its shape here: masks lie as the map does.
    var map = FeatureMap(input)
    var layers: [any ReferenceLayer<Scalar>] = []
    for (index, (layer, output)) in zip(self.layers, try outputShapes(for: input)).enumerated() {
      switch layer {
      case .convolution(let filters, let kernelSize, let stride, let padding, let hasBias):
        layers.append(
          ReferenceConvolution(
            inputChannels: shape.channels, outputChannels: filters,
            window: ReferenceWindow(
              height: kernelSize, width: kernelSize, stride: stride, padding: padding),
            weights: rest.removeFirst(),
            biases: hasBias ? rest.removeFirst() : Array(repeating: 0, count: filters)))
      case .maxPooling(let kernelSize, let stride):
        layers.append(
          ReferenceMaxPooling(
            window: ReferenceWindow(height: kernelSize, width: kernelSize, stride: stride)))
      case .averagePooling(let kernelSize, let stride):
        layers.append(
          ReferenceAveragePooling(
            window: ReferenceWindow(height: kernelSize, width: kernelSize, stride: stride)))
      case .flatten: layers.append(ReferenceFlatten())
      case .dense(let units):
        layers.append(
          ReferenceDense(
            inputFeatures: shape.count, outputFeatures: units, weights: rest.removeFirst(),
            biases: rest.removeFirst()))
      case .dropout(let rate):
        layers.append(
          ReferenceDropout(
            rate: Scalar(rate), kept: Self.kept(map, rate: rate, layer: index, sample: sample)))
      case .relu: layers.append(ReferenceActivation<Scalar>.relu)
      case .leakyRelu(let slope):
        layers.append(ReferenceActivation<Scalar>.leakyRelu(slope: Scalar(slope)))
      case .sigmoid: layers.append(ReferenceActivation<Scalar>.sigmoid)
      case .tanh: layers.append(ReferenceActivation<Scalar>.tanh)
      case .softmax:
        if index < self.layers.count - 1 || loss != .crossEntropy {
          layers.append(ReferenceActivation<Scalar>.softmax)
        }
      case .identity: layers.append(ReferenceActivation<Scalar>.identity)
      }
      shape = output
      if !output.isFlat || layer.type == .dense { map = FeatureMap(output) }
    }
    return ReferenceNetwork(
      layers: layers, loss: loss == .hinge ? .multiClassHinge : .softmaxCrossEntropy)
  }

  /// Whether they have biases, of the layers with weights.
  var hasBiases: [Bool] {
    layers.compactMap { layer in
      switch layer {
      case .convolution(_, _, _, _, let hasBias): hasBias
      case .dense: true
      default: nil
      }
    }
  }

  private static func kept(
    _ map: FeatureMap, rate: Float, layer: Int, sample: Int
  ) -> [Bool] {
    let random = KeyedRandom(
      seed: PlanRun.seed, purpose: .dropout, PlanRun.epoch, sample
    ).keyed(by: layer)
    var mask = [Float](repeating: 0, count: map.count)
    mask.withUnsafeMutableBufferPointer { random.fillDropoutMask($0, rate: rate) }
    return (0..<map.shape.count).map { mask[map.offset(of: $0)] != 0 }
  }
}
