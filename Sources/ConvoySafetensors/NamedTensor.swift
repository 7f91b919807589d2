/// How a file stores the elements of a tensor, by the names of its format.
package enum ElementType: String, Sendable, CaseIterable {
  case float = "F32"
  /// For counts. Read as floats, so exact up to 2²⁴.
  case integer = "I64"

  var size: Int {
    switch self {
    case .float: MemoryLayout<Float>.size
    case .integer: MemoryLayout<Int64>.size
    }
  }
}

/// An array of single-precision numbers with a name and a shape, as a model file holds it.
package struct NamedTensor: Equatable, Sendable {
  package let name: String
  package let type: ElementType
  /// The dimensions, outermost first; empty for a single number.
  package let shape: [Int]
  /// The elements in row-major order.
  package let values: [Float]

  /// The number of values must be the product of the shape; integers must fit 64 bits.
  package init(name: String, type: ElementType = .float, shape: [Int], values: [Float]) {
    precondition(
      Self.elementCount(of: shape) == values.count,
      "The tensor '\(name)' of shape \(shape) cannot hold \(values.count) values.")
    self.name = name
    self.type = type
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

/// A tensor whose numbers are fetched piece by piece while a file is written, so that no copy of it
/// is needed in memory. Safe to use: the encoder gives `read` a buffer for the whole range.
@safe package struct TensorStream {
  package let name: String
  package let type: ElementType
  /// The dimensions, outermost first; none for a single number.
  package let shape: [Int]
  let count: Int
  package let read: (Range<Int>, UnsafeMutablePointer<Float>) -> Void

  /// - Parameter read: copies a range of the elements, in row-major order, to the pointer. It is
  ///   called for consecutive ranges, after everything before them was passed to the file.
  package init(
    name: String, type: ElementType = .float, shape: [Int],
    read: @escaping (Range<Int>, UnsafeMutablePointer<Float>) -> Void
  ) {
    guard let count = NamedTensor.elementCount(of: shape) else {
      preconditionFailure("The tensor '\(name)' has no size: \(shape).")
    }
    self.name = name
    self.type = type
    self.shape = shape
    self.count = count
    unsafe self.read = unsafe read
  }

  package init(_ tensor: NamedTensor, name: String? = nil) {
    unsafe self.init(name: name ?? tensor.name, type: tensor.type, shape: tensor.shape) {
      range, target in
      unsafe tensor.values.withUnsafeBufferPointer { values in
        guard let first = values.baseAddress else { return }
        unsafe target.update(from: first + range.lowerBound, count: range.count)
      }
    }
  }
}
