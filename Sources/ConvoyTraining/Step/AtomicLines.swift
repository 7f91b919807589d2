import ConvoyKernelInterface
import Synchronization

/// Atomic numbers, each on cache lines of its own, so that cores that write different ones do not wait
/// for each other. They share one allocation: an array of objects would write reference counts at each
/// access.
///
/// Safe to use and to share: it owns the memory, checks every index, and only accesses the numbers
/// atomically.
@safe final class AtomicLines: @unchecked Sendable {
  let count: Int
  private let numbers: UnsafeMutablePointer<Atomic<Int>>

  /// Numbers from one to the next: a pair of lines. There is another pair before the first and after the
  /// last.
  private static let step = AlignedBuffer<Int>.alignment / MemoryLayout<Atomic<Int>>.stride

  /// All are zero.
  init(count: Int) {
    self.count = count
    unsafe numbers = .allocate(capacity: (count + 2) * Self.step)
    for index in 0..<count { unsafe (numbers + place(index)).initialize(to: Atomic(0)) }
  }

  deinit {
    for index in 0..<count { unsafe (numbers + place(index)).deinitialize(count: 1) }
    unsafe numbers.deallocate()
  }

  private func place(_ index: Int) -> Int {
    precondition(index >= 0 && index < count, "there are \(count) numbers")
    return (index + 1) * Self.step
  }

  func value(_ index: Int) -> Int {
    unsafe numbers[place(index)].load(ordering: .relaxed)
  }

  /// Acquires: everything written before the additions that it reads is visible then.
  func acquiredValue(_ index: Int) -> Int {
    unsafe numbers[place(index)].load(ordering: .acquiring)
  }

  func store(_ value: Int, at index: Int) {
    unsafe numbers[place(index)].store(value, ordering: .relaxed)
  }

  /// Acquires and releases: who sees the sum sees what every earlier adder had written.
  ///
  /// - Returns: the sum.
  @discardableResult func add(_ number: Int, at index: Int) -> Int {
    unsafe numbers[place(index)].wrappingAdd(number, ordering: .acquiringAndReleasing).newValue
  }

  /// Relaxed; may fail spuriously.
  func weakCompareExchange(
    expected: Int, desired: Int, at index: Int
  ) -> (exchanged: Bool, original: Int) {
    unsafe numbers[place(index)].weakCompareExchange(
      expected: expected, desired: desired, ordering: .relaxed)
  }
}
