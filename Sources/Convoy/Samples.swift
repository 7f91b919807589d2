import ConvoyDatasets
import ConvoyNeuralNetwork

/// Labelled images of one shape.
public struct Samples: Sendable, Equatable {
  let images: ImageSet

  init(_ images: ImageSet) { self.images = images }

  /// The order of an image's values.
  public enum Layout: Sendable {
    /// Height × width × channels: the channels of a pixel are adjacent, as most decoders give them.
    case channelsLast
    /// Channels × height × width: one channel after another, as PyTorch's tensors.
    case channelsFirst
  }

  /// Samples in memory.
  ///
  /// - Parameters:
  ///   - pixels: image after image, a byte for each value, from 0 for black to 255.
  ///   - shape: of an image: channels × height × width.
  ///   - layout: the order of an image's values.
  ///   - labels: a class for each image, from 0.
  ///   - classNames: by label; nil if labels are numbers only.
  /// - Throws: ``DataError`` if the counts do not agree, or a label has no class.
  public init(
    images pixels: [UInt8], shape: FeatureShape, layout: Layout = .channelsLast, labels: [Int],
    classNames: [String]? = nil
  ) throws(DataError) {
    try Self.check(pixels.count, Self.check(shape, labels, classNames))
    let pixels = layout == .channelsLast ? pixels : Self.channelsLast(pixels, shape)
    self.init(PixelBytes(pixels), shape, labels, classNames)
  }

  /// Samples of floats in memory, of any range: measurements, spectrograms, images of more than 8
  /// bits. A training brings each channel to mean 0 and deviation 1; with
  /// `settings.normalization = .unit`, the network sees the values as they are.
  ///
  /// They are kept in single precision, without loss. They can be mixed, but not augmented, and
  /// their networks neither classify pictures nor have pages.
  ///
  /// - Parameters:
  ///   - values: image after image, each value finite.
  ///   - shape: of an image: channels × height × width.
  ///   - layout: the order of an image's values.
  ///   - labels: a class for each image, from 0.
  ///   - classNames: by label; nil if labels are numbers only.
  /// - Throws: ``DataError`` if the counts do not agree, a label has no class, or a value is not finite.
  @_disfavoredOverload
  public init(
    images values: [Float], shape: FeatureShape, layout: Layout = .channelsLast, labels: [Int],
    classNames: [String]? = nil
  ) throws(DataError) {
    try Self.check(values.count, Self.check(shape, labels, classNames))
    if let place = values.firstIndex(where: { !$0.isFinite }) {
      throw .value(image: place / shape.count, found: "\(values[place])")
    }
    let values = layout == .channelsLast ? values : Self.channelsLast(values, shape)
    self.init(PixelBytes(values), shape, labels, classNames)
  }

  /// Samples whose images are read when they are needed.
  ///
  /// Once reading an image has failed, these samples only give that error.
  ///
  /// - Parameters:
  ///   - source: gives the images, by number.
  ///   - shape: of an image: channels × height × width.
  ///   - labels: a class for each image, from 0.
  ///   - classNames: by label; nil if labels are numbers only.
  /// - Throws: ``DataError`` if the shape has no values, there is no image, or a label has no class.
  public init<Source: ImageSource>(
    from source: Source, shape: FeatureShape, labels: [Int], classNames: [String]? = nil
  ) throws(DataError) where Source.Value == UInt8 {
    try unsafe self.init(reading: shape, labels, classNames, of: .bytes) { number, memory in
      try unsafe source.read(number, into: memory)
    }
  }

  /// Samples of floats that are read when they are needed.
  ///
  /// Once reading an image has failed, or has given a value that is not finite, these samples only
  /// give that error.
  ///
  /// - Parameters:
  ///   - source: gives the images, by number.
  ///   - shape: of an image: channels × height × width.
  ///   - labels: a class for each image, from 0.
  ///   - classNames: by label; nil if labels are numbers only.
  /// - Throws: ``DataError`` if the shape has no values, there is no image, or a label has no class.
  public init<Source: ImageSource>(
    from source: Source, shape: FeatureShape, labels: [Int], classNames: [String]? = nil
  ) throws(DataError) where Source.Value == Float {
    try unsafe self.init(reading: shape, labels, classNames, of: .floats) { number, memory in
      try unsafe source.read(number, into: memory)
      let values = unsafe memory.assumingMemoryBound(to: Float.self)
      if let value = unsafe values.first(where: { !$0.isFinite }) {
        throw DataError.value(image: number, found: "\(value)")
      }
    }
  }

