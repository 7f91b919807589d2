#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Memory of fixed size for plain numbers, aligned to 128 bytes, zero at first and freed with its owner.
///
/// The one owner of raw memory in Convoy: everything else borrows pointers from it.
/// A vector that begins inside may be read past the end: 128 bytes more are there.
/// Fresh pages are left untouched, so the thread that first writes a page decides where it lies.
/// Safe to use: what is read or written goes through its pointer, which says that it is unsafe.
@safe package struct AlignedBuffer<Element: BitwiseCopyable>: ~Copyable {
  package let pointer: UnsafeMutablePointer<Element>
  package let count: Int

  /// Two cache lines: adjacent-line prefetchers then never make two buffers share a pair.
  package static var alignment: Int { 128 }

  /// `Element` must be a type for which all bits zero is a valid zero.
  package init(count: Int) {
    precondition(count >= 0, "a buffer's count is not negative")
    let bytes = count * MemoryLayout<Element>.stride + Self.alignment
    // calloc hands out large blocks as untouched zero pages; alignment is made by hand.
    guard let block = unsafe calloc(bytes + Self.alignment, 1) else {
      preconditionFailure("out of memory: \(bytes) bytes")
    }
    let aligned = unsafe block.alignedUp(toMultipleOf: Self.alignment)
    unsafe self.block = unsafe block
    unsafe self.pointer = unsafe aligned.bindMemory(to: Element.self, capacity: count)
    self.count = count
  }

  deinit { unsafe free(block) }

  package var elements: UnsafeMutableBufferPointer<Element> {
    unsafe UnsafeMutableBufferPointer(start: pointer, count: count)
  }

  private let block: UnsafeMutableRawPointer
}
