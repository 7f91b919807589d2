/// A writer of zip archives, the counterpart of what is tested.
package enum Zip {
  package static func archive(
    _ entries: [(name: String, content: [UInt8])], isDeflated: Bool
  ) throws -> [UInt8] {
    var archive: [UInt8] = []
    var directory: [UInt8] = []
    for (name, content) in entries {
      // A header of ten bytes, the deflated data, the checksum and the size.
      let member = try Gzip.member(content)
      let checksum = Array(member.suffix(8).prefix(4))
      let data = isDeflated ? Array(member.dropFirst(10).dropLast(8)) : content
      let shared =
        little(20, 2) + little(0, 2) + little(isDeflated ? 8 : 0, 2) + little(0, 4) + checksum
        + little(data.count, 4) + little(content.count, 4) + little(name.utf8.count, 2)
        + little(0, 2)
      directory +=
        little(0x0201_4B50, 4) + little(20, 2) + shared + little(0, 10) + little(archive.count, 4)
        + Array(name.utf8)
      archive += little(0x0403_4B50, 4) + shared + Array(name.utf8) + data
    }
    return archive + directory + little(0x0605_4B50, 4) + little(0, 4)
      + little(entries.count, 2) + little(entries.count, 2) + little(directory.count, 4)
      + little(archive.count, 4) + little(0, 2)
  }

  private static func little(_ number: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}
