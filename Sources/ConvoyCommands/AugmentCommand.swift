import ConvoyAugmentation
import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyFigures
import ConvoyFileAccess
import ConvoyNetworkOptions
import ConvoyPictures
import ConvoyRunReports
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
    example: "convoy augment --data photos --image-size 64 --augment photos --output sheet.png",
    options: [
      NetworkOptions.data,
      .value(
        "output", "file", help: "The PNG file to write.", isRequired: true,
        aliases: ["-o"]),
      .value("seed", "number", help: "Seed of all random numbers.", default: "0"),
      .value("rows", "count", help: "Images, spread over the data set.", default: "8"),
      .value("columns", "count", help: "Variations of each.", default: "9"),
    ] + DataOptions.descriptions, mainOption: "data")

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
      "output", output, isNoneOf: [settings.cache].compactMap(\.self), norIn: settings.data,
      writesPicture: true)
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
    try DataOptions.checkPictures(images, settings)
    let shape = images.pixelShape
    guard shape.channels == 1 || shape.channels == 3 else {
      throw UsageError.invalidCombination(
        "--data: expected images with 1 or 3 channels, found \(shape.channels)")
    }
    let sheet = try DataOptions.augmenting {
      try AugmentationSheet.picture(
        of: images, settings.augmentation, rows: rows, columns: columns, seed: settings.seed)
    }
    try AtomicFile.write(Data(PNGFile.encode(sheet)), to: output)
    let count = min(rows, images.count)
    try console.print(
      "\(count) image\(count == 1 ? "" : "s"), \(columns) variation\(columns == 1 ? "" : "s") each, written to "
        + output.onOneLine)
  }
}
