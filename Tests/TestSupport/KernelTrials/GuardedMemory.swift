import ConvoyKernelInterface

/// One block of memory for all that a kernel reads and writes, with bands of a pattern around and
/// between, so that afterwards every float that changed can be told.
///
/// The pattern is a NaN by default: what is read from a band spoils the result. Each carries its
/// place, so that one that is copied elsewhere shows. A kernel that works in place may write back the
/// NaN that it read, so it is given a number that it changes.
package struct GuardedMemory: Sendable {
  package private(set) var floats: [Float] = []
  private let pattern: Float
  private let isAligned: Bool

  package static let notANumber = Float(bitPattern: 0x7fc0_5eed)
  /// Four of the widest vectors.
  static let bandCount = 64
  /// At both ends, so that a kernel that goes astray is caught rather than crashes.
  static let endCount = 4096

  /// Floats in 128 bytes.
  private static let alignedCount = 32

  /// - Parameter isAligned: whether all begins at multiples of 128 bytes, as a network's memory does and
  ///   as is fastest; else it lies as it comes, as a kernel must bear.
  package init(pattern: Float = notANumber, isAligned: Bool = false) {
    self.pattern = pattern
    self.isAligned = isAligned
    append(Array(repeating: pattern, count: Self.endCount))
  }

  /// Appends values that may be read, and returns where they begin.
  package mutating func place(_ values: [Float]) -> Int {
    if isAligned {
      append(Array(repeating: pattern, count: -floats.count & (Self.alignedCount - 1)))
    }
    let start = floats.count
    append(values)
    append(Array(repeating: pattern, count: Self.bandCount))
    return start
  }

  package mutating func place(_ values: [Double]) -> Int { place(values.map { Float($0) }) }

  /// Appends room that holds the pattern, and returns where it begins.
  package mutating func reserve(_ count: Int) -> Int {
    place(Array(repeating: pattern, count: count))
  }

  /// Appends rows of `count` values that begin `step` apart, with the pattern between them.
  package mutating func placeRows(_ values: [Double], count: Int, step: Int) -> Int {
    let rows = values.count / count
    var floats = Array(repeating: pattern, count: rows * step)
    for (place, value) in zip(Self.rowPlaces(0, rows: rows, count: count, step: step), values) {
      floats[place] = Float(value)
    }
    return place(floats)
  }

  /// Where rows of `count` values lie that begin `step` apart.
  package static func rowPlaces(_ start: Int, rows: Int, count: Int, step: Int) -> [Int] {
    (0..<rows).flatMap { row in
      let first = start + row * step
      return first..<first + count
    }
  }

  private mutating func append(_ values: [Float]) {
    for value in values {
      let isPattern = value.bitPattern == Self.notANumber.bitPattern
      floats.append(
        isPattern ? Float(bitPattern: 0x7fc0_0000 | UInt32(floats.count & 0x3f_ffff)) : value)
    }
  }

  /// Lets a body change the memory; the pointer is to its first float.
  package mutating func withPointer<Result>(
    _ body: (UnsafeMutablePointer<Float>) -> Result
  ) -> Result {
    append(Array(repeating: pattern, count: Self.endCount))
    defer { floats.removeLast(Self.endCount) }
    guard !isAligned else {
      let memory = AlignedBuffer<Float>(count: floats.count)
      _ = memory.elements.update(fromContentsOf: floats)
      defer { floats = Array(memory.elements) }
      return body(memory.pointer)
    }
    return floats.withUnsafeMutableBufferPointer { memory in
      guard let base = memory.baseAddress else { preconditionFailure("the bands are never empty") }
      return body(base)
    }
  }

  /// The first place outside of `places` whose bits differ between two states.
  package func firstChange(from earlier: GuardedMemory, outside places: [Int]) -> Int? {
    var allowed = Array(repeating: false, count: floats.count)
    for place in places { allowed[place] = true }
    return floats.indices.first { place in
      !allowed[place] && floats[place].bitPattern != earlier.floats[place].bitPattern
    }
  }
}
