import Convoy
import ConvoyAugmentation
import ConvoyTestSupport
import Foundation
import Testing

/// Pictures of what training sees, and networks by name.
@Suite struct SheetTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// A tile of a sheet of images of 8×8 pixels, each shown as 8×8 of its own.
  private func tile(_ row: Int, _ column: Int, of sheet: Image) -> [UInt8] {
    (0..<64).map { place in
      let (y, x) = (2 + row * 66 + place / 8 * 8, 2 + column * 66 + place % 8 * 8)
      return sheet.pixels[(y + 3) * sheet.width + x + 5]
    }
  }

  @Test func rowsAreImagesWithTheVariationsOfTheirFirstEpochs() throws {
    let samples = try Squares.samples(0..<41)
    let augmentation = try Augmentation("translate:0.2,noise:0.05")
    let sheet = try augmentation.sheet(of: samples, rows: 3, columns: 4, seed: 9)
    #expect(sheet.channels == 1)
    #expect(sheet.width == 2 + 5 * 66 && sheet.height == 2 + 3 * 66)
    let all = (0..<41).flatMap(Squares.pixels)
    let mean = UInt8((Double(all.reduce(0) { $0 + Int($1) }) / Double(all.count)).rounded())
    let shape = PixelShape(height: 8, width: 8, channels: 1)
    let augmenter = try Augmenter(augmentation, from: shape, to: shape, fill: [mean], seed: 9)
    for (row, image) in [0, 20, 40].enumerated() {
      let original = Squares.pixels(image)
      #expect(tile(row, 0, of: sheet) == original)
      for epoch in 0..<4 {
        var expected = original
        var target = expected.mutableSpan
        var scratch = [UInt32](repeating: 0, count: augmenter.scratchCount)
        var memory = scratch.mutableSpan
        augmenter.augment(
          original.span, into: &target, sample: image, epoch: epoch, scratch: &memory)
        #expect(tile(row, 1 + epoch, of: sheet) == expected, "image \(image), epoch \(epoch)")
      }
    }
    let path = directory.path + "/sheet.png"
    try sheet.writePNG(to: path)
    #expect(try Image(contentsOf: path) == sheet)
    #expect(try Augmentation.digits.sheet(of: Squares.samples(0..<2)).height == 2 + 2 * 66)
  }

  private struct Broken: ImageSource {
    struct Gone: Error {}
    func read(_ number: Int, into image: inout MutableSpan<UInt8>) throws { throw Gone() }
  }

  @Test func whatHasNoSheetIsAnError() throws {
    let samples = try Squares.samples(0..<4)
    for (rows, columns) in [(0, 9), (65, 9), (8, 0), (8, .max), (.min, 1)] {
      #expect(throws: SettingsError.self) {
        try Augmentation.digits.sheet(of: samples, rows: rows, columns: columns)
      }
    }
    let floats = try Samples(
      images: [Float](repeating: 1, count: 64), shape: Squares.shape, labels: [0])
    #expect(throws: DataError.self) { try Augmentation.digits.sheet(of: floats) }
    let pairs = try Samples(
      images: [UInt8](repeating: 1, count: 128),
      shape: FeatureShape(channels: 2, height: 8, width: 8), labels: [0])
    #expect(throws: DataError.self) { try Augmentation.digits.sheet(of: pairs) }
    #expect(throws: AugmentationError.self) { try Augmentation("crop:9").sheet(of: samples) }
    let broken = try Samples(from: Broken(), shape: Squares.shape, labels: [0, 1])
    #expect(throws: Broken.Gone.self) { try Augmentation.digits.sheet(of: broken) }
    let sheet = try Augmentation.digits.sheet(of: samples)
    let error = #expect(throws: ConvoyError.self) {
      try sheet.writePNG(to: directory.path + "/no/such.png")
    }
    #expect(error?.kind == .file)
  }

  /// Presets are networks as any other.
  @Test(arguments: Network.Preset.allCases)
  func presetsAreNetworks(_ preset: Network.Preset) throws {
    let isGrey = [.article, .mnistTiny, .digits].contains(preset)
    let shape = FeatureShape(
      channels: isGrey ? 1 : 3, height: isGrey ? 28 : 32, width: isGrey ? 28 : 32)
    let network = Network(preset, classes: 7, channels: shape.channels)
    #expect(try network.summary(input: shape).split(separator: "\n").count > 5)
    let last = try #require(
      try network.summary(input: shape).split(separator: "\n").dropLast().last)
    #expect(last.contains(" 7"))
    for classes in [Int.min, -1, 0, .max] {
      #expect(throws: NetworkError.self) {
        try Network(preset, classes: classes, channels: shape.channels).summary(input: shape)
      }
    }
    #expect(throws: Never.self) { Network(preset, classes: 1, channels: .max) }
    #expect(Network.Preset(rawValue: preset.rawValue) == preset)
  }

  @Test func aPresetIsTrained() async throws {
    let samples = try Samples(
      images: (0..<32).map { UInt8($0 % 2 * 200) }.flatMap { [UInt8](repeating: $0, count: 64) },
      shape: Squares.shape, labels: (0..<32).map { $0 % 2 })
    var training = try Training(
      of: Network(.compact, classes: 2, channels: 1), on: samples, batch: 8)
    for try await _ in training.epochs(10) {}
    #expect(try training.model.evaluate(on: samples).accuracy > 0.9)
  }
}
