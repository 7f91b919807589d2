/// What a layer of a network gives for a sample.
public struct ReferenceLayerOutput<Scalar: ReferenceScalar>: Sendable {
  /// The layer's type as architecture files have it, such as `convolution`.
  public let name: String

  /// Shape and values.
  public let output: ReferenceTensor<Scalar>
}

extension ReferenceNetwork {
  /// The forward pass of one sample, with the output of every layer, first layer first.
  ///
  /// ```swift
  /// for layer in network.layerOutputs(of: image) {
  ///   print(layer.name, layer.output.shape)
  /// }
  /// ```
  ///
  /// The last is what ``forward(_:)`` gives.
  public func layerOutputs(
    of input: ReferenceTensor<Scalar>
  ) -> [ReferenceLayerOutput<Scalar>] {
    let outputs = ReferenceChain(layers: layers).outputs(of: [input])
    return zip(layers, outputs).map { layer, batch in
      ReferenceLayerOutput(name: layer.name, output: batch[0])
    }
  }
}
