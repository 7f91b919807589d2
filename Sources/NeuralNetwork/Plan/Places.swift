/// Hands out places in a block of memory, in turn.
struct Places {
  private(set) var count = 0

  /// 32 floats are 128 bytes: what adjacent-line prefetchers fetch together.
  private static let multiple = 32

  mutating func take(_ length: Int) -> Int {
    defer { count += (length + Self.multiple - 1) / Self.multiple * Self.multiple }
    return count
  }
}
