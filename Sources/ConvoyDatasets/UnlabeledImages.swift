import ConvoyPictures
import ConvoyProcessLimits
import Foundation

/// Images to classify at one path. They need no labels; if they have any, these are left out.
package enum UnlabeledImages: Sendable, Equatable {
  /// Images of one shape.
  case images(ImageSet)
  /// A file that is meant as a picture.
  case picture(String)
  /// The files of a folder, in the order of their paths; some may be no pictures.
  case folder([String])

  /// - Parameter path: an IDX, NumPy or CSV file; a directory with a data set, of which the test part
  ///   is read, or all if there is none; a picture; or a folder of pictures, in which folders are
  ///   walked.
  package init(at path: String) throws(DatasetError) {
    if let images = try Self.images(inFile: path) {
      self = .images(images)
      return
    }
    guard PictureFolder.isFolder(path) else {
      self = .picture(path)
      return
    }
    let files = try PictureFolder.files(in: path)
    if let arrays = try DatasetDirectory.arrays(at: path) {
      guard !files.contains(where: PictureFolder.isNamedAsPicture) else {
        throw .ambiguous(directory: path, found: [arrays.name, "pictures"])
      }
      self = .images(try arrays.readUnlabeled())
      return
    }
    guard
      files.contains(where: {
        PictureFolder.isNamedAsPicture($0) || (try? PictureHeader(path: $0)) != nil
      })
    else { throw .noPictures(directory: path, found: files.count) }
    self = .folder(files)
  }

  /// The images of a file of arrays; nil if it is none.
  private static func images(inFile path: String) throws(DatasetError) -> ImageSet? {
    guard !PictureFolder.isFolder(path) else { return nil }
    if PackedFiles.isPacked(path) { return try PackedFiles(path: path).readUnlabeled() }
    if NumPyFiles.isArchive(path) { return try NumPyFiles(archive: path).readUnlabeled() }
    if CSVFileName.isTable(path) { return try CSVFiles(file: path).readUnlabeled() }
    if path.hasSuffix(".npy") {
      let images = try NPYArray.images(FileSource(path: path))
      return ImageSet(shape: images.shape, unlabeled: images.pixels, imagesFile: path)
    }
    let name = IDXFileName(path.split(separator: "/").last.map(String.init) ?? path)
    guard name?.content == .images || IDXFile.isOfImages(path) else { return nil }
    let file = try FileSource(path: path)
    let source: any ByteSource = name?.isCompressed == true ? try GzipSource(file) : file
    let images = try IDXFile(
      from: source, content: .images, isTransposed: name?.isTransposed ?? false)
    let shape = ImageShape(
      channels: 1, height: images.dimensions[1], width: images.dimensions[2])
    return ImageSet(shape: shape, unlabeled: images.elements, imagesFile: path)
  }
}

extension ImageSet {
  /// Decodes pictures for a trained network, on all cores.
  ///
  /// - Parameters:
  ///   - areMeant: whether each file is meant as a picture; otherwise, files of other names and kinds
  ///     are left out.
  ///   - inverted: exchanges dark and light.
  ///   - skipsUnreadable: whether pictures that cannot be read are left out; the observer is told.
  /// - Returns: the images without labels, and the file of each.
  /// - Throws: `DatasetError` that lists the pictures that cannot be read.
  package static func pictures(
    _ files: [String], areMeant: Bool, for input: TrainedInput, inverted: Bool,
    skipsUnreadable: Bool,
    observer: any PictureObserver
  ) throws(DatasetError) -> (images: ImageSet, files: [String]) {
    let format = try PictureFormat(for: input, inverts: inverted)
    var decoded: PictureReading.Decoded?
    try PictureReading(files: files, observer: observer, areAllMeant: areMeant).decode(
      "reading pictures", as: format, inGroupsOf: files.count, skipping: skipsUnreadable
    ) { decoded = $0 }
    guard let decoded else { preconditionFailure("There are files to read.") }
    if !decoded.unreadable.isEmpty { observer.skipped(decoded.unreadable) }
    let images = ImageSet(
      shape: format.shape, unlabeled: PixelBytes(decoded.pixels), imagesFile: files.first ?? "")
    return (images, decoded.numbers.map { files[$0] })
  }

  /// One picture for a trained network.
  ///
  /// - Throws: `DatasetError.takesNoPictures`.
  package init(
    _ picture: Picture, for input: TrainedInput, inverted: Bool, path: String
  ) throws(DatasetError) {
    let format = try PictureFormat(for: input, inverts: inverted)
    self.init(
      shape: format.shape, unlabeled: PixelBytes(format.image(of: picture)), imagesFile: path)
  }
}

extension ImageSet {
  /// The same images with dark and light exchanged, in memory.
  ///
  /// - Precondition: they are bytes.
  package func inverted() throws(DatasetError) -> ImageSet {
    precondition(pixels.type == .bytes, "floats have no darkest and lightest")
    do {
      try AvailableMemory.now.check(MemoryNeed(bytes: Double(pixels.count)), for: imagesFile)
    } catch {
      throw .memory(error)
    }
    var bytes: [UInt8] = []
    bytes.reserveForImages(byteCount: pixels.count)
    unsafe pixels.forEachPiece(ofImages: shape.pixelCount) { piece in
      unsafe bytes.append(contentsOf: piece.map { 255 - $0 })
    }
    return ImageSet(shape: shape, unlabeled: PixelBytes(bytes), imagesFile: imagesFile)
  }

  /// The mean of the pixels at an image's four edges, from 0 for black to 255.
  ///
  /// - Precondition: the images are bytes.
  package func edgeBrightness(of image: Int) -> Double {
    precondition(pixels.type == .bytes, "floats have no darkest and lightest")
    let row = shape.width * shape.channels
    var (sum, count) = (0, 0)
    unsafe pixels.withImage(image, size: shape.pixelCount) { bytes in
      func add(_ places: Range<Int>) {
        for place in places { sum += Int(unsafe bytes[place]) }
        count += places.count
      }
      add(0..<row)
      if shape.height > 1 { add((shape.height - 1) * row..<shape.height * row) }
      for number in 1..<max(1, shape.height - 1) {
        add(number * row..<number * row + shape.channels)
        if shape.width > 1 { add((number + 1) * row - shape.channels..<(number + 1) * row) }
      }
    }
    return Double(sum) / Double(count)
  }

  /// The mean brightness at the edges of some of the images: of at most 1,000, evenly spread.
  package var edgeBrightness: Double {
    let step = max(1, (count + 999) / 1000)
    let values = stride(from: 0, to: count, by: step).map { edgeBrightness(of: $0) }
    return values.reduce(0, +) / Double(max(1, values.count))
  }
}
