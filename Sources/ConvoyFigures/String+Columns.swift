extension String {
  /// The columns that a terminal gives the text: two for each wide character, such as those of Chinese
  /// and most emoji, one for every other with the marks that follow it.
  package var columns: Int { reduce(0) { $0 + $1.columns } }
}

extension Character {
  fileprivate var columns: Int {
    guard let first = unicodeScalars.first, first != unicodeScalars.last || !first.isASCII else {
      return 1
    }
    // Selectors of the form: FE0E of text, FE0F of a picture.
    let isEmoji =
      unicodeScalars.contains { $0.value == 0xFE0F }
      || first.properties.isEmojiPresentation && !unicodeScalars.contains { $0.value == 0xFE0E }
    return isEmoji || Self.wide.contains { $0.contains(first.value) } ? 2 : 1
  }

  /// The common blocks of wide characters (Unicode Standard Annex 11, East Asian Width).
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
    0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD,
  ]
}
