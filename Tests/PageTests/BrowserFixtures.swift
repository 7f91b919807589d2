import ConvoyDatasets
import ConvoyNeuralNetwork
import ConvoyPage
import ConvoyPictures
import ConvoyTraining
import Foundation
import Testing

/// Pages, images and the outputs that a browser must give for them, written for `Tests/Browser` where
/// `CONVOY_PAGES` names a folder.
@Suite struct BrowserFixtures {
  private static let folder = ProcessInfo.processInfo.environment["CONVOY_PAGES"]

  private struct Expectation: Encodable {
    /// Bytes in channel, row, column order.
    let images: [Data]
    let outputs: [[Float]]
  }

  /// A picture and what training makes of it, in channel, row, column order.
  private struct ResizedPicture: Encodable {
    let width: Int
    let height: Int
    /// Red, green, blue and alpha of each pixel.
    let pixels: Data
    /// Channels, height and width.
    let shape: [Int]
    let fit: PictureFit
    let expected: Data
  }

  private static let sizes = [(50, 31), (31, 50), (7, 5), (24, 20), (9, 64), (1, 1)].map {
    PictureSize(width: $0.0, height: $0.1)
  }

  /// Pictures that shrink, grow, and are cut or framed on either side.
  @Test(.enabled(if: folder != nil)) func writesPictures() throws {
    let folder = URL(filePath: try #require(Self.folder))
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var pictures: [ResizedPicture] = []
    for size in Self.sizes {
      for fit in PictureFit.allCases {
        for color in Picture.Color.allCases { pictures.append(Self.picture(size, fit, color)) }
      }
    }
    try JSONEncoder().encode(pictures).write(to: folder.appending(path: "pictures.json"))
  }

  private static func picture(
    _ size: PictureSize, _ fit: PictureFit, _ color: Picture.Color
  ) -> ResizedPicture {
    var (bytes, pixels): ([UInt8], [UInt8]) = ([], [])
    for index in 0..<size.width * size.height {
      let color = [index * index / 7 & 255, 13 * index & 255, 255 - index & 255].map(UInt8.init)
      bytes += color
      pixels += color + [255]
    }
    let picture = Picture(width: size.width, height: size.height, channels: 3, bytes: bytes)
    let target = PictureSize(width: 24, height: 20)
    let resized = picture.converted(to: color).resized(to: target, fit: fit)
    var planes: [UInt8] = []
    for channel in 0..<resized.channels {
      for pixel in 0..<target.width * target.height {
        planes.append(resized.bytes[pixel * resized.channels + channel])
      }
    }
    return ResizedPicture(
      width: size.width, height: size.height, pixels: Data(pixels),
      shape: [resized.channels, target.height, target.width], fit: fit, expected: Data(planes))
  }

  @Test(.enabled(if: folder != nil)) func writesPages() throws {
    let folder = URL(filePath: try #require(Self.folder))
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let digits = try Self.digits(100)
    let square = FeatureShape(channels: 1, height: 28, width: 28)
    for preset in [Network.Preset.small, .resnet20, .mobilenet] {
      try Self.write(
        preset.rawValue,
        SampleModel(Network(preset, classes: 10, channels: 1), input: square), digits,
        to: folder)
    }
    try Self.write(
      "every-layer", SampleModel(SampleArchitectures.everyLayer(), input: square), digits,
      to: folder)
    try Self.write(
      "uneven", SampleModel(SampleArchitectures.uneven, input: square, loss: .meanSquaredError),
      digits, to: folder)
    try Self.write(
      "scores",
      SampleModel(Network(.small, classes: 30, channels: 1), input: square, loss: .hinge),
      digits, to: folder)

    let color = FeatureShape(channels: 3, height: 20, width: 24)
    let names = [
      "</script><b>bold</b>", "a long name that does not fit into one line of the page", "cat",
    ]
    let patterns = (0..<100).map { Self.pattern($0, count: color.count) }
    try Self.write(
      "color",
      SampleModel(
        Network(.compact, classes: 3, channels: 3), input: color, classNames: names, fit: .pad),
      patterns, to: folder)
  }

  private static func pattern(_ image: Int, count: Int) -> [UInt8] {
    (0..<count).map { (place: Int) -> UInt8 in
      let byte: Int = (place * (image + 3)) ^ (place >> 3)
      return UInt8(truncatingIfNeeded: byte)
    }
  }

  /// MNIST's first test images.
  private static func digits(_ count: Int) throws -> [[UInt8]] {
    let data = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../data/mnist")
    let images = try Dataset.load(.test, from: data.path)
    return (0..<count).map { Array(images.pixels[$0 * 784..<($0 + 1) * 784]) }
  }

  private static func write(
    _ name: String, _ model: SampleModel, _ images: [[UInt8]], to folder: URL
  ) throws {
    let page = try PageText(model.file, title: name)
    try Data(page.text.utf8).write(to: folder.appending(path: "\(name).html"))
    let expectation = Expectation(
      images: images.map { Data($0) }, outputs: images.map(model.outputs))
    try JSONEncoder().encode(expectation).write(to: folder.appending(path: "\(name).json"))
  }
}
