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

  @Test(.enabled(if: folder != nil)) func writesPages() throws {
    let folder = URL(filePath: try #require(Self.folder))
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let digits = try Self.digits(100)
    let square = FeatureShape(channels: 1, height: 28, width: 28)
    for preset in [Architecture.Preset.small, .resnet20, .mobilenet] {
      try Self.write(
        preset.rawValue,
        SampleModel(Architecture(preset, classes: 10, channels: 1), input: square), digits,
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
      SampleModel(Architecture(.small, classes: 30, channels: 1), input: square, loss: .hinge),
      digits, to: folder)

    let color = FeatureShape(channels: 3, height: 20, width: 24)
    let names = [
      "</script><b>bold</b>", "a long name that does not fit into one line of the page", "cat",
    ]
    try Self.write(
      "color",
      SampleModel(
        Architecture(.compact, classes: 3, channels: 3), input: color, classNames: names, fit: .pad),
      (0..<100).map { image in
        (0..<color.count).map { UInt8((($0 * (image + 3)) ^ ($0 >> 3)) & 255) }
      }, to: folder)
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
