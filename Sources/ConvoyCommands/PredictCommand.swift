import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyFigures
import ConvoyKernelInterface
import ConvoyNetworkOptions
import ConvoyPictures
import ConvoyTerminal
import ConvoyTraining
import Foundation

/// `convoy predict`: the classes that a trained network sees in images.
struct PredictCommand: Command {
  static let description = CommandDescription(
    name: "predict",
    overview: "Print what a trained model sees in pictures or other images.",
    discussion:
      "Pictures of any size and colour are made to fit the model, as they were in training. "
      + "IDX, NumPy and CSV files need no labels; those of other images than the model's shape are "
      + "refused.",
    example: "convoy predict --weights model.st --top 3 rose.jpg garden",
    arguments: [
      .words(
        "path", isRepeated: true,
        help: "Pictures, folders of pictures, data sets or their files; - reads a picture from "
          + "standard input.")
    ],
    options: [
      .value(
        "weights", "file", help: "A model file that train wrote with --output.", isRequired: true),
      .value(
        "top", "count", help: "Print this many of the likeliest classes of each image.",
        default: "1"),
      .flag("json", help: "Print a JSON object per image."),
      .value(
        "csv", "file",
        help:
          "Write a table of ImageId and Label, as Kaggle takes it: images of data sets are numbered "
          + "from 1, pictures have their paths."),
      .flag(
        "probabilities",
        help: "With --csv, a column for each class: its probability, or the network's output."),
      .flag(
        "invert", help: "Exchange dark and light: dark digits on paper for a model of light ones."),
      DataOptions.skipUnreadable, NetworkOptions.threads, NetworkOptions.instructionSet,
    ] + TestTimeOptions.descriptions)

  private let weights: String
  private let paths: [String]
  private let top: Int
  private let format: PredictionWriter.Format
  private let inverts: Bool
  private let skipsUnreadable: Bool
  private let testTime: TestTimeOptions
  private let threads: Int
  private let kernels: any KernelSet

  init(_ options: ParsedOptions) throws {
    weights = try options.requiredString("weights")
    paths = options.arguments("path")
    guard paths.count(where: { $0 == Self.standardInput }) < 2 else {
      throw UsageError.repeatedOption(Self.standardInput)
    }
    top = try options.integer("top", atLeast: 1) ?? 1
    let csv = options.string("csv")
    guard csv == nil || !options.flag("json") else {
      throw UsageError.invalidCombination("--json: expected one of --json and --csv, found both")
    }
    try OutputPath.check("csv", csv, isNoneOf: [weights], norIn: nil)
    for path in paths where path != Self.standardInput {
      try OutputPath.check("csv", csv, isNoneOf: [path], norIn: path)
    }
    let probabilities = options.flag("probabilities")
    guard csv != nil || !probabilities else {
      throw UsageError.invalidCombination(
        "--probabilities: expected --csv <file> beside it, found none")
    }
    format =
      csv.map { .csv($0, probabilities: probabilities) } ?? (options.flag("json") ? .json : .text)
    inverts = options.flag("invert")
    skipsUnreadable = options.flag("skip-unreadable")
    testTime = try TestTimeOptions(options)
    threads = try NetworkOptions.threads(options)
    kernels = try NetworkOptions.kernels(options)
  }

  private static let standardInput = "-"
  private static let standardInputName = "standard input"

  func run(_ console: Console) throws {
    let network = try TrainedNetwork(contentsOf: weights, kernels: kernels)
    // Data sets and folders are found before the first answer.
    let sources = try sources()
    var writer = try PredictionWriter(format, of: network, top: top, console)
    var edges = EdgeCheck(network.model, isInverted: inverts)
    func predict(_ images: ImageSet, _ names: [ImageName]) throws {
      edges.add(images)
      let outputs = try DataOptions.augmenting {
        try network.evaluator(
          on: images, judging: false, threads: threads, averaging: testTime.augmentation,
          variations: testTime.variations
        ).outputs()
      }
      for (number, name) in names.enumerated() {
        let scores = outputs.scores(of: number)
        guard scores.allSatisfy(\.isFinite) else {
          throw OverflowingOutputs(path: weights, image: "\(name)")
        }
        try writer.write(name, scores, outputs.meaning)
      }
    }
    for source in sources {
      switch source {
      case .standardInput:
        try predict(try standardInputImage(for: network.input), [.file(Self.standardInputName)])
      case .images(let images, let path):
        DataOptions.cautionOfFit(images, for: network.input, console)
        let images = inverts ? try images.inverted() : images
        try predict(images, (0..<images.count).map { .number($0, of: path) })
      case .pictures(let files, let areMeant):
        for chunk in files.chunks(of: Self.pictures(for: network.input)) {
          let read: (images: ImageSet, files: [String])
          do throws(DatasetError) {
            read = try ImageSet.pictures(
              Array(chunk), areMeant: areMeant, for: network.input, inverted: inverts,
              skipsUnreadable: skipsUnreadable, observer: PictureProgress(console: console))
          } catch {
            throw DataOptions.advised(error)
          }
          try predict(read.images, read.files.map { .file($0) })
        }
      }
    }
    try writer.finish()
    if let advice = edges.advice { console.error(advice + "\n") }
  }

