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
    (0..<count).map { memory.values.pointer[indices($0)] }
  }

  package func write(_ values: [Float], to memory: ParameterMemory) {
    precondition(values.count == count, "a number for each parameter")
    for (index, value) in values.enumerated() {
      memory.values.pointer[indices(index)] = value
    }
  }
}
