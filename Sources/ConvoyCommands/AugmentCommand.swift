import ConvoyAugmentation
import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyFileAccess
import ConvoyNetworkOptions
import ConvoyPictures
import ConvoyTerminal
import ConvoyTraining
import Foundation

/// `convoy augment`: a sheet of training images, each beside some of its variations.
struct AugmentCommand: Command {
  static let description = CommandDescription(
    name: "augment",
    overview: "Write a picture of training images and of what --augment makes of them.",
    discussion: "A row is an image, the first of it as it is; the others are those of the first "
      + "epochs of a run with the same seed and test fraction.",
    options: [
      NetworkOptions.data,
      .value(
        "output", "file", help: "The PNG file to write.", isRequired: true,
        aliases: ["-o"]),
      .value("seed", "number", help: "Seed of all random numbers.", default: "0"),
      .value("rows", "count", help: "Images, spread over the data set.", default: "8"),
      .value("columns", "count", help: "Variations of each.", default: "9"),
    ] + DataOptions.descriptions)

  private let settings: TrainingSettings
  private let output: String
  private let rows: Int
  private let columns: Int
  private let given: ParsedOptions

  init(_ options: ParsedOptions) throws {
    given = options
    var settings = TrainingSettings()
    settings.data = NetworkOptions.data(options)
    settings.seed = try options.unsignedInteger("seed") ?? 0
    try DataOptions.read(options, into: &settings)
    self.settings = settings
    output = try options.requiredString("output")
    rows = try options.integer("rows", in: 1...64) ?? 8
    columns = try options.integer("columns", in: 1...64) ?? 9
    try OutputPath.check("cache", settings.cache, isNoneOf: [], norIn: settings.data)
    try OutputPath.check(
      "output", output, isNoneOf: [settings.cache].compactMap(\.self), norIn: settings.data)
  }

  func run(_ console: Console) throws {
    let images: ImageSet
    do throws(DatasetError) {
      images = try DataOptions.packing(into: settings.cache) { () throws(DatasetError) in
        try Dataset.load(
          .training, from: settings.data, testFraction: settings.testFraction, seed: settings.seed,
          pictures: settings.pictures, cache: settings.cache,
          observer: PictureProgress(console: console))
      }
    } catch {
      throw DataOptions.advised(error, given)
    }
    let shape = images.pixelShape
    guard shape.channels == 1 || shape.channels == 3 else {
      throw UsageError.invalidCombination(
        "--data: expected images with 1 or 3 channels, found \(shape.channels)")
    }
    let augmenter: Augmenter
    do {
      augmenter = try Augmenter(
        settings.augmentation, from: shape, to: shape, fill: Self.meanBytes(of: images),
        seed: settings.seed)
    } catch {
      throw UsageError.invalidCombination("--augment: \(error)")
    }
    let count = min(rows, images.count)
    let sheet = PictureSheet(
      rows: (0..<count).map { row in
        pictures(of: row * (images.count - 1) / max(1, count - 1), of: images, augmenter)
      },
      scale: max(1, Self.smallestSide / max(shape.height, shape.width)), gap: 2)
    try AtomicFile.write(Data(PNGFile.encode(sheet.picture())), to: output)
    try console.print("\(count) images, \(columns) variations each, written to \(output.onOneLine)")
  }

  /// Images are enlarged to about this side.
  private static let smallestSide = 64

  /// An image and its variations.
  private func pictures(of number: Int, of images: ImageSet, _ augmenter: Augmenter) -> [Picture] {
    let count = images.shape.pixelCount
    let image = Array(images.pixels[number * count..<(number + 1) * count])
    func picture(_ bytes: [UInt8]) -> Picture {
      Picture(
        width: images.shape.width, height: images.shape.height, channels: images.shape.channels,
        bytes: bytes)
    }
    var scratch = [UInt32](repeating: 0, count: augmenter.scratchCount)
    return [picture(image)]
      + (0..<columns).map { epoch in
        var result = image
        var target = result.mutableSpan
        var memory = scratch.mutableSpan
        augmenter.augment(
          image.span, into: &target, sample: number, epoch: epoch, scratch: &memory)
        return picture(result)
      }
  }

  private static func meanBytes(of images: ImageSet) -> [UInt8] {
    let channels = images.shape.channels
    var sums = Array(repeating: 0, count: channels)
    unsafe images.pixels.forEachPiece(ofImages: images.shape.pixelCount) { piece in
      for unsafe(place, byte) in unsafe piece.enumerated() { sums[place % channels] += Int(byte) }
    }
    return sums.map {
      UInt8((Double($0) * Double(channels) / Double(images.pixels.count)).rounded())
    }
  }
}