  private init(
    reading shape: FeatureShape, _ labels: [Int], _ classNames: [String]?, of type: PixelType,
    _ read: @escaping ImageReader.Reading
  ) throws(DataError) {
    let count = try Self.check(shape, labels, classNames)
    let reader = unsafe ImageReader(
      count: labels.count, imageSize: count / labels.count * type.size, read: read)
    self.init(PixelBytes(reader, of: type), shape, labels, classNames)
  }

  private init(
    _ pixels: PixelBytes, _ shape: FeatureShape, _ labels: [Int], _ classNames: [String]?
  ) {
    images = ImageSet(
      shape: ImageShape(channels: shape.channels, height: shape.height, width: shape.width),
      pixels: pixels, labels: labels.map { UInt16($0) }, classNames: classNames)
  }

  private static func check(_ found: Int, _ expected: Int) throws(DataError) {
    guard found == expected else {
      throw .count(of: "pixels", expected: expected, found: found)
    }
  }

  /// - Returns: the number of values of all images.
  private static func check(
    _ shape: FeatureShape, _ labels: [Int], _ classNames: [String]?
  ) throws(DataError) -> Int {
    guard !shape.isFlat, [shape.channels, shape.height, shape.width].allSatisfy({ $0 > 0 }),
      shape.channels <= Self.longestSide, shape.height <= Self.longestSide,
      shape.width <= Self.longestSide
    else {
      throw .unsuitable(
        expected: "channels, height and width from 1 to \(Self.longestSide)", found: "\(shape)")
    }
    guard !labels.isEmpty else { throw .tooFew("image", found: 0) }
    // In bytes, if they are floats.
    guard shape.count <= Int.max / 4 / labels.count else {
      throw .count(of: "pixels", expected: Int.max / 4, found: .max)
    }
    var seen: Set<String> = []
    if let name = classNames?.first(where: { !seen.insert($0).inserted }) {
      throw .unsuitable(expected: "different class names", found: "'\(name)' twice")
    }
    let classes = min(classNames?.count ?? .max, Int(UInt16.max) + 1)
    if let image = labels.firstIndex(where: { !(0..<classes).contains($0) }) {
      throw .label(image: image, classes: classes, found: labels[image])
    }
    return labels.count * shape.count
  }

  private static let longestSide = 1 << 20

  private static func channelsLast<Value>(_ pixels: [Value], _ shape: FeatureShape) -> [Value] {
    let plane = shape.height * shape.width
    var result = pixels
    for image in 0..<pixels.count / shape.count {
      let first = image * shape.count
      for channel in 0..<shape.channels {
        for pixel in 0..<plane {
          result[first + pixel * shape.channels + channel] = pixels[first + channel * plane + pixel]
        }
      }
    }
    return result
  }

  /// The number of images.
  public var count: Int { images.count }
  /// Of an image: channels × height × width.
  public var shape: FeatureShape {
    FeatureShape(
      channels: images.shape.channels, height: images.shape.height, width: images.shape.width)
  }
  /// By label; nil if labels are numbers only.
  public var classNames: [String]? { images.classNames }

  /// The class of an image, from 0.
  public func label(of image: Int) -> Int { Int(images.labels[image]) }

  /// Whether the values are floats; bytes otherwise.
  public var areFloats: Bool { images.pixels.type == .floats }

  /// The values of an image: height × width × channels; bytes from 0 to 255.
  public func values(of image: Int) -> [Float] { images.values(of: image) }

  /// The bytes of an image: height × width × channels. Of samples of floats, that is a programming
  /// error.
  public func pixels(of image: Int) -> [UInt8] {
    precondition(!areFloats, "Floats are asked for by values(of:).")
    return images.bytes(of: image)
  }
}

/// Why data cannot be used, in one line.
public enum DataError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Something out of range, or of another kind than needed.
  case unsuitable(expected: String, found: String)
  /// More or fewer values than the shape and the labels say.
  case count(of: String, expected: Int, found: Int)
  /// None where one is needed.
  case tooFew(String, found: Int)
  /// A label without a class, or below 0.
  case label(image: Int, classes: Int, found: Int)
  /// NaN or infinity.
  case value(image: Int, found: String)
  /// Two parts of a data set differ in what they must share.
  case parts(of: String, training: String, other: String)

  /// One line: what was expected and what was found.
  public var description: String {
    switch self {
    case .unsuitable(let expected, let found): "expected \(expected), found \(found)"
    case .count(let what, let expected, let found): "expected \(expected) \(what), found \(found)"
    case .tooFew(let what, let found): "expected at least 1 \(what), found \(found)"
    case .label(let image, let classes, let found):
      "image \(image): expected a label from 0 to \(classes - 1), found \(found)"
    case .value(let image, let found):
      "image \(image): expected finite numbers, found \(found)"
    case .parts(let what, let training, let other):
      "expected the same \(what) in all parts, found \(training) for training and \(other)"
    }
  }
}
