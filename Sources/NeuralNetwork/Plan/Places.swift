/// Hands out places in a block of memory, in turn.
struct Places {
  private(set) var count = 0
  /// What lies between the places: nobody's.
  private(set) var gaps: [Range<Int>] = []
  /// Floats between two places at the least.
  private let leastGap: Int

  /// 32 floats are 128 bytes: what adjacent-line prefetchers fetch together.
  private static let multiple = 32

  init(leastGap: Int = 0) { self.leastGap = leastGap }

  mutating func take(_ length: Int) -> Int {
    let (start, end) = (count, count + length)
    count = (end + leastGap + Self.multiple - 1) / Self.multiple * Self.multiple
    if leastGap > 0 { gaps.append(end..<count) }
    return start
  }
}
