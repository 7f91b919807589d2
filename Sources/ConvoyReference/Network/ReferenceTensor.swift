/// The values of one sample, [channels][height][width], in one flat array: an image, what a layer
/// makes of it, or a gradient.
public struct ReferenceTensor<Scalar: ReferenceScalar>: Equatable, Sendable {
  /// Channels, height and width.
  public let shape: ReferenceShape

  /// The values, the column changing fastest, then the row, then the channel.
  public var values: [Scalar]

  /// - Precondition: there are as many values as the shape has.
  public init(shape: ReferenceShape, values: [Scalar]) {
    precondition(values.count == shape.count, "a tensor has as many values as its shape")
    self.shape = shape
    self.values = values
  }

  /// A tensor of zeros.
  public init(zeros shape: ReferenceShape) {
    self.init(shape: shape, values: Array(repeating: 0, count: shape.count))
  }

  /// A vector: one value per channel.
  public init(vector values: [Scalar]) {
    self.init(shape: ReferenceShape(features: values.count), values: values)
  }

  /// The value at a place, `values[(channel · height + row) · width + column]`.
  public subscript(channel: Int, row: Int, column: Int) -> Scalar {
    get { values[index(channel, row, column)] }
    set { values[index(channel, row, column)] = newValue }
  }

  private func index(_ channel: Int, _ row: Int, _ column: Int) -> Int {
    (channel * shape.height + row) * shape.width + column
  }

  /// The sum of two tensors of one shape.
  func adding(_ other: ReferenceTensor) -> ReferenceTensor {
    precondition(shape == other.shape, "only tensors of one shape can be added")
    return ReferenceTensor(shape: shape, values: zip(values, other.values).map { $0 + $1 })
  }
}

extension ReferenceTensor {
  /// A channel as text, a row per line and two characters per value: `@@` for the largest of the
  /// tensor's finite values, blank for 0 and less, `??` for NaN and infinity.
  public func drawing(ofChannel channel: Int = 0) -> String {
    let brightness = Array(" .:-=+*#%@")
    let largest = values.reduce(0) { $1.isFinite ? max($0, $1) : $0 }
    return (0..<shape.height).map { row in
      (0..<shape.width).map { column in
        let value = self[channel, row, column]
        guard value.isFinite else { return "??" }
        let share = value > 0 ? value / largest : 0
        let character = brightness[Int((share * Scalar(brightness.count - 1)).rounded())]
        return "\(character)\(character)"
      }.joined()
    }.joined(separator: "\n")
  }
}
