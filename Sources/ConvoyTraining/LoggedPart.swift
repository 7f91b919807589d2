/// The beginning of a log, as far as a checkpoint goes: what a run that is resumed must find.
package struct LoggedPart: Sendable, Equatable, Codable {
  /// In bytes.
  package var length: Int
  /// The CRC-32 of these bytes, as `Checksum` writes it.
  package var checksum: String

  /// An empty one by default.
  package init(length: Int = 0, checksum: String = Checksum().text) {
    self.length = length
    self.checksum = checksum
  }

  /// Whether a log can have begun like this.
  var isValid: Bool {
    let digits = checksum.utf8
    return length >= 0 && digits.count == 8
      && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
