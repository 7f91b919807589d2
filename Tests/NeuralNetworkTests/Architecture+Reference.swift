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
      case let layer as Convolution:
        layers.append(
          ReferenceConvolution(
            inputChannels: shape.channels, outputChannels: layer.filters,
            window: ReferenceWindow(
              height: layer.kernelSize, width: layer.kernelSize, stride: layer.stride,
              padding: layer.padding),
            weights: rest.removeFirst(),
            biases: layer.hasBias
              ? rest.removeFirst() : Array(repeating: 0, count: layer.filters)))
      case let layer as MaxPooling:
        layers.append(
          ReferenceMaxPooling(
            window: ReferenceWindow(
              height: layer.kernelSize, width: layer.kernelSize, stride: layer.stride)))
      case let layer as AveragePooling:
        layers.append(
          ReferenceAveragePooling(
            window: ReferenceWindow(
              height: layer.kernelSize, width: layer.kernelSize, stride: layer.stride)))
      case is Flatten: layers.append(ReferenceFlatten())
      case let layer as Dense:
        layers.append(
          ReferenceDense(
            inputFeatures: shape.count, outputFeatures: layer.units, weights: rest.removeFirst(),
            biases: rest.removeFirst()))
      case let layer as Dropout:
        layers.append(
          ReferenceDropout(
            rate: Scalar(layer.rate),
            kept: Self.kept(map, rate: layer.rate, layer: index, sample: sample)))
      case is ReLU: layers.append(ReferenceActivation<Scalar>.relu)
      case let layer as LeakyReLU:
        layers.append(ReferenceActivation<Scalar>.leakyRelu(slope: Scalar(layer.slope)))
      case is Sigmoid: layers.append(ReferenceActivation<Scalar>.sigmoid)
      case is Tanh: layers.append(ReferenceActivation<Scalar>.tanh)
      case is Softmax:
        if index < self.layers.count - 1 || loss != .crossEntropy {
          layers.append(ReferenceActivation<Scalar>.softmax)
        }
      case is Identity: layers.append(ReferenceActivation<Scalar>.identity)
      default: preconditionFailure("\(layer.summary) has no reference")
      }
      shape = output
      if !output.isFlat || layer is Dense { map = FeatureMap(output) }
    }
    return ReferenceNetwork(
      layers: layers, loss: loss == .hinge ? .multiClassHinge : .softmaxCrossEntropy)
  }

  /// Whether they have biases, of the layers with weights.
  var hasBiases: [Bool] {
    layers.compactMap { layer in
      switch layer {
      case let layer as Convolution: layer.hasBias
      case is Dense: true
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
