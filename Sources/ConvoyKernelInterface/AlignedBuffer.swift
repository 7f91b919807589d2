#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A fixed-size buffer of plain numbers, aligned to 128 bytes, zero-initialised, freed with its
/// owner.
///
/// Owns the memory of parameters, activations, gradients and moments; kernels borrow its pointer.
/// 128 bytes of padding follow, so that a vector that begins inside may be read past the end. Fresh
/// pages are left untouched, so that the thread that first writes a page decides its NUMA node.
/// Safe to use: every access goes through its pointer, which is itself marked unsafe.
@safe package struct AlignedBuffer<Element: BitwiseCopyable>: ~Copyable {
  package let pointer: UnsafeMutablePointer<Element>
  package let count: Int

  /// Two cache lines: adjacent-line prefetchers then never make two buffers share a pair.
  package static var alignment: Int { 128 }

  /// All-zero bits must be a valid zero of `Element`.
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