  private enum Source {
    case standardInput
    case images(ImageSet, of: String)
    case pictures([String], areMeant: Bool)
  }

  /// What the paths lead to. Pictures that follow one another are one source.
  private func sources() throws(DatasetError) -> [Source] {
    var sources: [Source] = []
    for path in paths {
      guard path != Self.standardInput else {
        sources.append(.standardInput)
        continue
      }
      switch try UnlabeledImages(at: path) {
      case .images(let images): sources.append(.images(images, of: path))
      case .folder(let files): sources.append(.pictures(files, areMeant: false))
      case .picture(let file):
        if case .pictures(let earlier, true)? = sources.last {
          sources[sources.count - 1] = .pictures(earlier + [file], areMeant: true)
        } else {
          sources.append(.pictures([file], areMeant: true))
        }
      }
    }
    return sources
  }

  /// How many pictures are read at a time: as many as fit in 64 MB, at most 1,024.
  private static func pictures(for input: TrainedInput) -> Int {
    max(1, min(1024, (1 << 26) / input.shape.pixelCount))
  }

  private func standardInputImage(for input: TrainedInput) throws -> ImageSet {
    let name = Self.standardInputName
    let bytes = try FileHandle.standardInput.read(upToCount: Self.mostInput) ?? Data()
    let size = PictureSize(width: input.shape.width, height: input.shape.height)
    let picture = try Picture.decode(Array(bytes), path: name, atLeast: size)
    return try ImageSet(picture, for: input, inverted: inverts, path: name)
  }

  private static let mostInput = 1 << 30
}

/// What an image is called in results.
enum ImageName: CustomStringConvertible {
  case file(String)
  /// Of a file with several images, from 0.
  case number(Int, of: String)

  var description: String {
    switch self {
    case .file(let path): path
    case .number(let number, let path): "\(path), image \(Figures.grouped(number))"
    }
  }
}

/// Notices images that are dark where the training images are light, or the other way.
private struct EdgeCheck {
  private let expected: Int?
  private let isInverted: Bool
  private var images = 0
  private var opposite = 0

  init(_ model: ModelFile, isInverted: Bool) {
    expected = model.edgeBrightness
    self.isInverted = isInverted
  }

  mutating func add(_ set: ImageSet) {
    guard let expected else { return }
    images += set.count
    for image in 0..<set.count {
      let found = set.edgeBrightness(of: image)
      if Double(expected) <= Self.dark && found >= Self.light
        || Double(expected) >= Self.light && found <= Self.dark
      {
        opposite += 1
      }
    }
  }

  private static let dark = 64.0
  private static let light = 191.0

  /// A line for the user; nil if all is well.
  var advice: String? {
    guard opposite > 0, let expected else { return nil }
    let (here, training) =
      Double(expected) <= Self.dark ? ("light", "dark") : ("dark", "light")
    let which =
      images == 1
      ? "the image is" : "\(Figures.grouped(opposite)) of \(Figures.grouped(images)) images are"
    return "\(which) \(here) at the edges, where the training images are \(training): "
      + (isInverted ? "leave out --invert" : "try --invert")
  }
}

/// A model whose outputs for an image are not finite.
private struct OverflowingOutputs: Error, CustomStringConvertible {
  let path: String
  let image: String

  var description: String { "\(path): expected finite outputs, found NaN or infinity for \(image)" }
}

extension Array {
  /// The elements in order, so many at a time.
  fileprivate func chunks(of count: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: self.count, by: count).map { self[$0..<Swift.min($0 + count, self.count)] }
  }
}
