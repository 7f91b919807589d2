import ConvoyPictures
import Foundation

/// What a packed file was made of: options, and the files of the folder with their sizes and times.
struct PackedSource: Equatable {
  /// What the options left open or asked for.
  struct Flags: OptionSet {
    let rawValue: UInt8
    static let givenSize = Flags(rawValue: 1)
    static let givenColor = Flags(rawValue: 2)
    static let skipsUnreadable = Flags(rawValue: 4)
    /// Whether test images were drawn from the folder's training images.
    static let drawnTest = Flags(rawValue: 8)
    /// Whether it was made as a cache, which may be made anew.
    static let cache = Flags(rawValue: 16)
    static let all: Flags = [.givenSize, .givenColor, .skipsUnreadable, .drawnTest, .cache]
  }

  let flags: Flags
  /// For each file: the length of its path in the folder (4 bytes) and the path, its size (8), and
  /// the seconds (8) and nanoseconds (4) of its last change.
  let listing: [UInt8]

  init(flags: Flags, listing: [UInt8]) {
    self.flags = flags
    self.listing = listing
  }

  init(
    _ folder: PictureFolder, _ options: PictureOptions, drawsTest: Bool, isCache: Bool = false
  ) throws(DatasetError) {
    var flags: Flags = []
    if options.size != nil { flags.insert(.givenSize) }
    if options.color != nil { flags.insert(.givenColor) }
    if options.skipsUnreadable { flags.insert(.skipsUnreadable) }
    if drawsTest { flags.insert(.drawnTest) }
    if isCache { flags.insert(.cache) }
    var listing: [UInt8] = []
    for path in folder.files {
      var status = stat()
      guard unsafe stat(path, &status) == 0 else {
        throw unsafe .unreadable(file: path, reason: String(cString: strerror(errno)))
      }
      #if canImport(Darwin)
        let time = status.st_mtimespec
      #else
        let time = status.st_mtim
      #endif
      let name = path.utf8.dropFirst(folder.directory.utf8.count + 1)
      listing.append(number: name.count, size: 4)
      listing += name
      listing.append(number: Int(status.st_size), size: 8)
      listing.append(number: Int(time.tv_sec), size: 8)
      listing.append(number: Int(time.tv_nsec), size: 4)
    }
    self.init(flags: flags, listing: listing)
  }

  /// A file of a listing.
  private struct Entry {
    let name: ArraySlice<UInt8>
    let size: UInt64
    let time: ArraySlice<UInt8>

    /// Nil at the end of a listing, or where it is damaged.
    init?(from reader: inout ByteReader) {
      guard let length = reader.number(4), let name = reader.take(Int(length)),
        let size = reader.number(8), let time = reader.take(12)
      else { return nil }
      self.name = name
      self.size = size
      self.time = time
    }
  }

  private static func entries(_ listing: [UInt8]) -> [Entry] {
    var reader = ByteReader(listing)
    var entries: [Entry] = []
    while let entry = Entry(from: &reader) { entries.append(entry) }
    return entries
  }

  /// The first difference of a folder's files now; nil if there is none.
  func difference(of now: PackedSource) -> String? {
    // Most often; and to tell the first difference takes much memory.
    if listing == now.listing { return nil }
    var before: [ArraySlice<UInt8>: Entry] = [:]
    for entry in Self.entries(listing) { before[entry.name] = entry }
    for entry in Self.entries(now.listing) {
      let name = String(decoding: entry.name, as: UTF8.self)
      guard let old = before.removeValue(forKey: entry.name) else { return "\(name) is new" }
      if old.size != entry.size { return "\(name) has \(entry.size) bytes, not \(old.size)" }
      if old.time != entry.time { return "\(name) has changed since" }
    }
    let gone = before.keys.map { String(decoding: $0, as: UTF8.self) }.min()
    return gone.map { "\($0) is gone" } ?? "the order of the files is another"
  }
}

extension PackedTable {
  /// What a packed file of a folder and options would have otherwise; nil if nothing.
  func difference(of now: PackedSource, _ options: PictureOptions) -> String? {
    let old = source.flags
    func text(_ flag: PackedSource.Flags, _ value: String) -> String {
      old.contains(flag) ? value : "the pictures' own"
    }
    let size = ImageSize(height: shape.height, width: shape.width)
    if options.size != (old.contains(.givenSize) ? size : nil) {
      let new = options.size.map { "\($0)" } ?? "the pictures' own"
      return "the size is \(new), not \(text(.givenSize, size.map { "\($0)" } ?? ""))"
    }
    let color: PictureColor = shape.channels == 1 ? .gray : .rgb
    if options.color != (old.contains(.givenColor) ? color : nil) {
      let new = options.color?.rawValue ?? "the pictures' own"
      return "the color is \(new), not \(text(.givenColor, color.rawValue))"
    }
    if options.fit != fit { return "the fit is \(options.fit.rawValue), not \(fit.rawValue)" }
    if old.contains(.skipsUnreadable) != options.skipsUnreadable {
      return "unreadable pictures were " + (options.skipsUnreadable ? "not " : "") + "skipped"
    }
    if old.contains(.drawnTest) { return "it has a test fraction of its own" }
    return source.difference(of: now)
  }
}
