/// The weights of old pixels in each new pixel along one axis, as integers of one sum.
struct ResampledAxis {
  /// An old pixel and its weight.
  struct Tap: Equatable {
    let index: Int
    let weight: Int
  }

  /// The sum of the weights of each new pixel.
  let totalWeight: Int
  /// The number of new pixels.
  let count: Int
  private let old: Int
  private let new: Int
  private let first: Int

  /// - Parameters:
  ///   - old: pixels before scaling.
  ///   - new: pixels after scaling.
  ///   - count: how many of those are kept, from the middle.
  init(from old: Int, to new: Int, keeping count: Int) {
    self.old = old
    self.new = new
    self.count = count
    first = (new - count) / 2
    totalWeight = new < old ? old : new == old ? 1 : 2 * new
  }

  /// The old pixels in a new one, from left to right.
  func taps(of pixel: Int) -> [Tap] {
    let pixel = first + pixel
    if new == old { return [Tap(index: pixel, weight: 1)] }
    if new < old {
      // In units of 1/new of an old pixel, the new pixel covers old units, an old one new units.
      let covered = pixel * old..<(pixel + 1) * old
      let last = (covered.upperBound - 1) / new
      return (covered.lowerBound / new...last).map { index in
        let end = min((index + 1) * new, covered.upperBound)
        return Tap(index: index, weight: end - max(index * new, covered.lowerBound))
      }
    }
    // The centre of the new pixel from that of the first old one, in units of 1/(2·new) of an old
    // pixel.
    let centre = max(0, (2 * pixel + 1) * old - new)
    let left = centre / (2 * new)
    let weight = centre % (2 * new)
    if weight == 0 || left + 1 >= old {
      return [Tap(index: min(left, old - 1), weight: 2 * new)]
    }
    return [Tap(index: left, weight: 2 * new - weight), Tap(index: left + 1, weight: weight)]
  }
}
