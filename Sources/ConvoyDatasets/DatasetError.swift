import ConvoyFileAccess
import ConvoyPictures
import ConvoyProcessLimits

/// Why a data set could not be read. Files and directories are given by their paths.
package enum DatasetError: Error, Equatable {
  case missingDirectory(directory: String)
  case notADirectory(file: String)
  /// No file in the directory has a name that is known; `expected` are examples of such names.
  case nothingFound(directory: String, expected: [String])
  /// More than one data set; `found` are their names.
  case ambiguous(directory: String, found: [String])
  /// A file of the data set is missing under each of the names in `expected`.
  case incomplete(directory: String, dataset: String, expected: [String], found: [String])
  /// An error of the operating system, or of zlib for a reason other than damaged data.
  case unreadable(file: String, reason: String)

  /// A mapped file whose size has changed.
  case resized(file: String, expected: Int, found: Int)

  /// A file that pictures are packed into.
  case unwritable(FileError)
  /// Packing was stopped.
  case stopped
  /// Options that say how pictures become images, for a file that has other images already.
  case packedPictures(file: String, expected: String, found: String)
  /// A folder of pictures was needed.
  case noPictureFolder(path: String)
  /// A cache that would replace another file.
  case foreignCache(file: String)

  /// The contents would not fit in memory.
  case memory(MemoryError)

  /// Fewer bytes, counted after decompression, than the format needs.
  case truncated(file: String, expected: Int, found: Int)
  /// More bytes, counted after decompression, than the header announces.
  case excess(file: String, expected: Int, foundAtLeast: Int)
  /// The file ends, after `found` bytes, before its compressed data do.
  case truncatedGzip(file: String, found: Int)
  /// Not gzip, or a stream that cannot be decoded, or a checksum that does not match. The offset
  /// counts compressed bytes.
  case damagedGzip(file: String, offset: Int, found: String)
  /// The header announces more bytes than `compressed` bytes can be decompressed to.
  case impossibleSize(file: String, expected: Int, compressed: Int, largest: Int)

  case wrongMagicNumber(file: String, expected: UInt32, found: UInt32)
  /// The wrong number of dimensions, as when images and labels have changed places.
  case wrongRank(file: String, expected: Int, found: Int)
  /// Images without rows or columns.
  case zeroSize(file: String, dimensions: [Int])
  case tooLarge(file: String, limit: Int, dimensions: [Int])
  case emptySet(file: String)

  /// A CIFAR file that does not consist of whole records.
  case partialRecord(file: String, recordSize: Int, found: Int)
  case labelOutOfRange(file: String, offset: Int, classes: Int, found: Int)
  /// A file of class names that has not one for each class.
  case classNames(file: String, expected: Int, found: String)

  /// Part of a file that is not as its format says. `found` is short, whatever is in the file.
  case damaged(file: String, at: FilePlace, expected: String, found: String)
  /// A table without a column of labels.
  case noLabels(file: String, found: [String])
  /// A data set that has images for training only, where no fraction of them is to be for tests.
  case noTestPart(file: String)
  /// A data set with a test part, of which a fraction is to be for tests.
  case testPartPresent(file: String)
  /// No class has images enough to give one to the test part.
  case tooFewForTest(file: String, fraction: Double, found: Int)

  /// A folder of pictures without class folders.
  case noClassFolders(directory: String)
  /// A folder of pictures with one class, in which there may be other folders.
  case oneClass(directory: String, name: String, folders: Int)
  /// All that options would have to be given for, of one folder of pictures.
  case several([DatasetError])
  /// Two class folders whose names are the same text in other bytes.
  case equalNames(directory: String, name: String)
  /// Folders within folders, perhaps without end.
  case tooDeep(directory: String, limit: Int)
  /// More classes than labels tell apart.
  case tooManyClasses(directory: String, found: Int)
  /// Pictures for a network whose images are none.
  case takesNoPictures(ImageShape)
  /// A class that training lacks.
  case unknownClass(directory: String, classes: [String])
  /// No picture among so many files of a class, or of all.
  case noPictures(directory: String, found: Int)
  /// Pictures of different sizes, where one is needed; `found` lists them.
  case sizesDiffer(directory: String, found: String)
  /// Pictures that cannot be read, of so many files.
  case unreadablePictures([PictureError], of: Int)

  case countsDiffer(imagesFile: String, images: Int, labelsFile: String, labels: Int)
  case shapesDiffer(
    trainingFile: String, training: ImageShape, testFile: String, test: ImageShape)
  /// A test label that is above all labels of the training set.
  case unseenTestLabel(file: String, image: Int, label: Int, classes: Int)
}

