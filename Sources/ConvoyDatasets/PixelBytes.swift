import Foundation

/// What a value of an image is in memory.
package enum PixelType: String, Sendable {
  /// From 0 for black to 255.
  case bytes
  /// Of any range, in single precision.
  case floats

  /// In bytes.
  package var size: Int { self == .bytes ? 1 : MemoryLayout<Float>.size }
}

/// The pixels of an image set, image after image: bytes in memory, or in a file that is mapped; all
/// of them, or those of some images.
///
/// A mapped file takes no memory of the process: the system reads its pages when they are first
/// used and keeps them while there is room. The bytes are the file's at the time. If the file is
/// replaced under its name, a mapping stays with the old one. If it is overwritten in place, the
/// pixels change; if it is cut, the next access beyond its end stops the process with SIGBUS.
/// `requireWholeFile` finds most such files in time.
package struct PixelBytes: Sendable {
  private enum Storage: Sendable {
    case memory([UInt8])
    case file(FileMapping)
    case records(PlanarRecords)
    case reader(ImageReader)
  }

  /// Some of the images in a storage.
  private struct Selection: Sendable {
    let imageSize: Int
    /// The place in the storage of each image.
    let places: [Int]
  }

  private let storage: Storage
  /// Nil for the first `count` bytes of the storage.
  private let selection: Selection?
  /// May be less than the storage or the selection has.
  package let count: Int
  /// What the bytes are.
  package let type: PixelType

  /// - Parameter type: what the bytes are.
  package init(_ bytes: [UInt8], of type: PixelType = .bytes) {
    storage = .memory(bytes)
    selection = nil
    count = bytes.count
    self.type = type
  }

  package init(_ floats: [Float]) {
    storage = .memory(unsafe floats.withUnsafeBytes { unsafe Array($0) })
    selection = nil
    count = floats.count * PixelType.floats.size
    type = .floats
  }

  init(_ mapping: FileMapping) {
    storage = .file(mapping)
    selection = nil
    count = unsafe mapping.bytes.count
    type = .bytes
  }

  init(_ records: PlanarRecords) {
    storage = .records(records)
    selection = nil
    count = records.count * CIFARVersion.shape.pixelCount
    type = .bytes
  }

  package init(_ reader: ImageReader, of type: PixelType) {
    storage = .reader(reader)
    selection = nil
    count = reader.count * reader.imageSize
    self.type = type
  }

  private init(_ storage: Storage, _ selection: Selection?, count: Int, of type: PixelType) {
    self.storage = storage
    self.selection = selection
    self.count = count
    self.type = type
  }

  /// The images of these numbers, in the same memory or file. The first ones stay contiguous.
  func selecting(_ numbers: [Int], ofSize imageSize: Int) -> PixelBytes {
    precondition(
      selection.map { $0.imageSize == imageSize } ?? true, "All selections are of whole images.")
    precondition(
      numbers.allSatisfy { $0 >= 0 && $0 < count / imageSize }, "Every image is in the set.")
    let selectedCount = numbers.count * imageSize
    // They need no list of places, whose lookup would be one more random access for each image.
    if numbers.elementsEqual(0..<numbers.count) {
      return PixelBytes(storage, selection, count: selectedCount, of: type)
    }
    let places = selection.map { selection in numbers.map { selection.places[$0] } } ?? numbers
    return PixelBytes(
      storage, Selection(imageSize: imageSize, places: places), count: selectedCount, of: type)
  }

  package var isMapped: Bool {
    switch storage {
    case .memory, .reader: false
    case .file, .records: true
    }
  }

  /// Whether an image is read whenever it is used.
  package var isRead: Bool {
    if case .reader = storage { true } else { false }
  }

  /// Whether reading an image has failed.
  package var hasFailed: Bool {
    if case .reader(let reader) = storage { reader.hasFailed } else { false }
  }

  /// Throws the first error of reading images.
  package func requireReadings() throws {
    if case .reader(let reader) = storage { try reader.requireReadings() }
  }

  /// Throws if the bytes are of a file that is no longer as long as when it was mapped.
  package func requireWholeFile() throws(DatasetError) {
    switch storage {
    case .memory, .reader: break
    case .file(let mapping): try mapping.requireSameSize()
    case .records(let records): try records.requireSameSizes()
    }
  }

  /// The bytes of the storage, those of all images, selected or not; nil if they are not stored as
  /// pixels.
  func withStorage<Result>(
    _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result? {
    switch storage {
    case .records, .reader: nil
    case .memory(let bytes): try unsafe bytes.withUnsafeBufferPointer(body)
    case .file(let mapping):
      // The mapping must not end before the body.
      try withExtendedLifetime(mapping) {
        try unsafe body(mapping.bytes.assumingMemoryBound(to: UInt8.self))
      }
    }
  }

  /// The bytes of one image of `size` bytes, the size of all of them.
  package func withImage<Result>(
    _ number: Int, size: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    let place = place(of: number, size: size)
    return try unsafe withStored(place..<place + 1, size: size, body)
  }

  /// The same without a result, which is how samples are written: generic functions of other modules are
  /// not specialised.
  package func withImage(
    _ number: Int, size: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    let place = place(of: number, size: size)
    unsafe withStored(place..<place + 1, size: size, body)
  }

  /// In the storage.
  private func place(of number: Int, size: Int) -> Int {
    precondition(
      number >= 0 && (number + 1) * size <= count, "The set has an image of this number.")
    return selection?.places[number] ?? number
  }

  /// The bytes of adjacent images of the storage.
  private func withStored<Result>(
    _ places: Range<Int>, size: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    precondition(!isSeparate || places.count == 1, "These images are not adjacent.")
    if case .records(let records) = storage {
      return try unsafe records.withImage(places.lowerBound, body)
    }
    if case .reader(let reader) = storage {
      return try unsafe reader.withImage(places.lowerBound, body)
    }
    let result = try unsafe withStorage {
      try unsafe body(
        UnsafeBufferPointer(rebasing: $0[places.lowerBound * size..<places.upperBound * size]))
    }
    guard let result else { preconditionFailure("All other images are stored as pixels.") }
    return result
  }

  /// Whether images are not adjacent in memory.
  private var isSeparate: Bool {
    switch storage {
    case .memory, .file: false
    case .records, .reader: true
    }
  }

  /// How many bytes are next to each other for sure: those of an image, if images are apart.
  private var adjacentBytes: Int {
    if let selection { return selection.imageSize }
    return switch storage {
    case .memory, .file: count
    case .records: CIFARVersion.shape.pixelCount
    case .reader(let reader): reader.imageSize
    }
  }

  /// Calls `body` with all bytes, in order, in pieces of whole images of `size` bytes; an image is in
  /// one piece, and a piece is short enough for a cache unless an image is not. Of a mapped file, the
  /// next pages are asked for meanwhile, and those that are done with are given back.
  package func forEachPiece(
    ofImages size: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    let images = count / size
    let longest = isSeparate ? 1 : Swift.max(1, Self.pieceBytes / size)
    var ahead = 0
    var first = 0
    while first < images {
      if isMapped, first >= ahead {
        // The first piece is read when it is used; from then on, reading is a span ahead.
        let span = Swift.max(longest, Self.spanBytes / size)
        willNeed(first..<first + 2 * span, size: size)
        if first >= 2 * span { isDone(with: first - 2 * span..<first - span, size: size) }
        ahead = first + span
      }
      let place = selection?.places[first] ?? first
      var end = first + 1
      while end < images, end - first < longest,
        selection.map({ $0.places[end] == place + end - first }) ?? true
      { end += 1 }
      unsafe withStored(place..<place + end - first, size: size, body)
      first = end
    }
  }

  private static let pieceBytes = 256 << 10
  private static let spanBytes = 16 << 20

  /// Asks for consecutive images of a mapped file, which will be used soon.
  package func willNeed(_ images: Range<Int>, size: Int) {
    forEachStretch(of: images, size: size) { places in
      switch storage {
      case .memory, .reader: break
      case .file(let mapping):
        mapping.willNeed(places.lowerBound * size..<places.upperBound * size)
      case .records(let records): records.willNeed(places)
      }
    }
  }

  /// Has only those images of a mapped file read that are used or asked for.
  package func readOnlyAsAsked() {
    switch storage {
    case .memory, .reader: break
    case .file(let mapping): mapping.readOnlyAsAsked()
    case .records(let records): records.readOnlyAsAsked()
    }
  }

  /// Gives the memory of consecutive images of a mapped file back; they are read again when they are
  /// used.
  package func isDone(with images: Range<Int>, size: Int) {
    forEachStretch(of: images, size: size) { places in
      switch storage {
      case .memory, .reader: break
      case .file(let mapping):
        mapping.isDone(with: places.lowerBound * size..<places.upperBound * size)
      case .records(let records): records.isDone(with: places)
      }
    }
  }

  /// Calls `body` with the places of consecutive images in the storage, gaps that are cheaper to read
  /// than to skip included; not at all for images in memory.
  private func forEachStretch(
    of images: Range<Int>, size: Int, _ body: (Range<Int>) -> Void
  ) {
    let images = images.clamped(to: 0..<count / size)
    guard isMapped, !images.isEmpty else { return }
    guard let places = selection?.places else { return body(images) }
    var stretch = places[images.lowerBound]..<places[images.lowerBound] + 1
    for place in places[images].dropFirst() {
      let gap = (place - stretch.upperBound) * size
      if (0...Self.widestGap).contains(gap) {
        stretch = stretch.lowerBound..<place + 1
      } else {
        body(stretch)
        stretch = place..<place + 1
      }
    }
    body(stretch)
  }

  private static let widestGap = 64 << 10
}

extension PixelBytes: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { count }

  package subscript(index: Int) -> UInt8 {
    precondition(indices.contains(index), "A pixel's index is below the number of pixels.")
    let (number, offset) = index.quotientAndRemainder(dividingBy: adjacentBytes)
    return unsafe withImage(number, size: adjacentBytes) { unsafe $0[offset] }
  }

  package func withContiguousStorageIfAvailable<Result>(
    _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result? {
    guard selection == nil else { return nil }
    return try unsafe withStorage { try unsafe body(UnsafeBufferPointer(rebasing: $0[..<count])) }
  }
}

extension PixelBytes: Equatable {
  /// By contents, wherever they are.
  package static func == (one: PixelBytes, other: PixelBytes) -> Bool {
    guard one.type == other.type, one.count == other.count else { return false }
    let sizes = Set([one.adjacentBytes, other.adjacentBytes]).subtracting([one.count])
    guard sizes.count <= 1 else { return one.elementsEqual(other) }
    let size = sizes.first ?? one.count
    return size == 0
      || (0..<one.count / size).allSatisfy { number in
        unsafe one.withImage(number, size: size) { first in
          unsafe other.withImage(number, size: size) { second in
            guard let first = first.baseAddress, let second = second.baseAddress else {
              return true
            }
            return unsafe memcmp(first, second, size) == 0
          }
        }
      }
  }
}
