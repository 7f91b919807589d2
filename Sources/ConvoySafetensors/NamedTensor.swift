/// An array of single-precision numbers with a name and a shape, as a model file holds it.
package struct NamedTensor: Equatable, Sendable {
  package let name: String
  /// The dimensions, outermost first; none for a single number.
  package let shape: [Int]
  /// The elements in row-major order.
  package let values: [Float]

  /// The number of values must be the product of the shape.
  package init(name: String, shape: [Int], values: [Float]) {
    precondition(
      Self.elementCount(of: shape) == values.count,
      "The tensor '\(name)' of shape \(shape) cannot hold \(values.count) values.")
    self.name = name
    self.shape = shape
    self.values = values
  }

  /// The product of the dimensions; nil where one is negative or the product overflows.
  static func elementCount(of shape: [Int]) -> Int? {
    var count = 1
    for dimension in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      if dimension < 0 || overflow { return nil }
      count = product
    }
    return count
  }
}