extension DatasetError: CustomStringConvertible {
  /// One line: where, what was expected, what was found.
  package var description: String {
    switch self {
    case .missingDirectory(let directory):
      "\(directory): expected a directory with a data set, found nothing of that name"
    case .notADirectory(let file):
      "\(file): expected a directory, an .npz, .csv or packed file with a data set, found another file"
    case .nothingFound(let directory, let expected):
      "\(directory): expected a data set with \(Self.choice(expected)), found none of them"
    case .ambiguous(let directory, let found):
      "\(directory): expected one data set, found \(found.joined(separator: ", "))"
    case .incomplete(let directory, let dataset, let expected, let found):
      "\(directory): expected \(Self.choice(expected)) as part of \(dataset), "
        + "found only \(found.joined(separator: ", "))"
    case .unreadable(let file, let reason):
      "\(file): expected a readable file, found an error: \(reason)"
    case .resized(let file, let expected, let found):
      "\(file): changed while it is used: expected \(expected) bytes, found \(found)"
    case .tooManyClasses(let directory, let found):
      "\(directory): expected at most \(Int(UInt16.max) + 1) classes, found \(found)"
    case .takesNoPictures(let shape):
      "expected a network with 1 or 3 input channels and sides of at most \(PictureFormat.longestSide) "
        + "pixels for pictures, found one for \(shape)"
    case .unwritable(let error): error.description
    case .stopped: "stopped"
    case .packedPictures(let file, let expected, let found):
      "\(file): expected \(expected), as its images are packed, found \(found)"
    case .noPictureFolder(let path):
      "\(path): expected a folder of pictures, found another data set"
    case .foreignCache(let file):
      "\(file): expected a cache or no file, found another file"
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
    case .classNames(let file, let expected, let found):
      "\(file): expected \(expected) lines with a class name each, found \(found)"
    case .damaged(let file, let place, let expected, let found):
      "\(file): \(place)expected \(expected), found \(found)"
    case .noLabels(let file, let names):
      "\(file): expected a column called \(CSVLayout.labelNames.joined(separator: " or ")), found \(Self.list(names))"
    case .noTestPart(let file):
      "\(file): expected a test part or a test fraction, found images for training only"
    case .testPartPresent(let file):
      "\(file): expected a data set without a test part for a test fraction, found one with it"
    case .tooFewForTest(let file, let fraction, let found):
      "\(file): expected images enough for a test part of \(fraction), each class keeping one for "
        + "training, found \(found)"
    case .noClassFolders(let directory):
      "\(directory): expected a folder per class with pictures below, found pictures and no folders: "
        + "give the folder above, if this is a class"
    case .oneClass(let directory, let name, let folders):
      "\(directory): expected at least two classes, found one, \(name): there is nothing to tell apart"
        + (folders > 1
          ? "; if the \(folders) folders in it are the classes, give \(directory)/\(name)" : "")
    case .several(let errors): Self.together(errors)
    case .equalNames(let directory, let name):
      "\(directory): expected class folders of different names, found two called \(name), spelled in "
        + "different bytes"
    case .tooDeep(let directory, let limit):
      "\(directory): expected folders within folders at most \(limit) deep, found more"
    case .unknownClass(let directory, let classes):
      "\(directory): expected a class of the training images (\(Self.some(classes))), "
        + "found another"
    case .noPictures(let directory, let found):
      "\(directory): expected pictures (PNG, JPEG, PPM, PGM, BMP), found "
        + (found == 0 ? "no files" : "none among \(found) file\(found == 1 ? "" : "s")")
    case .sizesDiffer(let directory, let found):
      "\(directory): expected pictures of one size, found \(found)"
    case .unreadablePictures(let errors, let files):
      "\(errors.first?.description ?? "")"
        + (errors.count > 1
          ? "; \(errors.count - 1) more of \(files) files cannot be read" : "")
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

  /// Several errors, with the path once where they begin with the same.
  private static func together(_ errors: [DatasetError]) -> String {
    let texts = errors.map(\.description)
    let path = texts.first?.prefix { $0 != ":" } ?? ""
    return texts.enumerated().map { number, text in
      number > 0 && text.hasPrefix("\(path): ") ? String(text.dropFirst(path.count + 2)) : text
    }.joined(separator: "; ")
  }

  /// A text from a file in quotes, shortened, with its other than printable letters replaced.
  static func quoted(_ bytes: some Sequence<UInt8>) -> String {
    let longest = 40
    let start = bytes.prefix(longest + 1)
    let letters = start.prefix(longest).map { byte in
      (0x20...0x7E).contains(byte) ? Character(Unicode.Scalar(byte)) : "?"
    }
    return "'\(String(letters))\(Array(start).count > longest ? "…" : "")'"
  }

  /// Names from a file, the first few of them.
  static func list(_ names: [String]) -> String {
    let most = 10
    if names.isEmpty { return "none" }
    return names.prefix(most).map { quoted($0.utf8) }.joined(separator: ", ")
      + (names.count > most ? ", …" : "")
  }

  private static func some(_ names: [String]) -> String {
    names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
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

/// A place in a file of a data set.
package enum FilePlace: Equatable, Sendable, CustomStringConvertible {
  case whole
  case header
  case byte(Int)
  /// Of a table; both count from 1.
  case field(line: Int, column: Int)

  /// As the beginning of an error, with a colon.
  package var description: String {
    switch self {
    case .whole: ""
    case .header: "header: "
    case .byte(let offset): "byte \(offset): "
    case .field(let line, let column): "line \(line), column \(column): "
    }
  }
}
