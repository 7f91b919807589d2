import ConvoyKernelInterface

/// A tensor of parameters as files store it, and its layout in `ParameterMemory`.
package struct ParameterTensor: Sendable {
  /// The name in the `state_dict` of a `torch.nn.Sequential` of the same layers: `0.weight`; inside
  /// a residual block, `0.layers.1.weight`, for a module with the members `layers` and `shortcut`.
  package let name: String
  /// PyTorch's: filters × channels × kernel height × kernel width, units × inputs, filters, or
  /// nothing for a single number.
  package let shape: [Int]
  package let kind: Kind
  /// Of weights, how they are drawn; nil for the network's method.
  var initialization: LayerInitialization?
  /// Whether training leaves it as it is, although it could learn.
  package var isFrozen = false
  let layout: TensorLayout

  package enum Kind: Sendable, Equatable {
    /// A parameter, drawn at first. Inputs that an output sums, outputs that an input reaches.
    case weight(fanIn: Int, fanOut: Int)
    /// A parameter, equal to a constant at first.
    case constant(Float)
    /// Not learned but measured in training: running estimates, 0 and 1 at first.
    case mean
    case variance
    /// How often the estimates were updated: 0 at first, and no more than 2²⁴.
    case count
  }

  package var isLearned: Bool { isParameter && !isFrozen }

  package var isParameter: Bool {
    switch kind {
    case .weight, .constant: true
    case .mean, .variance, .count: false
    }
  }

  /// Whether it is initialised with filters that whiten patches of the network's input.
  package var isWhitening: Bool { initialization == .whitening }

  package var count: Int { shape.reduce(1, *) }

  package func read(from memory: ParameterMemory) -> [Float] {
    unsafe read(from: memory.values.pointer)
  }

  package func write(_ values: [Float], to memory: ParameterMemory) {
    unsafe write(values, to: memory.values.pointer)
  }

  /// - Parameter stored: an array with the layout of `ParameterMemory`, such as an optimizer's
  ///   moments.
  package func read(from stored: UnsafePointer<Float>) -> [Float] {
    unsafe [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let first = buffer.baseAddress { unsafe read(0..<count, from: stored, into: first) }
      initialized = count
    }
  }

  /// Reads a range of the numbers, in the shape's own order.
  package func read(
    _ range: Range<Int>, from stored: UnsafePointer<Float>, into values: UnsafeMutablePointer<Float>
  ) {
    layout.forEachTile(in: range) { tile in
      var (source, target) = unsafe (stored + tile.offset, values + (tile.index - range.lowerBound))
      for _ in 0..<tile.outputs {
        var place = unsafe source
        for number in 0..<tile.count {
          unsafe target[number] = unsafe place.pointee
          unsafe place += tile.offsetStep
        }
        unsafe source += 1
        unsafe target += tile.indexStep
      }
    }
  }

  package func write(_ values: [Float], to stored: UnsafeMutablePointer<Float>) {
    precondition(values.count == count, "a number for each parameter")
    unsafe values.withUnsafeBufferPointer { values in
      if let first = values.baseAddress { unsafe write(first, to: stored) }
    }
  }

  /// - Parameter values: `count` numbers, in the shape's own order.
  package func write(_ values: UnsafePointer<Float>, to stored: UnsafeMutablePointer<Float>) {
    layout.forEachTile(in: 0..<count) { tile in
      var (source, target) = unsafe (values + tile.index, stored + tile.offset)
      for _ in 0..<tile.outputs {
        var place = unsafe target
        for number in 0..<tile.count {
          unsafe place.pointee = unsafe source[number]
          unsafe place += tile.offsetStep
        }
        unsafe source += tile.indexStep
        unsafe target += 1
      }
    }
  }
}
