/// Bytes between atomics of different use, so that they never share a pair of cache lines.
struct CacheLinePadding {
  private let bytes = InlineArray<128, UInt8>(repeating: 0)
}
