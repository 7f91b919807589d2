import ConvoyDatasets
import ConvoyPictures
import Synchronization

/// What a network is trained and judged on. A source of your own conforms by giving its samples:
///
/// ```swift
/// struct Readings: TrainingData {
///   let training: Samples
///   let test: Samples?
/// }
/// ```
public protocol TrainingData: Sendable {
  /// What the network learns from.
  var training: Samples { get }
  /// For judging epochs; nil for none.
  var validation: Samples? { get }
  /// For the test of the trained network; nil for none. Without validation samples, epochs are judged
  /// on these.
  var test: Samples? { get }
}

extension TrainingData {
  /// None, unless a source says otherwise.
  public var validation: Samples? { nil }
  /// None, unless a source says otherwise.
  public var test: Samples? { nil }

  /// The parts as one data set, checked against each other. A missing test part has no images.
  func dataset() throws(DataError) -> Dataset {
    // Each is asked for once, since a source may load it then.
    let (first, validation, test) = (training, validation, test)
    for other in [validation, test] {
      guard let other else { continue }
      guard other.shape == first.shape else {
        throw .parts(of: "shape", training: "\(first.shape)", other: "\(other.shape)")
      }
      guard other.areFloats == first.areFloats else {
        throw .parts(
          of: "type of values", training: first.images.pixels.type.rawValue,
          other: other.images.pixels.type.rawValue)
      }
      guard other.classNames == first.classNames else {
        func names(_ samples: Samples) -> String {
          samples.classNames?.joined(separator: ", ") ?? "none"
        }
        throw .parts(of: "class names", training: names(first), other: names(other))
      }
    }
    let none = first.images.selecting([])
    return Dataset(
      training: first.images, test: test?.images ?? none, validation: validation?.images,
      classes: first.classNames?.count ?? Int(first.images.labels.max() ?? 0) + 1,
      testPart: (self as? any DividedData)?.testPart)
  }
}

/// Data that may have been divided into training and test samples when it was read.
private protocol DividedData {
  var testPart: TestPart? { get }
}

extension ImageFolder: DividedData {}
extension DataFiles: DividedData {}
extension SharedData: DividedData {}

extension Samples: TrainingData {
  /// These samples.
  public var training: Samples { self }
}

/// A folder of pictures with a folder per class, or with folders `train`, `val` and `test` that have
/// such folders below.
public struct ImageFolder: TrainingData, Equatable {
  /// The pictures of the folder, or of its folder `train`.
  public let training: Samples
  /// Those of its folder `val`; nil without one.
  public let validation: Samples?
  /// Those of its folder `test`, or the part that was drawn; nil without either.
  public let test: Samples?
  /// The pictures that were left out because they cannot be read, by path within each part. Files
  /// that are no pictures by their names are ignored, and not here.
  public let skipped: [SkippedPicture]
  let testPart: TestPart?

  /// A picture that was left out.
  public struct SkippedPicture: Sendable, Equatable {
    /// Of the file.
    public let path: String
    /// Why it cannot be read, in one line that names the file.
    public let reason: String
  }

  /// The colours that pictures are read in.
  public enum Color: Sendable {
    /// One channel.
    case gray
    /// Red, green and blue.
    case rgb
  }

  /// How a picture of another shape is resized.
  public enum Fit: Sendable {
    /// To the size, whatever that does to its shape.
    case stretch
    /// Until it covers the size; what is beyond is cut off evenly.
    case crop
    /// Until it is within the size; the rest is black.
    case pad
  }

  /// Reads all pictures, on all cores.
  ///
  /// - Parameters:
  ///   - path: of the folder.
  ///   - size: rows and columns of the resized pictures; nil if all have the same size.
  ///   - color: nil for grey if all pictures are grey, else for red, green and blue.
  ///   - fit: how a picture of another shape is resized.
  ///   - testFraction: of a folder without a test part, the share of each class that becomes one;
  ///     nil for none.
  ///   - seed: draws that part.
  ///   - skipsUnreadable: whether pictures that cannot be read are left out; see ``skipped``.
  /// - Throws: ``ConvoyError``, which names the folder or the files, with what was expected and found;
  ///   ``DataError`` if a size or a fraction is out of range.
  public init(
    _ path: String, size: Pair? = nil, color: Color? = nil, fit: Fit = .stretch,
    testFraction: Double? = nil, seed: UInt64 = 0, skipsUnreadable: Bool = false
  ) throws {
    try check(testFraction: testFraction)
    let options = try Self.options(
      size: size, color: color, fit: fit, skipsUnreadable: skipsUnreadable)
    let skipped = SkippedPictures()
    let parts = try ConvoyError.visibly {
      try Dataset.loadParts(
        from: path, testFraction: testFraction, seed: seed, pictures: options, observer: skipped)
    }
    self.skipped = skipped.all
    guard parts.training.fit != nil else {
      throw DataError.unsuitable(expected: "a folder of pictures", found: "other data in \(path)")
    }
    testPart = parts.testPart
    training = Samples(parts.training)
    validation = parts.validation.map(Samples.init)
    test = parts.test.map(Samples.init)
  }

