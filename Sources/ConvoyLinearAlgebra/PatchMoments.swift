/// The mean products of all pairs of numbers in the square patches of images, at every place where a
/// patch fits. Sums are in the order of the patches, so that every system gives the same bits.
package struct PatchMoments: Sendable {
  private let channels: Int
  private let kernelSize: Int
  /// Numbers of a patch.
  private let size: Int
  /// Of patches in row, column, channel order; the upper triangle.
  private var sums: [Double]
  private var count = 0

  package init(channels: Int, kernelSize: Int) {
    self.channels = channels
    self.kernelSize = kernelSize
    size = channels * kernelSize * kernelSize
    sums = Array(repeating: 0, count: size * size)
  }

  /// - Parameter image: in row, column, channel order.
  package mutating func add(patchesOf image: [Double], height: Int, width: Int) {
    precondition(image.count == height * width * channels, "a number for each pixel and channel")
    var patch = Array(repeating: 0.0, count: size)
    let run = kernelSize * channels
    for row in 0..<max(0, height - kernelSize + 1) {
      for column in 0..<max(0, width - kernelSize + 1) {
        for line in 0..<kernelSize {
          let start = ((row + line) * width + column) * channels
          for place in 0..<run { patch[line * run + place] = image[start + place] }
        }
        add(patch)
      }
    }
  }

  private mutating func add(_ patch: [Double]) {
    let size = size
    count += 1
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      unsafe patch.withUnsafeBufferPointer { patch in
        guard let sums = sums.baseAddress, let values = patch.baseAddress else { return }
        for row in 0..<size {
          let factor = unsafe values[row]
          let target = unsafe sums + row * size
          for column in row..<size { unsafe target[column] += factor * values[column] }
        }
      }
    }
  }

  /// The symmetric matrix of the means, of patches in channel, row, column order.
  package var means: [Double] {
    let window = kernelSize * kernelSize
    let places = (0..<size).map { $0 % window * channels + $0 / window }
    return places.flatMap { row in
      places.map { column in
        sums[min(row, column) * size + max(row, column)] / Double(max(1, count))
      }
    }
  }
}
