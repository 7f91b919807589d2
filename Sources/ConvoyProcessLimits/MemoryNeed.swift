/// The memory that some work is going to take, told before any of it is asked for: the system gives no
/// second chance to say so.
package struct MemoryNeed: Sendable, Equatable {
  /// Bytes that are going to be written.
  package var resident: Double
  /// Bytes that are going to be asked for, written or not.
  package var reserved: Double
  /// Threads that are going to be started, each with a stack of its own.
  package var threads: Int

  /// Bytes that are asked for to be written.
  package init(bytes: Double, threads: Int = 0) {
    self.init(resident: bytes, reserved: bytes, threads: threads)
  }

  package init(resident: Double, reserved: Double, threads: Int = 0) {
    self.resident = resident
    self.reserved = reserved
    self.threads = threads
  }

  /// Both at once.
  package static func + (one: MemoryNeed, other: MemoryNeed) -> MemoryNeed {
    MemoryNeed(
      resident: one.resident + other.resident, reserved: one.reserved + other.reserved,
      threads: one.threads + other.threads)
  }
}