  /// Decodes all pictures into one file, a group at a time: for folders larger than memory.
  /// ``DataFiles`` reads it, and maps it if it is large.
  ///
  /// - Parameters:
  ///   - path: of the folder.
  ///   - file: the file to write. It is replaced as a whole or not at all.
  ///   - size: rows and columns of the resized pictures; nil if all have the same size.
  ///   - color: nil for grey if all pictures are grey, else for red, green and blue.
  ///   - fit: how a picture of another shape is resized.
  ///   - testFraction: of a folder without a test part, the share of each class that becomes one;
  ///     nil for none.
  ///   - seed: draws that part.
  ///   - skipsUnreadable: whether pictures that cannot be read are left out.
  /// - Returns: the pictures that were left out.
  /// - Throws: ``ConvoyError``, which names the folder or the files, with what was expected and found;
  ///   ``DataError`` if a size or a fraction is out of range.
  @discardableResult
  public static func pack(
    _ path: String, to file: String, size: Pair? = nil, color: Color? = nil, fit: Fit = .stretch,
    testFraction: Double? = nil, seed: UInt64 = 0, skipsUnreadable: Bool = false
  ) throws -> [SkippedPicture] {
    try check(testFraction: testFraction)
    let options = try options(size: size, color: color, fit: fit, skipsUnreadable: skipsUnreadable)
    let skipped = SkippedPictures()
    _ = try ConvoyError.visibly {
      try Dataset.pack(
        path, to: file, testFraction: testFraction, seed: seed, pictures: options,
        observer: skipped)
    }
    return skipped.all
  }

  private static func options(
    size: Pair?, color: Color?, fit: Fit, skipsUnreadable: Bool
  ) throws(DataError) -> PictureOptions {
    var options = PictureOptions()
    if let size {
      guard let size = ImageSize(height: size.rows, width: size.columns) else {
        throw .unsuitable(expected: "a size from 1 to \(ImageSize.largestSide)", found: "\(size)")
      }
      options.size = size
    }
    options.color =
      switch color {
      case nil: nil
      case .gray: .gray
      case .rgb: .rgb
      }
    options.fit =
      switch fit {
      case .stretch: .stretch
      case .crop: .crop
      case .pad: .pad
      }
    options.skipsUnreadable = skipsUnreadable
    return options
  }
}

/// Collects the pictures that are left out.
private final class SkippedPictures: PictureObserver {
  private let pictures = Mutex<[ImageFolder.SkippedPicture]>([])

  var all: [ImageFolder.SkippedPicture] { pictures.withLock { $0 } }

  func duringReading(
    _ what: String, total: Int, done: @escaping @Sendable () -> Int, _ body: () -> Void
  ) { body() }

  func skipped(_ errors: [PictureError]) {
    pictures.withLock {
      $0 += errors.map { ImageFolder.SkippedPicture(path: $0.path, reason: $0.description) }
    }
  }
}

/// The data sets of research in their files: MNIST and its like (IDX), CIFAR, NumPy's arrays, CSV; and
/// files that `convoy prepare` packed.
public struct DataFiles: TrainingData, Equatable {
  /// The training images of the files.
  public let training: Samples
  /// Their validation images, which packed files may have; nil without any.
  public let validation: Samples?
  /// Their test images, or the part that was drawn; nil without either.
  public let test: Samples?
  let testPart: TestPart?

  /// Reads the files. Large ones stay on disk and are mapped.
  ///
  /// - Parameters:
  ///   - path: a directory with such files, or one file.
  ///   - testFraction: of data without a test part, the share of each class that becomes one; nil
  ///     for none.
  ///   - seed: draws that part.
  /// - Throws: ``ConvoyError``, which names the file, with what was expected and found; ``DataError`` if
  ///   the fraction is out of range.
  public init(_ path: String, testFraction: Double? = nil, seed: UInt64 = 0) throws {
    try check(testFraction: testFraction)
    let parts = try ConvoyError.visibly {
      try Dataset.loadParts(from: path, testFraction: testFraction, seed: seed)
    }
    testPart = parts.testPart
    training = Samples(parts.training)
    validation = parts.validation.map(Samples.init)
    test = parts.test.map(Samples.init)
  }
}

private func check(testFraction: Double?) throws(DataError) {
  guard let testFraction, !(testFraction > 0 && testFraction < 1) else { return }
  throw .unsuitable(expected: "a test fraction between 0 and 1", found: "\(testFraction)")
}
