import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyFigures
import ConvoyNetworkOptions
import ConvoyPictures
import ConvoyTerminal

/// `convoy prepare`: decodes a folder of pictures once, into a packed file.
struct PrepareCommand: Command {
  static let description = CommandDescription(
    name: "prepare",
    overview: "Pack a folder of pictures into one file, from which --data reads without decoding.",
    discussion:
      "The file has all parts of the folder, their labels and class names. It is mapped, so "
      + "that it may be larger than the memory.",
    example: "convoy prepare photos --image-size 64 --output photos.packed",
    arguments: [.words("folder", help: "A folder of pictures with a folder per class.")],
    options: [
      .value(
        "output", "file", help: "The packed file to write.", isRequired: true,
        aliases: ["-o"]),
      .value(
        "test-fraction", "fraction",
        help:
          "Where the folder has no test part, make this fraction of its images one, drawn by the seed "
          + "from each class. Without it, each run may draw its own."),
      .value("seed", "number", help: "The seed of the test fraction.", default: "0"),
    ] + DataOptions.pictures)

  private let folder: String
  private let output: String
  private let testFraction: Double?
  private let seed: UInt64
  private let pictures: PictureOptions

  private let given: ParsedOptions

  init(_ options: ParsedOptions) throws {
    given = options
    folder = options.arguments("folder")[0]
    output = try options.requiredString("output")
    testFraction = try DataOptions.testFraction(options)
    seed = try options.unsignedInteger("seed") ?? 0
    pictures = try DataOptions.pictures(options)
    try OutputPath.check("output", output, isNoneOf: [], norIn: folder)
  }

  func run(_ console: Console) throws {
    let contents: PackedContents
    do throws(DatasetError) {
      contents = try DataOptions.packing(into: output) { () throws(DatasetError) in
        try Dataset.pack(
          folder, to: output, testFraction: testFraction, seed: seed, pictures: pictures,
          observer: PictureProgress(console: console))
      }
    } catch .noPictureFolder(let path) {
      throw DatasetError.noPictureFolder(path: path)
    } catch {
      throw DataOptions.advised(error, given)
    }
    let parts = [
      (contents.training, "training"), (contents.validation, "validation"), (contents.test, "test"),
    ].filter { $0.0 > 0 }.map { "\(Figures.grouped($0)) \($1)" }
    try console.print(
      "\(parts.joined(separator: ", ")) images of \(contents.shape), "
        + "\(Figures.grouped(contents.classes)) classes, written to \(output.onOneLine)")
  }
}
