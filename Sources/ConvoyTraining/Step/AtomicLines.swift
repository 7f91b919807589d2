import Synchronization

/// Atomic numbers, each on cache lines of its own, so that cores that write different ones do not wait
/// for each other. One object for all: a list of objects would count references to them, which is
/// writing as well.
///
/// Safe to use and to share: it owns the memory, checks every index, and only accesses the numbers
/// atomically.
@safe final class AtomicLines: @unchecked Sendable {
  let count: Int
  private let numbers: UnsafeMutablePointer<Atomic<Int>>

  /// Numbers from one line to the next. Processors fetch lines of 64 bytes in pairs.
  private static let step = 128 / MemoryLayout<Atomic<Int>>.stride

  /// All are zero.
  init(count: Int) {
    self.count = count
    // One line more, so that the memory before and after is no neighbour.
    unsafe numbers = .allocate(capacity: (count + 1) * Self.step)
    for index in 0..<count { unsafe (numbers + place(index)).initialize(to: Atomic(0)) }
  }

  deinit {
    for index in 0..<count { unsafe (numbers + place(index)).deinitialize(count: 1) }
    unsafe numbers.deallocate()
  }

  private func place(_ index: Int) -> Int {
    precondition(index >= 0 && index < count, "there are \(count) numbers")
    return index * Self.step + Self.step / 2
  }

  func value(_ index: Int) -> Int {
    unsafe numbers[place(index)].load(ordering: .relaxed)
  }

  /// What was written before the number was added to is visible then.
  func acquiredValue(_ index: Int) -> Int {
    unsafe numbers[place(index)].load(ordering: .acquiring)
  }

  func store(_ value: Int, at index: Int) {
    unsafe numbers[place(index)].store(value, ordering: .relaxed)
  }

  /// - Returns: the sum.
  @discardableResult func add(_ number: Int, at index: Int) -> Int {
    unsafe numbers[place(index)].wrappingAdd(number, ordering: .acquiringAndReleasing).newValue
  }

  /// Replaces a value, unless another core has done so, or for no reason.
  ///
  /// - Returns: nil if it was replaced, else the value found.
  func replace(_ expected: Int, by value: Int, at index: Int) -> Int? {
    let (exchanged, original) = unsafe numbers[place(index)].weakCompareExchange(
      expected: expected, desired: value, ordering: .relaxed)
    return exchanged ? nil : original
  }
}
