extension NetworkPlan {
  /// Draws the weights, and sets biases to zero.
  package func initialize(_ memory: ParameterMemory, _ initialization: Initialization, seed: UInt64)
  {
    for (index, tensor) in tensors.enumerated() {
      switch tensor.kind {
      case .weight(let fanIn, let fanOut):
        let weights = initialization.weights(
          count: tensor.count, fanIn: fanIn, fanOut: fanOut, seed: seed, layer: index)
        tensor.write(weights, to: memory)
      case .bias: tensor.write(Array(repeating: 0, count: tensor.count), to: memory)
      }
    }
    refresh(memory)
  }
}
