/// A tensor of parameters as files know it, and where each of its numbers lies in `ParameterMemory`.
package struct ParameterTensor: Sendable {
  /// As in the `state_dict` of a `torch.nn.Sequential` of the same layers: `0.weight`.
  package let name: String
  /// PyTorch's: filters × channels × kernel height × kernel width, units × inputs, or filters.
  package let shape: [Int]
  package let kind: Kind
  /// Index in the memory, for each number in the shape's own order.
  let indices: @Sendable (Int) -> Int

  package enum Kind: Sendable, Equatable {
    /// Inputs that an output sums, outputs that an input reaches.
    case weight(fanIn: Int, fanOut: Int)
    case bias
  }

  package var count: Int { shape.reduce(1, *) }

  package func read(from memory: ParameterMemory) -> [Float] {
    read(from: memory.values.pointer)
  }

  package func write(_ values: [Float], to memory: ParameterMemory) {
    write(values, to: memory.values.pointer)
  }

  /// - Parameter stored: an array that lies as `ParameterMemory` does, such as an optimizer's moments.
  package func read(from stored: UnsafePointer<Float>) -> [Float] {
    (0..<count).map { stored[indices($0)] }
  }

  package func write(_ values: [Float], to stored: UnsafeMutablePointer<Float>) {
    precondition(values.count == count, "a number for each parameter")
    for (index, value) in values.enumerated() { stored[indices(index)] = value }
  }
}
