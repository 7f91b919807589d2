import ConvoyDatasets
import ConvoyMessagePassing
import ConvoyPictures
import Foundation

extension Dataset {
  /// The data set that rank 0 reads, on every rank.
  ///
  /// - Throws: on rank 0, what `read` throws, also where images cannot be read when they are sent; on the
  ///   others, `RankError.failed` then.
  package static func shared(
    by ranks: any MessagePassing, _ read: () throws -> Dataset
  ) throws -> Dataset {
    let dataset = try ranks.together { ranks.rank == 0 ? try read() : nil }
    let header = ranks.broadcast(dataset.map { Array(Header($0).encoded) } ?? [])
    guard let parts = try? JSONDecoder().decode(Header.self, from: Data(header)) else {
      throw RankError.failed(rank: 0, message: "sent no data set that this process reads")
    }
    func images(_ header: ImagesHeader, _ own: ImageSet?) -> ImageSet {
      let pixels = pixels(header, own, ranks)
      if let own { return own }
      return ImageSet(
        shape: ImageShape(
          channels: header.shape[0], height: header.shape[1], width: header.shape[2]),
        pixels: PixelBytes(pixels, of: header.areFloats ? .floats : .bytes), labels: header.labels,
        classNames: header.classNames, fit: header.fit,
        imagesFile: header.file, labelsFile: header.file)
    }
    let shared = Dataset(
      training: images(parts.training, dataset?.training), test: images(parts.test, dataset?.test),
      validation: parts.validation.map { images($0, dataset?.validation) },
      classes: parts.classes, testPart: parts.testPart)
    return try ranks.together {
      try shared.requireReadings()
      return shared
    }
  }

  /// Sends the pixels of rank 0; no pixels are returned there.
  private static func pixels(
    _ header: ImagesHeader, _ own: ImageSet?, _ ranks: any MessagePassing
  ) -> [UInt8] {
    let type: PixelType = header.areFloats ? .floats : .bytes
    let count = header.labels.count * header.shape.reduce(1, *) * type.size
    var sizes = Array(repeating: 0, count: ranks.size)
    sizes[0] = count
    let parts = RankParts(sizes: sizes, rank: ranks.rank)
    var pixels = [UInt8](repeating: 0, count: count)
    if let own {
      var place = 0
      unsafe own.pixels.forEachPiece(ofImages: own.imageSize) { piece in
        let end = place + piece.count
        unsafe pixels.replaceSubrange(place..<end, with: piece)
        place = end
      }
    }
    unsafe pixels.withUnsafeMutableBytes { unsafe ranks.allGather(parts, in: $0) }
    return own == nil ? pixels : []
  }

  /// Everything but pixels.
  private struct Header: Codable {
    let training: ImagesHeader
    let test: ImagesHeader
    let validation: ImagesHeader?
    let classes: Int
    let testPart: TestPart?

    init(_ dataset: Dataset) {
      training = ImagesHeader(dataset.training)
      test = ImagesHeader(dataset.test)
      validation = dataset.validation.map(ImagesHeader.init)
      classes = dataset.classes
      testPart = dataset.testPart
    }

    var encoded: Data {
      do { return try JSONEncoder().encode(self) } catch {
        preconditionFailure("numbers and names can be encoded: \(error)")
      }
    }
  }

  private struct ImagesHeader: Codable {
    let shape: [Int]
    let areFloats: Bool
    let labels: [UInt16]
    let classNames: [String]?
    let fit: PictureFit?
    let file: String

    init(_ images: ImageSet) {
      shape = [images.shape.channels, images.shape.height, images.shape.width]
      areFloats = images.pixels.type == .floats
      labels = images.labels
      (classNames, fit, file) = (images.classNames, images.fit, images.imagesFile)
    }
  }
}
