import ConvoyKernelInterface

/// One call of one kernel: the memory it is given, and what must be there afterwards.
package struct KernelTrial: Sendable {
  package typealias Call =
    @Sendable (_ kernels: any KernelSet, _ memory: UnsafeMutablePointer<Float>) -> Void

  /// The kernel, the shape and the seed.
  package let name: String
  package var memory: GuardedMemory
  package private(set) var promises: [Promise] = []
  /// Places that a kernel may leave in any state.
  package var scratch: [Int] = []
  private let call: Call

  /// What a kernel promises of one float.
  package struct Promise: Sendable {
    package let place: Int
    package let value: Double
    /// How far it may be off with fused multiply-add, and with products rounded on their own.
    package let fusedBound: Double
    package let separateBound: Double
  }

  package init(_ name: String, memory: GuardedMemory, call: @escaping Call) {
    self.name = name
    self.memory = memory
    self.call = call
  }

  /// - Parameter separate: bounds without fused multiply-add, where they differ.
  package mutating func promise(
    _ values: [Double], at places: [Int], within bounds: [Double], separate: [Double]? = nil
  ) {
    precondition(
      values.count == places.count && values.count == bounds.count,
      "a value, a place and a bound for each promise")
    for index in values.indices {
      promises.append(
        Promise(
          place: places[index], value: values[index], fusedBound: bounds[index],
          separateBound: separate?[index] ?? bounds[index]))
    }
  }

  /// Promises values to the bit; zeros may have either sign.
  package mutating func promise(exactly values: [Double], at places: [Int]) {
    promise(values, at: places, within: Array(repeating: 0, count: values.count))
  }

  /// Promises that added channels, filters or rows are zero.
  package mutating func promiseZeros(at places: [Int]) {
    promise(exactly: Array(repeating: 0, count: places.count), at: places)
  }

  package mutating func promise(_ values: [Rounded], at places: [Int]) {
    promise(values.map(\.value), at: places, within: values.map(\.error))
  }

  /// Promises chains of operations with their number of roundings, fused and not.
  package mutating func promise(
    _ values: [Double], at places: [Int], magnitudes: [Double],
    roundings: (fused: Int, separate: Int)
  ) {
    promise(
      values, at: places,
      within: magnitudes.map {
        Rounded.chainError(roundings: roundings.fused, magnitude: $0)
      },
      separate: magnitudes.map {
        Rounded.chainError(roundings: roundings.separate, magnitude: $0)
      })
  }

  /// The memory after the call.
  package func run(on kernels: any KernelSet) -> GuardedMemory {
    var result = memory
    result.withPointer { call(kernels, $0) }
    return result
  }

  /// Calls the kernel again and again in the same memory.
  ///
  /// - Parameter time: runs its argument and tells how long that took.
  package func time<Result>(
    on kernels: any KernelSet, calls: Int, _ time: (() -> Void) -> Result
  ) -> Result {
    var copy = memory
    return copy.withPointer { pointer in
      time { for _ in 0..<calls { call(kernels, pointer) } }
    }
  }

  /// The bits of everything promised.
  package func bits(on kernels: any KernelSet) -> [UInt32] {
    let result = run(on: kernels)
    return promises.map { result.floats[$0.place].bitPattern }
  }

  package func outcome(on kernels: any KernelSet) -> KernelOutcome {
    let fused = kernels.instructionSet != .baseline
    let result = run(on: kernels)
    var worst = WorstError()
    for promise in promises {
      worst.record(
        Double(result.floats[promise.place]), expected: promise.value,
        bound: fused ? promise.fusedBound : promise.separateBound, place: promise.place)
    }
    return KernelOutcome(
      worst: worst,
      trespass: result.firstChange(from: memory, outside: promises.map(\.place) + scratch))
  }
}
