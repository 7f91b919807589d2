#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension UnsafeMutableRawBufferPointer {
  /// Asks the system for pages of 2 MB, where it offers them. Images are visited in random order, each
  /// on a page of its own, and the processor knows the addresses of few pages at a time. To be called
  /// before the memory is first written.
  func adviseLargePages() {
    #if os(Linux)
      guard unsafe count >= Self.largePage, let start = baseAddress else { return }
      let pages = unsafe start.alignedUp(toMultipleOf: Int(getpagesize()))
      // Advice that cannot be taken changes nothing, so errors are ignored.
      unsafe madvise(pages, start + count - pages, MADV_HUGEPAGE)
    #endif
  }

  private static var largePage: Int { 2 << 20 }
}
