import ConvoyLinearAlgebra
import ConvoyTestSupport
import Testing

@Suite struct PatchMomentsTests {
  /// Each mean of products by itself.
  @Test(arguments: [(1, 2, 4, 6), (3, 2, 5, 3), (2, 3, 3, 4)])
  func areMeansOfProducts(channels: Int, kernelSize: Int, height: Int, width: Int) {
    var generator = SeededGenerator(seed: 9)
    let images = (0..<3).map { _ in
      generator.values(count: height * width * channels)
    }
    var moments = PatchMoments(channels: channels, kernelSize: kernelSize)
    for image in images { moments.add(patchesOf: image, height: height, width: width) }
    let size = channels * kernelSize * kernelSize
    let means = moments.means
    #expect(means.count == size * size)
    for one in 0..<size {
      for other in 0..<size {
        var (sum, count) = (0.0, 0)
        for image in images {
          for row in 0...height - kernelSize {
            for column in 0...width - kernelSize {
              func pixel(_ place: Int) -> Double {
                let (channel, rest) = place.quotientAndRemainder(
                  dividingBy: kernelSize * kernelSize)
                let (line, offset) = rest.quotientAndRemainder(dividingBy: kernelSize)
                return image[((row + line) * width + column + offset) * channels + channel]
              }
              sum += pixel(one) * pixel(other)
              count += 1
            }
          }
        }
        #expect(abs(means[one * size + other] - sum / Double(count)) < 1e-14)
      }
    }
  }
}
