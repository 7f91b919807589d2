import ConvoyDatasets
import ConvoyNeuralNetwork
import ConvoyPictures
import ConvoyReport

/// Pictures for a report: of images, feature maps and filters.
final class ReportPictures {
  private let images: ImageSet
  /// Those that were made, by number; several parts of a page show the same.
  private var thumbnails: [Int: Report.Image?] = [:]

  /// Larger images are shrunk to this side.
  private static let longestThumbnail = 72
  /// Smaller ones are shown enlarged to about this side.
  private static let shownSide = 84
  /// Of all pictures of feature maps, before they are compressed: with the thumbnails, a page stays
  /// below 5 MB.
  private static let mostMapBytes = 1_500_000
  /// Larger feature maps are shrunk to this side.
  private static let longestMap = 48
  /// The fewest tiles of a sheet, on a page of any number of layers.
  private static let fewestTiles = 4

  init(_ images: ImageSet) { self.images = images }

  /// What an image is called: the end of its file's path, or its number.
  func name(of number: Int) -> String {
    guard let file = images.files?[number] else { return images.name(of: number) }
    return file.split(separator: "/").suffix(2).joined(separator: "/")
  }

  /// An image of the set; nil if it is neither grey nor coloured.
  func thumbnail(_ number: Int) -> Report.Image? {
    if let known = thumbnails[number] { return known }
    let image = makeThumbnail(number)
    thumbnails[number] = .some(image)
    return image
  }

  private func makeThumbnail(_ number: Int) -> Report.Image? {
    let shape = images.shape
    guard shape.channels == 1 || shape.channels == 3 else { return nil }
    let picture = Picture(
      width: shape.width, height: shape.height, channels: shape.channels,
      bytes: images.pixels.type == .bytes
        ? images.bytes(of: number) : Self.grey(images.values(of: number)))
    let longest = max(shape.width, shape.height)
    guard longest > Self.longestThumbnail else {
      return Self.image(picture, scale: max(1, Self.shownSide / longest))
    }
    let size = PictureSize(
      width: max(1, shape.width * Self.longestThumbnail / longest),
      height: max(1, shape.height * Self.longestThumbnail / longest))
    return Self.image(picture.resized(to: size, fit: .stretch), scale: 1)
  }

  /// - Parameter scale: pixels shown per pixel.
  private static func image(_ picture: Picture, scale: Int) -> Report.Image {
    Report.Image(
      png: PNGFile.encode(picture), width: picture.width * scale, height: picture.height * scale)
  }

  private static let mostTiles = 64
  private static let mostValues = 1024
  private static let sheetWidth = 640
  /// Wide enough to be told from white pixels.
  private static let gap = 6

  /// The channels of a layer's output, side by side, as many as there is room for; a vector as rows of
  /// squares.
  ///
  /// - Parameter sheets: on the page, which share the room.
  static func maps(_ output: LayerOutput, sheets: Int) -> Report.Image? {
    let shape = output.shape
    let bytes = grey(output.values)
    if shape.height * shape.width == 1 {
      let columns = min(bytes.count, 64)
      let shown = bytes.prefix(mostValues)
      let rows = (shown.count + columns - 1) / columns
      return image(
        Picture(
          width: columns, height: rows, channels: 1,
          bytes: shown + [UInt8](repeating: 128, count: rows * columns - shown.count)), scale: 8)
    }
    let pixels = shape.height * shape.width
    let longest = max(shape.height, shape.width)
    let size =
      longest > longestMap
      ? PictureSize(
        width: max(1, shape.width * longestMap / longest),
        height: max(1, shape.height * longestMap / longest))
      : PictureSize(width: shape.width, height: shape.height)
    let room = mostMapBytes / max(1, sheets) / (size.width * size.height)
    let tiles = (0..<min(shape.channels, mostTiles, max(fewestTiles, room))).map { channel in
      Picture(
        width: shape.width, height: shape.height, channels: 1,
        bytes: Array(bytes[channel * pixels..<(channel + 1) * pixels])
      ).resized(to: size, fit: .stretch)
    }
    return sheet(tiles, tileSide: longestMap)
  }

  /// The filters of a convolution of shape filters × channels × rows × columns: in colour for three
  /// channels, otherwise their first channel.
  static func filters(_ weights: [Float], shape: [Int]) -> Report.Image? {
    let (filters, channels, rows, columns) = (shape[0], shape[1], shape[2], shape[3])
    guard max(rows, columns) <= mostValues else { return nil }
    let bytes = grey(weights)
    let pixels = rows * columns
    let tiles = (0..<min(filters, mostTiles)).map { filter in
      let first = filter * channels * pixels
      let shown = channels == 3 ? 3 : 1
      return Picture(
        width: columns, height: rows, channels: shown,
        bytes: (0..<pixels).flatMap { pixel in
          (0..<shown).map { bytes[first + $0 * pixels + pixel] }
        })
    }
    return sheet(tiles, tileSide: 40)
  }

  private static func sheet(_ tiles: [Picture], tileSide: Int) -> Report.Image? {
    guard let first = tiles.first else { return nil }
    let scale = max(1, tileSide / max(first.width, first.height))
    let most = max(1, sheetWidth / (first.width * scale + gap))
    // Rows of about the same length.
    let rowCount = (tiles.count + most - 1) / most
    let columns = (tiles.count + rowCount - 1) / rowCount
    let rows = stride(from: 0, to: tiles.count, by: columns).map {
      Array(tiles[$0..<min($0 + columns, tiles.count)])
    }
    return image(
      PictureSheet(rows: rows, scale: scale, gap: gap, background: 255).picture(), scale: 1)
  }

  /// From the least number, black, to the largest, white.
  private static func grey(_ values: [Float]) -> [UInt8] {
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max(), high > low else {
      return [UInt8](repeating: 0, count: values.count)
    }
    // Halved, because their difference may overflow.
    let span = high / 2 - low / 2
    return values.map { value in
      guard value.isFinite else { return value > 0 ? 255 : 0 }
      return UInt8(max(0, min(255, (value / 2 - low / 2) / span * 255)))
    }
  }
}
