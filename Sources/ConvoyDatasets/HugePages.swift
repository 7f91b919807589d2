#if os(Linux)
  #if canImport(Musl)
    import Musl
  #else
    import Glibc
  #endif
#endif

extension UnsafeMutableRawBufferPointer {
  /// Asks Linux for huge pages, of 2 MB on x86-64. Images are visited in random order, and with pages of
  /// 4 KB most visits would miss the TLB. To be called before the memory is first written.
  ///
  /// Memory that is given back may keep the advice for its next owner, so only memory that lasts should
  /// have it.
  func adviseHugePages() {
    #if os(Linux)
      guard unsafe count >= Self.hugePage, let start = baseAddress else { return }
      // Within the buffer, which is longer than a page.
      let pages = unsafe start.alignedUp(toMultipleOf: Int(getpagesize()))
      // Advice that cannot be taken changes nothing, so errors are ignored.
      unsafe madvise(pages, start + count - pages, MADV_HUGEPAGE)
    #endif
  }

  private static var hugePage: Int { 2 << 20 }
}

extension [UInt8] {
  /// Reserves memory for images, in huge pages. Nothing must have been appended.
  mutating func reserveForImages(byteCount: Int) {
    precondition(isEmpty, "what has been written stays in its pages")
    reserveCapacity(byteCount)
    unsafe withUnsafeMutableBufferPointer { buffer in
      unsafe UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: byteCount)
        .adviseHugePages()
    }
  }
}
