extension DatasetError: CustomStringConvertible {
  /// One line: where, what was expected, what was found.
  package var description: String {
    switch self {
    case .missingDirectory(let directory):
      "\(directory): expected a directory with a data set, found nothing of that name"
    case .notADirectory(let file):
      "\(file): expected a directory with a data set, found a file"
    case .nothingFound(let directory, let expected):
      "\(directory): expected a data set with \(Self.choice(expected)), found none of them"
    case .ambiguous(let directory, let found):
      "\(directory): expected one data set, found \(found.joined(separator: ", "))"
    case .incomplete(let directory, let dataset, let expected, let found):
      "\(directory): expected \(Self.choice(expected)) as part of \(dataset), "
        + "found only \(found.joined(separator: ", "))"
    case .unreadable(let file, let reason):
      "\(file): expected a readable file, found an error: \(reason)"
    case .memory(let error): error.description
    case .truncated(let file, let expected, let found):
      "\(file): truncated: expected \(expected) bytes, found the end after \(found)"
    case .excess(let file, let expected, let foundAtLeast):
      "\(file): too long: expected \(expected) bytes, found at least \(foundAtLeast)"
    case .truncatedGzip(let file, let found):
      "\(file): truncated: expected more gzip data, found the end after \(found) compressed bytes"
    case .damagedGzip(let file, let offset, let found):
      "\(file): damaged at compressed byte \(offset): expected valid gzip data, found \(found)"
    case .impossibleSize(let file, let expected, let compressed, let largest):
      "\(file): truncated or damaged: expected \(expected) bytes as its header says, "
        + "found \(compressed) compressed bytes, which hold \(largest) at most"
    case .wrongMagicNumber(let file, let expected, let found):
      "\(file): wrong magic number at byte 0: expected \(Self.hexadecimal(expected)), "
        + "found \(Self.hexadecimal(found))"
    case .wrongRank(let file, let expected, let found):
      "\(file): wrong number of dimensions at byte 3: expected \(expected), found \(found)"
    case .zeroSize(let file, let dimensions):
      "\(file): empty images: expected rows and columns, found \(Self.product(dimensions))"
    case .tooLarge(let file, let limit, let dimensions):
      "\(file): too large: expected \(limit) bytes at most, found \(Self.product(dimensions))"
    case .emptySet(let file):
      "\(file): empty: expected at least one image, found none"
    case .partialRecord(let file, let recordSize, let found):
      "\(file): expected a multiple of \(recordSize) bytes, found \(found)"
    case .labelOutOfRange(let file, let offset, let classes, let found):
      "\(file): expected a label below \(classes) at byte \(offset), found \(found)"
    case .countsDiffer(let imagesFile, let images, let labelsFile, let labels):
      "\(labelsFile): expected \(images) labels, as many as images in \(imagesFile), "
        + "found \(labels)"
    case .shapesDiffer(let trainingFile, let training, let testFile, let test):
      "\(testFile): expected images of \(training), as in \(trainingFile), found \(test)"
    case .unseenTestLabel(let file, let image, let label, let classes):
      "\(file): expected labels below \(classes), as in the training set, "
        + "found \(label) for image \(image)"
    }
  }

  private static func choice(_ names: [String]) -> String { names.joined(separator: " or ") }

  private static func product(_ dimensions: [Int]) -> String {
    dimensions.map(String.init).joined(separator: " × ")
  }

  private static func hexadecimal(_ number: UInt32) -> String {
    let digits = String(number, radix: 16, uppercase: true)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
  }
}
