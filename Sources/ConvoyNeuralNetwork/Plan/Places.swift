/// Hands out places in a block of memory, in turn.
struct Places {
  private(set) var count = 0
  /// Guard bands: the gaps between the places.
  private(set) var bands: [Range<Int>] = []
  /// The least length of a guard band, in floats.
  private let guardBand: Int

  /// 32 floats are 128 bytes, the pair of cache lines that adjacent-line prefetchers fetch
  /// together.
  private static let multiple = 32

  init(guardBand: Int = 0) { self.guardBand = guardBand }

  mutating func take(_ length: Int) -> Int {
    let (start, end) = (count, count + length)
    count = Self.rounded(end + guardBand)
    if guardBand > 0 { bands.append(end..<count) }
    return start
  }

  static func rounded(_ length: Int) -> Int { (length + multiple - 1) / multiple * multiple }
}

/// Allocates places in a block of memory for buffers with known lifetimes. Buffers whose lifetimes
/// do not overlap may share memory.
struct SharedPlaces {
  /// A buffer's place, and whether it shares memory: if so, its contents are undefined at the start
  /// of its lifetime.
  struct Place {
    fileprivate(set) var offset: Int
    fileprivate(set) var isShared: Bool
  }

  private struct Buffer {
    let length: Int
    let life: ClosedRange<Int>
  }

  private var buffers: [Buffer] = []
  private let guardBand: Int

  /// - Parameter guardBand: the least gap between two places, in floats. If it is positive, no
  ///   memory is shared.
  init(guardBand: Int) { self.guardBand = guardBand }

  /// - Parameters:
  ///   - length: in floats.
  ///   - life: from the first write to the last read, in steps of any clock.
  /// - Returns: the buffer's number.
  mutating func add(_ length: Int, life: ClosedRange<Int>) -> Int {
    buffers.append(Buffer(length: guardBand > 0 ? length : Places.rounded(length), life: life))
    return buffers.count - 1
  }

  /// Places all buffers in the order in which their lifetimes begin: best fit among the free
  /// ranges, or else at the end.
  ///
  /// - Returns: the places by buffer number, the length of the block in floats, and its guard
  ///   bands.
  func assigned() -> (places: [Place], count: Int, bands: [Range<Int>]) {
    guard guardBand == 0 else {
      var apart = Places(guardBand: guardBand)
      let places = buffers.map { Place(offset: apart.take($0.length), isShared: false) }
      return (places, apart.count, apart.bands)
    }
    var places = [Place](repeating: Place(offset: 0, isShared: false), count: buffers.count)
    var free = FreeRanges()
    let byStart = buffers.indices.sorted {
      (buffers[$0].life.lowerBound, $0) < (buffers[$1].life.lowerBound, $1)
    }
    var ending = buffers.indices.sorted {
      (buffers[$0].life.upperBound, $0) > (buffers[$1].life.upperBound, $1)
    }
    for number in byStart where buffers[number].length > 0 {
      let buffer = buffers[number]
      while let last = ending.last, buffers[last].life.upperBound < buffer.life.lowerBound {
        ending.removeLast()
        free.add(places[last].offset..<places[last].offset + buffers[last].length)
      }
      places[number].offset = free.take(buffer.length)
    }
    markShared(&places)
    return (places, free.count, [])
  }

  /// Walks along the block: a place is shared if another begins before it ends.
  private func markShared(_ places: inout [Place]) {
    let byOffset = buffers.indices.filter { buffers[$0].length > 0 }
      .sorted { places[$0].offset < places[$1].offset }
    var reaching: (number: Int, end: Int)?
    for number in byOffset {
      let end = places[number].offset + buffers[number].length
      if let other = reaching, places[number].offset < other.end {
        places[number].isShared = true
        places[other.number].isShared = true
        if end <= other.end { continue }
      }
      reaching = (number, end)
    }
  }
}

/// The free ranges of a block, in order. The block grows at its end.
private struct FreeRanges {
  private var ranges: [Range<Int>] = []
  private(set) var count = 0

  mutating func add(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    var range = range
    let index = ranges.firstIndex { $0.lowerBound >= range.upperBound } ?? ranges.count
    if index < ranges.count, ranges[index].lowerBound == range.upperBound {
      range = range.lowerBound..<ranges.remove(at: index).upperBound
    }
    if index > 0, ranges[index - 1].upperBound == range.lowerBound {
      ranges[index - 1] = ranges[index - 1].lowerBound..<range.upperBound
    } else {
      ranges.insert(range, at: index)
    }
  }

  /// - Returns: the offset of the smallest range that is long enough; else of the end, which grows.
  mutating func take(_ length: Int) -> Int {
    let fitting = ranges.indices.filter { ranges[$0].count >= length }
    if let index = fitting.min(by: { ranges[$0].count < ranges[$1].count }) {
      let start = ranges[index].lowerBound
      if ranges[index].count == length {
        ranges.remove(at: index)
      } else {
        ranges[index] = start + length..<ranges[index].upperBound
      }
      return start
    }
    // A free range at the end becomes part of the new one.
    let start = ranges.last.flatMap { $0.upperBound == count ? $0.lowerBound : nil } ?? count
    if start < count { ranges.removeLast() }
    count = start + length
    return start
  }
}
