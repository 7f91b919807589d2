import ConvoyAugmentation
import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyFigures
import ConvoyPictures
import ConvoyTerminal
import ConvoyTraining

/// The options that say how data becomes images of one shape, and which of them are for testing.
enum DataOptions {
  static let descriptions: [OptionDescription] =
    [testFraction] + pictures + [
      .value(
        "cache", "file",
        help:
          "Keep the images of a folder of pictures in this file: packed by the first run, then used as "
          + "long as the folder and the options stay the same."),
      .value(
        "augment", "terms",
        help:
          "Vary the training images, differently each epoch: a preset (\(presets)), terms such as "
          + "flip,crop:4,rotate:15, or both; Sources/README.md lists them.", default: "none"),
    ]

  /// How pictures become images of one shape.
  static let pictures: [OptionDescription] =
    [
      .value(
        "image-size", "N|HxW",
        help: "Resize pictures to N×N, or to H rows and W columns. Needed where their sizes differ."
      ),
      .choice(
        "color", of: PictureColor.self,
        help: "Read pictures in grey or in colour. Without it, in grey only if all are grey."),
      .choice(
        "fit", of: PictureFit.self,
        help:
          "How a picture of another shape is resized: stretched, cropped to its centre, or padded with "
          + "black.", default: .stretch),
      skipUnreadable,
    ]

  private static let presets =
    Augmentation.Preset.allCases.map(\.rawValue).joined(separator: ", ")

  static let testFraction = OptionDescription.value(
    "test-fraction", "fraction",
    help:
      "Where the data has no test part, test on this fraction of its images, drawn by the seed from "
      + "each class.")

  static let skipUnreadable = OptionDescription.flag(
    "skip-unreadable",
    help:
      "Leave out damaged pictures, and list them; what the system cannot open stays an error, since it "
      + "may be there on another day.")

  static func read(_ options: ParsedOptions, into settings: inout TrainingSettings)
    throws(UsageError)
  {
    settings.testFraction = try testFraction(options)
    settings.pictures = try pictures(options)
    settings.cache = options.string("cache")
    settings.augmentation = try augmentation(options)
  }

  static func testFraction(_ options: ParsedOptions) throws(UsageError) -> Double? {
    try options.number("test-fraction", above: 0, atMost: 0.9)
  }

  static func pictures(_ options: ParsedOptions) throws(UsageError) -> PictureOptions {
    var pictures = PictureOptions()
    pictures.size = try size(options)
    pictures.color = try options.choice("color", of: PictureColor.self)
    pictures.fit = try options.choice("fit", of: PictureFit.self) ?? .stretch
    pictures.skipsUnreadable = options.flag("skip-unreadable")
    return pictures
  }

  static func augmentation(_ options: ParsedOptions) throws(UsageError) -> Augmentation {
    guard let text = options.string("augment") else { return .none }
    do {
      return try Augmentation(text)
    } catch {
      throw .invalidCombination("--augment: \(error)")
    }
  }

  private static func size(_ options: ParsedOptions) throws(UsageError) -> ImageSize? {
    guard let text = options.string("image-size") else { return nil }
    guard let size = ImageSize(text) else {
      throw .invalidValue(
        option: "--image-size",
        expected: "a side or HxW, each from 1 to \(ImageSize.largestSide), such as 32 or 24x32",
        found: text, suggestion: nil)
    }
    return size
  }

  /// Reads the data set of a run.
  ///
  /// - Parameters:
  ///   - given: the command line, for advice on it.
  ///   - requirement: of data without a fraction for tests.
  static func load(
    _ settings: TrainingSettings, _ console: Console, given: ParsedOptions,
    requiring requirement: TestRequirement
  ) throws -> Dataset {
    let dataset: Dataset
    do throws(DatasetError) {
      dataset = try packing(into: settings.cache) { () throws(DatasetError) in
        try Dataset.load(
          from: settings.data, testFraction: settings.testFraction, seed: settings.seed,
          requiring: requirement, pictures: settings.pictures, cache: settings.cache,
          observer: PictureProgress(console: console))
      }
    } catch {
      switch error {
      case .truncated(settings.cache, _, _), .damaged(settings.cache, _, _, _):
        throw AdvisedError(description: "\(error); without the file, the run makes it again")
      default: break
      }
      throw advised(error, given)
    }
    try checkPictures(dataset.training, settings)
    return dataset
  }

  /// Checks that options about pictures are for pictures.
  static func checkPictures(_ images: ImageSet, _ settings: TrainingSettings) throws(UsageError) {
    guard images.fit == nil, settings.pictures != PictureOptions() else { return }
    throw .invalidCombination(
      "--image-size, --color, --fit, --skip-unreadable: expected a folder of pictures, found "
        + "another data set in \(settings.data)")
  }

  /// Runs `body`, whose augmentation may not fit the images.
  static func augmenting<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as AugmentationError {
      throw UsageError.invalidCombination("--augment: \(error)")
    }
  }

  /// Runs what may pack pictures into a file, so that a signal leaves no temporary file.
  static func packing<Result>(
    into file: String?, _ body: () throws(DatasetError) -> Result
  ) throws(DatasetError) -> Result {
    guard file != nil else { return try body() }
    var result: Swift.Result<Result, DatasetError>?
    Interruption.listening {
      do throws(DatasetError) { result = .success(try body()) } catch { result = .failure(error) }
    }
    guard let result else { preconditionFailure("The body has run.") }
    return try result.get()
  }
}

/// Shows the reading of pictures on a terminal.
struct PictureProgress: PictureObserver {
  let console: Console

  func duringReading(
    _ what: String, total: Int, done: @escaping @Sendable () -> Int, _ body: () -> Void
  ) {
    let bar = ProgressBar(console, label: what, total: total, done: done)
    defer { bar.finish() }
    body()
  }

  func skipped(_ errors: [PictureError]) {
    for error in errors { console.error("skipped \("\(error)".onOneLine)\n") }
    let pictures = errors.count == 1 ? "picture" : "pictures"
    console.error("\(Figures.grouped(errors.count)) unreadable \(pictures) skipped\n")
  }

  func keepsEightBits(of path: String, bits: Int) {
    console.error("\("\(path) has \(bits) bits per channel, of which 8 are kept".onOneLine)\n")
  }

  func uses(cache: String, anewAs reason: String?) {
    console.error("\("cache \(cache): \(reason.map { "made anew: \($0)" } ?? "used")".onOneLine)\n")
  }

  var isStopped: Bool { Interruption.pending != nil }
}
