/// The activations of one sample, [channels][height][width], in one flat array.
package struct ReferenceTensor<Scalar: ReferenceScalar>: Equatable, Sendable {
  package let shape: ReferenceShape

  /// The values, the column changing fastest, then the row, then the channel.
  package var values: [Scalar]

  package init(shape: ReferenceShape, values: [Scalar]) {
    precondition(values.count == shape.count, "a tensor has as many values as its shape")
    self.shape = shape
    self.values = values
  }

  /// A tensor of zeros.
  package init(zeros shape: ReferenceShape) {
    self.init(shape: shape, values: Array(repeating: 0, count: shape.count))
  }

  /// A vector: one value per channel.
  package init(vector values: [Scalar]) {
    self.init(shape: ReferenceShape(features: values.count), values: values)
  }

  package subscript(channel: Int, row: Int, column: Int) -> Scalar {
    get { values[index(channel, row, column)] }
    set { values[index(channel, row, column)] = newValue }
  }

  private func index(_ channel: Int, _ row: Int, _ column: Int) -> Int {
    (channel * shape.height + row) * shape.width + column
  }
}
